#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/thread_pool.hpp>

#include "topoforge/adapters/http/task.hpp"
#include "topoforge/api/alerts/courier.hpp"
#include "topoforge/api/live_hub.hpp"
#include "topoforge/base/result.hpp"
#include "topoforge/ports/alert_config.hpp"
#include "topoforge/ports/delivery.hpp"

/// Purpose: who is to be told of an anomaly. An episode is told once to each configuration: when its score first
/// reaches the threshold, or, if the configuration then cools down after another episode of that stream, when that is
/// over. What is to be told goes to the outbox before the request that brought the event is answered, or once that
/// takes it, and from there to the courier. Without active configurations an event costs one comparison. An episode is
/// known by the anomaly that it began with. Streams whose episode is open are remembered up to kMaxOpenEpisodes;
/// beyond, that which is silent longest is forgotten. When a cool-down began is in the outbox too, so that it goes on
/// after a restart. Thread safety: the I/O thread alone; load() before it runs.
namespace topoforge::api {

inline constexpr std::size_t kMaxOpenEpisodes = 10'000;
inline constexpr std::size_t kMaxCooldowns = 100'000;
inline constexpr std::size_t kMaxOwedAlerts = 10'000;

/// One configuration that is to be told of one episode.
struct Alert {
  AlertConfig config;
  StreamKey stream;
  std::string episode;  ///< id of the anomaly that it began with
  AlertNotice notice;
  bool ask_store = false;  ///< this run does not know whether the configuration cools down
  bool owed = false;       ///< the outbox did not take it once
};

class AlertDispatcher {
 public:
  /// All of them outlive the dispatcher.
  struct Parts {
    Records<AlertConfig>& configs;
    Records<Delivery>& deliveries;
    Courier& courier;
    boost::asio::thread_pool& storage_pool;
    std::function<Timestamp()> clock;
  };
  explicit AlertDispatcher(Parts parts) : parts_(std::move(parts)) {}

  /// Errors: those of the store.
  Result<void> load();
  /// After a change of the configurations in the store. Errors: likewise.
  http::Task<Result<void>> reload();
  /// Erases the configurations of an account that was deleted. Errors: likewise.
  http::Task<Result<void>> forget_owner(std::string user_id);

  /// Adds what is to be told of an analysis that was stored; it counts as told from here on.
  void note(const LiveAnalysis& live, std::vector<Alert>& alerts);
  /// Puts it into the outbox. What that does not take is logged and waits in memory for retry(); beyond kMaxOwedAlerts
  /// it is told at the next anomaly of its episode.
  http::Task<void> keep(std::vector<Alert> alerts);
  http::Task<void> retry();
  /// retry() again and again until the server stops.
  http::Task<void> run(std::stop_token stop);

 private:
  struct Episode {
    std::uint64_t start = 0;
    std::uint64_t first_sequence = 0;
    std::string id;
    std::set<std::string> told;  ///< configurations
    Timestamp seen;
  };
  using Cooldown = std::pair<std::string, StreamKey>;  ///< configuration and stream
  enum class Outcome { kept, cools_down, failed };
  struct Kept {
    Outcome outcome = Outcome::kept;
    Timestamp since;  ///< of the cool-down
  };

  static Result<std::vector<AlertConfig>> read_active(Records<AlertConfig>& configs);
  Episode* episode_of(const LiveAnalysis& live, Timestamp now);
  [[nodiscard]] bool wants(const AlertConfig& config, const Analysis& analysis) const;
  Kept keep_one(const Alert& alert, Timestamp now) const;
  /// When the stream was last told before the episode.
  Result<std::optional<Timestamp>> last_told(const std::string& stream_key, const std::string& episode) const;

  Parts parts_;
  std::vector<AlertConfig> configs_;  ///< the active ones
  std::uint64_t reloads_ = 0;
  std::uint64_t loaded_ = 0;  ///< the reload whose result is in configs_
  std::map<StreamKey, Episode> episodes_;
  std::map<Cooldown, Timestamp> told_at_;
  std::vector<Alert> owed_;
};

}  // namespace topoforge::api
