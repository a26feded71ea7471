#pragma once

#include <cmath>
#include <cstddef>
#include <optional>
#include <vector>

/// Purpose: the persistence diagram of a filtration. Units: filtration values are distances.
/// Thread safety: values.
namespace topoforge {

struct PersistencePair {
  double birth = 0.0;
  double death = 0.0;  ///< +inf for an essential class

  [[nodiscard]] double lifetime() const { return death - birth; }
  [[nodiscard]] bool essential() const { return std::isinf(death); }
  auto operator<=>(const PersistencePair&) const = default;
};

/// Of a diagram whose computation was cut short.
struct Approximation {
  /// The diagram of the edges shorter than this is exact; in degrees above 0 nothing is known of longer ones.
  double exact_below = 0.0;
  /// The bottleneck distance to the exact diagram is at most this, +inf where classes may be essential.
  double bottleneck_bound = 0.0;

  bool operator==(const Approximation&) const = default;
};

/// pairs[k] are the classes of H_k, ordered by (birth, death). Pairs of zero persistence are left out.
struct PersistenceDiagram {
  std::vector<std::vector<PersistencePair>> pairs;
  /// None for an exact diagram. Otherwise a class that is alive at exact_below is given the middle of the lengths at
  /// which it may die, or +inf where it may be essential; degree 0 is exact.
  std::optional<Approximation> approximation = std::nullopt;

  [[nodiscard]] std::size_t dimensions() const { return pairs.size(); }
  bool operator==(const PersistenceDiagram&) const = default;
};

}  // namespace topoforge
