#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <memory>
#include <span>

#include "topoforge/core/diagram/edge_order.hpp"
#include "topoforge/core/diagram/link_engine.hpp"
#include "topoforge/core/diagram/minimum_spanning_tree.hpp"

/// Purpose: diagrams from scratch up to degree 2, one after another, of windows of any number of points.
/// Internal to core/diagram. Thread safety: none.
namespace topoforge {

class LinkEngines {
 public:
  /// lower: strict lower triangle of n <= LinkEngine::kMaxPoints points. As LinkEngine::compute, also for degree 0.
  bool compute(std::span<const double> lower, std::size_t n, const LinkEngine::Limits& limits,
               LinkEngine::Pairs& pairs) {
    if (limits.max_dimension == 0 || n < 2) {
      tree_.components(lower, n, limits.max_edge_length, pairs[0]);
      return true;
    }
    const double longest = std::min(limits.max_edge_length, order_.enclosing_ball(lower, n).radius);
    return engine_for(n).compute({lower.data()}, n, order_.sort(lower, n, longest), limits, pairs);
  }

 private:
  /// Engines by their width, a power of two words; each is made when it is first needed.
  LinkEngine& engine_for(std::size_t n) {
    std::unique_ptr<LinkEngine>& engine = engines_.at(std::bit_width((n - 1) / 64));
    if (!engine) engine = make_link_engine(n);
    return *engine;
  }

  EdgeOrder order_;
  MinimumSpanningTree tree_;
  std::array<std::unique_ptr<LinkEngine>, 6> engines_;
};

}  // namespace topoforge
