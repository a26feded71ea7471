#include "topoforge/adapters/sqlite/sqlite_anomaly_store.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "topoforge/adapters/sqlite/example_anomalies.hpp"
#include "topoforge/base/random.hpp"

namespace topoforge {
namespace {

using std::chrono::microseconds;

constexpr std::size_t kAnomalies = 1'000'000;
std::filesystem::path scratch_folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "topoforge-bench-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) std::abort();
  return pattern;
}

/// A store with a million anomalies of 90 days, made once in TOPOFORGE_BENCH_STORE (some 4 GB, kept for the next run)
/// or else in a folder that is removed.
class Million {
 public:
  Million() {
    const char* const kept = std::getenv("TOPOFORGE_BENCH_STORE");
    if (kept == nullptr) made_ = scratch_folder();
    const std::filesystem::path folder = kept != nullptr ? std::filesystem::path(kept) : made_;
    std::filesystem::create_directories(folder);
    auto opened = SqliteAnomalyStore::open(folder / "million.db");
    if (!opened) std::abort();
    store = std::move(*opened);
    if (store->list({.limit = 1})->total == 0 && !add_examples(*store, kAnomalies)) std::abort();
    newest = *store->newest_id();
  }
  ~Million() {
    store.reset();
    if (!made_.empty()) std::filesystem::remove_all(made_);
  }

  std::unique_ptr<SqliteAnomalyStore> store;
  std::string newest;

 private:
  std::filesystem::path made_;
};

Million& million() {
  static Million one;
  return one;
}

/// Times each call, and tells the median and the 99th percentile beside the mean.
void measure(benchmark::State& state, const std::function<bool(Random&)>& call) {
  Random random(7);
  std::vector<double> times_ms;
  for (auto _ : state) {
    const auto before = std::chrono::steady_clock::now();
    if (!call(random)) return state.SkipWithError("the store refused");
    times_ms.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - before).count());
  }
  std::sort(times_ms.begin(), times_ms.end());
  const auto quantile = [&](double q) {
    return times_ms.at(static_cast<std::size_t>(q * double(times_ms.size() - 1)));
  };
  state.counters["p50_ms"] = quantile(0.5);
  state.counters["p99_ms"] = quantile(0.99);
}

Timestamp some_time(Random& random) {
  return kExampleStart +
         microseconds{static_cast<std::int64_t>(random.uniform() * double(microseconds(kExampleSpan).count()))};
}
AnomalyFilter some_days(Random& random, int days) {
  const Timestamp start = some_time(random);
  return {.start = start, .end = start + std::chrono::hours{24 * days}};
}
std::string some_source(Random& random) { return "source-" + std::to_string(random.below(20)); }

struct Reading {
  const char* name;
  std::function<AnomalyQuery(Random&)> query;
};

void list_million(benchmark::State& state, const Reading& reading) {
  SqliteAnomalyStore& store = *million().store;
  std::size_t total = 0;
  measure(state, [&](Random& random) {
    const auto page = store.list(reading.query(random));
    if (page) total = page->total;
    return page.has_value();
  });
  state.counters["total"] = static_cast<double>(total);
}

void statistics_million(benchmark::State& state, int days) {
  SqliteAnomalyStore& store = *million().store;
  measure(state, [&](Random& random) {
    StatisticsQuery query;
    if (days > 0) {
      const AnomalyFilter range = some_days(random, days);
      query = {.start = range.start, .end = range.end};
    }
    return store.statistics(query).has_value();
  });
}

void get_million(benchmark::State& state) {
  SqliteAnomalyStore& store = *million().store;
  measure(state, [&](Random& random) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string id = million().newest;
    std::size_t row = 1 + random.below(kAnomalies);
    for (std::size_t i = id.size(); i-- > 0; row /= 16) id[i] = kDigits[row % 16];
    return store.get(id).has_value();
  });
}

void resume_million(benchmark::State& state) {
  SqliteAnomalyStore& store = *million().store;
  measure(state, [&](Random&) { return store.after(million().newest, 100).has_value(); });
}

/// Anomalies per second that threads store one by one, each waiting until its own is on the disk.
void add_from_threads(benchmark::State& state) {
  constexpr std::size_t kEach = 100;
  const std::filesystem::path folder = scratch_folder();
  {
    const auto store = SqliteAnomalyStore::open(folder / "topoforge.db");
    Random random(1);
    const std::vector<NewAnomaly> one{example_anomaly(random, kExampleStart)};
    for (auto _ : state) {
      std::vector<std::thread> threads;
      for (std::int64_t t = 0; t < state.range(0); ++t) {
        threads.emplace_back([&] {
          for (std::size_t i = 0; i < kEach; ++i) {
            if (!(*store)->add(one, kExampleStart)) std::abort();
          }
        });
      }
      for (std::thread& thread : threads) thread.join();
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0) * static_cast<std::int64_t>(kEach));
  std::filesystem::remove_all(folder);
}

/// Anomalies per second in batches of one thread.
void add_batch(benchmark::State& state) {
  const std::filesystem::path folder = scratch_folder();
  {
    const auto store = SqliteAnomalyStore::open(folder / "topoforge.db");
    Random random(1);
    std::vector<NewAnomaly> batch;
    for (std::int64_t i = 0; i < state.range(0); ++i) batch.push_back(example_anomaly(random, kExampleStart));
    for (auto _ : state) {
      if (!(*store)->add(batch, kExampleStart)) std::abort();
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  std::filesystem::remove_all(folder);
}

BENCHMARK(add_from_threads)->ArgName("threads")->Arg(1)->Arg(4)->Arg(16)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(add_batch)->ArgName("batch")->Arg(1)->Arg(64)->Arg(1000)->UseRealTime()->Unit(benchmark::kMillisecond);

const std::vector<Reading>& readings() {
  static const std::vector<Reading> all{
      {"newest", [](Random&) { return AnomalyQuery{}; }},
      {"newest_20", [](Random&) { return AnomalyQuery{.limit = 20}; }},
      {"newest_1000", [](Random&) { return AnomalyQuery{.limit = 1000}; }},
      {"far_page", [](Random& random) { return AnomalyQuery{.page = 1 + random.below(kAnomalies / 100)}; }},
      {"source", [](Random& random) { return AnomalyQuery{.filter = {.source = some_source(random)}}; }},
      {"source_far",
       [](Random& random) {
         return AnomalyQuery{.page = 1 + random.below(400), .filter = {.source = some_source(random)}};
       }},
      {"entity",
       [](Random& random) { return AnomalyQuery{.filter = {.entity = "host-" + std::to_string(random.below(200))}}; }},
      {"source_entity",
       [](Random& random) {
         return AnomalyQuery{
             .filter = {.source = some_source(random), .entity = "host-" + std::to_string(random.below(200))}};
       }},
      {"risk_critical", [](Random&) { return AnomalyQuery{.filter = {.risk_level = RiskLevel::critical}}; }},
      {"risk_low", [](Random&) { return AnomalyQuery{.filter = {.risk_level = RiskLevel::low}}; }},
      {"is_anomaly", [](Random&) { return AnomalyQuery{.filter = {.is_anomaly = true}}; }},
      {"is_normal", [](Random&) { return AnomalyQuery{.filter = {.is_anomaly = false}}; }},
      {"score_0.9", [](Random&) { return AnomalyQuery{.filter = {.min_score = 0.9}}; }},
      {"score_0.9999", [](Random&) { return AnomalyQuery{.filter = {.min_score = 0.9999}}; }},
      {"technique", [](Random&) { return AnomalyQuery{.filter = {.technique = "T1071"}}; }},
      {"hour",
       [](Random& random) {
         const Timestamp start = some_time(random);
         return AnomalyQuery{.filter = {.start = start, .end = start + std::chrono::hours{1}}};
       }},
      {"day", [](Random& random) { return AnomalyQuery{.filter = some_days(random, 1)}; }},
      {"month", [](Random& random) { return AnomalyQuery{.filter = some_days(random, 30)}; }},
      {"source_day",
       [](Random& random) {
         AnomalyQuery query{.filter = some_days(random, 1)};
         query.filter.source = some_source(random);
         return query;
       }},
      {"source_score_week",
       [](Random& random) {
         AnomalyQuery query{.filter = some_days(random, 7)};
         query.filter.source = some_source(random);
         query.filter.min_score = 0.9;
         return query;
       }},
      {"source_risk_technique",
       [](Random& random) {
         return AnomalyQuery{
             .filter = {.source = some_source(random), .risk_level = RiskLevel::high, .technique = "T1048"}};
       }},
  };
  return all;
}

/// Named one by one, so that a filter can choose.
[[maybe_unused]] const bool kRegistered = [] {
  for (const Reading& reading : readings()) {
    benchmark::RegisterBenchmark((std::string("list_million/") + reading.name).c_str(),
                                 [&reading](auto& state) { list_million(state, reading); })
        ->Iterations(300)
        ->Unit(benchmark::kMillisecond);
  }
  for (const int days : {0, 1, 7, 30, 89}) {
    benchmark::RegisterBenchmark(("statistics_million/days:" + std::to_string(days)).c_str(),
                                 [days](auto& state) { statistics_million(state, days); })
        ->Iterations(300)
        ->Unit(benchmark::kMillisecond);
  }
  benchmark::RegisterBenchmark("get_million", get_million)->Iterations(1000)->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark("resume_million", resume_million)->Iterations(1000)->Unit(benchmark::kMillisecond);
  return true;
}();

}  // namespace
}  // namespace topoforge
