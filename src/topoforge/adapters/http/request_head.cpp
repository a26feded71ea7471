#include "topoforge/adapters/http/request_head.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

namespace topoforge::http {
namespace {

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool is_token_character(char c) {
  return is_alphanumeric(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

tl::unexpected<Refusal> refuse(unsigned status, std::string detail) {
  return tl::unexpected<Refusal>(Refusal{status, std::move(detail)});
}

tl::unexpected<Refusal> bad_request(std::string_view why) { return refuse(400, fmt::format("Bad Request: {}", why)); }

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

struct RequestLine {
  std::string_view method;
  std::string_view target;
  unsigned version;
};

tl::expected<RequestLine, Refusal> parse_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == last) return bad_request("wanted a line such as GET / HTTP/1.1");
  const std::string_view version = line.substr(last + 1);
  RequestLine parsed{
      .method = line.substr(0, first), .target = line.substr(first + 1, last - first - 1), .version = 11};
  if (!is_token(parsed.method)) return bad_request("malformed method");
  if (parsed.target.empty() || parsed.target.find_first_of(" \t") != std::string_view::npos)
    return bad_request("malformed address");
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) || version[6] != '.' ||
      !is_digit(version[7])) {
    return bad_request("malformed version");
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return refuse(505, "Wanted HTTP/1.1 or HTTP/1.0");
  parsed.version = version == "HTTP/1.1" ? 11 : 10;
  return parsed;
}

/// What several headers of one name say, in order, as one list; nothing without any.
std::optional<std::string> joined(const Fields& headers, std::string_view name) {
  std::optional<std::string> list;
  for (const auto& [key, value] : headers) {
    if (!equals_ignoring_case(key, name)) continue;
    list = list ? *list + ", " + value : value;
  }
  return list;
}

std::optional<Refusal> read_host(const RequestHead& head) {
  const auto hosts = std::count_if(head.headers.begin(), head.headers.end(),
                                   [](const auto& field) { return equals_ignoring_case(field.first, "Host"); });
  if (hosts > 1 || (hosts == 0 && head.version >= 11)) return bad_request("wanted one Host header").value();
  for (const auto& [name, value] : head.headers) {
    if (equals_ignoring_case(name, "Host") && !is_host(value)) return bad_request("malformed Host").value();
  }
  return std::nullopt;
}

std::optional<Refusal> read_length(RequestHead& head) {
  const auto coding = joined(head.headers, "Transfer-Encoding");
  const auto length = joined(head.headers, "Content-Length");
  if (coding) {
    if (length) return bad_request("both Content-Length and Transfer-Encoding").value();
    if (head.version < 11) return bad_request("Transfer-Encoding in HTTP/1.0").value();
    if (!equals_ignoring_case(*coding, "chunked")) return refuse(501, "Wanted the transfer coding chunked").value();
    head.chunked = true;
  } else if (length) {
    const auto [end, error] = std::from_chars(length->data(), length->data() + length->size(), head.content_length);
    if (error == std::errc::result_out_of_range) return refuse(413, "Request body too large").value();
    // Two that agree make a list, which is no number either.
    if (error != std::errc() || end != length->data() + length->size())
      return bad_request("malformed Content-Length").value();
  }
  return std::nullopt;
}

std::optional<Refusal> read_expectation(RequestHead& head) {
  const auto expected = joined(head.headers, "Expect");
  if (!expected || head.version < 11) return std::nullopt;
  if (!equals_ignoring_case(*expected, "100-continue"))
    return refuse(417, "Expectation Failed: wanted 100-continue").value();
  head.expects_continue = true;
  return std::nullopt;
}

}  // namespace

tl::expected<std::size_t, Refusal> HeadScanner::scan(std::string_view received) {
  for (; !done_ && position_ < received.size(); ++position_) {
    const char c = received[position_];
    if (c == '\r') {
      if (position_ + 1 == received.size()) break;  // what follows it is not here yet
      if (received[position_ + 1] != '\n') return bad_request("a CR without LF");
      if (auto wrong = end_line(received.substr(line_start_, position_ - line_start_)))
        return tl::unexpected(std::move(*wrong));
      ++position_;
      line_start_ = position_ + 1;
    } else if (c == '\n') {
      return bad_request("an LF without CR");
    } else if (is_control(c) && c != '\t') {
      return bad_request("a control character in the head");
    } else if (position_ == line_start_ && lines_ > 0 && (c == ' ' || c == '\t')) {
      return bad_request("a folded header line");
    }
    if (auto wrong = check_size(received)) return tl::unexpected(std::move(*wrong));
  }
  return done_ ? line_start_ : 0;
}

std::optional<Refusal> HeadScanner::end_line(std::string_view line) {
  if (lines_ == 0) {
    if (const auto request_line = parse_request_line(line); !request_line) return request_line.error();
  } else if (line.empty()) {
    done_ = true;
  } else if (lines_ > limits_.fields) {
    return Refusal{431, fmt::format("More than {} request header fields", limits_.fields)};
  }
  ++lines_;
  return std::nullopt;
}

std::optional<Refusal> HeadScanner::check_size(std::string_view received) const {
  if (lines_ == 0 && position_ >= limits_.target_bytes) {
    // The method is long instead where it has no end.
    const bool has_target = received.substr(0, position_).find(' ') != std::string_view::npos;
    return has_target ? Refusal{414, "Request address too long"} : bad_request("malformed method").value();
  }
  if (position_ >= limits_.bytes) return Refusal{431, "Request header fields too large"};
  return std::nullopt;
}

tl::expected<RequestHead, Refusal> parse_head(std::string_view head) {
  const std::size_t line_end = std::min(head.find("\r\n"), head.size());
  const auto line = parse_request_line(head.substr(0, line_end));
  if (!line) return tl::unexpected(line.error());
  RequestHead parsed{.method = std::string(line->method),
                     .target = std::string(line->target),
                     .version = line->version,
                     .headers = {}};
  head.remove_prefix(std::min(line_end + 2, head.size()));
  while (!head.empty() && !head.starts_with("\r\n")) {
    const std::size_t end = std::min(head.find("\r\n"), head.size());
    const std::string_view field = head.substr(0, end);
    const std::size_t colon = std::min(field.find(':'), field.size());
    if (colon == field.size() || !is_token(field.substr(0, colon))) return bad_request("malformed header name");
    parsed.headers.emplace_back(std::string(field.substr(0, colon)), std::string(trim(field.substr(colon + 1))));
    head.remove_prefix(std::min(end + 2, head.size()));
  }
  if (auto wrong = read_host(parsed)) return tl::unexpected(std::move(*wrong));
  if (auto wrong = read_length(parsed)) return tl::unexpected(std::move(*wrong));
  if (auto wrong = read_expectation(parsed)) return tl::unexpected(std::move(*wrong));
  const std::string connection = joined(parsed.headers, "Connection").value_or("");
  parsed.keep_alive =
      !lists_token(connection, "close") && (parsed.version >= 11 || lists_token(connection, "keep-alive"));
  return parsed;
}

bool is_host(std::string_view text) {
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return false;
    port = text.substr(end + 1);
    if (!port.empty() && port.front() != ':') return false;
    text = text.substr(1, end - 1);
    const auto fits = [](char c) { return is_alphanumeric(c) || c == ':' || c == '.'; };
    if (text.empty() || !std::all_of(text.begin(), text.end(), fits)) return false;
  } else {
    port = text.substr(std::min(text.find(':'), text.size()));
    text = text.substr(0, text.size() - port.size());
    const auto fits = [](char c) { return is_alphanumeric(c) || c == '-' || c == '.' || c == '_'; };
    if (!std::all_of(text.begin(), text.end(), fits)) return false;
    if (text.empty() && !port.empty()) return false;
  }
  if (port.empty()) return true;
  port.remove_prefix(1);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return port.size() <= 5 && std::all_of(port.begin(), port.end(), is_digit);
}

}  // namespace topoforge::http
