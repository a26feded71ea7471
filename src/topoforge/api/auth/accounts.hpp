#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include <boost/asio/thread_pool.hpp>

#include "topoforge/adapters/http/task.hpp"
#include "topoforge/api/auth/account_models.hpp"
#include "topoforge/api/route.hpp"
#include "topoforge/api/waiting_room.hpp"
#include "topoforge/ports/access_tokens.hpp"
#include "topoforge/ports/digest.hpp"
#include "topoforge/ports/one_time_token.hpp"
#include "topoforge/ports/password_hasher.hpp"
#include "topoforge/ports/postbox.hpp"
#include "topoforge/ports/secure_random.hpp"
#include "topoforge/ports/session.hpp"
#include "topoforge/ports/user.hpp"

/// Purpose: accounts and their sessions. A session begins with a sign-in and is a family of tokens: access tokens,
/// which are JWTs that name it in their `jti`, and refresh tokens, of which the newest alone is good. Using an older
/// one again shows that somebody has a copy: the session ends. Each call looks at the account and the session as they
/// are in the store now, so that a deleted account, a role taken away and a sign-out count at once. Passwords are
/// hashed on a pool of their own, stores are asked on the storage pool. Thread safety: the I/O thread.
namespace topoforge::api {

inline constexpr std::chrono::hours kAccessTokenLife{24};
inline constexpr std::chrono::hours kSessionLife{24 * 30};
inline constexpr std::chrono::minutes kResetTokenLife{15};
inline constexpr std::chrono::hours kVerifyTokenLife{48};

class Accounts final : public Authenticator {
 public:
  /// All of them outlive the accounts.
  struct Parts {
    Records<User>& users;
    Records<Session>& sessions;
    Records<OneTimeToken>& tokens;
    PasswordHasher& hasher;
    AccessTokens& access_tokens;
    SecureRandom& random;
    const Digest& digest;
    Postbox& postbox;
    boost::asio::thread_pool& storage_pool;
    boost::asio::thread_pool& password_pool;  ///< of its own, for a hash holds up what waits behind it
    WaitingRoom& password_queue;              ///< for that pool
    std::function<Timestamp()> clock;
  };
  explicit Accounts(Parts parts) : parts_(std::move(parts)) {}

  /// Problems: 400 for a name or an address that another account has. Mails a link of verification.
  http::Task<Reply<User>> create(Registration registration, Role role);
  /// By name or address; nobody is no problem.
  http::Task<Reply<std::optional<User>>> find(std::string login);
  /// Problems: 401; it takes the same time whether there is an account or not. 503 where too many passwords wait, here
  /// and wherever one is set.
  http::Task<Reply<User>> check_password(std::optional<User> user, std::string password);
  http::Task<Reply<TokenGrant>> open_session(User user);
  /// Problems: 401 for a token that is not the newest of its session, which then ends.
  http::Task<Reply<TokenGrant>> refresh(std::string refresh_token);
  /// Ends the session of the request's access token.
  http::Task<Reply<Message>> sign_out(const http::Request& request);

  http::Task<Reply<Account>> authenticate(const http::Request& request) override;

  /// Problems: 400 for a wrong current password. Every session of the account but that of the request ends.
  http::Task<Reply<Message>> change_password(const http::Request& request, std::string user_id, PasswordChange change);
  /// The same answer after the same work, whoever's address it is.
  http::Task<Reply<Message>> mail_reset(std::string email);
  http::Task<Reply<TokenValidity>> check_reset(std::string token);
  /// Problems: 400 for a token that cannot be used. Every session of the account ends.
  http::Task<Reply<Message>> reset_password(PasswordReset reset);
  http::Task<Reply<Message>> verify_email(std::string token);

  http::Task<Reply<User>> get(std::string user_id);
  /// A new address is to be confirmed anew: tokens that were mailed to the old one are of no use, and it gets a mail.
  /// Problems: 400 as create(); 409 where the account was changed meanwhile, or no admin would be left.
  http::Task<Reply<User>> change(std::string user_id, AccountChange change);
  /// Problems: 404; 409 for the last admin. Its sessions end.
  http::Task<Reply<NoContent>> erase(std::string user_id);
  http::Task<Reply<RecordPage<User>>> list(RecordQuery query);

 private:
  template <class Function>
  auto on_storage(Function function) {
    return http::run_on(parts_.storage_pool, std::move(function));
  }
  /// On the pool for passwords. Problems: 503.
  template <class Function>
  http::Task<Reply<std::invoke_result_t<Function>>> on_passwords(Function function);
  http::Task<Reply<std::string>> hash(std::string password);
  Reply<Claims> claims_of(const http::Request& request) const;
  /// A random token and its digest, which is what is stored.
  struct Secret {
    std::string text;
    std::string hash;
  };
  Result<Secret> new_secret() const;
  Result<TokenGrant> grant(const User& user, const Session& session, const std::string& refresh_secret) const;
  /// The text of a new token of the account, which is stored as its digest. No user_id: a token that is of no use.
  Result<std::string> make_token(const User& user, TokenPurpose purpose) const;
  /// A token that could not be mailed is not kept.
  Result<void> mail_token(const User& user, TokenPurpose purpose) const;
  void ask_to_confirm(const User& user) const;
  Result<void> end_other_sessions(const std::string& user_id, const std::string& key) const;
  /// The account of the token, which is then used up; nothing when it cannot be used.
  Result<std::optional<User>> redeem(const std::string& token, TokenPurpose purpose) const;

  Parts parts_;
  std::mutex admins_;  ///< held while it is seen to that an admin is left
};

}  // namespace topoforge::api
