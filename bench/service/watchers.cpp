#include <memory>
#include <vector>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "bench/service/client.hpp"
#include "bench/service/quantiles.hpp"

/// Many WebSockets: idle ones that only listen, and busy ones that send events too. Everybody hears of every event, and
/// nothing may be lost.
namespace topoforge::load {
namespace {

constexpr std::chrono::seconds kLongestWait{30};

struct Watcher {
  explicit Watcher(const boost::asio::any_io_executor& executor) : socket(executor) {}

  WebSocket socket;
  std::size_t heard = 0;
};

struct State {
  std::vector<std::unique_ptr<Watcher>> watchers;
  std::size_t sent = 0;
  std::size_t ended = 0;
};

Task<void> listen(Watcher& watcher) {
  boost::beast::flat_buffer buffer;
  while (true) {
    co_await watcher.socket.async_read(buffer, kAwait);
    const std::string_view text(static_cast<const char*>(buffer.data().data()), buffer.size());
    if (text.find(R"("type":"analysis")") != std::string_view::npos) ++watcher.heard;
    buffer.clear();
  }
}

Task<void> measure(Target target, Watchers load, State& state) {
  const auto executor = co_await boost::asio::this_coro::executor;
  for (std::size_t i = 0; i < load.idle + load.busy; ++i) {
    auto watcher = std::make_unique<Watcher>(executor);
    co_await open_web_socket(watcher->socket, target);
    boost::beast::get_lowest_layer(watcher->socket).expires_never();
    boost::asio::co_spawn(executor, listen(*watcher), [&state](const std::exception_ptr&) { ++state.ended; });
    state.watchers.push_back(std::move(watcher));
  }
  boost::asio::steady_timer timer(executor);
  const auto period = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1.0 / load.rate));
  const Clock::time_point began = Clock::now();
  for (Clock::time_point due = began; due - began < load.time; due += period, ++state.sent) {
    timer.expires_at(due);
    co_await timer.async_wait(kAwait);
    const std::size_t sender = state.sent % load.busy;
    const std::string text = event_json(state.sent / load.busy, fmt::format("w{}", sender));
    co_await state.watchers[load.idle + sender]->socket.async_write(boost::asio::buffer(text), kAwait);
  }
  const auto behind = [&state](const auto& watcher) { return watcher->heard < state.sent; };
  const Clock::time_point end = Clock::now() + kLongestWait;
  while (std::ranges::any_of(state.watchers, behind) && Clock::now() < end) {
    timer.expires_after(std::chrono::milliseconds(50));
    co_await timer.async_wait(kAwait);
  }
}

}  // namespace

void run(const Target& target, const Watchers& load) {
  boost::asio::io_context io{1};
  State state;
  run_to_end(io, measure(target, load, state));
  std::size_t heard = 0;
  for (const auto& watcher : state.watchers) heard += watcher->heard;
  const std::size_t wanted = state.sent * state.watchers.size();
  fmt::print(R"({{"load":"watchers","idle":{},"busy":{},"events":{},"messages":{},"lost":{},"dropped_watchers":{}}})"
             "\n",
             load.idle, load.busy, state.sent, heard, wanted - heard, state.ended);
}

}  // namespace topoforge::load
