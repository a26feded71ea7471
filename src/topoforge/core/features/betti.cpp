#include "topoforge/core/features/betti.hpp"

#include <algorithm>
#include <span>

#include "topoforge/core/features/persistence_statistics.hpp"

namespace topoforge {
namespace {

/// Applies `count` to the classes of H0, H1 and H2; a dimension that the diagram lacks counts 0.
template <class Count>
BettiNumbers for_each_dimension(const PersistenceDiagram& diagram, Count count) {
  const auto in = [&](std::size_t dimension) {
    return dimension < diagram.dimensions() ? count(std::span(diagram.pairs[dimension])) : std::size_t{0};
  };
  return {.h0 = in(0), .h1 = in(1), .h2 = in(2)};
}

}  // namespace

BettiNumbers betti_numbers_at(const PersistenceDiagram& diagram, double scale) {
  return for_each_dimension(diagram, [scale](std::span<const PersistencePair> pairs) {
    return static_cast<std::size_t>(std::count_if(pairs.begin(), pairs.end(), [scale](const PersistencePair& pair) {
      return pair.birth <= scale && scale < pair.death;
    }));
  });
}

BettiNumbers adaptive_betti_numbers(const PersistenceDiagram& diagram, double sigma) {
  return for_each_dimension(diagram, [sigma](std::span<const PersistencePair> pairs) {
    const PersistenceStatistics statistics = persistence_statistics(pairs);
    const double bar = statistics.mean + sigma * statistics.standard_deviation;
    return static_cast<std::size_t>(std::count_if(pairs.begin(), pairs.end(), [bar](const PersistencePair& pair) {
      return pair.essential() || pair.lifetime() > bar;
    }));
  });
}

BettiNumbers lasting_betti_numbers(const PersistenceDiagram& diagram) {
  return for_each_dimension(diagram, [](std::span<const PersistencePair> pairs) {
    return static_cast<std::size_t>(
        std::count_if(pairs.begin(), pairs.end(), [](const PersistencePair& pair) { return pair.lifetime() > 0.0; }));
  });
}

}  // namespace topoforge
