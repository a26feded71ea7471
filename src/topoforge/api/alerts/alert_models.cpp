#include "topoforge/api/alerts/alert_models.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "topoforge/codec/text/email_address.hpp"
#include "topoforge/codec/text/web_url.hpp"

namespace topoforge::api {
namespace {

constexpr std::size_t kChannelIdCharacters = 16;

template <class T>
std::optional<std::string> message_of(const Result<T>& read) {
  return read ? std::nullopt : std::optional(read.error().message);
}

Detail detail_at(std::vector<boost::json::value> place, std::string message, std::string type = "value_error") {
  return {.loc = std::move(place), .message = std::move(message), .type = std::move(type)};
}

}  // namespace

std::optional<std::string> wrong_webhook_url(std::string_view text) {
  return message_of(parse_web_url(text, {"http", "https"}));
}

std::optional<std::string> wrong_alert_address(std::string_view text) { return message_of(parse_email_address(text)); }

std::optional<std::string> wrong_alert_secret(std::string_view text) {
  if (text.empty() || text.size() >= kMinAlertSecretCharacters) return std::nullopt;
  return fmt::format("wanted {} characters or more, or none to have no secret", kMinAlertSecretCharacters);
}

std::optional<std::string> wrong_alert_name(std::string_view text) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::ranges::none_of(text, is_control)) return std::nullopt;
  return "wanted a name without control characters";
}

std::optional<Detail> AlertChannelInput::inconsistency() const {
  const bool mail = type == AlertChannelType::email;
  if (mail ? !to : !url) {
    return detail_at({mail ? "to" : "url"}, fmt::format("wanted for a channel of type {}", enum_text(type)), "missing");
  }
  if (mail ? url.has_value() : to.has_value()) {
    return detail_at({mail ? "url" : "to"}, fmt::format("a channel of type {} has none", enum_text(type)));
  }
  if (secret && type != AlertChannelType::webhook) {
    return detail_at({"secret"}, fmt::format("a channel of type {} has none", enum_text(type)));
  }
  return std::nullopt;
}

std::optional<Detail> AlertConfigInput::inconsistency() const {
  std::set<std::pair<AlertChannelType, std::string_view>> seen;
  for (std::size_t i = 0; i < channels.size(); ++i) {
    if (!seen.emplace(channels[i].type, channels[i].target()).second) {
      return detail_at({"channels", static_cast<std::int64_t>(i)}, "this channel stands there twice");
    }
  }
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (sources[i].empty() || sources[i].size() > kMaxNameBytes) {
      return detail_at({"sources", static_cast<std::int64_t>(i)},
                       fmt::format("wanted a name of 1 to {} bytes, got {}", kMaxNameBytes, sources[i].size()));
    }
  }
  return std::nullopt;
}

AlertConfigView view_of(const AlertConfig& config) {
  AlertConfigView view{.id = config.id,
                       .user_id = config.user_id,
                       .name = config.name,
                       .threshold = config.threshold,
                       .sources = config.sources,
                       .channels = {},
                       .cooldown_seconds = config.cooldown_seconds,
                       .active = config.active,
                       .created_at = config.created_at,
                       .updated_at = config.updated_at};
  for (const AlertChannel& channel : config.channels) {
    AlertChannelView shown{.id = channel.id,
                           .type = channel.type,
                           .url = std::nullopt,
                           .to = std::nullopt,
                           .has_secret = channel.secret.has_value()};
    (channel.type == AlertChannelType::email ? shown.to : shown.url) = channel.target;
    view.channels.push_back(std::move(shown));
  }
  return view;
}

void apply(AlertConfigInput input, const Digest& digest, AlertConfig& config) {
  std::vector<AlertChannel> channels;
  for (AlertChannelInput& given : input.channels) {
    AlertChannel channel;
    channel.type = given.type;
    channel.target = given.target();
    channel.id = digest.sha256_hex(fmt::format("{} {}", enum_text(channel.type), channel.target))
                     .substr(0, kChannelIdCharacters);
    if (given.secret) {
      if (!given.secret->empty()) channel.secret = std::move(given.secret);
    } else {
      const auto before = std::ranges::find(config.channels, channel.id, &AlertChannel::id);
      if (before != config.channels.end()) channel.secret = before->secret;
    }
    channels.push_back(std::move(channel));
  }
  config.name = std::move(input.name);
  config.threshold = input.threshold;
  config.sources = std::move(input.sources);
  config.channels = std::move(channels);
  config.cooldown_seconds = input.cooldown_seconds;
  config.active = input.active;
}

}  // namespace topoforge::api
