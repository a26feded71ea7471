#pragma once

#include <cmath>
#include <cstddef>
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

/// pairs[k] are the classes of H_k, ordered by (birth, death). Pairs of zero persistence are left out.
struct PersistenceDiagram {
  std::vector<std::vector<PersistencePair>> pairs;

  [[nodiscard]] std::size_t dimensions() const { return pairs.size(); }
  bool operator==(const PersistenceDiagram&) const = default;
};

}  // namespace topoforge
