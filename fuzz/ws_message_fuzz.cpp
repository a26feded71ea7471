// What clients send over the WebSocket: never a crash; an event that is taken is valid and reads back from its JSON;
// a threshold is in its range; a refusal says why, as JSON that can be sent.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "topoforge/api/client_message.hpp"
#include "topoforge/codec/json/event_json.hpp"
#include "topoforge/codec/json/json_text.hpp"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace topoforge;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto message = api::read_client_message(text);
  if (!message) {
    require(!message.error().empty());
    for (const api::Detail& detail : message.error()) require(!detail.loc.empty() && !detail.message.empty());
    require(parse_json(print_json(api::to_json(message.error()))).has_value());
  } else if (const auto* const config = std::get_if<api::ClientConfig>(&*message)) {
    require(config->anomaly_threshold >= 0.0 && config->anomaly_threshold <= 100.0);
  } else {
    const Event& event = std::get<Event>(*message);
    require(validate(event).has_value());
    const auto again = read_event(print_json(event_to_json(event)));
    require(again.has_value() && *again == event);
  }
  return 0;
}
