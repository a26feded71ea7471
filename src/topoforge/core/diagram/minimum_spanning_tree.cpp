#include "topoforge/core/diagram/minimum_spanning_tree.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "topoforge/core/diagram/edge_order.hpp"

namespace topoforge {

void MinimumSpanningTree::components(std::span<const double> lower, std::size_t n, double max_edge_length,
                                     std::vector<PersistencePair>& pairs) {
  if (n == 0) return;
  const EdgeLengths lengths{lower.data()};
  outside_.resize(n - 1);
  std::iota(outside_.begin(), outside_.end(), std::size_t{0});
  to_tree_.assign(n - 1, std::numeric_limits<double>::infinity());
  std::size_t components = 1;
  for (std::size_t latest = n - 1; !outside_.empty();) {
    std::size_t nearest = 0;
    for (std::size_t i = 0; i < outside_.size(); ++i) {
      to_tree_[i] = std::min(to_tree_[i], lengths.of(EdgeEnds::between(outside_[i], latest)));
      if (to_tree_[i] < to_tree_[nearest]) nearest = i;
    }
    const double length = to_tree_[nearest];
    if (length > max_edge_length) {
      ++components;
    } else if (length > 0.0) {
      pairs.push_back({0.0, length});
    }
    latest = outside_[nearest];
    outside_[nearest] = outside_.back();
    to_tree_[nearest] = to_tree_.back();
    outside_.pop_back();
    to_tree_.pop_back();
  }
  pairs.insert(pairs.end(), components, {0.0, std::numeric_limits<double>::infinity()});
}

}  // namespace topoforge
