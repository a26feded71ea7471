#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "topoforge/core/diagram/persistence_diagram.hpp"
#include "topoforge/core/event/event.hpp"
#include "topoforge/core/features/betti.hpp"
#include "topoforge/core/threat/threat_classifier.hpp"
#include "topoforge/core/verdict/episode.hpp"
#include "topoforge/core/verdict/explanation.hpp"
#include "topoforge/core/verdict/risk.hpp"

/// Purpose: what is said of one window. Thread safety: values.
namespace topoforge {

/// Features of the window's diagram for people and front ends: entropy and total lifetime over all dimensions, the
/// landscape of H1.
struct TopologySummary {
  double entropy = 0.0;         ///< persistent entropy, natural logarithm
  double total_lifetime = 0.0;  ///< of finite classes
  std::vector<double> landscape_x;
  std::vector<double> landscape_y;  ///< first layer
  /// Of a window that was too rich to be computed whole; distances are those of the normalised window.
  std::optional<Approximation> approximation = std::nullopt;
};

struct Analysis {
  std::uint64_t sequence = 0;  ///< number of the window's newest event in its stream, from 0
  StreamKey stream;
  std::string detector;                ///< name of the detector that looked at it; empty: the one for all streams
  std::optional<Timestamp> timestamp;  ///< of the newest event
  std::size_t window_size = 0;

  double anomaly_score = 0.0;  ///< in [0, 1]; monotone in p_value, the same rarity on every stream
  double p_value = 1.0;
  double confidence = 0.0;  ///< how much calibration data stands behind it, in [0, 1)
  double threshold = 0.5;   ///< the anomaly score above which is_anomaly
  bool is_anomaly = false;
  RiskLevel risk_level = RiskLevel::low;

  BettiNumbers betti_numbers;
  TopologySummary topology;
  std::vector<Contribution> contributions;
  std::vector<Attribution> attribution;  ///< greatest share first
  std::optional<Episode> episode;        ///< the open one, or the one that this event closed
  EpisodeChange episode_change = EpisodeChange::none;
  SecurityAnalysis security;
  std::string explanation;  ///< one or two sentences
};

}  // namespace topoforge
