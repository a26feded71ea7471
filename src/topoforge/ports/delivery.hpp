#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

#include "topoforge/ports/records.hpp"

/// Purpose: the outbox: notifications that are owed, and for a while those that were sent. Written before the request
/// that caused them is answered, so that a restart sends what is owed. Thread safety: values.
namespace topoforge {

struct AlertTechnique {
  std::string technique_id;
  std::string technique;
  std::string tactic;
  double confidence = 0.0;
};
BOOST_DESCRIBE_STRUCT(AlertTechnique, (), (technique_id, technique, tactic, confidence))

/// What a notification tells. Texts are cut to what records can hold.
struct AlertNotice {
  std::string anomaly_id;  ///< empty in a test
  std::string source;
  std::string entity;
  std::optional<Timestamp> timestamp;
  double anomaly_score = 0.0;
  std::string risk_level;
  std::string explanation;
  std::vector<AlertTechnique> techniques;
  bool test = false;  ///< somebody tries the configuration; nothing happened
};
BOOST_DESCRIBE_STRUCT(AlertNotice, (),
                      (anomaly_id, source, entity, timestamp, anomaly_score, risk_level, explanation, techniques, test))

enum class DeliveryState {
  pending,
  sent,
  failed,  ///< given up
};
BOOST_DESCRIBE_ENUM(DeliveryState, pending, sent, failed)

/// 9999-12-31T00:00:00Z, for what must not be erased in silence.
inline constexpr Timestamp kNeverExpires{std::chrono::seconds{253'402'214'400}};

struct Delivery : RecordHead {
  std::string key;         ///< configuration, channel and episode: an episode is told once
  std::string stream_key;  ///< configuration and stream: the newest tells when the cool-down began
  std::string config_id;
  std::string user_id;  ///< owner of the configuration
  std::string channel_id;
  AlertNotice notice;
  DeliveryState state = DeliveryState::pending;
  std::uint32_t attempts = 0;
  Timestamp next_attempt_at;
  std::string last_error;
  Timestamp created_at;
  std::optional<Timestamp> sent_at;
  Timestamp expires_at;  ///< of what is owed kNeverExpires
};
BOOST_DESCRIBE_STRUCT(Delivery, (RecordHead),
                      (key, stream_key, config_id, user_id, channel_id, notice, state, attempts, next_attempt_at,
                       last_error, created_at, sent_at, expires_at))

template <>
struct RecordTraits<Delivery> {
  static constexpr std::string_view kCollection = "deliveries";
  static constexpr std::array<std::string_view, 1> kUniqueFields{"key"};
  static constexpr std::array<std::string_view, 3> kIndexedFields{"stream_key", "config_id", "state"};
};

}  // namespace topoforge
