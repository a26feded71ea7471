#include "topoforge/codec/form/urlencoded.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "topoforge/codec/form/form_fields.hpp"

namespace topoforge {
namespace {

std::optional<unsigned> hexadecimal(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return std::nullopt;
}

/// Nothing for a percent sign without two hexadecimal digits.
std::optional<std::string> decode(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const auto high = hexadecimal(text[i + 1]);
    const auto low = hexadecimal(text[i + 2]);
    if (!high || !low) return std::nullopt;
    result += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  return result;
}

Result<void> add_pair(std::string_view pair, FormFields& fields) {
  const std::size_t equals = std::min(pair.find('='), pair.size());
  auto name = decode(pair.substr(0, equals));
  if (!name) {
    return fail(ErrorCode::invalid_data, fmt::format("{} has a % without two hexadecimal digits in its name",
                                                     field_called(pair.substr(0, equals))));
  }
  auto value = decode(pair.substr(std::min(equals + 1, pair.size())));
  if (!value) {
    return fail(ErrorCode::invalid_data,
                fmt::format("{} has a % without two hexadecimal digits in its value", field_called(*name)));
  }
  return fields.add(std::move(*name), std::move(*value));
}

}  // namespace

Result<std::vector<FormField>> parse_urlencoded(std::string_view body) {
  FormFields fields;
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('&'), body.size());
    if (end > 0) {
      if (const auto added = add_pair(body.substr(0, end), fields); !added) return tl::unexpected(added.error());
    }
    body.remove_prefix(std::min(end + 1, body.size()));
  }
  return fields.take();
}

}  // namespace topoforge
