#pragma once

#include <chrono>
#include <functional>
#include <stop_token>

#include <boost/asio/thread_pool.hpp>

#include "topoforge/adapters/http/task.hpp"
#include "topoforge/ports/anomaly_store.hpp"
#include "topoforge/ports/one_time_token.hpp"
#include "topoforge/ports/records.hpp"
#include "topoforge/ports/session.hpp"

/// Purpose: what is over its time goes: anomalies by their age, sessions and tokens of mails when they have expired.
/// Anomalies go in small batches, each followed by a pause as long as it took, so that others reach the store at least
/// half of the time. Thread safety: the I/O thread; the stores are asked on the storage pool.
namespace topoforge::api {

inline constexpr unsigned kMaxRetentionDays = 36'500;

struct Retention {
  AnomalyStore& store;
  Records<Session>& sessions;
  Records<OneTimeToken>& tokens;
  boost::asio::thread_pool& storage_pool;
  std::function<Timestamp()> clock;
  std::chrono::days keep{0};  ///< of anomalies; 0: they are kept
  std::chrono::milliseconds period = std::chrono::hours(1);
};

/// At once and then each period, until the token stops, which it must on the I/O thread. An error is logged and ends
/// the round. What the retention refers to outlives the task.
http::Task<void> erase_outdated(Retention retention, std::stop_token stop);

}  // namespace topoforge::api
