#include "topoforge/api/auth/accounts.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/value.hpp>

#include "topoforge/api/call_route_test.hpp"
#include "topoforge/api/memory_records_test.hpp"

namespace topoforge::api {
namespace {

using namespace std::chrono_literals;
using testing::SizeIs;

class PlainHasher final : public PasswordHasher {
 public:
  Result<std::string> hash(std::string_view password) override { return "hash of " + std::string(password); }
  bool verify(std::string_view password, std::string_view hash) override {
    ++verified;
    return hash == "hash of " + std::string(password);
  }
  void verify_nothing(std::string_view) override { ++verified_nothing; }
  int verified = 0;
  int verified_nothing = 0;
};

/// Tokens are numbers.
class NumberedTokens final : public AccessTokens {
 public:
  Result<std::string> issue(const Claims& claims) const override {
    issued_.push_back(claims);
    return std::to_string(issued_.size() - 1);
  }
  Result<Claims> verify(std::string_view token, Timestamp now) const override {
    const auto number = static_cast<std::size_t>(std::stoul(std::string(token)));
    if (number >= issued_.size() || issued_[number].expires_at <= now) return fail(ErrorCode::invalid_data, "");
    return issued_[number];
  }

 private:
  mutable std::vector<Claims> issued_;
};

class CountingRandom final : public SecureRandom {
 public:
  Result<std::string> bytes(std::size_t count) override { return std::string(count, 'r'); }
  Result<std::string> url_safe_token(std::size_t) override { return "random" + std::to_string(++made_); }

 private:
  int made_ = 0;
};

class NamedDigest final : public Digest {
 public:
  [[nodiscard]] std::string sha256_hex(std::string_view text) const override {
    return "digest of " + std::string(text);
  }
  [[nodiscard]] std::string hmac_sha256_hex(std::string_view, std::string_view text) const override {
    return std::string(text);
  }
};

class Mailbag final : public Postbox {
 public:
  Result<void> post(const Mail& mail) override {
    if (broken) return fail(ErrorCode::unavailable, "no mail server is configured");
    mails.push_back(mail);
    return {};
  }
  /// The token in the newest mail: a line of its own.
  [[nodiscard]] std::string token() const {
    const std::string& text = mails.back().text;
    const std::size_t start = text.find("random");
    return text.substr(start, text.find('\n', start) - start);
  }
  std::vector<Mail> mails;
  bool broken = false;
};

class AccountsTest : public testing::Test {
 protected:
  AccountsTest() {
    const auto user = run_task(
        accounts_.create({.username = "Ada", .email = "Ada@Example.com", .password = "Test123!"}, Role::admin));
    ada_ = user.value();
  }
  unsigned sign_in_status(const std::string& login, const std::string& password) {
    const auto user = run_task(accounts_.check_password(run_task(accounts_.find(login)).value(), password));
    return user ? 200 : user.error().status;
  }
  TokenGrant open() { return run_task(accounts_.open_session(ada_)).value(); }
  static http::Request with(const std::string& token) {
    http::Request request;
    request.headers = {{"Authorization", "Bearer " + token}};
    return request;
  }
  bool is_good(const TokenGrant& grant) {
    return run_task(accounts_.authenticate(with(grant.access_token))).has_value();
  }
  unsigned reset_status(const std::string& token) {
    const auto reset = run_task(accounts_.reset_password({.token = token, .new_password = "Newer123!"}));
    return reset ? 200 : reset.error().status;
  }

  Timestamp now_{1'700'000'000s};
  MemoryRecords<User> users_;
  MemoryRecords<Session> sessions_;
  MemoryRecords<OneTimeToken> tokens_;
  PlainHasher hasher_;
  NumberedTokens access_tokens_;
  CountingRandom random_;
  NamedDigest digest_;
  Mailbag mailbag_;
  boost::asio::thread_pool storage_pool_{1};
  boost::asio::thread_pool password_pool_{1};
  WaitingRoom password_queue_{2};
  Accounts accounts_{{.users = users_,
                      .sessions = sessions_,
                      .tokens = tokens_,
                      .hasher = hasher_,
                      .access_tokens = access_tokens_,
                      .random = random_,
                      .digest = digest_,
                      .postbox = mailbag_,
                      .storage_pool = storage_pool_,
                      .password_pool = password_pool_,
                      .password_queue = password_queue_,
                      .clock = [this] { return now_; }}};
  User ada_;
};

TEST_F(AccountsTest, AnUnknownAccountCostsAHashAsAKnownOneDoes) {
  EXPECT_EQ(sign_in_status("ada", "Wrong123!"), 401U);
  EXPECT_EQ(hasher_.verified, 1);
  EXPECT_EQ(sign_in_status("nobody", "Wrong123!"), 401U);
  EXPECT_EQ(hasher_.verified, 1);
  EXPECT_EQ(hasher_.verified_nothing, 1);
}

TEST_F(AccountsTest, NameAndAddressSignInWhateverTheirCase) {
  EXPECT_EQ(sign_in_status("ADA", "Test123!"), 200U);
  EXPECT_EQ(sign_in_status("ada@example.COM", "Test123!"), 200U);
}

TEST_F(AccountsTest, ATokenOfAMailSetsAPasswordOnce) {
  const TokenGrant session = open();
  ASSERT_TRUE(run_task(accounts_.mail_reset("ADA@example.com")));
  ASSERT_THAT(mailbag_.mails, SizeIs(2)) << "one to confirm the address, one for the password";
  EXPECT_EQ(mailbag_.mails.back().to, "Ada@Example.com");
  const std::string token = mailbag_.token();
  EXPECT_TRUE(run_task(accounts_.check_reset(token))->valid);
  EXPECT_TRUE(run_task(accounts_.check_reset(token))->valid) << "looking at it does not use it up";
  EXPECT_EQ(reset_status(token), 200U);
  EXPECT_EQ(reset_status(token), 400U);
  EXPECT_FALSE(run_task(accounts_.check_reset(token))->valid);
  EXPECT_EQ(sign_in_status("ada", "Test123!"), 401U);
  EXPECT_EQ(sign_in_status("ada", "Newer123!"), 200U);
  EXPECT_FALSE(is_good(session)) << "whoever was signed in is out";
}

TEST_F(AccountsTest, ATokenOfAMailIsGoodForAQuarterOfAnHour) {
  ASSERT_TRUE(run_task(accounts_.mail_reset("ada@example.com")));
  now_ += 15min;
  EXPECT_FALSE(run_task(accounts_.check_reset(mailbag_.token()))->valid);
  EXPECT_EQ(reset_status(mailbag_.token()), 400U);
  EXPECT_EQ(sign_in_status("ada", "Test123!"), 200U);
}

TEST_F(AccountsTest, ATokenForOneThingIsNoneForAnother) {
  const std::string confirms = mailbag_.token();
  EXPECT_EQ(reset_status(confirms), 400U);
  EXPECT_TRUE(run_task(accounts_.verify_email(confirms)));
  EXPECT_TRUE(users_.get(ada_.id)->is_verified);
  EXPECT_FALSE(run_task(accounts_.verify_email(confirms)));
}

TEST_F(AccountsTest, ATokenSaysNothingOfAnAddressThatItWasNotMailedTo) {
  const std::string old_confirms = mailbag_.token();
  ASSERT_TRUE(run_task(accounts_.mail_reset("ada@example.com")));
  const std::string old_reset = mailbag_.token();
  AccountChange change;
  change.email = "somebody.else@example.com";
  ASSERT_TRUE(run_task(accounts_.change(ada_.id, change)));
  EXPECT_EQ(mailbag_.mails.back().to, "somebody.else@example.com");
  const std::string new_confirms = mailbag_.token();
  EXPECT_FALSE(run_task(accounts_.verify_email(old_confirms)));
  EXPECT_FALSE(users_.get(ada_.id)->is_verified);
  EXPECT_EQ(reset_status(old_reset), 400U);
  EXPECT_TRUE(run_task(accounts_.verify_email(new_confirms)));
  EXPECT_TRUE(users_.get(ada_.id)->is_verified);
}

TEST_F(AccountsTest, ATokenThatCouldNotBeMailedIsNotKept) {
  const std::size_t before = tokens_.list({})->total;
  mailbag_.broken = true;
  ASSERT_TRUE(run_task(accounts_.mail_reset("ada@example.com")));
  EXPECT_EQ(tokens_.list({})->total, before);
}

TEST_F(AccountsTest, ANewPasswordEndsTheOtherSessionsHoweverMany) {
  const TokenGrant mine = open();
  for (std::size_t i = 0; i < kMaxRecordLimit + 5; ++i) open();
  const TokenGrant last = open();
  ASSERT_TRUE(run_task(accounts_.change_password(with(mine.access_token), ada_.id,
                                                 {.current_password = "Test123!", .new_password = "Newer123!"})));
  EXPECT_TRUE(is_good(mine));
  EXPECT_FALSE(is_good(last));
  EXPECT_EQ(sessions_.list({})->total, 1U);
}

TEST_F(AccountsTest, AStrangersAddressGetsNoMailAndTheSameAnswer) {
  const auto known = run_task(accounts_.mail_reset("ada@example.com"));
  const auto unknown = run_task(accounts_.mail_reset("nobody@example.com"));
  EXPECT_EQ(known->message, unknown->message);
  EXPECT_THAT(mailbag_.mails, SizeIs(2));
  mailbag_.broken = true;
  EXPECT_EQ(run_task(accounts_.mail_reset("ada@example.com"))->message, unknown->message);
}

TEST_F(AccountsTest, TokensAreStoredAsDigestsAlone) {
  ASSERT_TRUE(run_task(accounts_.mail_reset("ada@example.com")));
  EXPECT_FALSE(tokens_.find("token_hash", mailbag_.token()).value());
  EXPECT_TRUE(tokens_.find("token_hash", "digest of " + mailbag_.token()).value());
}

TEST_F(AccountsTest, ASessionEndsWithItsTimeAndIsThenForgotten) {
  const TokenGrant first = open();
  now_ += kSessionLife - 1h;
  const auto renewed = run_task(accounts_.refresh(first.refresh_token));
  ASSERT_TRUE(renewed);
  EXPECT_TRUE(is_good(*renewed));
  now_ += 1h;
  EXPECT_FALSE(is_good(*renewed)) << "though its access token would be good for a day";
  EXPECT_FALSE(run_task(accounts_.refresh(renewed->refresh_token)));
  open();
  EXPECT_EQ(sessions_.list({})->total, 1U);
}

TEST_F(AccountsTest, AnInactiveAdminIsNobodyWhoCouldTakeOver) {
  const auto grace = run_task(
      accounts_.create({.username = "Grace", .email = "grace@example.com", .password = "Test123!"}, Role::admin));
  ASSERT_TRUE(grace);
  AccountChange rest;
  rest.is_active = false;
  ASSERT_TRUE(run_task(accounts_.change(grace->id, rest)));
  const auto erased = run_task(accounts_.erase(ada_.id));
  ASSERT_FALSE(erased);
  EXPECT_EQ(erased.error().status, 409U);
}

}  // namespace
}  // namespace topoforge::api
