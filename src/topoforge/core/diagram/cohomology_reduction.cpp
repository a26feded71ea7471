#include "topoforge/core/diagram/cohomology_reduction.hpp"

#include <algorithm>
#include <functional>
#include <limits>

#include "topoforge/core/diagram/apparent_pairs.hpp"

namespace topoforge {
namespace {

using Rank = RipsFiltration::Rank;

/// One degree: its columns are simplices of kVertices = degree + 1 vertices.
template <class Key, std::size_t kVertices>
class Degree {
 public:
  Degree(const RipsFiltration& filtration, std::size_t max_stored, ReductionWork<Key>& work)
      : filtration_(filtration), layout_(filtration.size()), max_stored_(max_stored), work_(work) {}

  /// Takes the edges that are not part of an apparent pair.
  void drop_apparent_columns() {
    std::erase_if(work_.columns,
                  [&](Key key) { return has_apparent_cofacet(filtration_, layout_.template unpack<kVertices>(key)); });
  }

  /// Gathers the simplices that are no pivot of the degree below (clearing) and in no apparent pair.
  bool assemble_columns() {
    work_.columns.clear();
    const auto size = static_cast<std::uint32_t>(filtration_.size());
    for (std::uint32_t vertex = 0; vertex < size; ++vertex) {
      if (!extend(Simplex<1>{0, {vertex}})) return false;
    }
    std::ranges::sort(work_.columns, std::greater<>());
    return true;
  }

  /// With `cocycles` a cocycle of each pair is added to them.
  bool reduce(std::vector<PersistencePair>& pairs, std::vector<Cocycle>* cocycles) {
    work_.pivots.clear();
    work_.reduction.clear();
    work_.reduction_ends.clear();
    for (std::size_t column = 0; column < work_.columns.size(); ++column) {
      const Simplex<kVertices> simplex = layout_.template unpack<kVertices>(work_.columns[column]);
      work_.working_reduction.clear();
      Key pivot = begin_column(simplex);
      while (pivot != 0 && add_column_with_pivot(pivot)) {
        if (stored() > max_stored_) return false;
        pivot = next_pivot();
      }
      cancel_repeated(work_.working_reduction);
      if (emit(simplex.rank, pivot, pairs) && cocycles != nullptr) cocycles->push_back(cocycle(work_.columns[column]));
      finish_column(column, pivot);
    }
    return true;
  }

 private:
  /// Visits the simplices that begin with the given vertices.
  template <std::size_t kCount>
  bool extend(const Simplex<kCount>& simplex) {
    if constexpr (kCount == kVertices) {
      return consider(simplex);
    } else {
      const auto size = static_cast<std::uint32_t>(filtration_.size());
      for (std::uint32_t vertex = simplex.vertices.back() + 1; vertex < size; ++vertex) {
        Rank rank = simplex.rank;
        for (const std::uint32_t other : simplex.vertices) rank = std::max(rank, filtration_.row(other)[vertex]);
        if (rank != RipsFiltration::kAbsent && !extend(with_vertex(simplex, vertex, rank))) return false;
      }
      return true;
    }
  }

  bool consider(const Simplex<kVertices>& simplex) {
    Simplex<kVertices - 1> facet;
    if (has_apparent_facet(filtration_, simplex, facet) || has_apparent_cofacet(filtration_, simplex)) return true;
    const Key key = layout_.pack(simplex);
    if (!work_.pivots.contains(key)) work_.columns.push_back(key);
    return work_.columns.size() <= max_stored_;
  }

  [[nodiscard]] std::size_t stored() const {
    return work_.columns.size() + work_.reduction.size() + work_.working_reduction.size() +
           work_.working_coboundary.size();
  }

  /// The coboundary of a column, and its pivot. Stops early at an emergent pair: a first cofacet of the column's own
  /// diameter is its pivot, and if it is no other's the column is reduced as it stands.
  Key begin_column(const Simplex<kVertices>& simplex) {
    work_.working_coboundary.clear();
    bool may_be_emergent = true;
    Key emergent = 0;
    visit_cofacets(filtration_, simplex, [&](std::uint32_t vertex, Rank rank) {
      if (rank == RipsFiltration::kAbsent) return true;
      const Simplex<kVertices + 1> cofacet = with_vertex(simplex, vertex, rank);
      const Key key = layout_.pack(cofacet);
      if (may_be_emergent && rank == simplex.rank) {
        may_be_emergent = false;
        Simplex<kVertices> facet;
        if (!work_.pivots.contains(key) && !has_apparent_facet(filtration_, cofacet, facet)) {
          emergent = key;
          return false;
        }
      }
      work_.working_coboundary.push_back(key);
      return true;
    });
    if (emergent != 0) return emergent;
    std::ranges::make_heap(work_.working_coboundary, std::greater<>());
    return next_pivot();
  }

  /// Takes the least key that is in the working coboundary an odd number of times off the heap; 0 if there is none.
  Key next_pivot() {
    while (!work_.working_coboundary.empty()) {
      const Key key = pop();
      if (work_.working_coboundary.empty() || work_.working_coboundary.front() != key) return key;
      pop();
    }
    return 0;
  }

  Key pop() {
    std::ranges::pop_heap(work_.working_coboundary, std::greater<>());
    const Key key = work_.working_coboundary.back();
    work_.working_coboundary.pop_back();
    return key;
  }

  /// Adds the reduced column that has this pivot to the working one. False if there is none.
  bool add_column_with_pivot(Key pivot) {
    const std::size_t column = work_.pivots.find(pivot);
    if (column != PivotMap<Key>::kNone) {
      add_simplex(work_.columns[column], pivot);
      const std::size_t begin = column == 0 ? 0 : work_.reduction_ends[column - 1];
      for (std::size_t at = begin; at < work_.reduction_ends[column]; ++at) add_simplex(work_.reduction[at], pivot);
      return true;
    }
    Simplex<kVertices> facet;
    if (!has_apparent_facet(filtration_, layout_.template unpack<kVertices + 1>(pivot), facet)) return false;
    add_simplex(layout_.pack(facet), pivot);
    return true;
  }

  /// Adds the coboundary of one simplex of a column that has this pivot. What is below the pivot is left out: it
  /// cancels within the column.
  void add_simplex(Key key, Key pivot) {
    work_.working_reduction.push_back(key);
    const Simplex<kVertices> simplex = layout_.template unpack<kVertices>(key);
    const Rank least_rank = layout_.template rank<kVertices + 1>(pivot);
    visit_cofacets(filtration_, simplex, [&](std::uint32_t vertex, Rank rank) {
      if (rank < least_rank || rank == RipsFiltration::kAbsent) return true;
      const Key cofacet = layout_.pack(with_vertex(simplex, vertex, rank));
      if (cofacet <= pivot) return true;
      work_.working_coboundary.push_back(cofacet);
      std::ranges::push_heap(work_.working_coboundary, std::greater<>());
      return true;
    });
  }

  /// What was added twice was not added.
  static void cancel_repeated(std::vector<Key>& added) {
    std::ranges::sort(added);
    std::size_t kept = 0;
    for (std::size_t at = 0; at < added.size(); ++at) {
      if (at + 1 < added.size() && added[at] == added[at + 1]) {
        ++at;
      } else {
        added[kept++] = added[at];
      }
    }
    added.resize(kept);
  }

  /// Stores what was added to a column.
  void finish_column(std::size_t column, Key pivot) {
    if (pivot != 0) {
      work_.pivots.insert(pivot, column);
      work_.reduction.insert(work_.reduction.end(), work_.working_reduction.begin(), work_.working_reduction.end());
    }
    work_.reduction_ends.push_back(work_.reduction.size());
  }

  /// The simplices of a reduced column: its own, and what was added to it. Its coboundary begins at the pivot.
  [[nodiscard]] Cocycle cocycle(Key column) const {
    Cocycle simplices;
    const auto add = [&](Key key) {
      const auto& vertices = layout_.template unpack<kVertices>(key).vertices;
      simplices.emplace_back(vertices.begin(), vertices.end());
    };
    add(column);
    std::ranges::for_each(work_.working_reduction, add);
    std::ranges::sort(simplices);
    return simplices;
  }

  /// False for a pair of zero persistence, which is none.
  bool emit(Rank birth, Key pivot, std::vector<PersistencePair>& pairs) const {
    if (pivot == 0) {
      pairs.push_back({filtration_.length(birth), std::numeric_limits<double>::infinity()});
      return true;
    }
    const Rank death = layout_.template rank<kVertices + 1>(pivot);
    if (death != birth) pairs.push_back({filtration_.length(birth), filtration_.length(death)});
    return death != birth;
  }

  const RipsFiltration& filtration_;
  const KeyLayout<Key> layout_;
  const std::size_t max_stored_;
  ReductionWork<Key>& work_;
};

}  // namespace

template <class Key>
bool reduce_cohomology(const RipsFiltration& filtration, std::size_t max_stored, ReductionWork<Key>& work,
                       std::vector<std::vector<PersistencePair>>& pairs, std::vector<std::vector<Cocycle>>* cocycles) {
  const auto of_degree = [&](std::size_t k) { return cocycles == nullptr ? nullptr : &(*cocycles)[k]; };
  if (pairs.size() > 1) {
    Degree<Key, 2> degree(filtration, max_stored, work);
    degree.drop_apparent_columns();
    if (!degree.reduce(pairs[1], of_degree(1))) return false;
  }
  if (pairs.size() > 2) {
    Degree<Key, 3> degree(filtration, max_stored, work);
    if (!degree.assemble_columns() || !degree.reduce(pairs[2], of_degree(2))) return false;
  }
  if (pairs.size() > 3) {
    Degree<Key, 4> degree(filtration, max_stored, work);
    if (!degree.assemble_columns() || !degree.reduce(pairs[3], of_degree(3))) return false;
  }
  return true;
}

template bool reduce_cohomology(const RipsFiltration&, std::size_t, ReductionWork<NarrowKey>&,
                                std::vector<std::vector<PersistencePair>>&, std::vector<std::vector<Cocycle>>*);
template bool reduce_cohomology(const RipsFiltration&, std::size_t, ReductionWork<WideKey>&,
                                std::vector<std::vector<PersistencePair>>&, std::vector<std::vector<Cocycle>>*);

}  // namespace topoforge
