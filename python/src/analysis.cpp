#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include "arrays.hpp"
#include "bindings.hpp"
#include "errors.hpp"
#include "topoforge/core/features/betti.hpp"
#include "topoforge/core/features/topology_analyzer.hpp"
#include "topoforge/core/pipeline/data_processor.hpp"
#include "topoforge/core/score/anomaly_detector.hpp"
#include "topoforge/core/threat/threat_classifier.hpp"

namespace topoforge::python {
namespace {

nb::dict dict_of(const BettiNumbers& betti) {
  nb::dict dict;
  dict["h0"] = betti.h0;
  dict["h1"] = betti.h1;
  dict["h2"] = betti.h2;
  return dict;
}

nb::dict dict_of(const SecurityAnalysis& security) {
  nb::list threats;
  for (const ThreatCandidate& threat : security.threats) {
    nb::dict one;
    one["technique_id"] = threat.technique_id;
    one["technique"] = threat.technique;
    one["tactic_id"] = threat.tactic_id;
    one["tactic"] = threat.tactic;
    one["confidence"] = threat.confidence;
    one["evidence"] = threat.evidence;
    one["mitigation"] = threat.mitigation;
    threats.append(one);
  }
  nb::dict dict;
  dict["risk_level"] = to_string(security.risk_level);
  dict["confidence"] = security.confidence;
  dict["threats"] = threats;
  dict["mitigation"] = security.mitigation;
  return dict;
}

nb::object episode_of(const Analysis& analysis) {
  constexpr std::array<std::string_view, 4> kChanges = {"none", "opened", "continued", "closed"};
  if (!analysis.episode) return nb::none();
  nb::dict dict;
  dict["start"] = analysis.episode->start;
  dict["peak"] = analysis.episode->peak;
  dict["last_alarm"] = analysis.episode->last_alarm;
  dict["peak_score"] = analysis.episode->peak_score;
  dict["alarms"] = analysis.episode->alarms;
  dict["open"] = analysis.episode->open;
  dict["change"] = kChanges.at(static_cast<std::size_t>(analysis.episode_change));
  return dict;
}

nb::list contributions_of(const Analysis& analysis) {
  nb::list list;
  for (const Contribution& one : analysis.contributions) {
    nb::dict dict;
    dict["detector"] = one.detector;
    dict["share"] = one.share;
    dict["p_value"] = one.p_value;
    list.append(dict);
  }
  return list;
}

nb::list attribution_of(const Analysis& analysis) {
  nb::list list;
  for (const Attribution& one : analysis.attribution) {
    nb::dict dict;
    dict["channel"] = one.channel;
    dict["share"] = one.share;
    dict["value"] = one.value;
    dict["expected"] = one.expected;
    dict["deviation"] = one.deviation;
    list.append(dict);
  }
  return list;
}

/// The members that the server's JSON has, under the same names; the time in microseconds since 1970.
nb::dict dict_of(const Analysis& analysis) {
  nb::dict landscape;
  landscape["x"] = nb::cast(analysis.topology.landscape_x);
  landscape["y"] = nb::cast(analysis.topology.landscape_y);
  nb::dict topology;
  topology["entropy"] = analysis.topology.entropy;
  topology["total_lifetime"] = analysis.topology.total_lifetime;
  topology["landscape"] = landscape;

  nb::dict dict;
  dict["betti_numbers"] = dict_of(analysis.betti_numbers);
  dict["anomaly_score"] = analysis.anomaly_score;
  dict["is_anomaly"] = analysis.is_anomaly;
  dict["topology_features"] = topology;
  dict["security_analysis"] = dict_of(analysis.security);
  dict["window_size"] = analysis.window_size;
  dict["timestamp"] =
      analysis.timestamp ? nb::cast(analysis.timestamp->time_since_epoch().count()) : nb::object(nb::none());
  dict["sequence"] = analysis.sequence;
  dict["source"] = analysis.stream.source;
  dict["entity"] = analysis.stream.entity;
  dict["p_value"] = analysis.p_value;
  dict["confidence"] = analysis.confidence;
  dict["threshold"] = analysis.threshold;
  dict["risk_level"] = to_string(analysis.risk_level);
  dict["contributions"] = contributions_of(analysis);
  dict["attribution"] = attribution_of(analysis);
  dict["episode"] = episode_of(analysis);
  dict["explanation"] = analysis.explanation;
  return dict;
}

class SharedAnalyzer {
 public:
  explicit SharedAnalyzer(std::size_t max_dimension) : analyzer_(max_dimension) {
    unwrap(analyzer_.compute_persistence(PointCloud()));  // refuses a dimension that is out of its range at once
  }

  nb::list compute_persistence(const Rows& points) {
    return arrays_of(unwrap(without_gil([&] {
      const std::lock_guard lock(mutex_);
      return analyzer_.compute_persistence(cloud_of(points));
    })));
  }

  [[nodiscard]] nb::dict extract_betti_numbers(const std::vector<Rows>& diagrams, bool adaptive, double sigma) const {
    PersistenceDiagram diagram;
    for (const Rows& one : diagrams) {
      const auto pairs = unwrap(pairs_of(one));
      diagram.pairs.emplace_back(pairs.begin(), pairs.end());
    }
    return dict_of(analyzer_.extract_betti_numbers(diagram, {.adaptive = adaptive, .sigma = sigma}));
  }

 private:
  std::mutex mutex_;
  TopologyAnalyzer analyzer_;
};

class SharedDetector {
 public:
  SharedDetector(std::size_t input_dim, double contamination, std::uint64_t seed)
      : detector_(input_dim, {.contamination = contamination, .seed = seed}) {}

  void train(const Rows& normal) {
    unwrap(without_gil([&] {
      const std::unique_lock lock(mutex_);
      return detector_.train(matrix_of(normal));
    }));
  }

  nb::dict predict(const Values& point) {
    const Prediction prediction = unwrap(without_gil([&] {
      const std::shared_lock lock(mutex_);
      return detector_.predict(span_of(point));
    }));
    nb::dict dict;
    dict["is_anomaly"] = prediction.is_anomaly;
    dict["severity"] = prediction.severity;
    return dict;
  }

 private:
  std::shared_mutex mutex_;
  AnomalyDetector detector_;
};

std::string text_of(const nb::dict& dict, const char* key) { return nb::cast<std::string>(dict[key]); }

std::vector<ThreatRule> rules_of(const nb::list& list) {
  std::vector<ThreatRule> rules;
  for (const nb::handle item : list) {
    const auto dict = nb::cast<nb::dict>(item);
    const std::string measure = text_of(dict, "measure");
    const auto known = threat_measure_from(measure);
    if (!known) {
      raise(
          {ErrorCode::invalid_argument, fmt::format("rule {}, measure: '{}' is not known", rules.size() + 1, measure)});
    }
    rules.push_back({.technique_id = text_of(dict, "technique_id"),
                     .technique = text_of(dict, "technique"),
                     .tactic_id = text_of(dict, "tactic_id"),
                     .tactic = text_of(dict, "tactic"),
                     .measure = *known,
                     .at_least = nb::cast<double>(dict["at_least"]),
                     .min_score = nb::cast<double>(dict["min_score"]),
                     .base_confidence = nb::cast<double>(dict["base_confidence"]),
                     .mitigation = text_of(dict, "mitigation")});
  }
  unwrap(validate(rules));
  return rules;
}

nb::list default_rules() {
  nb::list list;
  for (const ThreatRule& rule : default_threat_rules()) {
    nb::dict dict;
    dict["technique_id"] = rule.technique_id;
    dict["technique"] = rule.technique;
    dict["tactic_id"] = rule.tactic_id;
    dict["tactic"] = rule.tactic;
    dict["measure"] = to_string(rule.measure);
    dict["at_least"] = rule.at_least;
    dict["min_score"] = rule.min_score;
    dict["base_confidence"] = rule.base_confidence;
    dict["mitigation"] = rule.mitigation;
    list.append(dict);
  }
  return list;
}

class SharedProcessor {
 public:
  explicit SharedProcessor(PipelineOptions&& options) : processor_(std::move(options)) {}

  void ingest(const Event& event) {
    unwrap(without_gil([&] {
      const std::lock_guard lock(mutex_);
      return processor_.ingest(event);
    }));
  }
  nb::dict process_window() {
    return dict_of(unwrap(without_gil([&] {
      const std::lock_guard lock(mutex_);
      return processor_.process_window();
    })));
  }
  nb::list diagram() {
    return arrays_of(without_gil([&] {
      const std::lock_guard lock(mutex_);
      return processor_.pipeline().diagram();
    }));
  }

 private:
  std::mutex mutex_;
  DataProcessor processor_;
};

}  // namespace

void bind_analysis(nb::module_& module) {
  nb::class_<SharedAnalyzer>(module, "TopologyAnalyzer")
      .def(nb::init<std::size_t>(), nb::arg("max_dimension"))
      .def("compute_persistence", &SharedAnalyzer::compute_persistence, nb::arg("points").noconvert())
      .def("extract_betti_numbers", &SharedAnalyzer::extract_betti_numbers, nb::arg("diagrams").noconvert(),
           nb::arg("adaptive"), nb::arg("sigma"));

  nb::class_<SharedDetector>(module, "AnomalyDetector")
      .def(nb::init<std::size_t, double, std::uint64_t>(), nb::arg("input_dim"), nb::arg("contamination"),
           nb::arg("seed"))
      .def("train", &SharedDetector::train, nb::arg("normal").noconvert())
      .def("predict", &SharedDetector::predict, nb::arg("point").noconvert());

  nb::class_<ThreatClassifier>(module, "ThreatClassifier")
      .def(
          "__init__",
          [](ThreatClassifier* self, const nb::list& rules) { new (self) ThreatClassifier(rules_of(rules)); },
          nb::arg("rules"))
      .def(
          "classify",
          [](const ThreatClassifier& self, double anomaly_score, std::size_t h0, std::size_t h1, std::size_t h2,
             std::optional<double> event_rate_hz, std::optional<double> event_rate_ratio) {
            return dict_of(self.classify({.anomaly_score = anomaly_score,
                                          .betti_numbers = {.h0 = h0, .h1 = h1, .h2 = h2},
                                          .event_rate_hz = event_rate_hz,
                                          .event_rate_ratio = event_rate_ratio}));
          },
          nb::arg("anomaly_score"), nb::arg("h0"), nb::arg("h1"), nb::arg("h2"), nb::arg("event_rate_hz").none(),
          nb::arg("event_rate_ratio").none());
  module.def("default_threat_rules", &default_rules);

  nb::class_<SharedProcessor>(module, "DataProcessor")
      .def(
          "__init__",
          [](SharedProcessor* self, std::size_t window, std::size_t stride, std::size_t max_dimension,
             std::size_t calibration_events, double threshold, std::uint64_t seed, const nb::list& rules) {
            PipelineOptions options{.window = window,
                                    .stride = stride,
                                    .max_dimension = max_dimension,
                                    .calibration_events = calibration_events,
                                    .threshold = threshold,
                                    .seed = seed,
                                    .threat_rules = rules_of(rules)};
            unwrap(validate(options));
            new (self) SharedProcessor(std::move(options));
          },
          nb::arg("window"), nb::arg("stride"), nb::arg("max_dimension"), nb::arg("calibration_events"),
          nb::arg("threshold"), nb::arg("seed"), nb::arg("rules"))
      .def(
          "ingest",
          [](SharedProcessor& self, const std::vector<std::pair<std::string, double>>& values,
             std::optional<std::int64_t> timestamp_us, std::string source, std::string entity, std::string id) {
            Event event{.stream = {std::move(source), std::move(entity)},
                        .timestamp = {},
                        .values = {},
                        .attributes = {},
                        .id = std::move(id)};
            if (timestamp_us) event.timestamp = Timestamp(std::chrono::microseconds(*timestamp_us));
            for (const auto& [channel, value] : values) event.values.push_back({.channel = channel, .value = value});
            self.ingest(event);
          },
          nb::arg("values"), nb::arg("timestamp_us").none(), nb::arg("source"), nb::arg("entity"), nb::arg("id"))
      .def("process_window", &SharedProcessor::process_window)
      .def("diagram", &SharedProcessor::diagram);
}

}  // namespace topoforge::python
