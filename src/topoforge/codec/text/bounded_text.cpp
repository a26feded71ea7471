#include "topoforge/codec/text/bounded_text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "topoforge/codec/text/quote.hpp"

namespace topoforge {

Result<void> check_text(std::string_view text, std::string_view name, std::size_t max_bytes) {
  if (text.size() > max_bytes) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("{}: {} bytes; at most {} are allowed", name, text.size(), max_bytes));
  }
  const std::size_t good_bytes = std::min(text.find('\0'), valid_utf8_prefix(text));
  if (good_bytes >= text.size()) return {};
  const std::string_view good = text.substr(0, good_bytes);
  return fail(ErrorCode::invalid_data, fmt::format("{}:{}: a byte that is no text; wanted UTF-8 without NUL", name,
                                                   1 + std::count(good.begin(), good.end(), '\n')));
}

}  // namespace topoforge
