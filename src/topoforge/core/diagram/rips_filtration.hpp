#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "topoforge/core/cloud/distance_matrix.hpp"

/// Purpose: the edges of a Vietoris-Rips filtration by rank. Equal lengths have equal ranks, so that all later
/// comparisons are of integers and ties are exact.
/// Memory: 4 n^2 bytes of ranks and 40 bytes for each edge that stays. Internal to core/diagram.
/// Thread safety: none; a filtration is rebuilt in place to keep its memory.
namespace topoforge {

class RipsFiltration {
 public:
  using Rank = std::uint32_t;
  /// The rank of what is not in the filtration; also of a point with itself, so that no search for a further vertex
  /// of a simplex finds one that it has.
  static constexpr Rank kAbsent = std::numeric_limits<Rank>::max();

  struct Edge {
    Rank rank;
    std::uint16_t tail;  ///< tail < head
    std::uint16_t head;
  };

  /// Keeps the edges of at most max_edge_length. Edges beyond the enclosing radius min_i max_j d(i, j) are left out as
  /// well: from there on the complex is a cone, so that nothing is born and nothing of positive degree lives.
  void build(const DistanceMatrix& distances, double max_edge_length);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::span<const Edge> edges() const { return edges_; }  ///< ascending by (rank, tail, head)
  /// Row of the symmetric table of ranks; ranks of edges begin at 1, and 0 is the rank of a vertex.
  [[nodiscard]] const Rank* row(std::size_t vertex) const { return ranks_.data() + vertex * size_; }
  [[nodiscard]] double length(Rank rank) const { return lengths_[rank]; }
  [[nodiscard]] Rank last_rank() const { return static_cast<Rank>(lengths_.size() - 1); }

 private:
  struct Keyed {
    std::uint64_t bits;  ///< of the length: non-negative doubles are ordered as their bits
    std::uint16_t tail;
    std::uint16_t head;
  };
  void collect(const DistanceMatrix& distances, double longest);
  void sort_by_bits();

  std::size_t size_ = 0;
  std::vector<Rank> ranks_;
  std::vector<Edge> edges_;
  std::vector<double> lengths_;
  std::vector<Keyed> keyed_;
  std::vector<Keyed> sorting_buffer_;
};

}  // namespace topoforge
