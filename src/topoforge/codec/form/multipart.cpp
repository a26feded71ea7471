#include "topoforge/codec/form/multipart.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "topoforge/codec/form/form_fields.hpp"
#include "topoforge/codec/form/header_value.hpp"
#include "topoforge/codec/text/lower_case.hpp"
#include "topoforge/codec/text/quote.hpp"

namespace topoforge {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

tl::unexpected<Error> wrong(std::string message) { return fail(ErrorCode::invalid_data, std::move(message)); }

bool is_boundary(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= kMaxBoundaryBytes && !text.ends_with(' ') &&
         std::all_of(text.begin(), text.end(), fits);
}

/// The headers of a part that are heeded.
struct PartHeaders {
  std::optional<HeaderValue> disposition;
  std::optional<HeaderValue> type;
  std::optional<HeaderValue> encoding;

  std::optional<HeaderValue>* find(std::string_view name) {
    if (name == "content-disposition") return &disposition;
    if (name == "content-type") return &type;
    if (name == "content-transfer-encoding") return &encoding;
    return nullptr;
  }
};

Result<void> read_header_line(std::string_view line, PartHeaders& headers) {
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  if (colon == std::string_view::npos || !is_token(name)) {
    return wrong(fmt::format("a part has the line {} among its headers", quote_text(line)));
  }
  std::optional<HeaderValue>* const place = headers.find(lower_case(name));
  if (place == nullptr) return {};
  if (place->has_value()) return wrong(fmt::format("a part has the header {} twice", name));
  auto value = parse_header_value(line.substr(colon + 1));
  if (!value) return wrong(fmt::format("in the header {} of a part: {}", name, value.error().message));
  *place = std::move(*value);
  return {};
}

/// The name of the field.
Result<std::string> check_headers(const PartHeaders& headers) {
  if (!headers.disposition || headers.disposition->value != "form-data") {
    return wrong("a part has no header Content-Disposition: form-data");
  }
  const std::string* const name = headers.disposition->parameter("name");
  if (name == nullptr) return wrong("a part has no name in its Content-Disposition");
  if (headers.disposition->parameter("filename") != nullptr || headers.disposition->parameter("filename*") != nullptr) {
    return wrong(field_called(*name) + " is a file; wanted text");
  }
  if (headers.type && headers.type->value.starts_with("multipart/")) {
    return wrong(field_called(*name) + " is a multipart of its own; wanted text");
  }
  if (headers.type && !has_text_charset(*headers.type)) {
    return wrong(field_called(*name) + " has a charset that is not UTF-8");
  }
  constexpr std::array<std::string_view, 3> kPlain = {"7bit", "8bit", "binary"};
  if (headers.encoding &&
      std::find(kPlain.begin(), kPlain.end(), lower_case(headers.encoding->value)) == kPlain.end()) {
    return wrong(field_called(*name) + " is encoded; wanted plain text");
  }
  return *name;
}

/// Reads from the front of a body.
class MultipartReader {
 public:
  MultipartReader(std::string_view boundary, std::string_view body)
      : delimiter_(fmt::format("\r\n--{}", boundary)), rest_(body) {}

  Result<std::vector<FormField>> read() {
    if (!skip(std::string_view(delimiter_).substr(kLineEnd.size()))) {
      return wrong("the form does not begin with its boundary");
    }
    FormFields fields;
    for (;;) {
      const auto more = end_boundary();
      if (!more) return tl::unexpected(more.error());
      if (!*more) return fields.take();
      auto name = read_headers();
      if (!name) return tl::unexpected(std::move(name.error()));
      const std::size_t end = rest_.find(delimiter_);
      if (end == std::string_view::npos) return wrong(field_called(*name) + " has no boundary at its end");
      if (const auto added = fields.add(std::move(*name), std::string(rest_.substr(0, end))); !added) {
        return tl::unexpected(added.error());
      }
      rest_.remove_prefix(end + delimiter_.size());
    }
  }

 private:
  bool skip(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  /// Behind a boundary: false at the end of the form.
  Result<bool> end_boundary() {
    const bool last = skip("--");
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size()));
    if (last) {
      skip(kLineEnd);
      if (!rest_.empty()) return wrong("text stands after the last boundary of the form");
      return false;
    }
    if (!skip(kLineEnd)) return wrong("a boundary of the form is cut, or not alone on its line");
    return true;
  }

  Result<std::string> read_headers() {
    PartHeaders headers;
    for (std::size_t used = 0;;) {
      const std::size_t end = rest_.find(kLineEnd);
      const std::size_t size = end == std::string_view::npos ? rest_.size() : end + kLineEnd.size();
      used += size;
      if (used > kMaxPartHeaderBytes) {
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("a part has more than {} bytes of headers", kMaxPartHeaderBytes));
      }
      if (end == std::string_view::npos) return wrong("the form ends within the headers of a part");
      const std::string_view line = rest_.substr(0, end);
      rest_.remove_prefix(size);
      if (line.empty()) return check_headers(headers);
      if (const auto read = read_header_line(line, headers); !read) return tl::unexpected(read.error());
    }
  }

  std::string delimiter_;
  std::string_view rest_;
};

}  // namespace

Result<std::vector<FormField>> parse_multipart(std::string_view boundary, std::string_view body) {
  if (!is_boundary(boundary)) {
    return wrong(fmt::format("{} is no boundary; wanted 1 to {} letters, digits and '()+_,-./:=?", quote_text(boundary),
                             kMaxBoundaryBytes));
  }
  return MultipartReader(boundary, body).read();
}

}  // namespace topoforge
