#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "topoforge/core/diagram/matching_problem.hpp"

/// Purpose: the bottleneck distance of the finite pairs of two diagrams. Reused, so that its memory is asked for once.
/// Thread safety: one owner at a time.
namespace topoforge {

/// Whether all pairs of one diagram that are farther than a radius from the diagonal can be matched to different pairs
/// of another within this radius. Augmenting paths, with the pairs near a pair as the bits of words:
/// O(a^2 b / 64 + a b) time, a b / 8 bytes.
class RadiusMatching {
 public:
  bool covers(const FinitePairs& from, const FinitePairs& to, double radius);

 private:
  void mark_near(const FinitePairs& from, std::size_t pair, const FinitePairs& to, double radius, std::uint64_t* bits);
  bool augment(std::size_t start);
  void take(std::size_t row, std::size_t column);

  std::size_t words_ = 0;
  std::vector<std::size_t> rows_;      ///< the pairs that are far from the diagonal
  std::vector<std::uint64_t> near_;    ///< words_ for each row: a bit for each pair within the radius
  std::vector<std::uint64_t> free_;    ///< a bit for each pair that no row has
  std::vector<std::uint64_t> unseen_;  ///< a bit for each pair that the search has not met
  std::vector<std::size_t> partner_;   ///< of each row
  std::vector<std::size_t> owner_;     ///< the row of each pair
  std::vector<std::size_t> seen_from_;
  std::vector<std::size_t> queue_;
};

class BottleneckSearch {
 public:
  /// One of the distances itself, without rounding. O(log(a b)) questions whether a radius suffices; one is enough
  /// where a pair that has no near one decides, as it mostly is.
  double solve(const FinitePairs& first, const FinitePairs& second);

 private:
  bool matchable(const FinitePairs& first, const FinitePairs& second, double radius);
  double least_matchable(const FinitePairs& first, const FinitePairs& second, double low, double high);

  RadiusMatching matching_;
  std::vector<double> radii_;
};

}  // namespace topoforge
