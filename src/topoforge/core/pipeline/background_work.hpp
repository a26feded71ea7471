#pragma once

#include <functional>
#include <memory>

/// Purpose: what a stream may have done elsewhere while it goes on. Thread safety: one owner at a time.
namespace topoforge {

class BackgroundWork {
 public:
  BackgroundWork() = default;
  BackgroundWork(const BackgroundWork&) = delete;
  BackgroundWork& operator=(const BackgroundWork&) = delete;
  /// Work that was not begun will not be; what is under way goes on.
  virtual ~BackgroundWork() = default;

  /// Returns when it is done. What it threw passes through.
  virtual void finish() = 0;
};

/// The work may be done on any thread, at once or later.
using StartBackgroundWork = std::function<std::unique_ptr<BackgroundWork>(std::function<void()> work)>;

}  // namespace topoforge
