#include "topoforge/core/diagram/diagram_distance.hpp"

#include "topoforge/core/diagram/diagram_matching.hpp"

namespace topoforge {

Result<double> bottleneck_distance(std::span<const PersistencePair> first, std::span<const PersistencePair> second) {
  return DiagramMatcher().bottleneck_distance(first, second);
}

Result<double> wasserstein_distance(std::span<const PersistencePair> first, std::span<const PersistencePair> second,
                                    double p) {
  return DiagramMatcher().wasserstein_distance(first, second, p);
}

}  // namespace topoforge
