#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "topoforge/api/alerts/channel_sender.hpp"
#include "topoforge/base/random.hpp"
#include "topoforge/base/result.hpp"
#include "topoforge/ports/alert_config.hpp"
#include "topoforge/ports/delivery.hpp"
#include "topoforge/ports/postbox.hpp"
#include "topoforge/ports/secure_random.hpp"
#include "topoforge/ports/user.hpp"

/// Purpose: sends what is owed, on threads of its own: notifications of the outbox, and mails to accounts. What fails
/// is tried again, after 5 seconds, then twice as long each time, to 15 minutes; it is given up, with one line in the
/// log, after a day or when the receiver says no for good. What one account's channels are sent goes one after the
/// other, so that a slow receiver holds up its owner alone. Notifications are in the outbox, so that the next run sends
/// what this one leaves: each at least once, with the same id each time. Mails to accounts hold tokens, which are
/// nowhere at rest but as digests; so they wait in memory, are tried for an hour, and are gone when the program ends.
/// Overflow: beyond kMaxWaiting, has_room() says no; beyond kMaxWaitingMails, post() refuses. Thread safety: any
/// thread.
namespace topoforge::api {

inline constexpr std::size_t kCourierThreads = 4;
inline constexpr std::size_t kMaxWaiting = 100'000;
inline constexpr std::size_t kMaxWaitingMails = 1'000;
inline constexpr std::chrono::seconds kFirstPause{5};
inline constexpr std::chrono::minutes kLongestPause{15};
inline constexpr std::chrono::hours kDeliveryLife{24};
inline constexpr std::chrono::hours kMailLife{1};
/// How long the outbox keeps what was sent or given up, or for the cool-down if that is longer.
inline constexpr std::chrono::hours kKeptFinished{24};

/// The pause after so many attempts, without jitter.
std::chrono::microseconds pause_after(std::uint32_t attempts);

class Courier final : public Postbox {
 public:
  /// All of them outlive the courier.
  struct Parts {
    Records<Delivery>& deliveries;
    Records<AlertConfig>& configs;
    Records<User>& users;
    const ChannelSender& sender;
    MailTransport* mail;  ///< nullptr: there is no mail server
    SecureRandom& random;
    std::function<Timestamp()> clock;
    std::uint64_t seed = 0;  ///< of the jitter
  };
  explicit Courier(Parts parts) : parts_(std::move(parts)), jitter_(parts_.seed) {}
  ~Courier() override { stop(); }
  Courier(const Courier&) = delete;
  Courier& operator=(const Courier&) = delete;

  /// Takes up what the outbox owes, and starts the threads. Errors: those of the store.
  Result<void> start();
  /// Waits for what is being sent now; the rest stays in the outbox. A second call does nothing.
  void stop();

  /// Of a delivery that is in the outbox.
  void enqueue(const Delivery& delivery);
  [[nodiscard]] bool has_room() const;
  [[nodiscard]] std::size_t waiting() const;  ///< to be sent, without what is being sent

  Result<void> post(const Mail& mail) override;

 private:
  struct Owed {
    std::string delivery_id;  ///< of its record
  };
  struct AccountMail {
    Mail mail;
    Timestamp posted_at;
    std::uint32_t attempts = 0;
  };
  struct Unrecorded {
    Delivery delivery;  ///< was sent or given up, which the store has yet to take
  };
  using Work = std::variant<Owed, AccountMail, Unrecorded>;
  struct Job {
    std::string lane;  ///< jobs of one lane go one after the other
    Work work;
  };
  using Queue = std::multimap<Timestamp, Job>;

  void run();
  void follow_clock(Timestamp now);
  [[nodiscard]] Queue::iterator next_due(Timestamp now);
  void add(Timestamp due, Job job);
  void do_job(Job job);
  void deliver(const std::string& lane, const Owed& owed);
  void mail(const std::string& lane, AccountMail mail);
  void record(const std::string& lane, Delivery delivery);
  /// The attempt's outcome put into the delivery.
  void settle(Delivery& delivery, const AlertConfig& config, const Attempt& attempt);
  static void finish(Delivery& delivery, DeliveryState state, Timestamp now, std::chrono::seconds kept);
  /// Why a delivery is not to be sent any more, or an empty text. Errors: those of the store.
  Result<std::string> obstacle(const Delivery& delivery, const Result<AlertConfig>& config) const;
  Timestamp next_time(std::uint32_t attempts);
  void erase_expired();

  Parts parts_;

  mutable std::mutex mutex_;  ///< owns the rest
  std::condition_variable changed_;
  Queue queue_;
  std::set<std::string> busy_;  ///< lanes
  std::size_t mails_ = 0;       ///< in the queue
  Random jitter_;
  Timestamp next_sweep_ = Timestamp::min();
  Timestamp latest_ = Timestamp::min();  ///< what the clock said last
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace topoforge::api
