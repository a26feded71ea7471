#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/thread_pool.hpp>

#include "topoforge/adapters/http/task.hpp"
#include "topoforge/base/result.hpp"
#include "topoforge/ports/anomaly_store.hpp"

/// Purpose: what was stored, for those who follow it: in the order of the store, each once, from any place in it. The
/// newest are read from the store once for all followers and remembered; who is behind them reads for himself. Nobody
/// is dropped for reading slowly, and nothing waits for him. Thread safety: the I/O thread.
namespace topoforge::api {

inline constexpr std::size_t kRememberedAnomalies = 1024;

/// An anomaly, formatted as a server-sent event.
struct FeedEntry {
  std::string id;
  std::string source;
  std::string entity;
  double anomaly_score = 0.0;
  std::string event;
};
using FeedEntries = std::vector<std::shared_ptr<const FeedEntry>>;

class AnomalyFollower {
 public:
  virtual ~AnomalyFollower() = default;
  /// There may be more than before; on the way of a call to the feed too.
  virtual void wake() = 0;
};

class AnomalyFeed {
 public:
  /// Both outlive the feed.
  AnomalyFeed(AnomalyStore& store, boost::asio::thread_pool& storage_pool)
      : store_(store), storage_pool_(storage_pool) {}

  void join(AnomalyFollower& follower);
  void leave(AnomalyFollower& follower);
  [[nodiscard]] std::size_t followers() const { return followers_.size(); }
  /// Anomalies were stored.
  void notify();

  /// Where one who wants only what is to come begins. Errors: those of the store.
  http::Task<Result<std::string>> newest();
  /// The first that come after this place (an id, or empty), a bounded number of them; none at the end,
  /// or while they are being read: wake() tells when to ask again.
  /// Errors: those of the store.
  http::Task<Result<FeedEntries>> after(std::string place);

 private:
  http::Task<Result<FeedEntries>> read(std::string place);
  http::Task<Result<void>> catch_up();
  void wake_all();
  void forget();

  AnomalyStore& store_;
  boost::asio::thread_pool& storage_pool_;
  std::set<AnomalyFollower*> followers_;
  std::deque<std::shared_ptr<const FeedEntry>> remembered_;  ///< all that the store has between the next two
  std::string floor_;
  std::string newest_;
  bool begun_ = false;    ///< floor_ and newest_ are places
  bool reading_ = false;  ///< one follower reads for all
  std::uint64_t told_ = 0;
  std::uint64_t seen_ = 0;  ///< newest_ is that of the store as of this told_
};

}  // namespace topoforge::api
