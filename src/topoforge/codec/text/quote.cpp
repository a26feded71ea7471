#include "topoforge/codec/text/quote.hpp"

#include <fmt/format.h>

namespace topoforge {
namespace {

bool is_continuation(unsigned char byte) { return (byte & 0xC0U) == 0x80U; }

/// Bytes of the UTF-8 sequence at the start of `text`, 0 when there is none.
std::size_t sequence_length(std::string_view text) {
  const auto at = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
  const unsigned char lead = at(0);
  if (lead < 0x80U) return 1;
  if (lead < 0xC2U || lead > 0xF4U) return 0;
  const std::size_t length = lead < 0xE0U ? 2 : lead < 0xF0U ? 3 : 4;
  if (text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(at(i))) return 0;
  }
  const bool overlong = (lead == 0xE0U && at(1) < 0xA0U) || (lead == 0xF0U && at(1) < 0x90U);
  const bool surrogate = lead == 0xEDU && at(1) > 0x9FU;
  const bool too_large = lead == 0xF4U && at(1) > 0x8FU;
  return overlong || surrogate || too_large ? 0 : length;
}

}  // namespace

std::size_t valid_utf8_prefix(std::string_view text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const std::size_t length = sequence_length(text.substr(done));
    if (length == 0) return done;
    done += length;
  }
  return done;
}

std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  std::size_t cut = max_bytes;
  while (cut > 0 && is_continuation(static_cast<unsigned char>(text[cut]))) --cut;
  return text.substr(0, cut);
}

std::string quote_text(std::string_view text) {
  const std::string_view shown = utf8_prefix(text, kMaxQuotedBytes);
  std::string result = "'";
  for (std::size_t i = 0; i < shown.size();) {
    const std::size_t length = sequence_length(shown.substr(i));
    const auto byte = static_cast<unsigned char>(shown[i]);
    if (length == 0 || byte < 0x20U || byte == 0x7FU) {
      result += fmt::format("\\x{:02X}", byte);
      ++i;
    } else {
      result += shown.substr(i, length);
      i += length;
    }
  }
  if (shown.size() < text.size()) result += "...";
  return result + "'";
}

}  // namespace topoforge
