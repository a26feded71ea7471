#include "topoforge/api/auth/account_models.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "topoforge/codec/text/email_address.hpp"
#include "topoforge/codec/text/lower_case.hpp"

namespace topoforge::api {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

}  // namespace

std::optional<std::string> wrong_password(std::string_view text) {
  if (text.size() > kMaxPasswordBytes) {
    return fmt::format("wanted at most {} bytes, got {}", kMaxPasswordBytes, text.size());
  }
  if (std::ranges::none_of(text, is_lower)) return "wanted a lower-case letter (a to z)";
  if (std::ranges::none_of(text, is_upper)) return "wanted an upper-case letter (A to Z)";
  if (std::ranges::none_of(text, is_digit)) return "wanted a digit";
  return std::nullopt;
}

std::optional<std::string> wrong_username(std::string_view text) {
  const bool good = std::ranges::all_of(
      text, [](char c) { return is_digit(c) || is_lower(c) || is_upper(c) || c == '.' || c == '_' || c == '-'; });
  return good ? std::nullopt : std::optional<std::string>("wanted letters (a to z), digits and . _ - alone");
}

std::optional<std::string> wrong_email(std::string_view text) {
  const auto address = parse_email_address(text);
  return address ? std::nullopt : std::optional(address.error().message);
}

std::string email_key(std::string_view address) {
  const auto parsed = parse_email_address(address);
  return parsed ? parsed->lookup : lower_case(address);
}

User new_user(Registration registration, Role role, std::string password_hash, Timestamp now) {
  User user;
  user.username_key = lower_case(registration.username);
  user.email_key = email_key(registration.email);
  user.username = std::move(registration.username);
  user.email = std::move(registration.email);
  user.full_name = std::move(registration.full_name);
  user.organization = std::move(registration.organization);
  user.role = role;
  user.password_hash = std::move(password_hash);
  user.created_at = now;
  user.updated_at = now;
  return user;
}

AccountView view_of(const User& user) {
  return {.id = user.id,
          .username = user.username,
          .email = user.email,
          .full_name = user.full_name,
          .organization = user.organization,
          .role = user.role,
          .is_verified = user.is_verified,
          .is_active = user.is_active,
          .created_at = user.created_at};
}

}  // namespace topoforge::api
