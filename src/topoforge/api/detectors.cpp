#include "topoforge/api/detectors.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include "topoforge/codec/text/lower_case.hpp"

namespace topoforge::api {
namespace {

/// Windows beyond it take up to a second each in data without structure.
constexpr std::size_t kLargeWindow = 500;

Problem detector_problem(const Error& error) { return record_problem(error, "Detector"); }

tl::unexpected<Problem> being_changed() {
  return tl::unexpected(problem(409, "The detector is being changed by another call"));
}
tl::unexpected<Problem> runs() { return tl::unexpected(problem(409, "The detector runs; stop it first")); }

/// Keeps an id in a set while a call is at it.
class Mark {
 public:
  Mark(std::set<std::string>& set, std::string id) : set_(set), id_(std::move(id)) { set_.insert(id_); }
  ~Mark() { set_.erase(id_); }
  Mark(const Mark&) = delete;
  Mark& operator=(const Mark&) = delete;

 private:
  std::set<std::string>& set_;
  std::string id_;
};

void define(Detector& detector, NewDetector definition) {
  detector.name_key = lower_case(definition.name);
  detector.name = std::move(definition.name);
  detector.description = std::move(definition.description);
  detector.settings = std::move(static_cast<DetectorSettings&>(definition));
}

/// What the engine answers, brought to the I/O thread.
struct ProfileAnswer {
  explicit ProfileAnswer(const boost::asio::any_io_executor& executor) : came(executor) {}

  http::Signal came;
  bool done = false;
  std::vector<StreamProfile> streams;
};

}  // namespace

Result<void> Detectors::resume() {
  for (std::size_t page = 1;; ++page) {
    const auto detectors = parts_.records.list({.page = page, .limit = kMaxRecordLimit});
    if (!detectors) return tl::unexpected(detectors.error());
    for (const Detector& detector : detectors->data) {
      if (!detector.started_at) continue;
      const auto claimed = claim(detector);
      if (claimed) {
        run(detector);
      } else {
        spdlog::error("detector '{}' is not started: {}", detector.name, print_json(claimed.error().detail));
      }
    }
    if (detectors->data.size() < kMaxRecordLimit) return {};
  }
}

std::string Detectors::owner_of(const std::string& source, const std::string& but) const {
  for (const auto& [id, detector] : running_) {
    if (id != but && std::ranges::find(detector.settings.sources, source) != detector.settings.sources.end())
      return detector.name;
  }
  return {};
}

Reply<void> Detectors::claim(const Detector& detector) {
  for (const std::string& source : detector.settings.sources) {
    const std::string owner = owner_of(source, detector.id);
    if (!owner.empty()) {
      return tl::unexpected(
          problem(409, fmt::format("The source '{}' is looked at by the detector '{}'; stop it first", source, owner)));
    }
  }
  running_[detector.id] = detector;
  return {};
}

void Detectors::run(const Detector& detector) {
  PipelineOptions options = pipeline_options_of(detector.settings);
  options.threat_rules = parts_.engine.options().pipeline.threat_rules;
  parts_.engine.configure(detector.settings.sources,
                          StreamSettings{.detector = detector.name, .pipeline = std::move(options)});
}

template <class Work>
http::Task<Reply<Detector>> Detectors::stored(Work work) {
  Result<Detector> detector = co_await http::run_on(parts_.storage_pool, std::move(work));
  if (!detector) co_return tl::unexpected(detector_problem(detector.error()));
  co_return std::move(*detector);
}

http::Task<Reply<std::vector<Detector>>> Detectors::list() {
  auto list = [this] { return parts_.records.list({.limit = kMaxRecordLimit}); };
  Result<RecordPage<Detector>> page = co_await http::run_on(parts_.storage_pool, std::move(list));
  if (!page) co_return tl::unexpected(detector_problem(page.error()));
  co_return std::move(page->data);
}

http::Task<Reply<Detector>> Detectors::get(std::string id) {
  return stored([this, id = std::move(id)] { return parts_.records.get(id); });
}

http::Task<Reply<Detector>> Detectors::create(NewDetector definition, std::string created_by) {
  Detector detector;
  define(detector, std::move(definition));
  detector.created_by = std::move(created_by);
  detector.created_at = detector.updated_at = parts_.clock();
  return stored([this, detector = std::move(detector)]() mutable -> Result<Detector> {
    const auto page = parts_.records.list({.limit = 1});
    if (!page) return tl::unexpected(page.error());
    if (page->total >= kMaxRecordLimit)
      return fail(ErrorCode::conflict, fmt::format("There are {} detectors; no more are taken", page->total));
    return parts_.records.insert(std::move(detector));
  });
}

http::Task<Reply<Detector>> Detectors::replace(std::string id, NewDetector definition) {
  if (changing_.contains(id)) co_return being_changed();
  const Mark mark(changing_, id);
  Reply<Detector> detector = co_await get(id);
  if (!detector) co_return detector;
  if (detector->started_at) co_return runs();
  define(*detector, std::move(definition));
  detector->updated_at = parts_.clock();
  auto replace = [this, changed = std::move(*detector)]() mutable {
    return parts_.records.replace(std::move(changed));
  };
  Reply<Detector> replaced = co_await stored(std::move(replace));
  co_return replaced;
}

http::Task<Reply<NoContent>> Detectors::erase(std::string id) {
  if (changing_.contains(id)) co_return being_changed();
  const Mark mark(changing_, id);
  if (running_.contains(id)) co_return runs();
  auto erase = [this, &id] { return parts_.records.erase(id); };
  const Result<void> erased = co_await http::run_on(parts_.storage_pool, std::move(erase));
  if (!erased) co_return tl::unexpected(detector_problem(erased.error()));
  co_return NoContent{};
}

http::Task<Reply<Detector>> Detectors::start(std::string id) {
  if (changing_.contains(id)) co_return being_changed();
  const Mark mark(changing_, id);
  Reply<Detector> detector = co_await get(id);
  if (!detector || detector->started_at) co_return detector;
  detector->started_at = parts_.clock();
  if (auto claimed = claim(*detector); !claimed) co_return tl::unexpected(std::move(claimed.error()));
  auto replace = [this, wanted = std::move(*detector)]() mutable { return parts_.records.replace(std::move(wanted)); };
  Reply<Detector> started = co_await stored(std::move(replace));
  if (started) {
    run(*started);
  } else {
    running_.erase(id);
  }
  co_return started;
}

http::Task<Reply<Detector>> Detectors::stop(std::string id) {
  if (changing_.contains(id)) co_return being_changed();
  const Mark mark(changing_, id);
  Reply<Detector> detector = co_await get(id);
  if (!detector || !detector->started_at) co_return detector;
  detector->started_at.reset();
  auto replace = [this, wanted = std::move(*detector)]() mutable { return parts_.records.replace(std::move(wanted)); };
  Reply<Detector> stopped = co_await stored(std::move(replace));
  if (!stopped) co_return stopped;
  running_.erase(id);
  parts_.engine.configure(stopped->settings.sources, std::nullopt);
  co_return stopped;
}

http::Task<Reply<DetectorProfile>> Detectors::profile(std::string id) {
  const Reply<Detector> detector = co_await get(std::move(id));
  if (!detector) co_return tl::unexpected(detector.error());
  if (!detector->started_at) co_return profile_of(*detector, {});
  const boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
  const auto answer = std::make_shared<ProfileAnswer>(executor);
  const auto asked = parts_.engine.profile(detector->settings.sources, [answer, executor](auto streams) {
    boost::asio::post(executor, [answer, streams = std::move(streams)]() mutable {
      answer->streams = std::move(streams);
      answer->done = true;
      answer->came.notify();
    });
  });
  if (!asked) co_return tl::unexpected(problem_of(asked.error()));
  while (!answer->done) co_await answer->came.wait();
  co_return profile_of(*detector, answer->streams);
}

DetectorCheck Detectors::check(const NewDetector& definition) const {
  DetectorCheck check;
  check.events_until_verdict = std::max(definition.window, definition.calibration_events);
  for (const std::string& source : definition.sources) {
    const std::string owner = owner_of(source, {});
    if (!owner.empty())
      check.hints.push_back(fmt::format("the source '{}' is looked at by the detector '{}'", source, owner));
  }
  if (definition.window > kLargeWindow && definition.max_dimension == 2 && definition.stride == 1) {
    check.hints.push_back(fmt::format(
        "windows of {} events with voids may take longer than events have; a stride or max_dimension 1 helps",
        definition.window));
  }
  if (definition.calibration_events != 0 && definition.calibration_events < 10 * definition.window) {
    check.hints.push_back(fmt::format("{} calibration events are {} windows; verdicts stay unsure below 10",
                                      definition.calibration_events,
                                      definition.calibration_events / definition.window));
  }
  if (definition.channels.size() > 1 &&
      (definition.embedding_lag != 0 || definition.embedding_dimension != kDefaultEmbeddingDimension)) {
    check.hints.emplace_back("the embedding is for one channel; with several, each event is a point");
  }
  return check;
}

}  // namespace topoforge::api
