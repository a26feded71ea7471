#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

/// Purpose: a long computation that is written straight on and done in steps, so that a stream which has to answer
/// within microseconds spreads it over its events. A function that returns Stepwise<T> is a coroutine: in it
/// `co_await next_step()` ends a step, and `co_await other()` does another such computation as a part of this one, with
/// the steps of that. What it takes by reference must live until it is done. Thread safety: one owner at a time.
namespace topoforge {

/// Ends a step of the computation that awaits it.
inline std::suspend_always next_step() { return {}; }

/// What computations of all types share: who waits for this one, and which is at work.
struct StepwisePromise {
  std::coroutine_handle<> waiting = nullptr;  ///< the one that awaits this one; nullptr: it is the outermost
  std::coroutine_handle<> working = nullptr;  ///< of the outermost: the innermost, which the next step resumes
  StepwisePromise* outermost = this;
  std::exception_ptr failure = nullptr;

  struct Finish {
    static bool await_ready() noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> done) const noexcept {
      StepwisePromise& promise = done.promise();
      if (!promise.waiting) return std::noop_coroutine();
      promise.outermost->working = promise.waiting;
      return promise.waiting;
    }
    static void await_resume() noexcept {}
  };

  static std::suspend_always initial_suspend() noexcept { return {}; }
  static Finish final_suspend() noexcept { return {}; }
  void unhandled_exception() { failure = std::current_exception(); }
};

template <class T>
class [[nodiscard]] Stepwise {
 public:
  // NOLINTNEXTLINE(readability-identifier-naming): the language's name
  struct promise_type : StepwisePromise {
    std::optional<T> result;

    Stepwise get_return_object() { return Stepwise(std::coroutine_handle<promise_type>::from_promise(*this)); }
    void return_value(T value) { result = std::move(value); }
  };

  ~Stepwise() {
    if (coroutine_) coroutine_.destroy();
  }
  Stepwise(Stepwise&& other) noexcept : coroutine_(std::exchange(other.coroutine_, nullptr)) {}
  Stepwise& operator=(Stepwise&& other) noexcept {
    std::swap(coroutine_, other.coroutine_);
    return *this;
  }
  Stepwise(const Stepwise&) = delete;
  Stepwise& operator=(const Stepwise&) = delete;

  /// Does the next step; true when it was the last one. What the computation throws passes through, and it is over.
  bool advance() {
    if (coroutine_.done()) return true;
    coroutine_.promise().working.resume();
    if (coroutine_.promise().failure) std::rethrow_exception(coroutine_.promise().failure);
    return coroutine_.done();
  }

  /// Does the steps that are left. Once.
  T finish() && {
    while (!advance()) {
    }
    return *std::move(coroutine_.promise().result);
  }

  /// What a computation that awaits this one waits for.
  struct Part {
    std::coroutine_handle<promise_type> part;

    static bool await_ready() noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> whole) const noexcept {
      part.promise().waiting = whole;
      part.promise().outermost = whole.promise().outermost;
      part.promise().outermost->working = part;
      return part;
    }
    T await_resume() const {
      if (part.promise().failure) std::rethrow_exception(part.promise().failure);
      return *std::move(part.promise().result);
    }
  };
  Part operator co_await() && { return {coroutine_}; }

 private:
  explicit Stepwise(std::coroutine_handle<promise_type> coroutine) : coroutine_(coroutine) {
    coroutine_.promise().working = coroutine_;
  }

  std::coroutine_handle<promise_type> coroutine_;
};

}  // namespace topoforge
