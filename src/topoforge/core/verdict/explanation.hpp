#pragma once

#include <span>
#include <string>

#include "topoforge/core/features/betti.hpp"

/// Purpose: why a verdict fell as it did, for programs and in words. Thread safety: values and pure functions.
namespace topoforge {

struct Contribution {
  std::string detector;  ///< the name of its kind, such as "isolation_forest"
  double share = 0.0;    ///< of the evidence, in [0, 1]; the shares of an analysis sum to 1
  double p_value = 1.0;  ///< of this detector alone
};

struct Attribution {
  std::string channel;
  double share = 0.0;      ///< in [0, 1]; the shares of an analysis sum to 1
  double value = 0.0;      ///< newest value of the window
  double expected = 0.0;   ///< median of the calibration
  double deviation = 0.0;  ///< (value - expected) in robust standard deviations, signed, within +-20
};

struct ExplanationInput {
  double anomaly_score = 0.0;
  double p_value = 1.0;
  double confidence = 0.0;
  bool is_anomaly = false;
  BettiNumbers betti_numbers = {};
  std::span<const Contribution> contributions = {};
  std::span<const Attribution> attribution = {};  ///< greatest share first
};

/// Two or three sentences: how rare, which detector and which channels say so, what the shape is, how sure.
std::string explain(const ExplanationInput& input);

}  // namespace topoforge
