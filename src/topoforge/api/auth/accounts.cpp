#include "topoforge/api/auth/accounts.hpp"

#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "topoforge/api/auth/user_directory.hpp"
#include "topoforge/base/constant_time.hpp"
#include "topoforge/codec/text/lower_case.hpp"

namespace topoforge::api {
namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kSessionKeyBytes = 16;
constexpr std::string_view kInvalidCredentials = "Invalid credentials";
constexpr const char* kUsedToken = "The link was used, has expired, or is not ours";

tl::unexpected<Problem> refuse(unsigned status, std::string_view detail) {
  return tl::unexpected(problem(status, detail));
}
tl::unexpected<Problem> refuse_credentials() { return tl::unexpected(unauthorized(kInvalidCredentials)); }

/// What is before and after the first dot; the whole text and nothing where there is none.
std::pair<std::string, std::string> split_at_dot(const std::string& text) {
  const std::size_t dot = std::min(text.find('.'), text.size());
  return {text.substr(0, dot), text.substr(std::min(dot + 1, text.size()))};
}

Problem account_problem(const Error& error) {
  if (error.code != ErrorCode::conflict) return problem_of(error);
  return problem(is_taken(error) ? 400 : 409, conflict_text(error));
}

/// The text of `Authorization: Bearer <text>`; empty when there is none.
std::string_view bearer_token(const http::Request& request) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view header = request.header("Authorization");
  if (header.size() <= kScheme.size() || !http::equals_ignoring_case(header.substr(0, kScheme.size()), kScheme)) {
    return {};
  }
  return header.substr(kScheme.size());
}

}  // namespace

template <class Function>
http::Task<Reply<std::invoke_result_t<Function>>> Accounts::on_passwords(Function function) {
  const auto place = parts_.password_queue.enter();
  if (!place) co_return tl::unexpected(problem_of(place.error()));
  co_return co_await http::run_on(parts_.password_pool, std::move(function));
}

http::Task<Reply<std::string>> Accounts::hash(std::string password) {
  auto work = [hasher = &parts_.hasher, password = std::move(password)] { return hasher->hash(password); };
  Reply<Result<std::string>> hashed = co_await on_passwords(std::move(work));
  if (!hashed) co_return tl::unexpected(std::move(hashed.error()));
  if (!*hashed) co_return tl::unexpected(problem_of(hashed->error()));
  co_return std::move(**hashed);
}

http::Task<Reply<User>> Accounts::create(Registration registration, Role role) {
  Reply<std::string> hashed = co_await hash(registration.password);
  if (!hashed) co_return tl::unexpected(std::move(hashed.error()));
  User user = new_user(std::move(registration), role, std::move(*hashed), parts_.clock());
  auto insert = [this, user = std::move(user)]() mutable -> Result<User> {
    auto inserted = parts_.users.insert(std::move(user));
    if (!inserted) return inserted;
    ask_to_confirm(*inserted);
    return inserted;
  };
  Result<User> inserted = co_await on_storage(std::move(insert));
  if (!inserted) co_return tl::unexpected(account_problem(inserted.error()));
  co_return std::move(*inserted);
}

http::Task<Reply<std::optional<User>>> Accounts::find(std::string login) {
  auto look_up = [this, login = std::move(login)] { return find_by_login(parts_.users, login); };
  Result<std::optional<User>> found = co_await on_storage(std::move(look_up));
  if (!found) co_return tl::unexpected(problem_of(found.error()));
  co_return std::move(*found);
}

http::Task<Reply<User>> Accounts::check_password(std::optional<User> user, std::string password) {
  auto verify = [hasher = &parts_.hasher, password = std::move(password),
                 hash = user ? std::optional(user->password_hash) : std::nullopt] {
    if (hash) return hasher->verify(password, *hash);
    hasher->verify_nothing(password);
    return false;
  };
  const Reply<bool> right = co_await on_passwords(std::move(verify));
  if (!right) co_return tl::unexpected(right.error());
  if (!*right || !user->is_active) co_return refuse_credentials();
  co_return std::move(*user);
}

Result<Accounts::Secret> Accounts::new_secret() const {
  auto text = parts_.random.url_safe_token(kTokenBytes);
  if (!text) return tl::unexpected(std::move(text.error()));
  std::string hash = parts_.digest.sha256_hex(*text);
  return Secret{.text = std::move(*text), .hash = std::move(hash)};
}

http::Task<Reply<TokenGrant>> Accounts::open_session(User user) {
  auto open = [this, user = std::move(user)]() -> Result<TokenGrant> {
    auto secret = new_secret();
    if (!secret) return tl::unexpected(std::move(secret.error()));
    auto key = parts_.random.url_safe_token(kSessionKeyBytes);
    if (!key) return tl::unexpected(std::move(key.error()));
    Session session;
    session.key = std::move(*key);
    session.user_id = user.id;
    session.refresh_hash = std::move(secret->hash);
    session.created_at = parts_.clock();
    session.expires_at = session.created_at + kSessionLife;
    auto inserted = parts_.sessions.insert(std::move(session));
    if (!inserted) return tl::unexpected(std::move(inserted.error()));
    return grant(user, *inserted, secret->text);
  };
  Result<TokenGrant> granted = co_await on_storage(std::move(open));
  if (!granted) co_return tl::unexpected(problem_of(granted.error()));
  co_return std::move(*granted);
}

Result<TokenGrant> Accounts::grant(const User& user, const Session& session, const std::string& refresh_secret) const {
  auto nonce = parts_.random.url_safe_token(kSessionKeyBytes);
  if (!nonce) return tl::unexpected(std::move(nonce.error()));
  const Timestamp now = parts_.clock();
  auto access = parts_.access_tokens.issue({.subject = user.email,
                                            .user_id = user.id,
                                            .username = user.username,
                                            .role = std::string(enum_text(user.role)),
                                            .issued_at = now,
                                            .expires_at = now + kAccessTokenLife,
                                            .token_id = session.key + "." + *nonce});
  if (!access) return tl::unexpected(std::move(access.error()));
  TokenGrant granted;
  granted.access_token = std::move(*access);
  granted.refresh_token = session.key + "." + refresh_secret;
  granted.expires_in = static_cast<int>(std::chrono::seconds(kAccessTokenLife).count());
  granted.user = view_of(user);
  return granted;
}

http::Task<Reply<TokenGrant>> Accounts::refresh(std::string refresh_token) {
  auto rotate = [this, token = std::move(refresh_token)]() -> Result<std::optional<TokenGrant>> {
    const auto [key, secret] = split_at_dot(token);
    auto found = parts_.sessions.find("key", key);
    if (!found) return tl::unexpected(std::move(found.error()));
    if (!*found) return std::nullopt;
    Session session = std::move(**found);
    const bool newest = equal_in_constant_time(parts_.digest.sha256_hex(secret), session.refresh_hash);
    if (!newest || session.expires_at <= parts_.clock()) {
      if (!newest) spdlog::warn("an old refresh token was used again: a session of account {} ends", session.user_id);
      auto erased = parts_.sessions.erase(session.id);
      if (!erased && erased.error().code != ErrorCode::not_found) return tl::unexpected(std::move(erased.error()));
      return std::nullopt;
    }
    auto user = parts_.users.get(session.user_id);
    if (!user && user.error().code != ErrorCode::not_found) return tl::unexpected(std::move(user.error()));
    if (!user || !user->is_active) return std::nullopt;
    auto next = new_secret();
    if (!next) return tl::unexpected(std::move(next.error()));
    session.refresh_hash = std::move(next->hash);
    auto replaced = parts_.sessions.replace(std::move(session));
    // Two that use one token at once: the second comes too late.
    if (!replaced && replaced.error().code == ErrorCode::conflict) return std::nullopt;
    if (!replaced) return tl::unexpected(std::move(replaced.error()));
    auto granted = grant(*user, *replaced, next->text);
    if (!granted) return tl::unexpected(std::move(granted.error()));
    return std::move(*granted);
  };
  Result<std::optional<TokenGrant>> granted = co_await on_storage(std::move(rotate));
  if (!granted) co_return tl::unexpected(problem_of(granted.error()));
  if (!*granted) co_return refuse_credentials();
  co_return std::move(**granted);
}

Reply<Claims> Accounts::claims_of(const http::Request& request) const {
  const std::string_view token = bearer_token(request);
  if (token.empty()) return tl::unexpected(unauthorized("Not authenticated"));
  auto claims = parts_.access_tokens.verify(token, parts_.clock());
  if (!claims) return tl::unexpected(unauthorized(kInvalidCredentials));
  return std::move(*claims);
}

http::Task<Reply<Account>> Accounts::authenticate(const http::Request& request) {
  Reply<Claims> claims = claims_of(request);
  if (!claims) co_return tl::unexpected(std::move(claims.error()));
  auto look_up = [this, claims = std::move(*claims)]() -> Result<std::optional<User>> {
    auto session = parts_.sessions.find("key", split_at_dot(claims.token_id).first);
    if (!session) return tl::unexpected(std::move(session.error()));
    if (!*session || (*session)->user_id != claims.user_id || (*session)->expires_at <= parts_.clock()) {
      return std::nullopt;
    }
    auto user = parts_.users.get(claims.user_id);
    if (user) return std::move(*user);
    if (user.error().code == ErrorCode::not_found) return std::nullopt;
    return tl::unexpected(std::move(user.error()));
  };
  Result<std::optional<User>> user = co_await on_storage(std::move(look_up));
  if (!user) co_return tl::unexpected(problem_of(user.error()));
  if (!*user || !(*user)->is_active) co_return refuse_credentials();
  co_return Account{.user_id = std::move((*user)->id), .username = std::move((*user)->username), .role = (*user)->role};
}

http::Task<Reply<Message>> Accounts::sign_out(const http::Request& request) {
  Reply<Claims> claims = claims_of(request);
  if (!claims) co_return tl::unexpected(std::move(claims.error()));
  auto close = [this, key = split_at_dot(claims->token_id).first] { return parts_.sessions.erase_all("key", key); };
  const Result<std::size_t> closed = co_await on_storage(std::move(close));
  if (!closed) co_return tl::unexpected(problem_of(closed.error()));
  co_return Message{"Signed out"};
}

http::Task<Reply<Message>> Accounts::change_password(const http::Request& request, std::string user_id,
                                                     PasswordChange change) {
  const Reply<Claims> claims = claims_of(request);
  if (!claims) co_return tl::unexpected(claims.error());
  Reply<User> user = co_await get(std::move(user_id));
  if (!user) co_return tl::unexpected(std::move(user.error()));
  auto verify = [hasher = &parts_.hasher, password = std::move(change.current_password), hash = user->password_hash] {
    return hasher->verify(password, hash);
  };
  const Reply<bool> right = co_await on_passwords(std::move(verify));
  if (!right) co_return tl::unexpected(right.error());
  if (!*right) co_return refuse(400, "The current password is wrong");
  Reply<std::string> hashed = co_await hash(std::move(change.new_password));
  if (!hashed) co_return tl::unexpected(std::move(hashed.error()));
  user->password_hash = std::move(*hashed);
  user->updated_at = parts_.clock();
  auto replace = [this, user = std::move(*user), key = split_at_dot(claims->token_id).first]() -> Result<void> {
    if (auto replaced = parts_.users.replace(user); !replaced) return tl::unexpected(std::move(replaced.error()));
    return end_other_sessions(user.id, key);
  };
  const Result<void> replaced = co_await on_storage(std::move(replace));
  if (!replaced) co_return tl::unexpected(account_problem(replaced.error()));
  co_return Message{"The password is changed"};
}

Result<void> Accounts::end_other_sessions(const std::string& user_id, const std::string& key) const {
  while (true) {
    auto sessions = parts_.sessions.list({.field = "user_id", .value = user_id, .limit = kMaxRecordLimit});
    if (!sessions) return tl::unexpected(std::move(sessions.error()));
    for (const Session& session : sessions->data) {
      if (session.key == key) continue;
      auto erased = parts_.sessions.erase(session.id);
      if (!erased && erased.error().code != ErrorCode::not_found) return erased;
    }
    if (sessions->data.size() < kMaxRecordLimit) return {};
  }
}

Result<std::string> Accounts::make_token(const User& user, TokenPurpose purpose) const {
  auto secret = new_secret();
  if (!secret) return tl::unexpected(std::move(secret.error()));
  const bool reset = purpose == TokenPurpose::reset_password;
  OneTimeToken token;
  token.token_hash = std::move(secret->hash);
  token.purpose = purpose;
  token.user_id = user.id;
  token.email_key = user.email_key;
  token.expires_at =
      parts_.clock() + (reset ? Timestamp::duration(kResetTokenLife) : Timestamp::duration(kVerifyTokenLife));
  if (auto kept = parts_.tokens.insert(std::move(token)); !kept) return tl::unexpected(std::move(kept.error()));
  return std::move(secret->text);
}

Result<void> Accounts::mail_token(const User& user, TokenPurpose purpose) const {
  const auto token = make_token(user, purpose);
  if (!token) return tl::unexpected(token.error());
  const bool reset = purpose == TokenPurpose::reset_password;
  const std::string text =
      reset ? fmt::format(
                  "Somebody, probably you, asked for a new password of the TopoForge account '{}'.\n\n"
                  "The token is good for 15 minutes, once:\n\n{}\n\n"
                  "If it was not you, nothing needs to be done: the password is as it was.\n",
                  user.username, *token)
            : fmt::format("Welcome to TopoForge, {}.\n\nThe token that confirms this address is:\n\n{}\n",
                          user.username, *token);
  auto posted = parts_.postbox.post({.to = user.email,
                                     .subject = reset ? "TopoForge: a new password" : "TopoForge: confirm your address",
                                     .text = text});
  if (posted) return posted;
  if (auto erased = parts_.tokens.erase_all("token_hash", parts_.digest.sha256_hex(*token)); !erased) {
    return tl::unexpected(std::move(erased.error()));
  }
  return posted;
}

void Accounts::ask_to_confirm(const User& user) const {
  if (auto mailed = mail_token(user, TokenPurpose::verify_email); !mailed) {
    spdlog::info("no mail of verification was sent: {}", mailed.error().message);
  }
}

http::Task<Reply<Message>> Accounts::mail_reset(std::string email) {
  auto mail = [this, key = email_key(email)]() -> Result<void> {
    auto user = parts_.users.find("email_key", key);
    if (!user) return tl::unexpected(std::move(user.error()));
    if (*user && (*user)->is_active) return mail_token(**user, TokenPurpose::reset_password);
    // A token that nobody gets takes the time of one that is mailed.
    return make_token(User(), TokenPurpose::reset_password).map([](const std::string&) {});
  };
  const Result<void> mailed = co_await on_storage(std::move(mail));
  // Whoever asks must not learn from the answer whether the address is one of ours.
  if (!mailed) spdlog::error("a mail for a new password could not be sent: {}", mailed.error().message);
  co_return Message{"If there is an account with this address, a mail is on its way"};
}

http::Task<Reply<TokenValidity>> Accounts::check_reset(std::string token) {
  auto check = [this, hash = parts_.digest.sha256_hex(token)] { return parts_.tokens.find("token_hash", hash); };
  const Result<std::optional<OneTimeToken>> found = co_await on_storage(std::move(check));
  if (!found) co_return tl::unexpected(problem_of(found.error()));
  const std::optional<OneTimeToken>& kept = *found;
  co_return TokenValidity{kept && kept->purpose == TokenPurpose::reset_password && kept->expires_at > parts_.clock()};
}

Result<std::optional<User>> Accounts::redeem(const std::string& token, TokenPurpose purpose) const {
  auto kept = parts_.tokens.find("token_hash", parts_.digest.sha256_hex(token));
  if (!kept) return tl::unexpected(std::move(kept.error()));
  if (!*kept || (*kept)->purpose != purpose || (*kept)->expires_at <= parts_.clock()) return std::nullopt;
  // Of two that come at once, one erases it.
  if (auto erased = parts_.tokens.erase((*kept)->id); !erased) {
    if (erased.error().code == ErrorCode::not_found) return std::nullopt;
    return tl::unexpected(std::move(erased.error()));
  }
  auto user = parts_.users.get((*kept)->user_id);
  if (!user && user.error().code == ErrorCode::not_found) return std::nullopt;
  if (!user) return tl::unexpected(std::move(user.error()));
  if ((*kept)->email_key != user->email_key) return std::nullopt;
  return std::move(*user);
}

http::Task<Reply<Message>> Accounts::reset_password(PasswordReset reset) {
  Reply<std::string> hashed = co_await hash(std::move(reset.new_password));
  if (!hashed) co_return tl::unexpected(std::move(hashed.error()));
  auto store = [this, token = std::move(reset.token), hashed = std::move(*hashed)]() -> Result<bool> {
    auto user = redeem(token, TokenPurpose::reset_password);
    if (!user) return tl::unexpected(std::move(user.error()));
    if (!*user) return false;
    User changed = std::move(**user);
    changed.password_hash = hashed;
    changed.is_verified = true;  // the mail arrived
    changed.updated_at = parts_.clock();
    if (auto replaced = parts_.users.replace(changed); !replaced) return tl::unexpected(std::move(replaced.error()));
    if (auto ended = parts_.sessions.erase_all("user_id", changed.id); !ended) {
      return tl::unexpected(std::move(ended.error()));
    }
    if (auto others = parts_.tokens.erase_all("user_id", changed.id); !others) {
      return tl::unexpected(std::move(others.error()));
    }
    return true;
  };
  const Result<bool> stored = co_await on_storage(std::move(store));
  if (!stored) co_return tl::unexpected(account_problem(stored.error()));
  if (!*stored) co_return refuse(400, kUsedToken);
  co_return Message{"The password is changed; sign in with it"};
}

http::Task<Reply<Message>> Accounts::verify_email(std::string token) {
  auto verify = [this, token = std::move(token)]() -> Result<bool> {
    auto user = redeem(token, TokenPurpose::verify_email);
    if (!user) return tl::unexpected(std::move(user.error()));
    if (!*user) return false;
    User changed = std::move(**user);
    changed.is_verified = true;
    changed.updated_at = parts_.clock();
    if (auto replaced = parts_.users.replace(changed); !replaced) return tl::unexpected(std::move(replaced.error()));
    return true;
  };
  const Result<bool> verified = co_await on_storage(std::move(verify));
  if (!verified) co_return tl::unexpected(account_problem(verified.error()));
  if (!*verified) co_return refuse(400, kUsedToken);
  co_return Message{"The address is confirmed"};
}

http::Task<Reply<User>> Accounts::get(std::string user_id) {
  auto get = [this, id = std::move(user_id)] { return parts_.users.get(id); };
  Result<User> user = co_await on_storage(std::move(get));
  if (user) co_return std::move(*user);
  if (user.error().code == ErrorCode::not_found) co_return refuse(404, "User not found");
  co_return tl::unexpected(problem_of(user.error()));
}

http::Task<Reply<RecordPage<User>>> Accounts::list(RecordQuery query) {
  auto list = [this, query = std::move(query)] { return parts_.users.list(query); };
  Result<RecordPage<User>> page = co_await on_storage(std::move(list));
  if (!page) co_return tl::unexpected(problem_of(page.error()));
  co_return std::move(*page);
}

http::Task<Reply<User>> Accounts::change(std::string user_id, AccountChange change) {
  auto replace = [this, id = std::move(user_id), change = std::move(change)]() -> Reply<User> {
    const std::lock_guard lock(admins_);
    auto user = parts_.users.get(id);
    if (!user && user.error().code == ErrorCode::not_found) return refuse(404, "User not found");
    if (!user) return tl::unexpected(problem_of(user.error()));
    const bool demotes = change.role.value_or(user->role) != Role::admin || !change.is_active.value_or(user->is_active);
    const Result<bool> last = demotes ? is_last_admin(parts_.users, *user) : Result<bool>(false);
    if (!last) return tl::unexpected(problem_of(last.error()));
    if (*last) return refuse(409, kLastAdmin);
    if (change.username) {
      user->username = *change.username;
      user->username_key = lower_case(*change.username);
    }
    const bool moves = change.email && email_key(*change.email) != user->email_key;
    if (moves) user->is_verified = false;
    if (change.email) {
      user->email = *change.email;
      user->email_key = email_key(*change.email);
    }
    if (change.full_name) user->full_name = *change.full_name;
    if (change.organization) user->organization = *change.organization;
    user->role = change.role.value_or(user->role);
    user->is_active = change.is_active.value_or(user->is_active);
    user->updated_at = parts_.clock();
    auto replaced = parts_.users.replace(std::move(*user));
    if (!replaced) return tl::unexpected(account_problem(replaced.error()));
    if (moves) ask_to_confirm(*replaced);
    return std::move(*replaced);
  };
  co_return co_await on_storage(std::move(replace));
}

http::Task<Reply<NoContent>> Accounts::erase(std::string user_id) {
  auto erase = [this, id = std::move(user_id)]() -> Reply<NoContent> {
    const std::lock_guard lock(admins_);
    auto user = parts_.users.get(id);
    if (!user && user.error().code == ErrorCode::not_found) return refuse(404, "User not found");
    if (!user) return tl::unexpected(problem_of(user.error()));
    const Result<bool> last = is_last_admin(parts_.users, *user);
    if (!last) return tl::unexpected(problem_of(last.error()));
    if (*last) return refuse(409, kLastAdmin);
    if (auto erased = parts_.users.erase(id); !erased) return tl::unexpected(problem_of(erased.error()));
    // From here on none of its tokens is good; what is left of them goes too.
    for (const Result<std::size_t>& gone :
         {parts_.sessions.erase_all("user_id", id), parts_.tokens.erase_all("user_id", id)}) {
      if (!gone) spdlog::warn("sessions of the erased account {} are left: {}", id, gone.error().message);
    }
    return NoContent{};
  };
  co_return co_await on_storage(std::move(erase));
}

}  // namespace topoforge::api
