#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "topoforge/base/result.hpp"
#include "topoforge/core/diagram/assignment.hpp"
#include "topoforge/core/diagram/bottleneck_search.hpp"
#include "topoforge/core/diagram/matching_problem.hpp"
#include "topoforge/core/diagram/persistence_diagram.hpp"

/// Purpose: which pair of one diagram became which pair of another, so that a loop can be followed from window to
/// window; and the distances that such a matching gives. Ground metric, essential classes and limits are those of
/// diagram_distance.hpp.
namespace topoforge {

struct DiagramMatching {
  /// Each pair of each list once: by place in the first list, then those of the second that come from the diagonal.
  std::vector<MatchedPair> pairs;
  double distance = 0.0;  ///< the p-Wasserstein distance: +inf for different numbers of essential classes

  bool operator==(const DiagramMatching&) const = default;
};

/// A matcher keeps its memory: one for many diagrams saves what small ones would mostly cost.
/// Thread safety: one owner at a time; what it computed before does not matter.
class DiagramMatcher {
 public:
  /// The matching whose sum of p-th powers of lengths is least. Where several are (up to rounding), the choice is
  /// the same each time and, but for equal pairs, for any order of the lists. Different numbers of essential classes:
  /// those born last stay alone, at +inf.
  /// p is 2 where nothing else is asked: the longer a jump the more it weighs, so that all pairs move a little rather
  /// than one far, and ties are rare. For p = 1 they are the rule: on one line, two pairs that pass each other cost the
  /// same as two that do not.
  /// Errors: invalid_argument unless p is finite and at least 1; limit_exceeded as in diagram_distance.hpp.
  Result<DiagramMatching> match(std::span<const PersistencePair> first, std::span<const PersistencePair> second,
                                double p = 2.0);

  /// As the functions of diagram_distance.hpp.
  Result<double> bottleneck_distance(std::span<const PersistencePair> first, std::span<const PersistencePair> second);
  Result<double> wasserstein_distance(std::span<const PersistencePair> first, std::span<const PersistencePair> second,
                                      double p = 1.0);

 private:
  Result<void> pose_and_match(std::span<const PersistencePair> first, std::span<const PersistencePair> second,
                              double p);
  void match_finite(double p);
  double norm_of_lengths(double p);

  MatchingProblem problem_;
  BottleneckSearch bottleneck_;
  Assignment assignment_;
  std::vector<double> alone_;  ///< the cost of leaving each pair of problem_.many() to the diagonal
  std::vector<char> is_matched_;
  std::vector<MatchedPair> matched_;
  std::vector<double> lengths_;
};

}  // namespace topoforge
