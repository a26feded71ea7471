#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "topoforge/core/diagram/persistence_diagram.hpp"

/// Purpose: numbers that sum up the classes of one dimension. Units: lifetimes are distances, entropy is in nats.
/// Source of the entropy: Atienza, Gonzalez-Diaz, Rucco, "Persistent entropy for separating topological features
/// from noise in Vietoris-Rips complexes", 2019. Thread safety: pure functions.
namespace topoforge {

/// Lifetimes are those of the finite classes; everything but essential_count is 0 without one.
struct PersistenceStatistics {
  std::size_t finite_count = 0;
  std::size_t essential_count = 0;
  double total = 0.0;               ///< sum of the lifetimes
  double maximum = 0.0;             ///< greatest lifetime
  double mean = 0.0;                ///< exact where all lifetimes are equal
  double standard_deviation = 0.0;  ///< of the population; exactly 0 where all lifetimes are equal
  double entropy = 0.0;             ///< -sum p ln p with p = lifetime / total
  double normalised_entropy = 0.0;  ///< entropy / ln(finite_count), in [0, 1]; 0 for fewer than two classes

  bool operator==(const PersistenceStatistics&) const = default;
};

/// O(pairs).
PersistenceStatistics persistence_statistics(std::span<const PersistencePair> pairs);

/// One for each dimension of the diagram. O(pairs).
std::vector<PersistenceStatistics> persistence_statistics(const PersistenceDiagram& diagram);

}  // namespace topoforge
