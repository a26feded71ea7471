#include "topoforge/adapters/jwt/token_claims.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <boost/json/object.hpp>

#include "topoforge/codec/json/json_text.hpp"
#include "topoforge/codec/text/lower_case.hpp"
#include "topoforge/codec/text/quote.hpp"

namespace topoforge::jwt {
namespace {

using boost::json::object;
using boost::json::value;
using std::chrono::floor;
using std::chrono::seconds;

constexpr Timestamp kFirstTime{};
constexpr Timestamp kLastTime{seconds{253'402'300'799}};  // 9999-12-31T23:59:59Z

tl::unexpected<Error> invalid(std::string_view what) {
  return fail(ErrorCode::invalid_data, fmt::format("invalid token: {}", what));
}

/// What is wrong with the text, or nothing.
std::optional<std::string> fault_of_text(std::string_view text) {
  if (text.empty()) return "is empty";
  if (text.size() > kMaxClaimBytes) return fmt::format("has {} bytes; wanted at most {}", text.size(), kMaxClaimBytes);
  if (text.find('\0') != std::string_view::npos) return "holds NUL";
  if (valid_utf8_prefix(text) != text.size()) return "is no UTF-8";
  return std::nullopt;
}

std::optional<std::string> fault_of_times(Timestamp issued_at, Timestamp expires_at) {
  if (issued_at < kFirstTime || issued_at > kLastTime || expires_at < kFirstTime || expires_at > kLastTime) {
    return "its times are outside the years 1970 to 9999";
  }
  if (expires_at <= issued_at) return "it ends before it begins";
  if (expires_at - issued_at > kMaxAccessTokenLifetime) {
    return fmt::format("it is valid for more than {} days", kMaxAccessTokenLifetime.count() / 24);
  }
  return std::nullopt;
}

Result<object> read_object(std::string_view json, std::string_view name) {
  auto read = parse_json(json);
  if (!read) return invalid(fmt::format("its {} is no JSON: {}", name, read.error().message));
  if (!read->is_object()) return invalid(fmt::format("its {} is no JSON object", name));
  return std::move(read->get_object());
}

Result<std::string> read_text(const object& payload, std::string_view name) {
  const value* const found = payload.if_contains(name);
  if (found == nullptr) return invalid(fmt::format("the claim {} is missing", name));
  if (!found->is_string()) return invalid(fmt::format("the claim {} is no text", name));
  const std::string_view text(found->get_string());
  if (const auto fault = fault_of_text(text)) return invalid(fmt::format("the claim {} {}", name, *fault));
  return std::string(text);
}

Result<Timestamp> read_time(const object& payload, std::string_view name) {
  const value* const found = payload.if_contains(name);
  if (found == nullptr) return invalid(fmt::format("the claim {} is missing", name));
  if (!found->is_int64()) return invalid(fmt::format("the claim {} is no whole number of seconds", name));
  // Beyond the last year microseconds would overflow.
  const std::int64_t epoch = found->get_int64();
  if (epoch < 0 || epoch > kLastTime.time_since_epoch() / seconds{1}) {
    return invalid(fmt::format("the claim {} is outside the years 1970 to 9999", name));
  }
  return Timestamp{seconds{epoch}};
}

Result<void> read_texts(const object& payload, Claims& claims) {
  for (const auto& [name, place] :
       {std::pair("sub", &claims.subject), std::pair("user_id", &claims.user_id),
        std::pair("username", &claims.username), std::pair("role", &claims.role), std::pair("jti", &claims.token_id)}) {
    auto text = read_text(payload, name);
    if (!text) return tl::unexpected(std::move(text.error()));
    *place = std::move(*text);
  }
  return {};
}

}  // namespace

Result<void> check_claims(const Claims& claims) {
  for (const auto& [name, text] :
       {std::pair("sub", &claims.subject), std::pair("user_id", &claims.user_id),
        std::pair("username", &claims.username), std::pair("role", &claims.role), std::pair("jti", &claims.token_id)}) {
    if (const auto fault = fault_of_text(*text)) {
      return fail(ErrorCode::invalid_argument, fmt::format("no token: the claim {} {}", name, *fault));
    }
  }
  if (const auto fault = fault_of_times(floor<seconds>(claims.issued_at), floor<seconds>(claims.expires_at))) {
    return fail(ErrorCode::invalid_argument, "no token: " + *fault);
  }
  return {};
}

Result<void> check_header(std::string_view json) {
  const auto header = read_object(json, "header");
  if (!header) return tl::unexpected(header.error());
  const value* const algorithm = header->if_contains("alg");
  if (algorithm == nullptr || !algorithm->is_string() || algorithm->get_string() != "HS256") {
    return invalid("its algorithm is not HS256");
  }
  const value* const type = header->if_contains("typ");
  if (type != nullptr && !(type->is_string() && lower_case(type->get_string()) == "jwt")) {
    return invalid("its type is not JWT");
  }
  // RFC 7515, section 4.1.11: who does not know a critical extension refuses the token, and we know none.
  if (header->contains("crit")) return invalid("its header wants an extension");
  return {};
}

Result<Claims> read_claims(std::string_view json, Timestamp now) {
  const auto payload = read_object(json, "payload");
  if (!payload) return tl::unexpected(payload.error());
  Claims claims;
  if (const auto read = read_texts(*payload, claims); !read) return tl::unexpected(read.error());
  const auto issued_at = read_time(*payload, "iat");
  if (!issued_at) return tl::unexpected(issued_at.error());
  const auto expires_at = read_time(*payload, "exp");
  if (!expires_at) return tl::unexpected(expires_at.error());
  claims.issued_at = *issued_at;
  claims.expires_at = *expires_at;
  if (const auto fault = fault_of_times(claims.issued_at, claims.expires_at)) return invalid(*fault);
  if (payload->contains("aud")) return invalid("it is for another audience");
  if (claims.issued_at > now + kAccessTokenClockSkew) return invalid("it was issued in the future");
  if (payload->contains("nbf")) {
    const auto not_before = read_time(*payload, "nbf");
    if (!not_before) return tl::unexpected(not_before.error());
    if (*not_before > now + kAccessTokenClockSkew) return invalid("it is not valid yet");
  }
  if (now >= claims.expires_at) return fail(ErrorCode::limit_exceeded, "the token has expired");
  return claims;
}

}  // namespace topoforge::jwt
