#include "topoforge/codec/json/analysis_model.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace topoforge {
namespace {

/// Of the strongest of the detectors whose names begin so.
double evidence(const Analysis& analysis, std::string_view detectors) {
  double greatest = 0.0;
  for (const Contribution& contribution : analysis.contributions) {
    if (!contribution.detector.starts_with(detectors)) continue;
    if (!(contribution.p_value > 0.0)) return 100.0;
    greatest = std::max(greatest, -100.0 * std::log10(contribution.p_value) / kFullEvidenceDecades);
  }
  return std::min(greatest, 100.0);
}

ScoreBars scores_of(const Analysis& analysis) {
  const double topology = evidence(analysis, "topology");
  return {.total = 100.0 * analysis.anomaly_score,
          .betti = topology,
          .entropy = topology,
          .ml = std::max(evidence(analysis, "isolation_forest"), evidence(analysis, "autoencoder"))};
}

TopologyFeatures features_of(const TopologySummary& topology) {
  TopologyFeatures features{.entropy = topology.entropy,
                            .total_lifetime = topology.total_lifetime,
                            .landscape = {.x = topology.landscape_x, .y = topology.landscape_y},
                            .approximation = std::nullopt};
  if (topology.approximation) features.approximation = view_of(*topology.approximation);
  return features;
}

}  // namespace

DiagramApproximation view_of(const Approximation& approximation) {
  const double bound = approximation.bottleneck_bound;
  return {.exact_below = approximation.exact_below,
          .bottleneck_bound = std::isfinite(bound) ? std::optional(bound) : std::nullopt};
}

AnalysisView view_of(const Analysis& analysis) {
  AnalysisView view{.betti_numbers = analysis.betti_numbers,
                    .anomaly_score = analysis.anomaly_score,
                    .is_anomaly = analysis.is_anomaly,
                    .scores = scores_of(analysis),
                    .topology_features = features_of(analysis.topology),
                    .security_analysis = analysis.security,
                    .window_size = analysis.window_size,
                    .timestamp = analysis.timestamp,
                    .sequence = analysis.sequence,
                    .source = analysis.stream.source,
                    .entity = analysis.stream.entity,
                    .p_value = analysis.p_value,
                    .confidence = analysis.confidence,
                    .threshold = analysis.threshold,
                    .risk_level = analysis.risk_level,
                    .contributions = analysis.contributions,
                    .attribution = analysis.attribution,
                    .episode = std::nullopt,
                    .explanation = analysis.explanation,
                    .detector = std::nullopt};
  if (analysis.episode) view.episode = EpisodeView{*analysis.episode, analysis.episode_change};
  if (!analysis.detector.empty()) view.detector = analysis.detector;
  return view;
}

}  // namespace topoforge
