#include "topoforge/adapters/curl/curl_web_client.hpp"

#include <algorithm>

#include <curl/curl.h>
#include <fmt/format.h>

#include "topoforge/adapters/curl/transfer.hpp"

namespace topoforge::curl {
namespace {

/// What no other attempt would change.
bool is_final(CURLcode code) {
  return code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_LOGIN_DENIED;
}

bool has_control(const std::string& text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

Result<unsigned> CurlWebClient::post(const WebPost& request) {
  auto made = Transfer::make({.reach = options_.allow_private ? Reach::anywhere : Reach::public_alone,
                              .ca_file = options_.ca_file,
                              .stop = options_.stop});
  if (!made) return tl::unexpected(std::move(made.error()));
  Transfer& transfer = **made;
  transfer.set(CURLOPT_PROTOCOLS_STR, "http,https");
  transfer.set(CURLOPT_URL, request.url.c_str());
  transfer.set(CURLOPT_USERAGENT, options_.user_agent.c_str());
  for (const auto& [name, value] : request.headers) {
    if (has_control(name) || has_control(value)) {
      return fail(ErrorCode::invalid_argument, "a header with control characters is not sent");
    }
    transfer.add_header(fmt::format("{}: {}", name, value));
  }
  // Without waiting for "100 Continue" first.
  transfer.add_header("Expect:");
  transfer.set(CURLOPT_POST, 1L);
  transfer.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  transfer.set(CURLOPT_POSTFIELDS, request.body.c_str());
  const TransferEnd end = transfer.perform();
  if (end.code == CURLE_OK) return static_cast<unsigned>(end.status);
  if (end.refused) {
    return fail(ErrorCode::invalid_argument,
                "the host has no public address (it is loopback, private or reserved), and others are refused unless "
                "TOPOFORGE_ALERT_ALLOW_PRIVATE=true");
  }
  return fail(is_final(end.code) ? ErrorCode::invalid_argument : ErrorCode::unavailable, end.reason);
}

}  // namespace topoforge::curl
