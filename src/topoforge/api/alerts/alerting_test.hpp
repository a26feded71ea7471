#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "topoforge/api/alerts/courier.hpp"
#include "topoforge/api/memory_records_test.hpp"

/// Purpose: what tests of alerts share: stores in memory, a receiver, a courier between them.
namespace topoforge::api {

class PlainDigest final : public Digest {
 public:
  [[nodiscard]] std::string sha256_hex(std::string_view text) const override { return std::string(text); }
  [[nodiscard]] std::string hmac_sha256_hex(std::string_view key, std::string_view text) const override {
    return std::string(key) + "(" + std::string(text) + ")";
  }
};

class CountedRandom final : public SecureRandom {
 public:
  Result<std::string> bytes(std::size_t count) override { return std::string(count, 'r'); }
  Result<std::string> url_safe_token(std::size_t) override { return "id" + std::to_string(++made_); }

 private:
  int made_ = 0;
};

/// Takes what is sent, and answers what it is told to.
template <class T>
class Inbox {
 public:
  void put(T item) {
    const std::lock_guard lock(mutex_);
    items_.push_back(std::move(item));
    changed_.notify_all();
  }
  /// Waits until so many are there; what is there after a while in any case.
  std::vector<T> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(20), [&] { return items_.size() >= count; });
    return items_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<T> items_;
};

class Receiver final : public WebClient {
 public:
  Result<unsigned> post(const WebPost& request) override {
    inbox.put(request);
    return answer(request);
  }
  Inbox<WebPost> inbox;
  std::function<Result<unsigned>(const WebPost&)> answer = [](const WebPost&) { return 200U; };
};

class MailServer final : public MailTransport {
 public:
  Result<void> send(const Mail& mail) override {
    inbox.put(mail);
    return answer;
  }
  Inbox<Mail> inbox;
  Result<void> answer;
};

/// Everything around the courier; now_ stands still unless a test moves it.
struct Alerting {
  Alerting() {
    User owner;
    owner.username_key = "ada";
    owner.email_key = "ada@example.com";
    user = users.insert(owner).value();
    AlertConfig made;
    made.user_id = user.id;
    made.name = "n";
    made.threshold = 0.8;
    made.channels = {
        {.id = "hook", .type = AlertChannelType::webhook, .target = "https://e.example/h", .secret = "key"}};
    config = configs.insert(made).value();
  }
  /// Owed since the time.
  Delivery owe(const std::string& key, Timestamp since) {
    Delivery delivery;
    delivery.key = key;
    delivery.stream_key = key;
    delivery.config_id = config.id;
    delivery.user_id = user.id;
    delivery.channel_id = "hook";
    delivery.notice.source = key;
    delivery.created_at = since;
    delivery.next_attempt_at = since;
    delivery.expires_at = kNeverExpires;
    return deliveries.insert(delivery).value();
  }
  Delivery stored(const Delivery& delivery) { return deliveries.get(delivery.id).value(); }

  Timestamp now{std::chrono::seconds(1'700'000'000)};
  MemoryRecords<User> users;
  MemoryRecords<AlertConfig> configs;
  MemoryRecords<Delivery> deliveries;
  User user;
  AlertConfig config;
  Receiver web;
  MailServer mail;
  PlainDigest digest;
  CountedRandom random;
  ChannelSender sender{{.web = web, .mail = &mail, .digest = digest, .clock = [this] { return now; }}};
  /// A new one for each run of the program.
  [[nodiscard]] std::unique_ptr<Courier> make_courier() {
    return std::make_unique<Courier>(Courier::Parts{.deliveries = deliveries,
                                                    .configs = configs,
                                                    .users = users,
                                                    .sender = sender,
                                                    .mail = &mail,
                                                    .random = random,
                                                    .clock = [this] { return now; }});
  }
};

}  // namespace topoforge::api
