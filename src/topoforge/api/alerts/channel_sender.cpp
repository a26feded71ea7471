#include "topoforge/api/alerts/channel_sender.hpp"

#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "topoforge/api/alerts/notice.hpp"

namespace topoforge::api {
namespace {

constexpr std::size_t kDeliveryIdCharacters = 32;
constexpr unsigned kRequestTimeout = 408;
constexpr unsigned kTooManyRequests = 429;

bool is_final(unsigned status) {
  return status >= 300 && status < 500 && status != kRequestTimeout && status != kTooManyRequests;
}

Attempt failed(const Error& error) {
  return {.status = {}, .error = error.message, .is_final = error.code != ErrorCode::unavailable};
}

}  // namespace

std::string ChannelSender::delivery_id(const std::string& key, Timestamp created_at) const {
  return parts_.digest.sha256_hex(fmt::format("{} {}", key, created_at.time_since_epoch().count()))
      .substr(0, kDeliveryIdCharacters);
}

Attempt ChannelSender::send(const AlertConfig& config, const AlertChannel& channel, const AlertNotice& notice,
                            const std::string& delivery_id) const {
  const NoticeContext context{.config = config, .delivery_id = delivery_id, .public_url = parts_.public_url};
  switch (channel.type) {
    case AlertChannelType::webhook: return post(channel, webhook_json(notice, context), delivery_id);
    case AlertChannelType::slack: return post(channel, slack_json(notice, context), delivery_id);
    case AlertChannelType::email: break;
  }
  // It may be configured again.
  if (parts_.mail == nullptr) return {.status = {}, .error = "no mail server is configured", .is_final = false};
  const auto sent = parts_.mail->send(notice_mail(notice, context, channel.target));
  return sent ? Attempt{} : failed(sent.error());
}

Attempt ChannelSender::post(const AlertChannel& channel, std::string body, const std::string& delivery_id) const {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(parts_.clock()).time_since_epoch().count();
  WebPost request{.url = channel.target,
                  .headers = {{"Content-Type", "application/json"},
                              {"X-TopoForge-Delivery", delivery_id},
                              {"X-TopoForge-Timestamp", fmt::format("{}", seconds)}},
                  .body = std::move(body)};
  if (channel.secret) {
    const std::string signature =
        parts_.digest.hmac_sha256_hex(*channel.secret, fmt::format("{}.{}", seconds, request.body));
    request.headers.emplace_back("X-TopoForge-Signature", "sha256=" + signature);
  }
  const Result<unsigned> status = parts_.web.post(request);
  if (!status) return failed(status.error());
  if (*status >= 200 && *status < 300) return {.status = *status, .error = {}, .is_final = true};
  return {.status = *status,
          .error = fmt::format("the receiver answered {}{}", *status,
                               *status >= 300 && *status < 400 ? "; redirects are not followed" : ""),
          .is_final = is_final(*status)};
}

}  // namespace topoforge::api
