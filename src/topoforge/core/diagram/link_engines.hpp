#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "topoforge/core/diagram/edge_order.hpp"
#include "topoforge/core/diagram/link_engine.hpp"
#include "topoforge/core/diagram/minimum_spanning_tree.hpp"
#include "topoforge/core/diagram/persistence_diagram.hpp"

/// Purpose: diagrams from scratch up to degree 2, one after another, of windows of any number of points.
/// Internal to core/diagram. Thread safety: none.
namespace topoforge {

class LinkEngines {
 public:
  /// lower: strict lower triangle of n <= LinkEngine::kMaxPoints points. As LinkEngine::compute, also for degree 0.
  /// diagram.pairs: max_dimension + 1 empty lists.
  bool compute(std::span<const double> lower, std::size_t n, const LinkEngine::Limits& limits,
               PersistenceDiagram& diagram) {
    if (limits.max_dimension == 0 || n < 2) {
      diagram.approximation.reset();
      tree_.components(lower, n, limits.max_edge_length, diagram.pairs[0]);
      return true;
    }
    return compute(lower, n, edges_of(lower, n, limits.max_edge_length), limits, diagram);
  }
  /// The same for degree 1 or 2 and n >= 2, of the edges of the filtration in their order.
  bool compute(std::span<const double> lower, std::size_t n, std::span<const EdgeEnds> edges,
               const LinkEngine::Limits& limits, PersistenceDiagram& diagram) {
    diagram.approximation.reset();
    const LinkEngine::ExactBelow exact_below = engine_for(n).compute({lower.data()}, n, edges, limits, diagram.pairs);
    if (exact_below && std::isfinite(*exact_below)) approximate(lower, n, limits, *exact_below, diagram);
    return exact_below.has_value();
  }
  /// The same for degree 1 or 2 and n >= 2, with the edges of the filtration and how the pairs came about.
  bool compute(std::span<const double> lower, std::size_t n, const LinkEngine::Limits& limits, LinkEngine::Pairs& pairs,
               std::vector<EdgeEnds>& edges, LinkTrace& trace) {
    const auto sorted = edges_of(lower, n, limits.max_edge_length);
    edges.assign(sorted.begin(), sorted.end());
    if (!engine_for(n).compute({lower.data()}, n, edges, limits, pairs)) return false;
    engine_for(n).trace(edges, trace);
    return true;
  }

 private:
  std::span<const EdgeEnds> edges_of(std::span<const double> lower, std::size_t n, double max_edge_length) {
    return order_.sort(lower, n, std::min(max_edge_length, order_.enclosing_ball(lower, n).radius));
  }
  /// Of a diagram of the edges shorter than exact_below alone.
  void approximate(std::span<const double> lower, std::size_t n, const LinkEngine::Limits& limits, double exact_below,
                   PersistenceDiagram& diagram) {
    diagram.pairs[0].clear();
    tree_.components(lower, n, limits.max_edge_length, diagram.pairs[0]);
    // At the enclosing radius all that is alive dies, unless the filtration ends before.
    const double radius = order_.enclosing_ball(lower, n).radius;
    // The middle is rounded, the bound is that of the rounded one.
    const double middle = limits.max_edge_length < radius ? std::numeric_limits<double>::infinity()
                                                          : exact_below + (radius - exact_below) / 2;
    diagram.approximation = {exact_below, std::max(middle - exact_below, radius - middle)};
    for (std::size_t degree = 1; degree < diagram.dimensions(); ++degree) {
      for (PersistencePair& pair : diagram.pairs[degree]) {
        if (pair.essential()) pair.death = middle;
      }
    }
  }
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
