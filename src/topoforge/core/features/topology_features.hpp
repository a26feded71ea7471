#pragma once

#include <cstddef>
#include <span>

#include "topoforge/core/diagram/persistence_diagram.hpp"

/// Purpose: a diagram as a vector of fixed length for the topology detector. Thread safety: pure functions.
namespace topoforge {

inline constexpr std::size_t kTopologyFeaturesPerDimension = 8;

constexpr std::size_t topology_feature_count(std::size_t max_dimension) {
  return kTopologyFeaturesPerDimension * (max_dimension + 1);
}

/// For each dimension, of the finite classes: count, total, greatest and second persistence, median and 90 % quantile
/// of the persistence, birth of the most persistent class (all as log(0.01 + x), which suits distances normalised to a
/// median of 1), and persistent entropy. A dimension that the diagram lacks reads as empty.
/// out.size() == topology_feature_count(max_dimension). O(pairs log pairs).
void topology_features(const PersistenceDiagram& diagram, std::size_t max_dimension, std::span<double> out);

}  // namespace topoforge
