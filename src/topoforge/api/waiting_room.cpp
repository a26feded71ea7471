#include "topoforge/api/waiting_room.hpp"

#include <fmt/format.h>

namespace topoforge::api {

Result<WaitingRoom::Place> WaitingRoom::enter() {
  if (taken_ >= places_) {
    return fail(ErrorCode::unavailable, fmt::format("{} calls wait for this already; try again shortly", taken_));
  }
  return Place(taken_);
}

}  // namespace topoforge::api
