#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "topoforge/codec/model/model.hpp"
#include "topoforge/ports/user.hpp"

/// Purpose: what /api/auth and /api/users take and give. Thread safety: values.
namespace topoforge::api {

inline constexpr std::size_t kMinPasswordCharacters = 8;
inline constexpr std::size_t kMaxPasswordBytes = 72;  ///< bcrypt reads no more
inline constexpr std::size_t kMaxTokenCharacters = 256;

/// What wrong_username() and wrong_password() ask, for schemas.
inline constexpr std::string_view kUsernamePattern = "^[A-Za-z0-9._-]+$";
inline constexpr std::string_view kPasswordPattern = "^(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])";

/// What a password lacks, or nothing: length, an upper-case and a lower-case letter, a digit.
std::optional<std::string> wrong_password(std::string_view text);
/// Letters, digits and . _ - alone, so that it is no e-mail address and looks the same to everybody.
std::optional<std::string> wrong_username(std::string_view text);
std::optional<std::string> wrong_email(std::string_view text);

/// A new account. A `role` that is sent is ignored, as everything that is not named here.
struct Registration {
  std::string username;
  std::string email;
  std::string password;
  std::optional<std::string> full_name = std::nullopt;
  std::optional<std::string> organization = std::nullopt;
  static constexpr auto model() {
    return topoforge::model(
        "Registration", "What an account is made of",
        field(&Registration::username, {.about = "Letters, digits and . _ -",
                                        .min_length = 3,
                                        .max_length = 64,
                                        .check = wrong_username,
                                        .pattern = kUsernamePattern,
                                        .example = "testuser"}),
        field(&Registration::email, {.min_length = 3,
                                     .max_length = 254,
                                     .check = wrong_email,
                                     .format = "email",
                                     .example = "test@example.com"}),
        field(&Registration::password,
              {.about = "8 characters or more, at most 72 bytes, with upper and lower case and a digit",
               .min_length = kMinPasswordCharacters,
               .check = wrong_password,
               .pattern = kPasswordPattern,
               .format = "password",
               .example = "Test123!"}),
        field(&Registration::full_name, {.max_length = 128}), field(&Registration::organization, {.max_length = 128}));
  }
};
BOOST_DESCRIBE_STRUCT(Registration, (), (username, email, password, full_name, organization))

struct SignIn {
  std::string username;
  std::string password;
  static constexpr auto model() {
    return topoforge::model("SignIn", "Who signs in",
                            field(&SignIn::username, {.about = "Name or e-mail address", .max_length = 254}),
                            field(&SignIn::password, {.max_length = 1024, .format = "password"}));
  }
};
BOOST_DESCRIBE_STRUCT(SignIn, (), (username, password))

struct TokenRefresh {
  std::string refresh_token;
  static constexpr auto model() {
    return topoforge::model("TokenRefresh", "A refresh token, which can be used once",
                            field(&TokenRefresh::refresh_token, {.max_length = kMaxTokenCharacters}));
  }
};
BOOST_DESCRIBE_STRUCT(TokenRefresh, (), (refresh_token))

struct PasswordChange {
  std::string current_password;
  std::string new_password;
  static constexpr auto model() {
    return topoforge::model("PasswordChange", "Every other session of the account ends",
                            field(&PasswordChange::current_password, {.max_length = 1024, .format = "password"}),
                            field(&PasswordChange::new_password, {.min_length = kMinPasswordCharacters,
                                                                  .check = wrong_password,
                                                                  .pattern = kPasswordPattern,
                                                                  .format = "password"}));
  }
};
BOOST_DESCRIBE_STRUCT(PasswordChange, (), (current_password, new_password))

struct EmailOfAccount {
  std::string email;
  static constexpr auto model() {
    return topoforge::model(
        "EmailOfAccount", "Whose account",
        field(&EmailOfAccount::email, {.max_length = 254, .check = wrong_email, .format = "email"}));
  }
};
BOOST_DESCRIBE_STRUCT(EmailOfAccount, (), (email))

struct MailedToken {
  std::string token;
  static constexpr auto model() {
    return topoforge::model("MailedToken", "The token of a mail",
                            field(&MailedToken::token, {.max_length = kMaxTokenCharacters}));
  }
};
BOOST_DESCRIBE_STRUCT(MailedToken, (), (token))

struct PasswordReset {
  std::string token;
  std::string new_password;
  static constexpr auto model() {
    return topoforge::model("PasswordReset", "A new password, by the token of a mail",
                            field(&PasswordReset::token, {.max_length = kMaxTokenCharacters}),
                            field(&PasswordReset::new_password, {.min_length = kMinPasswordCharacters,
                                                                 .check = wrong_password,
                                                                 .pattern = kPasswordPattern,
                                                                 .format = "password"}));
  }
};
BOOST_DESCRIBE_STRUCT(PasswordReset, (), (token, new_password))

/// An account as others see it.
struct AccountView {
  std::string id;
  std::string username;
  std::string email;
  std::optional<std::string> full_name;
  std::optional<std::string> organization;
  Role role = Role::viewer;
  bool is_verified = false;
  bool is_active = true;
  Timestamp created_at;
  static constexpr auto model() { return topoforge::model("AccountView", "An account"); }
};
BOOST_DESCRIBE_STRUCT(AccountView, (),
                      (id, username, email, full_name, organization, role, is_verified, is_active, created_at))

AccountView view_of(const User& user);
/// The account as the store takes it; registration was checked.
User new_user(Registration registration, Role role, std::string password_hash, Timestamp now);
/// By which an e-mail address is found; it was checked.
std::string email_key(std::string_view address);

struct TokenGrant {
  std::string access_token;
  std::string refresh_token;
  std::string token_type = "bearer";
  int expires_in = 0;  ///< seconds
  AccountView user;
  std::optional<std::string> message;
  static constexpr auto model() {
    return topoforge::model("TokenGrant", "Tokens of a session",
                            field(&TokenGrant::access_token, {.about = "JWT for the header Authorization: Bearer"}),
                            field(&TokenGrant::refresh_token, {.about = "For POST /api/auth/refresh, once"}),
                            field(&TokenGrant::expires_in, {.about = "Seconds until the access token expires"}));
  }
};
BOOST_DESCRIBE_STRUCT(TokenGrant, (), (access_token, refresh_token, token_type, expires_in, user, message))

struct Message {
  std::string message;
  static constexpr auto model() { return topoforge::model("Message", "What was done"); }
};
BOOST_DESCRIBE_STRUCT(Message, (), (message))

struct TokenValidity {
  bool valid = false;
  static constexpr auto model() { return topoforge::model("TokenValidity", "Whether a token can be used"); }
};
BOOST_DESCRIBE_STRUCT(TokenValidity, (), (valid))

/// What is given is changed. The role can be changed by admins alone.
struct AccountChange {
  std::optional<std::string> username;
  std::optional<std::string> email;
  std::optional<std::string> full_name;
  std::optional<std::string> organization;
  std::optional<Role> role;
  std::optional<bool> is_active;
  static constexpr auto model() {
    return topoforge::model(
        "AccountChange", "What is given is changed; the role and is_active by admins alone",
        field(&AccountChange::username,
              {.min_length = 3, .max_length = 64, .check = wrong_username, .pattern = kUsernamePattern}),
        field(&AccountChange::email, {.min_length = 3, .max_length = 254, .check = wrong_email, .format = "email"}),
        field(&AccountChange::full_name, {.max_length = 128}),
        field(&AccountChange::organization, {.max_length = 128}));
  }
};
BOOST_DESCRIBE_STRUCT(AccountChange, (), (username, email, full_name, organization, role, is_active))

}  // namespace topoforge::api
