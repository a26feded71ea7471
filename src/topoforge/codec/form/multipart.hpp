#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "topoforge/codec/form/form.hpp"

/// Purpose: the body of multipart/form-data (RFC 7578, on RFC 2046's multipart syntax).
/// A part is a text field: `Content-Disposition: form-data; name="..."`, once; a Content-Type may say anything but
/// another charset than UTF-8 or a multipart within the part; a Content-Transfer-Encoding, which RFC 7578 drops, may
/// say that nothing is encoded; other headers are ignored. A part with a filename is a file and refused. Lines end with
/// CRLF. Nothing stands before the first boundary, and nothing but a line end after the last: what one reader skips and
/// another does not, can be hidden from one of them. Thread safety: pure.
namespace topoforge {

/// Of the headers of one part.
inline constexpr std::size_t kMaxPartHeaderBytes = 2048;
/// RFC 2046, section 5.1.1.
inline constexpr std::size_t kMaxBoundaryBytes = 70;

/// Errors: those of parse_form().
Result<std::vector<FormField>> parse_multipart(std::string_view boundary, std::string_view body);

}  // namespace topoforge
