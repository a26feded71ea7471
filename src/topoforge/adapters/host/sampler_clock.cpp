#include "topoforge/adapters/host/sampler_clock.hpp"

namespace topoforge {

Timestamp SystemSamplerClock::now() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

bool SystemSamplerClock::wait_until(Instant deadline) {
  std::unique_lock lock(mutex_);
  // Nothing but the token wakes it: the predicate is never met before the deadline.
  wake_.wait_until(lock, stop_, deadline, [] { return false; });
  return !stop_.stop_requested();
}

}  // namespace topoforge
