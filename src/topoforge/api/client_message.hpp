#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

#include "topoforge/api/detail.hpp"
#include "topoforge/core/event/event.hpp"

/// Purpose: reads what a client sends over the WebSocket:
///   {"type":"event","payload":{event}}                               an event
///   {"type":"config","payload":{"anomaly_threshold": 0 to 100,       a wish for this connection, one of them or both;
///                               "sources": ["a", "b"] or null}}      null or none: all sources
///   anything else                                                    a raw event; its own `type` may say anything
/// Other members of a config's payload are ignored. Thread safety: pure.
namespace topoforge::api {

struct ClientConfig {
  std::optional<double> anomaly_threshold = {};          ///< in percent, 0 to 100
  std::optional<std::vector<std::string>> sources = {};  ///< none in it: all
};
inline constexpr std::size_t kMaxWatchedSources = 100;

using ClientMessage = std::variant<Event, ClientConfig>;

/// Errors: in the order in which they were found, with a loc that begins with "body".
tl::expected<ClientMessage, Details> read_client_message(std::string_view text);

}  // namespace topoforge::api
