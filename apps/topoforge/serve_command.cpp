#include <memory>
#include <string>

#include <spdlog/spdlog.h>

#include "topoforge/adapters/host/host_sampler.hpp"
#include "topoforge/adapters/http/origin_policy.hpp"
#include "topoforge/adapters/http/trusted_proxies.hpp"
#include "topoforge/adapters/jwt/jwt_access_tokens.hpp"
#include "topoforge/api/retention.hpp"
#include "topoforge/commands.hpp"
#include "topoforge/pipeline_options.hpp"
#include "topoforge/serve.hpp"
#include "topoforge/serve_options.hpp"
#include "topoforge/store_options.hpp"
#include "topoforge/threat_rules_option.hpp"

namespace topoforge {
namespace {

/// One thread serves them all.
constexpr std::size_t kMostConnections = 100'000;

struct ServeCommand {
  ServeOptions serve;
  std::string threat_rules;
  bool watch = false;
  double rate_hz = 10.0;
};

void add_limit(CLI::App& command, const char* name, api::RateLimit& limit, const char* about,
               const char* default_text) {
  command
      .add_option_function<std::string>(
          name, [&limit](const std::string& text) { limit = *api::parse_rate_limit(text); }, about)
      ->type_name("CALLS/PERIOD")
      ->check(parsed_by(api::parse_rate_limit))
      ->default_str(default_text);
}

/// Mails, links, and where webhooks may go.
void add_alert_options(CLI::App& command, AlertOptions& alerts) {
  command.add_option("--smtp-url", alerts.smtp_url, "Mail server: smtp://host:587 or smtps://host:465 [no mails]")
      ->type_name("URL")
      ->envname("SMTP_URL");
  command.add_option("--smtp-user", alerts.smtp_user, "Account at the mail server")->envname("SMTP_USER");
  add_secret(command, "SMTP_PASSWORD", alerts.smtp_password, "The password of the account at the mail server");
  command.add_option("--smtp-from", alerts.smtp_from, "Address that mails come from")
      ->type_name("ADDRESS")
      ->envname("SMTP_FROM");
  command
      .add_option("--smtp-starttls", alerts.smtp_starttls,
                  "Encryption of smtp://: required, opportunistic or never [required; never on this machine]")
      ->type_name("POLICY")
      ->envname("SMTP_STARTTLS");
  command.add_option("--ca-file", alerts.ca_file, "Vouches for mail servers and webhooks (PEM) [the system's]")
      ->type_name("FILE")
      ->envname("SSL_CERT_FILE");
  command.add_option("--public-url", alerts.public_url, "This server as others reach it, for links in notifications")
      ->type_name("URL")
      ->envname("PUBLIC_URL");
  command
      .add_option("--alert-allow-private", alerts.allow_private,
                  "Whether webhooks may go to loopback, private and other addresses that are not public")
      ->envname("TOPOFORGE_ALERT_ALLOW_PRIVATE")
      ->capture_default_str();
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
  SourceFactory source;
  if (command.watch) {
    source = [rate_hz = command.rate_hz](std::stop_token stop) { return open_host(rate_hz, std::move(stop)); };
  }
  return serve(command.serve, source);
}

std::shared_ptr<Settings> add_options(CLI::App* command, const std::shared_ptr<ServeCommand>& options) {
  auto settings = use_settings(*command);
  ServeOptions& serve = options->serve;
  command
      ->add_option("--host", serve.host, "Address to listen on; others than this machine can reach all but 127.0.0.1")
      ->capture_default_str();
  command->add_option("--port", serve.port, "Port; 0: any free one")
      ->envname("PORT")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  add_store_options(*command, serve.store);
  command
      ->add_option("--cors-origins", serve.cors_origins,
                   "Web pages that may use the server, comma list or * [* for what needs a token, this machine for "
                   "the rest]")
      ->check(parsed_by(http::OriginPolicy::parse))
      ->envname("CORS_ORIGINS");
  command
      ->add_option("--trusted-proxies", serve.trusted_proxies,
                   "Proxies whose X-Forwarded-For is believed, comma list of addresses and networks")
      ->check(parsed_by(http::TrustedProxies::parse));
  command
      ->add_option("--open-stream", serve.open_stream,
                   "Whether the live stream and ingest need no token; false asks for one")
      ->default_str("true");
  add_limit(*command, "--limit-general", serve.limits.general, "Calls of an account or address", "100/minute");
  add_limit(*command, "--limit-ingest", serve.limits.ingest, "Calls of ingest", "6000/minute");
  add_limit(*command, "--limit-login", serve.limits.login, "Sign-ins with wrong credentials, of an address and account",
            "5/15minutes");
  add_limit(*command, "--limit-registration", serve.limits.registration, "Registrations of an address", "3/hour");
  add_secret(*command, "JWT_SECRET", serve.jwt_secret,
             "Signs tokens, 32 bytes or more; without it one is made once and kept in the data folder")
      ->check(parsed_by(jwt::JwtAccessTokens::create));
  command->add_option("--admin-email", serve.admin_email, "The first account, an admin, where there is none")
      ->envname("ADMIN_EMAIL");
  add_secret(*command, "ADMIN_PASSWORD", serve.admin_password, "The password of the first account");
  command
      ->add_option("--retention-days", serve.retention_days, "Days after which anomalies are erased; 0: they are kept")
      ->check(CLI::Range(0U, api::kMaxRetentionDays))
      ->capture_default_str();
  add_alert_options(*command, serve.alerts);
  CLI::Option* const certificate =
      command->add_option("--tls-cert", serve.tls_certificate, "Speak TLS alone, with this certificate (chain, PEM)")
          ->type_name("FILE");
  CLI::Option* const key =
      command->add_option("--tls-key", serve.tls_key, "Key of the certificate (PEM)")->type_name("FILE");
  certificate->needs(key);
  key->needs(certificate);
  add_pipeline_options(*command, serve.engine.pipeline);
  command->add_option("--threads,--workers", serve.engine.shards, "Threads of the analysis; 0: one a processor")
      ->check(CLI::Range(std::size_t{0}, kMaxShards))
      ->capture_default_str();
  command->add_option("--max-connections", serve.max_connections, "Connections at once; the next one gets 503")
      ->check(CLI::Range(std::size_t{1}, kMostConnections))
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
      ->check(CLI::Range(kMinSampleRateHz, kMaxSampleRateHz))
      ->capture_default_str();
  add_threat_rules_option(*command, options->threat_rules);
  return settings;
}

}  // namespace

void add_serve_command(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("serve", "Serve: take events over HTTP and WebSocket, keep anomalies");
  const auto options = std::make_shared<ServeCommand>();
  add_options(command, options);
  command->footer(settings_help(*command) +
                  "Examples:\n"
                  "  topoforge serve\n"
                  "  topoforge serve --watch --port 9000 --data-dir ./data");
  command->callback([&action, options] { action = [options] { return run(*options); }; });
}

std::shared_ptr<const Settings> add_serve_options(CLI::App& command) {
  const auto options = std::make_shared<ServeCommand>();
  // The command keeps its settings by itself, the values are kept with them.
  return {options, add_options(&command, options).get()};
}

}  // namespace topoforge
