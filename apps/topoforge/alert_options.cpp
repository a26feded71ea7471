#include "topoforge/alert_options.hpp"

#include <utility>

#include "topoforge/adapters/curl/smtp_transport.hpp"
#include "topoforge/codec/text/web_url.hpp"

namespace topoforge {

Result<std::unique_ptr<MailTransport>> make_mail_transport(const AlertOptions& options,
                                                           std::function<Timestamp()> clock, std::stop_token stop) {
  if (options.smtp_url.empty()) return std::unique_ptr<MailTransport>();
  const auto start_tls = curl::parse_start_tls(options.smtp_starttls);
  if (!start_tls) return tl::unexpected(start_tls.error());
  auto transport = curl::SmtpTransport::create({.url = options.smtp_url,
                                                .user = options.smtp_user,
                                                .password = options.smtp_password,
                                                .from = options.smtp_from,
                                                .start_tls = *start_tls,
                                                .ca_file = options.ca_file,
                                                .clock = std::move(clock),
                                                .stop = std::move(stop)});
  if (!transport) return tl::unexpected(std::move(transport.error()));
  return std::move(*transport);
}

Result<std::string> checked_public_url(const AlertOptions& options) {
  std::string url = options.public_url;
  while (url.ends_with('/')) url.pop_back();
  if (url.empty()) return url;
  const auto parsed = parse_web_url(url, {"http", "https"});
  if (!parsed) return fail(ErrorCode::invalid_argument, "PUBLIC_URL: " + parsed.error().message);
  if (parsed->rest.find('?') != std::string::npos) {
    return fail(ErrorCode::invalid_argument, "PUBLIC_URL: wanted a URL without a query");
  }
  return url;
}

}  // namespace topoforge
