#include <algorithm>
#include <unordered_map>
#include <vector>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "bench/service/client.hpp"
#include "bench/service/quantiles.hpp"

/// Events over one WebSocket at an even rate, whether they are answered in time or not. The time of an event is that
/// from when it was due to its verdict, so that what waits behind a slow one counts too.
namespace topoforge::load {
namespace {

constexpr std::chrono::seconds kLongestWait{20};

struct State {
  std::size_t sent = 0;
  std::size_t answered = 0;
  std::size_t analysed = 0;
  bool all_sent = false;
  std::vector<Clock::time_point> due;
  std::vector<std::chrono::nanoseconds> durations;
};

Task<void> send(WebSocket& socket, const Latency& load, State& state) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
  const auto period = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1.0 / load.rate));
  const Clock::time_point began = Clock::now();
  for (Clock::time_point due = began; due - began < load.time; due += period) {
    if (due > Clock::now()) {
      timer.expires_at(due);
      co_await timer.async_wait(kAwait);
    }
    const std::size_t number = state.sent++;
    state.due.push_back(due);
    const std::string text =
        event_json(number / load.streams, fmt::format("l{}", number % load.streams), fmt::format("{}", number));
    co_await socket.async_write(boost::asio::buffer(text), kAwait);
  }
  state.all_sent = true;
}

Task<void> receive(WebSocket& socket, State& state, std::size_t warm_up) {
  constexpr std::string_view kId = R"("id":")";
  boost::beast::flat_buffer buffer;
  while (!state.all_sent || state.answered < state.sent) {
    co_await socket.async_read(buffer, kAwait);
    const Clock::time_point now = Clock::now();
    const std::string_view text(static_cast<const char*>(buffer.data().data()), buffer.size());
    const std::size_t event = text.rfind(kId);  // of original_event, which stands last
    if (event == std::string_view::npos) throw std::runtime_error("an answer without an id: " + std::string(text));
    const std::size_t number = std::stoul(std::string(text.substr(event + kId.size(), 20)));
    ++state.answered;
    if (text.find(R"("p_value")") != std::string_view::npos) ++state.analysed;
    if (number >= warm_up) state.durations.push_back(now - state.due.at(number));
    buffer.clear();
  }
}

Task<void> measure(Target target, Latency load, State& state) {
  const auto executor = co_await boost::asio::this_coro::executor;
  WebSocket socket(executor);
  co_await open_web_socket(socket, target);
  boost::beast::get_lowest_layer(socket).expires_after(load.time + kLongestWait);
  boost::asio::co_spawn(executor, send(socket, load, state), [&socket](const std::exception_ptr& failure) {
    if (failure) boost::beast::get_lowest_layer(socket).cancel();
  });
  // The models of the streams are fitted again as their first thousand events come.
  co_await receive(socket, state, 1000 * load.streams);
}

}  // namespace

void run(const Target& target, const Latency& load) {
  boost::asio::io_context io{1};
  State state;
  run_to_end(io, measure(target, load, state));
  const std::string quantiles = quantiles_json(state.durations);
  fmt::print(R"({{"load":"latency","rate":{},"streams":{},"sent":{},"answered":{},"analysed":{},{}}})"
             "\n",
             load.rate, load.streams, state.sent, state.answered, state.analysed, quantiles);
}

}  // namespace topoforge::load
