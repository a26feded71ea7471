#include <vector>

#include <boost/asio/this_coro.hpp>

#include "bench/service/client.hpp"

/// Requests of many events, one after the other over one connection, as fast as they are answered.
namespace topoforge::load {
namespace {

struct Counts {
  std::size_t accepted = 0;
  std::size_t analysed = 0;
};

std::size_t number_after(const std::string& text, std::string_view key) {
  const std::size_t found = text.find(key);
  if (found == std::string::npos) throw std::runtime_error("an answer without " + std::string(key));
  return std::stoul(text.substr(found + key.size(), 20));
}

std::size_t count_of(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

Task<void> post(Target target, Throughput load, Counts& counts, Clock::duration& took) {
  HttpClient client(co_await boost::asio::this_coro::executor, std::move(target));
  co_await client.connect();
  std::size_t number = 0;
  // Streams are calibrated before the clock runs.
  const std::size_t warm_up = 1000 * load.streams;
  Clock::time_point began = Clock::now();
  bool measured = false;
  while (!measured || Clock::now() - began < load.time) {
    std::string body;
    for (std::size_t i = 0; i < load.batch; ++i, ++number)
      body += event_json(number / load.streams, fmt::format("s{}", number % load.streams)) + "\n";
    const std::string answer =
        co_await client.call(boost::beast::http::verb::post, "/api/ingest", std::move(body), "application/x-ndjson");
    if (measured) {
      counts.accepted += number_after(answer, R"("accepted":)");
      counts.analysed += count_of(answer, R"("status":"analyzed")");
    } else if (number >= warm_up) {
      measured = true;
      began = Clock::now();
    }
  }
  took = Clock::now() - began;
}

}  // namespace

void run(const Target& target, const Throughput& load) {
  boost::asio::io_context io{1};
  Counts counts;
  Clock::duration took{};
  run_to_end(io, post(target, load, counts, took));
  const double seconds = std::chrono::duration<double>(took).count();
  fmt::print(R"({{"load":"throughput","streams":{},"batch":{},"accepted":{},"analysed":{},"events_per_second":{:.0f}}})"
             "\n",
             load.streams, load.batch, counts.accepted, counts.analysed,
             static_cast<double>(counts.analysed) / seconds);
}

}  // namespace topoforge::load
