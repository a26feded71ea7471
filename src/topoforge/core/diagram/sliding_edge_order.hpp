#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "topoforge/core/diagram/edge_order.hpp"

/// Purpose: the edges between n points in the total order of EdgeOrder, while one point after the other is replaced.
/// Method: the edges of the point that went are left out and its new ones, sorted, are merged into what is left:
/// O(n^2) reads in their order, about half of the work of sorting all anew.
/// Internal to core/diagram. Thread safety: none.
namespace topoforge {

class SlidingEdgeOrder {
 public:
  /// lower: strict lower triangle of n points.
  void start(std::span<const double> lower, std::size_t n, EdgeOrder& order);
  /// The edges of a point have new lengths in `lower`. Needs a start.
  void replace(std::span<const double> lower, std::size_t point);
  /// Those of at most `longest`; good until the next call.
  std::span<const EdgeEnds> edges(double longest);

 private:
  std::size_t n_ = 0;
  std::vector<EdgeKey> keys_;
  std::vector<EdgeKey> fresh_;
  std::vector<EdgeKey> merged_;
  std::vector<EdgeEnds> edges_;
};

}  // namespace topoforge
