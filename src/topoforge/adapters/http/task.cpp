#include "topoforge/adapters/http/task.hpp"

#include <spdlog/spdlog.h>
#include <boost/asio/as_tuple.hpp>

namespace topoforge::http {

Task<void> Signal::wait() { co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable)); }

void TaskGroup::spawn(Task<void> child) {
  ++running_;
  boost::asio::co_spawn(executor_, std::move(child), [this](const std::exception_ptr& failure) {
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
