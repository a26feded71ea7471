#pragma once

#include <optional>

#include "topoforge/base/result.hpp"
#include "topoforge/core/event/event.hpp"

/// Purpose: where events come from when nobody posts them. Thread safety: one owner at a time.
namespace topoforge {

class EventSource {
 public:
  virtual ~EventSource() = default;
  /// The next event, or nothing when the source is at its end. May block.
  virtual Result<std::optional<Event>> next() = 0;
};

}  // namespace topoforge
