#include "topoforge/api/retention.hpp"

#include <cstddef>
#include <utility>

#include <spdlog/spdlog.h>
#include <boost/asio/this_coro.hpp>

#include "topoforge/codec/text/timestamp.hpp"

namespace topoforge::api {
namespace {

using std::chrono::steady_clock;

http::Task<void> erase_anomalies(Retention& retention, http::Signal& stopped, std::stop_token stop) {
  const Timestamp before = retention.clock() - retention.keep;
  std::size_t erased = 0;
  while (!stop.stop_requested()) {
    const auto start = steady_clock::now();
    auto erase = [store = &retention.store, before] { return store->erase_before(before); };
    const Result<std::size_t> batch = co_await http::run_on(retention.storage_pool, std::move(erase));
    if (!batch) {
      spdlog::error("anomalies that are too old could not be erased: {}", batch.error().message);
      break;
    }
    erased += *batch;
    if (*batch < kMaxAnomalyLimit) break;
    if (stop.stop_requested()) break;
    co_await stopped.wait_for(std::chrono::ceil<std::chrono::milliseconds>(steady_clock::now() - start));
  }
  if (erased > 0) spdlog::info("erased {} anomalies from before {}", erased, format_timestamp(before));
}

http::Task<void> erase_expired(Retention& retention) {
  auto erase = [sessions = &retention.sessions, tokens = &retention.tokens, now = retention.clock()] {
    auto gone = sessions->erase_expired(now);
    return gone ? tokens->erase_expired(now) : gone;
  };
  const Result<std::size_t> erased = co_await http::run_on(retention.storage_pool, std::move(erase));
  if (!erased) spdlog::error("what has expired could not be erased: {}", erased.error().message);
}

}  // namespace

http::Task<void> erase_outdated(Retention retention, std::stop_token stop) {
  http::Signal stopped(co_await boost::asio::this_coro::executor);
  const std::stop_callback wake(stop, [&stopped] { stopped.notify(); });
  while (!stop.stop_requested()) {
    if (retention.keep.count() > 0) co_await erase_anomalies(retention, stopped, stop);
    co_await erase_expired(retention);
    if (!stop.stop_requested()) co_await stopped.wait_for(retention.period);
  }
}

}  // namespace topoforge::api
