#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "topoforge/core/diagram/persistence_diagram.hpp"

/// Purpose: H0 alone: a component dies at each edge of a minimum spanning tree.
/// Method: Prim (1957) on the full graph: O(n^2) time, 12 n bytes, no sort. Internal to core/diagram.
/// Thread safety: none; work memory is kept between calls.
namespace topoforge {

class MinimumSpanningTree {
 public:
  /// lower: strict lower triangle of n points. Appends the classes of H0, unordered; those that max_edge_length keeps
  /// apart are essential, and those that die at 0 are left out.
  void components(std::span<const double> lower, std::size_t n, double max_edge_length,
                  std::vector<PersistencePair>& pairs);

 private:
  std::vector<std::size_t> outside_;
  std::vector<double> to_tree_;
};

}  // namespace topoforge
