#include "topoforge/adapters/http/task.hpp"

#include <spdlog/spdlog.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>

namespace topoforge::http {

namespace asio = boost::asio;

Task<void> Signal::wait() {
  constexpr auto kNever = asio::steady_timer::time_point::max();
  if (timer_.expiry() != kNever) timer_.expires_at(kNever);
  co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
}

Task<bool> Signal::wait_for(std::chrono::milliseconds time) {
  timer_.expires_after(time);
  const auto [error] = co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return error == asio::error::operation_aborted;
}

void TaskGroup::spawn(Task<void> child) {
  ++running_;
  asio::co_spawn(executor_, std::move(child), [this](const std::exception_ptr& failure) {
    if (failure) {
      try {
        std::rethrow_exception(failure);
      } catch (const std::exception& error) {
        spdlog::error("a connection ended by an unexpected error: {}", error.what());
      }
    }
    if (--running_ == 0) ended_.notify();
  });
}

Task<void> TaskGroup::join() {
  while (running_ > 0) co_await ended_.wait();
}

}  // namespace topoforge::http
