#include "topoforge/engine/background_pool.hpp"

#include <exception>
#include <utility>

#include <sys/resource.h>

namespace topoforge {
namespace {

/// Verdicts go first. A stream that waits for its work leaves a processor to it.
constexpr int kNiceness = 10;

}  // namespace

class BackgroundPool::Task {
 public:
  explicit Task(std::function<void()> work) : work_(std::move(work)) {}

  /// Does the work unless somebody has begun it.
  void run() {
    const std::function<void()> work = take();
    if (!work) return;
    std::exception_ptr failure;
    try {
      work();
    } catch (...) {
      failure = std::current_exception();
    }
    {
      const std::lock_guard lock(mutex_);
      failure_ = failure;
      done_ = true;
    }
    changed_.notify_all();
  }

  void finish() {
    run();
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return done_; });
    if (failure_) std::rethrow_exception(failure_);
  }

  /// The work, for who does it; empty when somebody else does.
  std::function<void()> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(work_, nullptr);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> work_;
  std::exception_ptr failure_;
  bool done_ = false;
};

class BackgroundPool::Handle final : public BackgroundWork {
 public:
  explicit Handle(std::shared_ptr<Task> task) : task_(std::move(task)) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() override { task_->take(); }

  void finish() override { task_->finish(); }

 private:
  std::shared_ptr<Task> task_;
};

BackgroundPool::BackgroundPool(std::size_t threads) {
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

BackgroundPool::~BackgroundPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::unique_ptr<BackgroundWork> BackgroundPool::start(std::function<void()> work) {
  auto task = std::make_shared<Task>(std::move(work));
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(task);
  }
  wake_.notify_one();
  return std::make_unique<Handle>(std::move(task));
}

void BackgroundPool::run() {
  setpriority(PRIO_PROCESS, 0, kNiceness);  // of this thread, on Linux
  while (true) {
    std::shared_ptr<Task> task;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (stopping_) return;
      task = std::move(waiting_.front());
      waiting_.pop_front();
    }
    task->run();
  }
}

}  // namespace topoforge
