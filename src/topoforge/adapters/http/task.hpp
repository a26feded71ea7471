#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <type_traits>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

/// Purpose: coroutines of the I/O thread. There is one such thread: what runs on it needs no lock, and must not block.
/// g++ 12 gives a coroutine with `if (!co_await f()) co_return x;` a broken frame: name the value first.
namespace topoforge::http {

template <class T>
using Task = boost::asio::awaitable<T>;

/// Runs a blocking function on a pool and resumes the caller where it was.
template <class Function>
Task<std::invoke_result_t<Function>> run_on(boost::asio::thread_pool& pool, Function function) {
  using R = std::invoke_result_t<Function>;
  auto body = [work = std::move(function)]() mutable -> Task<R> { co_return work(); };
  co_return co_await boost::asio::co_spawn(pool, std::move(body), boost::asio::use_awaitable);
}

/// Something to wait for on the I/O thread. notify() wakes those who wait now; so test the condition before each wait.
class Signal {
 public:
  explicit Signal(const boost::asio::any_io_executor& executor)
      : timer_(executor, boost::asio::steady_timer::time_point::max()) {}
  Task<void> wait();
  /// False when the time passed first. It must be the only one that waits: another would be woken by its beginning.
  Task<bool> wait_for(std::chrono::milliseconds time);
  void notify() { timer_.cancel(); }

 private:
  boost::asio::steady_timer timer_;
};

/// Owns coroutines: whoever spawns joins.
class TaskGroup {
 public:
  explicit TaskGroup(const boost::asio::any_io_executor& executor) : executor_(executor), ended_(executor) {}
  void spawn(Task<void> child);
  /// Returns when no child is left.
  Task<void> join();
  [[nodiscard]] std::size_t size() const { return running_; }

 private:
  boost::asio::any_io_executor executor_;
  Signal ended_;
  std::size_t running_ = 0;
};

}  // namespace topoforge::http
