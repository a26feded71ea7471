#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <numeric>
#include <vector>

#include "topoforge/core/cloud/distance_matrix.hpp"
#include "topoforge/core/diagram/cohomology_reduction.hpp"
#include "topoforge/core/diagram/persistence_diagram.hpp"
#include "topoforge/core/diagram/representatives.hpp"
#include "topoforge/core/diagram/rips_filtration.hpp"
#include "topoforge/core/diagram/simplex_key.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"

/// Purpose: persistent cohomology of a Vietoris-Rips filtration in degrees 0 to kMaxHomologyDimension.
/// Internal to core/diagram. Thread safety: none.
namespace topoforge {

class UnionFind {
 public:
  void reset(std::size_t size) {
    parents_.resize(size);
    std::iota(parents_.begin(), parents_.end(), std::size_t{0});
    components_ = size;
  }
  [[nodiscard]] std::size_t components() const { return components_; }
  /// False if a and b were in one component already.
  bool join(std::size_t a, std::size_t b) {
    a = root(a);
    b = root(b);
    if (a == b) return false;
    parents_[a] = b;
    --components_;
    return true;
  }

 private:
  std::size_t root(std::size_t a) {
    while (parents_[a] != a) a = parents_[a] = parents_[parents_[a]];
    return a;
  }

  std::vector<std::size_t> parents_;
  std::size_t components_ = 0;
};

class CohomologyEngine {
 public:
  /// Options are valid. With `cocycles`, of as many degrees as `pairs`, a cocycle of each pair of positive degree is
  /// added to them. False when more than max_stored_simplices would be needed; pairs are then incomplete.
  bool compute(const DistanceMatrix& distances, const VietorisRipsOptions& options,
               std::vector<std::vector<PersistencePair>>& pairs,
               std::vector<std::vector<Cocycle>>* cocycles = nullptr) {
    filtration_.build(distances, options.max_edge_length);
    const std::size_t most_vertices = options.max_dimension + 2;
    const std::size_t max_stored = std::min(options.max_stored_simplices, options.max_cells);
    return KeyLayout<NarrowKey>::fits(distances.size(), filtration_.last_rank(), most_vertices)
               ? compute_pairs(max_stored, narrow_, pairs, cocycles)
               : compute_pairs(max_stored, wide_, pairs, cocycles);
  }

 private:
  /// Degree 0 by Kruskal's algorithm. The edges that close a cycle are the columns of degree 1.
  template <class Key>
  void join_components(std::vector<PersistencePair>& pairs, std::vector<Key>& cycle_edges) {
    const KeyLayout<Key> layout(filtration_.size());
    cycle_edges.clear();
    components_.reset(filtration_.size());
    for (const RipsFiltration::Edge& edge : filtration_.edges()) {
      if (!components_.join(edge.tail, edge.head)) {
        cycle_edges.push_back(layout.pack(Simplex<2>{edge.rank, {edge.tail, edge.head}}));
      } else if (filtration_.length(edge.rank) > 0.0) {
        pairs.push_back({0.0, filtration_.length(edge.rank)});
      }
    }
    pairs.insert(pairs.end(), components_.components(), {0.0, std::numeric_limits<double>::infinity()});
    std::ranges::reverse(cycle_edges);
  }

  template <class Key>
  bool compute_pairs(std::size_t max_stored, ReductionWork<Key>& work, std::vector<std::vector<PersistencePair>>& pairs,
                     std::vector<std::vector<Cocycle>>* cocycles) {
    join_components(pairs[0], work.columns);
    return reduce_cohomology(filtration_, max_stored, work, pairs, cocycles);
  }

  RipsFiltration filtration_;
  UnionFind components_;
  ReductionWork<NarrowKey> narrow_;
  ReductionWork<WideKey> wide_;
};

}  // namespace topoforge
