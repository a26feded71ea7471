// What clients send over the WebSocket: never a crash; an event that is taken is valid and reads back from its JSON;
// a threshold is in its range; a refusal says why, as JSON that can be sent.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "require.hpp"
#include "topoforge/api/client_message.hpp"
#include "topoforge/codec/json/event_json.hpp"
#include "topoforge/codec/json/json_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace topoforge;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto message = api::read_client_message(text);
  if (!message) {
    require(!message.error().empty(), "a refusal says why");
    for (const Detail& detail : message.error())
      require(!detail.loc.empty() && !detail.message.empty(), "a refusal says where and what was wanted");
    require(parse_json(print_json(to_json(message.error()))).has_value(), "a refusal is JSON");
  } else if (const auto* const config = std::get_if<api::ClientConfig>(&*message)) {
    const double threshold = config->anomaly_threshold.value_or(0.0);
    require(threshold >= 0.0 && threshold <= 100.0, "a threshold is in its range");
    require(!config->sources || config->sources->size() <= api::kMaxWatchedSources, "sources are bounded");
  } else {
    const Event& event = std::get<Event>(*message);
    require(validate(event).has_value(), "an event is valid");
    const auto again = read_event(print_json(event_to_json(event)));
    require(again.has_value() && *again == event, "an event reads back from its JSON");
  }
  return 0;
}
