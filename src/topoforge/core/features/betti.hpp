#pragma once

#include <cstddef>

#include "topoforge/core/diagram/persistence_diagram.hpp"

/// Purpose: Betti numbers of a diagram. Thread safety: pure functions.
namespace topoforge {

struct BettiNumbers {
  std::size_t h0 = 0;  ///< connected components
  std::size_t h1 = 0;  ///< loops
  std::size_t h2 = 0;  ///< voids

  bool operator==(const BettiNumbers&) const = default;
};

/// Classes alive at the scale: birth <= scale < death. O(pairs).
BettiNumbers betti_numbers_at(const PersistenceDiagram& diagram, double scale);

/// Adaptive: counts, in each dimension, the finite classes whose lifetime exceeds mean + sigma * standard deviation
/// (population) of the finite lifetimes of that dimension, and the essential classes. O(pairs).
BettiNumbers adaptive_betti_numbers(const PersistenceDiagram& diagram, double sigma = 2.0);

}  // namespace topoforge
