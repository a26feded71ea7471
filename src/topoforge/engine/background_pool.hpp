#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "topoforge/core/pipeline/background_work.hpp"

/// Purpose: threads of low priority for what streams may have done while they go on. Who waits for work that has not
/// been begun does it himself, so that no stream waits for the work of another. Thread safety: start() from any thread.
namespace topoforge {

class BackgroundPool {
 public:
  explicit BackgroundPool(std::size_t threads);
  /// Waits for what is under way; the rest is left to who waits for it.
  ~BackgroundPool();
  BackgroundPool(const BackgroundPool&) = delete;
  BackgroundPool& operator=(const BackgroundPool&) = delete;

  std::unique_ptr<BackgroundWork> start(std::function<void()> work);

 private:
  class Task;
  class Handle;

  void run();

  std::mutex mutex_;  ///< owns waiting_ and stopping_
  std::condition_variable wake_;
  std::deque<std::shared_ptr<Task>> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;  ///< last: they use all of the above
};

}  // namespace topoforge
