#pragma once

#include <string_view>

/// Purpose: risk levels of an anomaly score. Units: scores in [0, 1]. Thread safety: pure.
namespace topoforge {

enum class RiskLevel { low, medium, high, critical };

/// Critical > 0.8, High > 0.5, Medium > 0.2, else Low.
constexpr RiskLevel risk_level(double anomaly_score) {
  if (anomaly_score > 0.8) return RiskLevel::critical;
  if (anomaly_score > 0.5) return RiskLevel::high;
  if (anomaly_score > 0.2) return RiskLevel::medium;
  return RiskLevel::low;
}

/// "Low", "Medium", "High", "Critical".
constexpr std::string_view to_string(RiskLevel level) {
  switch (level) {
    case RiskLevel::low: return "Low";
    case RiskLevel::medium: return "Medium";
    case RiskLevel::high: return "High";
    case RiskLevel::critical: return "Critical";
  }
  return "Low";
}

}  // namespace topoforge
