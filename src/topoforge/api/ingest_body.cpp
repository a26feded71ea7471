#include "topoforge/api/ingest_body.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <boost/json/array.hpp>

#include "topoforge/adapters/http/message.hpp"
#include "topoforge/codec/json/json_text.hpp"

namespace topoforge::api {
namespace {

using boost::json::value;
using Details = Details;

tl::unexpected<Details> wrong(Detail detail) { return tl::unexpected<Details>(Details{std::move(detail)}); }

/// Collects events and errors; past the bound errors are counted alone.
class Collector {
 public:
  void add(tl::expected<Event, EventError> event, std::size_t index, std::size_t line) {
    if (event && errors_ == 0) body_.events.push_back(std::move(*event));
    if (event) return;
    if (++errors_ > kMaxReportedErrors) return;
    Detail detail = event_detail({"body", index}, event.error());
    if (line > 0) detail.message = fmt::format("line {}: {}", line, detail.message);
    details_.push_back(std::move(detail));
  }
  tl::expected<IngestBody, Details> finish() {
    if (errors_ > kMaxReportedErrors) {
      details_.push_back({.loc = {"body"},
                          .message = fmt::format("and {} more events with errors", errors_ - kMaxReportedErrors),
                          .type = "value_error"});
    }
    if (errors_ > 0) return tl::unexpected<Details>(std::move(details_));
    if (body_.events.empty())
      return wrong({.loc = {"body"}, .message = "wanted at least one event", .type = "missing"});
    return std::move(body_);
  }

 private:
  IngestBody body_;
  Details details_;
  std::size_t errors_ = 0;
};

Detail too_many() {
  return {.loc = {"body"},
          .message = fmt::format("more than {} events in one request; send them in parts", kMaxEventsPerRequest),
          .type = "too_long"};
}

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

/// The next line without its end, taken off the text.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

bool is_ndjson_type(std::string_view type) {
  return http::lists_token(type, "application/x-ndjson") || http::lists_token(type, "application/ndjson") ||
         http::lists_token(type, "application/jsonl") || http::lists_token(type, "application/x-jsonlines");
}

/// Whether the first line that is not blank is a JSON object by itself and another line follows.
bool looks_like_ndjson(std::string_view body) {
  std::string_view first;
  while (!body.empty() && is_blank(first)) first = take_line(body);
  const auto json = parse_json(first);
  return json && json->is_object() && body.find_first_not_of(" \t\r\n") != std::string_view::npos;
}

tl::expected<IngestBody, Details> read_lines(std::string_view body) {
  Collector collector;
  std::size_t index = 0;
  for (std::size_t number = 1; !body.empty(); ++number) {
    const std::string_view line = take_line(body);
    if (is_blank(line)) continue;
    if (index == kMaxEventsPerRequest) return wrong(too_many());
    collector.add(read_event(line), index++, number);
  }
  return collector.finish();
}

tl::expected<IngestBody, Details> read_array(const boost::json::array& list) {
  if (list.size() > kMaxEventsPerRequest) return wrong(too_many());
  Collector collector;
  for (std::size_t i = 0; i < list.size(); ++i) collector.add(read_event(list[i]), i, 0);
  return collector.finish();
}

}  // namespace

tl::expected<IngestBody, Details> read_ingest_body(std::string_view body, std::string_view content_type) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (body.starts_with(kByteOrderMark)) body.remove_prefix(kByteOrderMark.size());
  if (is_ndjson_type(content_type) || looks_like_ndjson(body)) return read_lines(body);
  const auto json = parse_json(body);
  if (!json) {
    Detail detail{.loc = {"body"}, .message = json.error().message, .type = "json_invalid"};
    detail.loc.insert(detail.loc.end(), json.error().loc.begin(), json.error().loc.end());
    return wrong(std::move(detail));
  }
  if (const auto* const list = json->if_array()) return read_array(*list);
  auto event = read_event(*json);
  if (!event) return wrong(event_detail({"body"}, event.error()));
  IngestBody single{.events = {}, .single = true};
  single.events.push_back(std::move(*event));
  return single;
}

}  // namespace topoforge::api
