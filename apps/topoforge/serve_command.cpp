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

/// Secrets come from the environment alone: a command line can be read by others.
std::string from_environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

CLI::Option& add_limit(CLI::App& command, const char* name, api::RateLimit& limit, const char* about,
                       const char* variable) {
  return *command
              .add_option_function<std::string>(
                  name,
                  [&limit](const std::string& text) {
                    const auto parsed = api::parse_rate_limit(text);
                    if (!parsed) throw CLI::ValidationError(parsed.error().message);
                    limit = *parsed;
                  },
                  about)
              ->type_name("CALLS/PERIOD")
              ->envname(variable);
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
  command.serve.store = store_options_from_environment(command.data_folder);
  command.serve.jwt_secret = from_environment("JWT_SECRET");
  command.serve.admin_email = from_environment("ADMIN_EMAIL");
  command.serve.admin_password = from_environment("ADMIN_PASSWORD");
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
  command
      ->add_option("--open-stream", serve.open_stream,
                   "Whether the live stream and ingest need no token; false asks for one")
      ->envname("TOPOFORGE_OPEN_STREAM")
      ->capture_default_str();
  add_limit(*command, "--limit-general", serve.limits.general, "Calls of an account or address [100/minute]",
            "TOPOFORGE_LIMIT_GENERAL");
  add_limit(*command, "--limit-ingest", serve.limits.ingest, "Calls of ingest [6000/minute]", "TOPOFORGE_LIMIT_INGEST");
  add_limit(*command, "--limit-login", serve.limits.login,
            "Sign-ins with wrong credentials, of an address and account [5/15minutes]", "TOPOFORGE_LIMIT_LOGIN");
  add_limit(*command, "--limit-registration", serve.limits.registration, "Registrations of an address [3/hour]",
            "TOPOFORGE_LIMIT_REGISTRATION");
  CLI::Option* const certificate =
      command->add_option("--tls-cert", serve.tls_certificate, "Speak TLS alone, with this certificate (chain, PEM)")
          ->type_name("FILE")
          ->envname("TOPOFORGE_TLS_CERT");
  CLI::Option* const key = command->add_option("--tls-key", serve.tls_key, "Key of the certificate (PEM)")
                               ->type_name("FILE")
                               ->envname("TOPOFORGE_TLS_KEY");
  certificate->needs(key);
  key->needs(certificate);
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
      "Secrets come from the environment: JWT_SECRET (32 bytes or more; without it one is made once and kept in the "
      "data "
      "folder), ADMIN_EMAIL and ADMIN_PASSWORD (the first account, where there is none).\n"
      "Examples:\n"
      "  topoforge serve\n"
      "  topoforge serve --watch --port 9000 --data-dir ./data");
  command->callback([&action, options] { action = [options] { return run(*options); }; });
}

}  // namespace topoforge
