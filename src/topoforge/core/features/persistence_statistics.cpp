#include "topoforge/core/features/persistence_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace topoforge {
namespace {

void add_spread(PersistenceStatistics& statistics, std::span<const PersistencePair> pairs, double minimum) {
  // Rounding in the sum must not make one of several equal lifetimes exceed the mean.
  if (minimum == statistics.maximum) {
    statistics.mean = minimum;
    return;
  }
  const auto count = static_cast<double>(statistics.finite_count);
  statistics.mean = statistics.total / count;
  double squares = 0.0;
  for (const PersistencePair& pair : pairs) {
    if (pair.essential()) continue;
    const double deviation = pair.lifetime() - statistics.mean;
    squares += deviation * deviation;
  }
  statistics.standard_deviation = std::sqrt(squares / count);
}

void add_entropy(PersistenceStatistics& statistics, std::span<const PersistencePair> pairs) {
  if (statistics.finite_count < 2 || statistics.total <= 0.0) return;
  double entropy = 0.0;
  for (const PersistencePair& pair : pairs) {
    if (pair.essential()) continue;
    const double share = pair.lifetime() / statistics.total;
    if (share > 0.0) entropy -= share * std::log(share);
  }
  const double greatest = std::log(static_cast<double>(statistics.finite_count));
  statistics.entropy = std::clamp(entropy, 0.0, greatest);
  statistics.normalised_entropy = statistics.entropy / greatest;
}

}  // namespace

PersistenceStatistics persistence_statistics(std::span<const PersistencePair> pairs) {
  PersistenceStatistics statistics;
  double minimum = std::numeric_limits<double>::infinity();
  for (const PersistencePair& pair : pairs) {
    if (pair.essential()) {
      ++statistics.essential_count;
      continue;
    }
    const double lifetime = pair.lifetime();
    ++statistics.finite_count;
    statistics.total += lifetime;
    statistics.maximum = std::max(statistics.maximum, lifetime);
    minimum = std::min(minimum, lifetime);
  }
  if (statistics.finite_count == 0) return statistics;
  add_spread(statistics, pairs, minimum);
  add_entropy(statistics, pairs);
  return statistics;
}

std::vector<PersistenceStatistics> persistence_statistics(const PersistenceDiagram& diagram) {
  std::vector<PersistenceStatistics> statistics;
  statistics.reserve(diagram.dimensions());
  for (const auto& pairs : diagram.pairs) statistics.push_back(persistence_statistics(std::span(pairs)));
  return statistics;
}

}  // namespace topoforge
