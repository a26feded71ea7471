#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

#include "topoforge/core/event/event.hpp"

/// Purpose: the time by which a sampler works, so that tests need not sleep.
namespace topoforge {

class SamplerClock {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  virtual ~SamplerClock() = default;
  virtual Timestamp now() = 0;       ///< for the event
  virtual Instant steady_now() = 0;  ///< for intervals
  /// Blocks until then. False when it was asked to stop: at once then.
  virtual bool wait_until(Instant deadline) = 0;
};

/// The machine's clocks; stops with its token. Thread safety: one owner; the token may be stopped from any thread.
class SystemSamplerClock final : public SamplerClock {
 public:
  explicit SystemSamplerClock(std::stop_token stop) : stop_(std::move(stop)) {}

  Timestamp now() override;
  Instant steady_now() override { return std::chrono::steady_clock::now(); }
  bool wait_until(Instant deadline) override;

 private:
  std::stop_token stop_;
  std::mutex mutex_;  ///< what the condition needs; guards no data
  std::condition_variable_any wake_;
};

}  // namespace topoforge
