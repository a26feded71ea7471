#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "topoforge/base/result.hpp"
#include "topoforge/core/event/event.hpp"

/// Purpose: the channels of a stream, named by its first event, and the way from an event to a dense row.
/// Thread safety: immutable after construction.
namespace topoforge {

class ChannelSchema {
 public:
  ChannelSchema() = default;
  /// event must be valid; its channels and their order become the schema.
  explicit ChannelSchema(const Event& event);
  /// names: those of a valid event's channels, in the order of the row.
  explicit ChannelSchema(std::vector<std::string> names);

  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] std::size_t size() const { return names_.size(); }

  /// Writes the event's values over `row` (one value per channel, holding those of the event before), and returns how
  /// many channels the event lacks: they keep their value. event must be valid.
  /// Errors: invalid_data for a channel that the schema does not know; row is then unchanged. O(channels) when the
  /// event names its channels in the order of the schema, else O(channels log channels).
  Result<std::size_t> fill(const Event& event, std::span<double> row) const;
  /// The same for an event of which other channels are passed over: returns how many of the schema's it has. O(values
  /// log channels).
  std::size_t fill_known(const Event& event, std::span<double> row) const;

 private:
  [[nodiscard]] std::size_t find(const std::string& name) const;

  std::vector<std::string> names_;
  std::vector<std::size_t> by_name_;  ///< positions, sorted by name
};

}  // namespace topoforge
