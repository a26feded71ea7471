#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

#include "topoforge/ports/records.hpp"

/// Purpose: who is told of which anomalies, and how. Thread safety: values.
namespace topoforge {

/// Named limits of a configuration.
inline constexpr std::size_t kMaxAlertConfigs = 50;  ///< of one account
inline constexpr std::size_t kMaxAlertChannels = 8;
inline constexpr std::size_t kMaxAlertSources = 100;
inline constexpr std::uint32_t kMaxAlertCooldownSeconds = 7 * 24 * 3600;

enum class AlertChannelType { webhook, slack, email };
BOOST_DESCRIBE_ENUM(AlertChannelType, webhook, slack, email)

struct AlertChannel {
  std::string id;  ///< of its type and target: the same as long as these are
  AlertChannelType type = AlertChannelType::webhook;
  std::string target;                 ///< URL, or e-mail address
  std::optional<std::string> secret;  ///< signs what a webhook gets; never shown
};
BOOST_DESCRIBE_STRUCT(AlertChannel, (), (id, type, target, secret))

struct AlertConfig : RecordHead {
  std::string user_id;  ///< the owner
  std::string name;
  double threshold = 0.8;            ///< least anomaly_score, 0 to 1
  std::vector<std::string> sources;  ///< empty: all
  std::vector<AlertChannel> channels;
  std::uint32_t cooldown_seconds = 300;  ///< between two notifications of one stream
  bool active = true;
  Timestamp created_at;
  Timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(AlertConfig, (RecordHead),
                      (user_id, name, threshold, sources, channels, cooldown_seconds, active, created_at, updated_at))

template <>
struct RecordTraits<AlertConfig> {
  static constexpr std::string_view kCollection = "alert_configs";
  static constexpr std::array<std::string_view, 0> kUniqueFields{};
  static constexpr std::array<std::string_view, 1> kIndexedFields{"user_id"};
};

}  // namespace topoforge
