#pragma once

#include <cstddef>

#include "topoforge/core/diagram/persistence_diagram.hpp"

/// Purpose: Betti numbers of a diagram, up to H2; a dimension that the diagram lacks counts 0.
/// Thread safety: pure functions.
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
/// (population) of the finite lifetimes of that dimension, and the essential classes. Equal lifetimes never exceed
/// their mean. O(pairs).
BettiNumbers adaptive_betti_numbers(const PersistenceDiagram& diagram, double sigma = 2.0);

/// Every class of positive lifetime, the essential ones included. O(pairs).
BettiNumbers lasting_betti_numbers(const PersistenceDiagram& diagram);

}  // namespace topoforge
