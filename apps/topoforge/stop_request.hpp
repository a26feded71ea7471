#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <thread>

/// Purpose: when a command that runs until it is told to stop has to stop: at SIGINT or SIGTERM, or when its time is
/// over. The signals are blocked and waited for, so nothing runs inside a handler. Make it before other threads: they
/// inherit the mask. Thread safety: the token may be read from any thread.
namespace topoforge {

class StopRequest {
 public:
  /// Without a duration: signals alone.
  explicit StopRequest(std::optional<std::chrono::steady_clock::duration> duration);
  ~StopRequest();
  StopRequest(const StopRequest&) = delete;
  StopRequest& operator=(const StopRequest&) = delete;

  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }

 private:
  std::stop_source stop_;
  std::jthread waiter_;
};

}  // namespace topoforge
