#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz_lines.hpp"
#include "topoforge/codec/json/event_json.hpp"
#include "topoforge/codec/json/json_text.hpp"
#include "topoforge/codec/json/ndjson_event_reader.hpp"

// Any text is read to its end or refused. What was read is a valid event, and printed it reads back as the same.

namespace topoforge {
namespace {

void check_json(std::string_view line) {
  const auto value = parse_json(line);
  if (!value) return;
  const std::string printed = print_json(*value);
  const auto again = parse_json(printed);
  require(again.has_value(), "printed JSON is read");
  require(print_json(*again) == printed, "printed JSON prints as the same");
}

void check_event(const Event& event) {
  require(validate(event).has_value(), "an event that was read is valid");
  const auto again = parse_event(print_json(event_to_json(event)));
  require(again.has_value(), "a printed event is read");
  require(*again == event, "a printed event reads back as the same");
}

void fuzz(std::string_view text) {
  for (NextLine next = lines_of(text);;) {
    const auto line = next();
    if (!*line) break;
    check_json(**line);
    const auto event = read_event(**line);
    if (!event) require(!to_string(event.error()).empty() && !event.error().type.empty(), "an error says what it is");
  }
  NdjsonEventReader reader("fuzz", lines_of(text), "fuzz");
  for (;;) {
    const auto row = reader.next();
    if (!row) require(row.error().message.starts_with("fuzz:"), "an error names the file");
    if (!row || *row == nullptr) break;
    check_event((*row)->event);
  }
}

}  // namespace
}  // namespace topoforge

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  topoforge::fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
