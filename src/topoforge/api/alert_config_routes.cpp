#include "topoforge/api/alert_config_routes.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <boost/asio/this_coro.hpp>

#include "topoforge/api/alerts/alert_models.hpp"
#include "topoforge/api/alerts/notice.hpp"
#include "topoforge/api/rate_limiter.hpp"

namespace topoforge::api {
namespace {

/// Tests send to whom the caller names, so they are few.
constexpr RateLimit kTestLimit{.calls = 10, .period = std::chrono::minutes(10)};

Problem config_problem(const Error& error) { return record_problem(error, "Alert configuration"); }

class AlertConfigs {
 public:
  explicit AlertConfigs(Services& services) : services_(services), tests_(kTestLimit) {}

  http::Task<Reply<AlertConfigList>> list(Account account, AlertConfigSearch search) {
    RecordQuery query{.page = search.page, .limit = search.limit};
    if (account.role != Role::admin) {
      query.field = "user_id";
      query.value = account.user_id;
    }
    auto read = [this, &query] { return alerts().configs.list(query); };
    const auto page = co_await on_storage(std::move(read));
    if (!page) co_return tl::unexpected(config_problem(page.error()));
    AlertConfigList answer{.data = {}, .page = search.page, .limit = search.limit, .total = page->total};
    for (const AlertConfig& config : page->data) answer.data.push_back(view_of(config));
    co_return answer;
  }

  http::Task<Reply<AlertConfigView>> create(Account account, AlertConfigInput input) {
    if (auto refused = refuse_channels(input)) co_return tl::unexpected(std::move(*refused));
    AlertConfig config;
    config.user_id = account.user_id;
    config.created_at = services_.clock();
    config.updated_at = config.created_at;
    apply(std::move(input), alerts().digest, config);
    auto write = [this, &config]() -> Reply<AlertConfig> {
      const auto mine = alerts().configs.list({.field = "user_id", .value = config.user_id, .limit = 1});
      if (!mine) return tl::unexpected(config_problem(mine.error()));
      if (mine->total >= kMaxAlertConfigs) {
        return tl::unexpected(
            problem(409, fmt::format("The account has {} alert configurations, and may have no more", mine->total)));
      }
      return alerts().configs.insert(config).map_error(config_problem);
    };
    const Reply<AlertConfig> inserted = co_await on_storage(std::move(write));
    if (!inserted) co_return tl::unexpected(inserted.error());
    co_await take_effect();
    co_return view_of(*inserted);
  }

  http::Task<Reply<AlertConfigView>> get(Account account, std::string id) {
    const Reply<AlertConfig> config = co_await find(std::move(account), std::move(id));
    if (!config) co_return tl::unexpected(config.error());
    co_return view_of(*config);
  }

  http::Task<Reply<AlertConfigView>> change(Account account, std::string id, AlertConfigInput input) {
    if (auto refused = refuse_channels(input)) co_return tl::unexpected(std::move(*refused));
    Reply<AlertConfig> config = co_await find(std::move(account), std::move(id));
    if (!config) co_return tl::unexpected(std::move(config.error()));
    apply(std::move(input), alerts().digest, *config);
    config->updated_at = services_.clock();
    auto write = [this, &config] { return alerts().configs.replace(*config); };
    const Result<AlertConfig> replaced = co_await on_storage(std::move(write));
    if (!replaced) co_return tl::unexpected(config_problem(replaced.error()));
    co_await take_effect();
    co_return view_of(*replaced);
  }

  http::Task<Reply<NoContent>> erase(Account account, std::string id) {
    const Reply<AlertConfig> config = co_await find(std::move(account), std::move(id));
    if (!config) co_return tl::unexpected(config.error());
    auto erase = [this, &config]() -> Result<void> {
      if (auto erased = alerts().configs.erase(config->id); !erased) return erased;
      // What is owed would not be sent any more; what was sent is of no use.
      if (const auto gone = alerts().deliveries.erase_all("config_id", config->id); !gone) {
        spdlog::warn("notifications of the erased alert configuration {} are left: {}", config->id,
                     gone.error().message);
      }
      return {};
    };
    const Result<void> erased = co_await on_storage(std::move(erase));
    if (!erased) co_return tl::unexpected(config_problem(erased.error()));
    co_await take_effect();
    co_return NoContent{};
  }

  http::Task<Reply<AlertTestReport>> test(Account account, std::string id) {
    const RateDecision decision = tests_.count(account.user_id, steady_moment());
    if (!decision.allowed) {
      Problem refused = problem(429, fmt::format("Only {} tests in 10 minutes; try again later", decision.limit));
      refused.headers = {{"Retry-After", std::to_string(decision.retry_after.count())}};
      co_return tl::unexpected(std::move(refused));
    }
    const Reply<AlertConfig> config = co_await find(std::move(account), std::move(id));
    if (!config) co_return tl::unexpected(config.error());
    AlertTestReport report;
    report.results.resize(config->channels.size());
    http::TaskGroup group(co_await boost::asio::this_coro::executor);
    for (std::size_t i = 0; i < report.results.size(); ++i) {
      group.spawn(try_channel(*config, config->channels[i], report.results[i]));
    }
    co_await group.join();
    co_return report;
  }

 private:
  [[nodiscard]] AlertServices& alerts() const { return services_.alerts; }
  template <class Function>
  http::Task<std::invoke_result_t<Function>> on_storage(Function function) {
    return http::run_on(services_.storage_pool, std::move(function));
  }

  /// Its owner's or an admin's.
  http::Task<Reply<AlertConfig>> find(Account account, std::string id) {
    auto read = [this, &id] { return alerts().configs.get(id); };
    Result<AlertConfig> config = co_await on_storage(std::move(read));
    if (config && account.role != Role::admin && config->user_id != account.user_id) {
      config = fail(ErrorCode::not_found, {});
    }
    if (!config) co_return tl::unexpected(config_problem(config.error()));
    co_return std::move(*config);
  }

  /// Channels that this server cannot serve.
  [[nodiscard]] std::optional<Problem> refuse_channels(const AlertConfigInput& input) const {
    if (alerts().sender.can_mail()) return std::nullopt;
    for (std::size_t i = 0; i < input.channels.size(); ++i) {
      if (input.channels[i].type != AlertChannelType::email) continue;
      return unprocessable({{.loc = {"body", "channels", static_cast<std::int64_t>(i), "type"},
                             .message = "this server sends no mail: no mail server is configured (SMTP_URL)",
                             .type = "value_error"}});
    }
    return std::nullopt;
  }

  http::Task<void> take_effect() {
    const Result<void> reloaded = co_await alerts().dispatcher.reload();
    if (!reloaded)
      spdlog::error("a change of the alert configurations waits for the next one: {}", reloaded.error().message);
  }

  http::Task<void> try_channel(const AlertConfig& config, const AlertChannel& channel, AlertChannelResult& result) {
    const Timestamp now = services_.clock();
    const auto started = std::chrono::steady_clock::now();
    auto send = [this, &config, &channel, now] {
      const ChannelSender& sender = alerts().sender;
      return sender.send(config, channel, test_notice(config, now),
                         sender.delivery_id(fmt::format("test {} {}", config.id, channel.id), now));
    };
    const Attempt attempt = co_await http::run_on(alerts().delivery_pool, std::move(send));
    const auto taken = std::chrono::steady_clock::now() - started;
    result = {.channel_id = channel.id,
              .type = channel.type,
              .sent = attempt.error.empty(),
              .status = attempt.status,
              .error = attempt.error.empty() ? std::nullopt : std::optional(attempt.error),
              .duration_ms =
                  static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(taken).count())};
  }

  Services& services_;
  RateLimiter tests_;  ///< by account
};

}  // namespace

void add_alert_config_routes(RouteTable& routes, Services& services) {
  const auto configs = std::make_shared<AlertConfigs>(services);
  routes.add({.method = "GET",
              .path = "/api/alert-configs",
              .tag = "alerts",
              .summary = "List alert configurations: one's own, or all for admins"},
             [configs](const Call& call, Query<AlertConfigSearch> search) {
               return configs->list(*call.account, search.value);
             });
  routes.add({.method = "POST",
              .path = "/api/alert-configs",
              .tag = "alerts",
              .summary = "Make an alert configuration of one's own",
              .description = "Each episode of a stream that reaches the threshold is told once on each channel.",
              .status = 201,
              .errors = {409}},
             [configs](const Call& call, Body<AlertConfigInput> input) {
               return configs->create(*call.account, std::move(input.value));
             });
  routes.add({.method = "GET",
              .path = "/api/alert-configs/{id}",
              .tag = "alerts",
              .summary = "An alert configuration: one's own, or any for admins",
              .errors = {404}},
             [configs](const Call& call) { return configs->get(*call.account, call.id()); });
  routes.add({.method = "PUT",
              .path = "/api/alert-configs/{id}",
              .tag = "alerts",
              .summary = "Replace an alert configuration",
              .description = "A channel keeps its secret unless another one is given.",
              .errors = {404, 409}},
             [configs](const Call& call, Body<AlertConfigInput> input) {
               return configs->change(*call.account, call.id(), std::move(input.value));
             });
  routes.add({.method = "DELETE",
              .path = "/api/alert-configs/{id}",
              .tag = "alerts",
              .summary = "Delete an alert configuration; what it owes is not sent any more",
              .status = 204,
              .errors = {404}},
             [configs](const Call& call) { return configs->erase(*call.account, call.id()); });
  routes.add({.method = "POST",
              .path = "/api/alert-configs/{id}/_test",
              .tag = "alerts",
              .summary = "Send one notification now, whatever the threshold, and tell what happened",
              .errors = {404}},
             [configs](const Call& call) { return configs->test(*call.account, call.id()); });
}

}  // namespace topoforge::api
