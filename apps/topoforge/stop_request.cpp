#include "topoforge/stop_request.hpp"

#include <pthread.h>

#include <algorithm>
#include <csignal>

namespace topoforge {
namespace {

using std::chrono::steady_clock;

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

/// One wait is short so that the thread sees that its owner is done.
constexpr std::chrono::milliseconds kStep{50};

}  // namespace

StopRequest::StopRequest(std::optional<steady_clock::duration> duration) {
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const auto begin = steady_clock::now();
  waiter_ = std::jthread([this, signals, begin, duration](const std::stop_token& done) {
    while (!done.stop_requested()) {
      auto step = std::chrono::duration_cast<std::chrono::nanoseconds>(kStep);
      if (duration) {
        const auto left = *duration - (steady_clock::now() - begin);
        step = std::clamp<std::chrono::nanoseconds>(left, std::chrono::nanoseconds{0}, step);
      }
      const timespec wait{.tv_sec = 0, .tv_nsec = static_cast<long>(step.count())};
      const bool signalled = sigtimedwait(&signals, nullptr, &wait) > 0;
      if (signalled || (duration && steady_clock::now() - begin >= *duration)) {
        stop_.request_stop();
        return;
      }
    }
  });
}

StopRequest::~StopRequest() {
  waiter_.request_stop();
  waiter_.join();
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

}  // namespace topoforge
