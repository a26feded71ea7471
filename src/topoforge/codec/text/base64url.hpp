#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Purpose: bytes as text that may stand in a URL, a header and a file name. Source: RFC 4648, section 5, without
/// padding, as RFC 7515 wants it. Thread safety: pure.
namespace topoforge {

std::string encode_base64url(std::string_view bytes);

/// Nothing for a text that encode_base64url() does not make: another character (padding and line ends among them), a
/// length that no bytes have, set bits after the last byte. So each run of bytes has one text.
std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace topoforge
