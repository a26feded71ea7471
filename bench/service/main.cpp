#include <cstdio>
#include <exception>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "bench/service/options.hpp"

/// Puts load on a running server, or anomalies into a store, and prints what came of it as one line of JSON: see
/// bench/service.py.
namespace {

template <class Load>
CLI::App& add(CLI::App& app, const char* name, const char* about, topoforge::load::Target& target, Load& load) {
  CLI::App* const command = app.add_subcommand(name, about);
  command->add_option("--port", target.port, "Of the server, on 127.0.0.1")->required();
  command->add_option("--token", target.token, "Bearer token");
  command->add_option_function<double>(
      "--seconds",
      [&load](double seconds) { load.time = std::chrono::milliseconds(static_cast<long>(seconds * 1000)); },
      "How long");
  command->callback([&target, &load] { topoforge::load::run(target, load); });
  return *command;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Load on a running server");
  app.require_subcommand(1);
  topoforge::load::Target target;
  topoforge::load::Throughput throughput;
  topoforge::load::Latency latency;
  topoforge::load::Watchers watchers;
  topoforge::load::Reads reads;
  CLI::App& post = add(app, "throughput", "NDJSON over one connection", target, throughput);
  post.add_option("--streams", throughput.streams)->check(CLI::PositiveNumber);
  post.add_option("--batch", throughput.batch)->check(CLI::PositiveNumber);
  CLI::App& one = add(app, "latency", "Events over one WebSocket at an even rate", target, latency);
  one.add_option("--streams", latency.streams)->check(CLI::PositiveNumber);
  one.add_option("--rate", latency.rate)->check(CLI::PositiveNumber);
  CLI::App& many = add(app, "watchers", "Many WebSockets", target, watchers);
  many.add_option("--idle", watchers.idle);
  many.add_option("--busy", watchers.busy)->check(CLI::PositiveNumber);
  many.add_option("--rate", watchers.rate)->check(CLI::PositiveNumber);
  CLI::App& read = add(app, "reads", "One path, again and again", target, reads);
  read.add_option("--clients", reads.clients)->check(CLI::PositiveNumber);
  read.add_option("--path", reads.path);
  topoforge::load::Fill fill;
  CLI::App* const store = app.add_subcommand("fill", "Put example anomalies into a store");
  store->add_option("--data-dir", fill.data_folder)->required();
  store->add_option("--anomalies", fill.anomalies)->check(CLI::PositiveNumber);
  store->callback([&fill] { topoforge::load::run(fill); });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  } catch (const std::exception& error) {
    fmt::print(stderr, "topoforge_service_load: {}\n", error.what());
    return 1;
  }
  return 0;
}
