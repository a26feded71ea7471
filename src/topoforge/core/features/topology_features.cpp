#include "topoforge/core/features/topology_features.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <vector>

namespace topoforge {
namespace {

double log_scaled(double value) { return std::log(0.01 + value); }

void features_of(std::span<const PersistencePair> pairs, std::span<double> out) {
  std::vector<double> lifetimes;
  double total = 0.0;
  double longest = 0.0;
  double birth_of_longest = 0.0;
  for (const PersistencePair& pair : pairs) {
    if (pair.essential()) continue;
    const double lifetime = pair.lifetime();
    lifetimes.push_back(lifetime);
    total += lifetime;
    if (lifetime > longest) {
      longest = lifetime;
      birth_of_longest = pair.birth;
    }
  }
  std::sort(lifetimes.begin(), lifetimes.end(), std::greater<>());
  const auto from_top = [&](std::size_t index) { return index < lifetimes.size() ? lifetimes[index] : 0.0; };
  double entropy = 0.0;
  for (const double lifetime : lifetimes) {
    const double share = lifetime / total;
    if (share > 0.0) entropy -= share * std::log(share);
  }
  out[0] = log_scaled(static_cast<double>(lifetimes.size()));
  out[1] = log_scaled(total);
  out[2] = log_scaled(from_top(0));
  out[3] = log_scaled(from_top(1));
  out[4] = log_scaled(from_top(lifetimes.size() / 2));
  out[5] = log_scaled(from_top(lifetimes.size() / 10));
  out[6] = log_scaled(birth_of_longest);
  out[7] = entropy;
}

}  // namespace

void topology_features(const PersistenceDiagram& diagram, std::size_t max_dimension, std::span<double> out) {
  assert(out.size() == topology_feature_count(max_dimension));
  for (std::size_t dimension = 0; dimension <= max_dimension; ++dimension) {
    const auto part = out.subspan(dimension * kTopologyFeaturesPerDimension, kTopologyFeaturesPerDimension);
    features_of(dimension < diagram.dimensions() ? std::span<const PersistencePair>(diagram.pairs[dimension])
                                                 : std::span<const PersistencePair>(),
                part);
  }
}

}  // namespace topoforge
