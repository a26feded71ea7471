#include "topoforge/adapters/curl/smtp_transport.hpp"

#include <cstdint>
#include <utility>

#include <curl/curl.h>
#include <fmt/format.h>

#include "topoforge/adapters/curl/transfer.hpp"
#include "topoforge/codec/mail/mail_message.hpp"
#include "topoforge/codec/text/email_address.hpp"
#include "topoforge/codec/text/web_url.hpp"

namespace topoforge::curl {
namespace {

constexpr std::uint16_t kSubmissionPort = 587;
constexpr std::uint16_t kSmtpsPort = 465;

tl::unexpected<Error> wrong(std::string message) { return fail(ErrorCode::invalid_argument, std::move(message)); }

bool is_this_machine(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

curl_usessl tls_of(StartTls policy) {
  switch (policy) {
    case StartTls::never: return CURLUSESSL_NONE;
    case StartTls::opportunistic: return CURLUSESSL_TRY;
    default: return CURLUSESSL_ALL;
  }
}

/// The server said no to this mail for good, and not to us.
bool is_final(const TransferEnd& end) {
  return end.status >= 500 && end.status < 600 && end.code != CURLE_LOGIN_DENIED && end.code != CURLE_USE_SSL_FAILED;
}

}  // namespace

Result<StartTls> parse_start_tls(const std::string& text) {
  if (text.empty()) return StartTls::automatic;
  if (text == "required") return StartTls::required;
  if (text == "opportunistic") return StartTls::opportunistic;
  if (text == "never") return StartTls::never;
  return wrong(fmt::format("SMTP_STARTTLS is '{}'; wanted required, opportunistic or never", text));
}

Result<std::unique_ptr<SmtpTransport>> SmtpTransport::create(SmtpOptions options) {
  const auto url = parse_web_url(options.url, {"smtp", "smtps"});
  if (!url) return wrong("SMTP_URL: " + url.error().message);
  if (!url->rest.empty() && url->rest != "/") return wrong("SMTP_URL: wanted nothing after the host and port");
  if (options.from.empty()) return wrong("SMTP_URL is set; SMTP_FROM, the address that mails come from, is wanted too");
  const auto from = parse_email_address(options.from);
  if (!from) return wrong("SMTP_FROM: " + from.error().message);
  if (options.user.empty() && !options.password.empty()) return wrong("SMTP_PASSWORD is set without SMTP_USER");
  const bool bracketed = url->host.find(':') != std::string::npos;
  const std::uint16_t port = url->port.value_or(url->scheme == "smtps" ? kSmtpsPort : kSubmissionPort);
  options.url = fmt::format("{}://{}{}{}:{}", url->scheme, bracketed ? "[" : "", url->host, bracketed ? "]" : "", port);
  if (options.start_tls == StartTls::automatic) {
    options.start_tls = is_this_machine(url->host) ? StartTls::never : StartTls::required;
  }
  std::string domain = from->text.substr(from->text.find('@') + 1);
  options.from = from->text;
  return std::unique_ptr<SmtpTransport>(new SmtpTransport(std::move(options), std::move(domain)));
}

Result<void> SmtpTransport::send(const Mail& mail) {
  const auto to = parse_email_address(mail.to);
  if (!to) return wrong("the receiver's address: " + to.error().message);
  const std::string text = write_mail({.from_name = "TopoForge",
                                       .from = options_.from,
                                       .to = to->text,
                                       .subject = mail.subject,
                                       .text = mail.text,
                                       .message_id = mail.id + '@' + from_domain_,
                                       .date = options_.clock()});
  auto made = Transfer::make({.reach = Reach::anywhere, .ca_file = options_.ca_file, .stop = options_.stop});
  if (!made) return tl::unexpected(std::move(made.error()));
  Transfer& transfer = **made;
  transfer.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  transfer.set(CURLOPT_URL, options_.url.c_str());
  transfer.set(CURLOPT_USE_SSL, static_cast<long>(tls_of(options_.start_tls)));
  if (!options_.user.empty()) {
    transfer.set(CURLOPT_USERNAME, options_.user.c_str());
    transfer.set(CURLOPT_PASSWORD, options_.password.c_str());
  }
  const std::string sender = "<" + options_.from + ">";
  transfer.set(CURLOPT_MAIL_FROM, sender.c_str());
  transfer.add_recipient("<" + to->text + ">");
  transfer.upload(text);
  const TransferEnd end = transfer.perform();
  if (end.code == CURLE_OK) return {};
  return fail(is_final(end) ? ErrorCode::invalid_argument : ErrorCode::unavailable,
              end.status == 0 ? end.reason : fmt::format("{} (the server answered {})", end.reason, end.status));
}

}  // namespace topoforge::curl
