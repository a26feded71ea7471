#include <vector>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "bench/service/client.hpp"
#include "bench/service/quantiles.hpp"

/// Clients that each ask for one path again and again.
namespace topoforge::load {
namespace {

struct State {
  std::vector<std::chrono::nanoseconds> durations;
  std::size_t running = 0;
  std::exception_ptr failure;
};

Task<void> ask(const Target& target, const Reads& load, State& state) {
  HttpClient client(co_await boost::asio::this_coro::executor, target);
  co_await client.connect();
  const Clock::time_point end = Clock::now() + load.time;
  for (Clock::time_point began = Clock::now(); began < end; began = Clock::now()) {
    co_await client.call(boost::beast::http::verb::get, load.path);
    state.durations.push_back(Clock::now() - began);
  }
}

Task<void> measure(const Target& target, const Reads& load, State& state) {
  const auto executor = co_await boost::asio::this_coro::executor;
  state.running = load.clients;
  for (std::size_t i = 0; i < load.clients; ++i) {
    boost::asio::co_spawn(executor, ask(target, load, state), [&state](const std::exception_ptr& failure) {
      --state.running;
      if (failure) state.failure = failure;
    });
  }
  boost::asio::steady_timer timer(executor);
  while (state.running > 0) {
    timer.expires_after(std::chrono::milliseconds(20));
    co_await timer.async_wait(kAwait);
  }
  if (state.failure) std::rethrow_exception(state.failure);
}

}  // namespace

void run(const Target& target, const Reads& load) {
  boost::asio::io_context io{1};
  State state;
  run_to_end(io, measure(target, load, state));
  const auto count = static_cast<double>(state.durations.size());
  const double seconds = std::chrono::duration<double>(load.time).count();
  const std::string quantiles = quantiles_json(state.durations);
  fmt::print(R"({{"load":"reads","path":"{}","clients":{},"per_second":{:.0f},{}}})"
             "\n",
             load.path, load.clients, count / seconds, quantiles);
}

}  // namespace topoforge::load
