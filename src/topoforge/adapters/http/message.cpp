#include "topoforge/adapters/http/message.hpp"

#include <algorithm>

#include "topoforge/adapters/http/json_string.hpp"
#include "topoforge/adapters/http/request_head.hpp"
#include "topoforge/codec/text/quote.hpp"

namespace topoforge::http {
namespace {

std::string_view find_field(const Fields& fields, std::string_view name) {
  for (const auto& [key, value] : fields) {
    if (key == name) return value;
  }
  return {};
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Result<std::string> decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      decoded.push_back(' ');
    } else if (text[i] != '%') {
      decoded.push_back(text[i]);
    } else {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return fail(ErrorCode::invalid_data, "malformed escape in the address");
      if (high == 0 && low == 0) return fail(ErrorCode::invalid_data, "encoded zero in the address");
      decoded.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    }
  }
  if (valid_utf8_prefix(decoded) != decoded.size()) return fail(ErrorCode::invalid_data, "the address is no UTF-8");
  return decoded;
}

Result<std::string> decode_path(std::string_view text) {
  auto path = decode(text, false);
  if (!path) return path;
  if (std::count(path->begin(), path->end(), '/') != std::count(text.begin(), text.end(), '/'))
    return fail(ErrorCode::invalid_data, "encoded slash in the address");
  if (std::any_of(path->begin(), path->end(), [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; }))
    return fail(ErrorCode::invalid_data, "control character in the address");
  std::string_view rest = *path;
  while (!rest.empty()) {
    rest.remove_prefix(1);  // the slash
    const std::string_view segment = rest.substr(0, rest.find('/'));
    if (segment == "." || segment == "..") return fail(ErrorCode::invalid_data, "segment of dots in the address");
    rest.remove_prefix(segment.size());
  }
  return path;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Bytes of "http://" or "https://" before the host of an absolute form; 0 for another form.
std::size_t scheme_size(std::string_view target) {
  for (const std::string_view scheme : {std::string_view("http://"), std::string_view("https://")}) {
    if (equals_ignoring_case(target.substr(0, scheme.size()), scheme)) return scheme.size();
  }
  return 0;
}

}  // namespace

bool equals_ignoring_case(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

bool lists_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view item = list.substr(0, comma);
    item = item.substr(0, item.find(';'));
    while (!item.empty() && (item.front() == ' ' || item.front() == '\t')) item.remove_prefix(1);
    while (!item.empty() && (item.back() == ' ' || item.back() == '\t')) item.remove_suffix(1);
    if (equals_ignoring_case(item, token)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

std::string_view Request::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (equals_ignoring_case(key, name)) return value;
  }
  return {};
}

std::optional<std::string_view> Request::query_value(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::string_view Request::parameter(std::string_view name) const { return find_field(parameters, name); }

Response error_response(unsigned status, std::string_view detail) {
  return {.status = status, .body = "{\"detail\":" + json_string(detail) + "}"};
}

Result<Target> parse_target(std::string_view target) {
  Target parsed;
  if (const std::size_t scheme = scheme_size(target); scheme > 0) {
    target.remove_prefix(scheme);
    const std::size_t end = std::min(target.find_first_of("/?#"), target.size());
    parsed.authority = target.substr(0, end);
    target.remove_prefix(end);
    if (parsed.authority.empty() || !is_host(parsed.authority))
      return fail(ErrorCode::invalid_data, "malformed host in the address");
  } else if (target.empty() || target.front() != '/') {
    return fail(ErrorCode::invalid_data, "the address does not begin with /");
  }
  target = target.substr(0, target.find('#'));
  const std::size_t mark = std::min(target.find('?'), target.size());
  auto path = decode_path(target.substr(0, mark));
  if (!path) return tl::unexpected(std::move(path.error()));
  parsed.path = path->empty() ? "/" : std::move(*path);
  std::string_view rest = target.substr(std::min(mark + 1, target.size()));
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view item = rest.substr(0, end);
    const std::size_t equals = std::min(item.find('='), item.size());
    auto name = decode(item.substr(0, equals), true);
    auto value = decode(item.substr(std::min(equals + 1, item.size())), true);
    if (!name) return tl::unexpected(std::move(name.error()));
    if (!value) return tl::unexpected(std::move(value.error()));
    if (!item.empty()) parsed.query.emplace_back(std::move(*name), std::move(*value));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return parsed;
}

}  // namespace topoforge::http
