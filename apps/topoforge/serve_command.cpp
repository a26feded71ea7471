#include <cstdlib>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "topoforge/adapters/host/host_sampler.hpp"
#include "topoforge/commands.hpp"
#include "topoforge/pipeline_options.hpp"
#include "topoforge/serve.hpp"
#include "topoforge/threat_rules_option.hpp"

namespace topoforge {
namespace {

struct ServeCommand {
  ServeOptions serve;
  std::string data_folder;
  std::string threat_rules;
  bool watch = false;
  double rate_hz = 10.0;
};

/// Where a user's programs keep their data (XDG base directories), else a folder here.
std::filesystem::path default_data_folder() {
  if (const char* const data = std::getenv("XDG_DATA_HOME"); data != nullptr && data[0] == '/') {
    return std::filesystem::path(data) / "topoforge";
  }
  if (const char* const home = std::getenv("HOME"); home != nullptr && home[0] == '/') {
    return std::filesystem::path(home) / ".local" / "share" / "topoforge";
  }
  return std::filesystem::current_path() / "topoforge-data";
}

Result<std::unique_ptr<EventSource>> open_host(double rate_hz, std::stop_token stop) {
  auto sampler = HostSampler::open({.rate_hz = rate_hz}, std::make_unique<SystemSamplerClock>(std::move(stop)));
  if (!sampler) return tl::unexpected(std::move(sampler.error()));
  for (const std::string& notice : (*sampler)->notices()) spdlog::info("{}", notice);
  return std::move(*sampler);
}

Result<void> run(ServeCommand command) {
  auto rules = load_threat_rules(command.threat_rules);
  if (!rules) return tl::unexpected(std::move(rules.error()));
  command.serve.engine.pipeline.threat_rules = std::move(*rules);
  command.serve.data_folder =
      command.data_folder.empty() ? default_data_folder() : std::filesystem::path(command.data_folder);
  SourceFactory source;
  if (command.watch) {
    source = [rate_hz = command.rate_hz](std::stop_token stop) { return open_host(rate_hz, std::move(stop)); };
  }
  return serve(command.serve, source);
}

}  // namespace

void add_serve_command(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("serve", "Serve: take events over HTTP and WebSocket, keep anomalies");
  const auto options = std::make_shared<ServeCommand>();
  ServeOptions& serve = options->serve;
  command
      ->add_option("--host", serve.host, "Address to listen on; others than this machine can reach all but 127.0.0.1")
      ->capture_default_str();
  command->add_option("--port", serve.port, "Port; 0: any free one")
      ->envname("PORT")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  command->add_option("--data-dir", options->data_folder, "Folder of the anomalies [~/.local/share/topoforge]")
      ->type_name("DIR")
      ->envname("TOPOFORGE_DATA_DIR");
  command
      ->add_option("--cors-origins", serve.cors_origins,
                   "Web pages that may use the server, comma list or * [* for what needs a token, this machine for "
                   "the rest]")
      ->envname("CORS_ORIGINS");
  command
      ->add_option("--trusted-proxies", serve.trusted_proxies,
                   "Proxies whose X-Forwarded-For is believed, comma list of addresses and networks")
      ->envname("TOPOFORGE_TRUSTED_PROXIES");
  add_pipeline_options(*command, serve.engine.pipeline);
  command->add_option("--threads", serve.engine.shards, "Threads of the analysis; 0: one a processor")
      ->check(CLI::Range(std::size_t{0}, kMaxShards))
      ->capture_default_str();
  command->add_option("--log-level", serve.log_level, "What is logged to standard error")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->capture_default_str();
  command
      ->add_option("--log-format", serve.log_format,
                   "One line of text or one JSON object for each thing that is logged")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  CLI::Option* const watch =
      command->add_flag("--watch", options->watch, "Sample this host into the stream 'host' too");
  command->add_option("--rate", options->rate_hz, "Samples per second of --watch, 0.1 to 100")
      ->needs(watch)
      ->capture_default_str();
  add_threat_rules_option(*command, options->threat_rules);
  command->footer(
      "Examples:\n"
      "  topoforge serve\n"
      "  topoforge serve --watch --port 9000 --data-dir ./data");
  command->callback([&action, options] { action = [options] { return run(*options); }; });
}

}  // namespace topoforge
