#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

/// Purpose: what the load on a running server is. Thread safety: values.
namespace topoforge::load {

struct Target {
  std::uint16_t port = 8000;  ///< on 127.0.0.1
  std::string token;          ///< bearer token, where one is needed
};

struct Throughput {
  std::chrono::milliseconds time{10'000};
  std::size_t streams = 1;
  std::size_t batch = 1000;  ///< events in a request
};

struct Latency {
  std::chrono::milliseconds time{10'000};
  std::size_t streams = 1;
  double rate = 1000.0;  ///< events a second
};

struct Watchers {
  std::chrono::milliseconds time{10'000};
  std::size_t idle = 1000;
  std::size_t busy = 100;
  double rate = 20.0;  ///< events a second, of all the busy ones together
};

struct Reads {
  std::chrono::milliseconds time{10'000};
  std::size_t clients = 4;
  std::string path = "/api/anomalies?limit=20";
};

struct Fill {
  std::string data_folder;  ///< of a server that does not run
  std::size_t anomalies = 1'000'000;
};

/// Each prints one line of JSON and returns; a failure is thrown as std::exception.
void run(const Target& target, const Throughput& load);
void run(const Target& target, const Latency& load);
void run(const Target& target, const Watchers& load);
void run(const Target& target, const Reads& load);
/// Puts anomalies into the store; prints nothing.
void run(const Fill& fill);

}  // namespace topoforge::load
