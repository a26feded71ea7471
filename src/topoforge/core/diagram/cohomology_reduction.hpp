#pragma once

#include <cstddef>
#include <vector>

#include "topoforge/core/diagram/persistence_diagram.hpp"
#include "topoforge/core/diagram/pivot_map.hpp"
#include "topoforge/core/diagram/representatives.hpp"
#include "topoforge/core/diagram/rips_filtration.hpp"
#include "topoforge/core/diagram/simplex_key.hpp"

/// Purpose: the persistence pairs of positive degree of a Rips filtration, by reduction of its coboundary matrix.
/// Source: Bauer, "Ripser" (2021): columns in reverse order of the filtration; clearing; apparent pairs, which are
/// recognised and never stored; emergent pairs; the coboundary is enumerated, only the reduction matrix is stored.
/// Internal to core/diagram. Thread safety: none.
namespace topoforge {

/// What a reduction stores, kept to be used again.
template <class Key>
struct ReductionWork {
  std::vector<Key> columns;                 ///< simplices of one dimension, descending
  PivotMap<Key> pivots;                     ///< cofacet -> position of its column
  std::vector<std::size_t> reduction_ends;  ///< where each column's part of reduction ends
  std::vector<Key> reduction;               ///< for each column the simplices whose coboundaries were added to it
  std::vector<Key> working_reduction;
  std::vector<Key> working_coboundary;  ///< a heap, least key on top; a key in it twice stands for nothing
};

/// work.columns: the edges that close a cycle, descending. Appends the classes of degree k to pairs[k] for
/// 1 <= k < pairs.size(), unsorted, and if `cocycles` is given of each class a cocycle to (*cocycles)[k]. Key must hold
/// simplices of pairs.size() + 1 vertices. False if more than max_stored keys would have to be stored at once; the
/// pairs are then incomplete.
template <class Key>
bool reduce_cohomology(const RipsFiltration& filtration, std::size_t max_stored, ReductionWork<Key>& work,
                       std::vector<std::vector<PersistencePair>>& pairs, std::vector<std::vector<Cocycle>>* cocycles);

extern template bool reduce_cohomology(const RipsFiltration&, std::size_t, ReductionWork<NarrowKey>&,
                                       std::vector<std::vector<PersistencePair>>&, std::vector<std::vector<Cocycle>>*);
extern template bool reduce_cohomology(const RipsFiltration&, std::size_t, ReductionWork<WideKey>&,
                                       std::vector<std::vector<PersistencePair>>&, std::vector<std::vector<Cocycle>>*);

}  // namespace topoforge
