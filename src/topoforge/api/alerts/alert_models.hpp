#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "topoforge/codec/model/detail.hpp"
#include "topoforge/codec/model/model.hpp"
#include "topoforge/ports/alert_config.hpp"
#include "topoforge/ports/digest.hpp"

/// Purpose: what /api/alert-configs takes and gives. A secret goes in and never comes out. Thread safety: values.
namespace topoforge::api {

inline constexpr std::size_t kMinAlertSecretCharacters = 16;
inline constexpr std::size_t kMaxAlertSecretCharacters = 256;

/// What is wrong with the URL of a webhook, or nothing.
std::optional<std::string> wrong_webhook_url(std::string_view text);
std::optional<std::string> wrong_alert_secret(std::string_view text);
/// A name without control characters.
std::optional<std::string> wrong_alert_name(std::string_view text);
std::optional<std::string> wrong_alert_address(std::string_view text);

struct AlertChannelInput {
  AlertChannelType type = AlertChannelType::webhook;
  std::optional<std::string> url;
  std::optional<std::string> secret;
  std::optional<std::string> to;

  [[nodiscard]] std::optional<Detail> inconsistency() const;
  /// URL or address; inconsistency() saw to it that it is there.
  [[nodiscard]] const std::string& target() const { return type == AlertChannelType::email ? *to : *url; }
  static constexpr auto model() {
    return topoforge::model(
        "AlertChannelInput", "Where to: a webhook has url and, if wanted, secret; slack has url; email has to",
        field(&AlertChannelInput::url, {.about = "http or https, of a public address",
                                        .max_length = 2048,
                                        .check = wrong_webhook_url,
                                        .format = "uri"}),
        field(&AlertChannelInput::secret,
              {.about = "Signs what the webhook gets; never shown again. Absent in a change: as it was; empty: none",
               .max_length = kMaxAlertSecretCharacters,
               .check = wrong_alert_secret,
               .format = "password"}),
        field(&AlertChannelInput::to, {.max_length = 254, .check = wrong_alert_address, .format = "email"}));
  }
};
BOOST_DESCRIBE_STRUCT(AlertChannelInput, (), (type, url, secret, to))

struct AlertConfigInput {
  std::string name;
  double threshold = 0.8;
  std::vector<std::string> sources;
  std::vector<AlertChannelInput> channels;
  std::uint32_t cooldown_seconds = 300;
  bool active = true;

  [[nodiscard]] std::optional<Detail> inconsistency() const;
  static constexpr auto model() {
    return topoforge::model(
        "AlertConfigInput", "Who is told of which anomalies",
        field(&AlertConfigInput::name,
              {.min_length = 1, .max_length = 100, .check = wrong_alert_name, .example = "Night shift"}),
        field(&AlertConfigInput::threshold,
              {.about = "Least anomaly_score", .least = 0, .most = 1, .has_default = true}),
        field(&AlertConfigInput::sources,
              {.about = "Sources that it is about; none: all", .max_length = kMaxAlertSources, .has_default = true}),
        field(&AlertConfigInput::channels, {.min_length = 1, .max_length = kMaxAlertChannels}),
        field(&AlertConfigInput::cooldown_seconds, {.about = "Between two notifications of one stream",
                                                    .least = 0,
                                                    .most = kMaxAlertCooldownSeconds,
                                                    .has_default = true}),
        field(&AlertConfigInput::active, {.has_default = true}));
  }
};
BOOST_DESCRIBE_STRUCT(AlertConfigInput, (), (name, threshold, sources, channels, cooldown_seconds, active))

struct AlertChannelView {
  std::string id;
  AlertChannelType type = AlertChannelType::webhook;
  std::optional<std::string> url;
  std::optional<std::string> to;
  bool has_secret = false;
  static constexpr auto model() { return topoforge::model("AlertChannelView", "A channel, without its secret"); }
};
BOOST_DESCRIBE_STRUCT(AlertChannelView, (), (id, type, url, to, has_secret))

struct AlertConfigView {
  std::string id;
  std::string user_id;
  std::string name;
  double threshold = 0.0;
  std::vector<std::string> sources;
  std::vector<AlertChannelView> channels;
  std::uint32_t cooldown_seconds = 0;
  bool active = true;
  Timestamp created_at;
  Timestamp updated_at;
  static constexpr auto model() { return topoforge::model("AlertConfigView", "An alert configuration"); }
};
BOOST_DESCRIBE_STRUCT(AlertConfigView, (),
                      (id, user_id, name, threshold, sources, channels, cooldown_seconds, active, created_at,
                       updated_at))

struct AlertConfigSearch {
  std::uint64_t page = 1;
  std::uint64_t limit = 100;
  static constexpr auto model() {
    return topoforge::model(
        "AlertConfigSearch", "Which page",
        field(&AlertConfigSearch::page, {.least = 1, .most = 1'000'000, .has_default = true}),
        field(&AlertConfigSearch::limit, {.least = 1, .most = kMaxRecordLimit, .has_default = true}));
  }
};
BOOST_DESCRIBE_STRUCT(AlertConfigSearch, (), (page, limit))

struct AlertConfigList {
  std::vector<AlertConfigView> data;
  std::uint64_t page = 1;
  std::uint64_t limit = 0;
  std::uint64_t total = 0;
  static constexpr auto model() {
    return topoforge::model("AlertConfigList", "Alert configurations, oldest first: one's own, or all for admins");
  }
};
BOOST_DESCRIBE_STRUCT(AlertConfigList, (), (data, page, limit, total))

/// What happened on one channel.
struct AlertChannelResult {
  std::string channel_id;
  AlertChannelType type = AlertChannelType::webhook;
  bool sent = false;
  std::optional<std::uint32_t> status;
  std::optional<std::string> error;
  std::uint64_t duration_ms = 0;
  static constexpr auto model() {
    return topoforge::model(
        "AlertChannelResult", "What happened on one channel",
        field(&AlertChannelResult::status, {.about = "HTTP status of the answer, where there was one"}),
        field(&AlertChannelResult::error, {.about = "Why it was not sent"}));
  }
};
BOOST_DESCRIBE_STRUCT(AlertChannelResult, (), (channel_id, type, sent, status, error, duration_ms))

struct AlertTestReport {
  std::vector<AlertChannelResult> results;
  static constexpr auto model() { return topoforge::model("AlertTestReport", "What happened on each channel"); }
};
BOOST_DESCRIBE_STRUCT(AlertTestReport, (), (results))

AlertConfigView view_of(const AlertConfig& config);
/// Puts the input, which was checked, into the configuration. A channel that it had keeps its secret, unless the input
/// has one.
void apply(AlertConfigInput input, const Digest& digest, AlertConfig& config);

}  // namespace topoforge::api
