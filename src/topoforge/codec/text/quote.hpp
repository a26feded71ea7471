#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Purpose: outside text as it may stand in a message or on a terminal. Thread safety: pure.
namespace topoforge {

inline constexpr std::size_t kMaxQuotedBytes = 80;

/// The text in single quotes: control bytes and bytes that are no UTF-8 as \xNN, the rest of a text longer than
/// kMaxQuotedBytes as "...".
std::string quote_text(std::string_view text);

/// Bytes of the longest prefix of `text` that is UTF-8 (RFC 3629: no overlong forms, no surrogates); text.size() when
/// all of it is.
std::size_t valid_utf8_prefix(std::string_view text);

/// The longest prefix of at most `max_bytes` that does not cut a UTF-8 sequence in two.
std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes);

}  // namespace topoforge
