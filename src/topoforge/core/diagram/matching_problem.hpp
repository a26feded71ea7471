#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "topoforge/base/result.hpp"
#include "topoforge/core/diagram/persistence_diagram.hpp"

/// Purpose: two diagrams as the searches for a matching want them: essential classes apart, the rest in order and in
/// arrays. Thread safety: values.
namespace topoforge {

/// "No pair", where a place of a pair is wanted.
inline constexpr std::size_t kNoPair = static_cast<std::size_t>(-1);

/// Finite pairs of a diagram by (birth, death, place).
struct FinitePairs {
  std::vector<double> births;
  std::vector<double> deaths;
  std::vector<double> to_diagonal;  ///< half of each lifetime
  std::vector<std::size_t> places;  ///< in the list that was given

  [[nodiscard]] std::size_t size() const { return births.size(); }

  /// L-infinity between the points (birth, death) of pair a here and of pair b there.
  [[nodiscard]] double distance(std::size_t a, const FinitePairs& other, std::size_t b) const {
    return std::max(std::abs(births[a] - other.births[b]), std::abs(deaths[a] - other.deaths[b]));
  }

  /// First and one past the last of the pairs whose birth is within `radius` of `birth`, as distance() rounds.
  [[nodiscard]] std::pair<std::size_t, std::size_t> born_within(double birth, double radius) const {
    const auto begin =
        std::partition_point(births.begin(), births.end(), [&](double other) { return birth - other > radius; });
    const auto end = std::partition_point(begin, births.end(), [&](double other) { return other - birth <= radius; });
    return {static_cast<std::size_t>(begin - births.begin()), static_cast<std::size_t>(end - births.begin())};
  }

  /// The greatest distance to the diagonal; 0 without a pair.
  [[nodiscard]] double longest_to_diagonal() const {
    double longest = 0.0;
    for (const double length : to_diagonal) longest = std::max(longest, length);
    return longest;
  }
};

/// Two pairs, one of each diagram, or a pair and the diagonal.
struct MatchedPair {
  std::size_t first = kNoPair;   ///< place in the first list; kNoPair: the diagonal
  std::size_t second = kNoPair;  ///< place in the second list; kNoPair: the diagonal
  double length = 0.0;           ///< the distance between the two

  bool operator==(const MatchedPair&) const = default;
};

/// Reused for one problem after the other, so that its memory is asked for once.
class MatchingProblem {
 public:
  /// Errors: limit_exceeded if one list has a and the other b finite pairs and a * b > kMaxMatchedProducts.
  Result<void> pose(std::span<const PersistencePair> first, std::span<const PersistencePair> second);

  /// Takes away the finite pairs that both diagrams have, each as often as both have it, and adds them to `matched`.
  void take_common(std::vector<MatchedPair>& matched);

  /// Adds the essential classes, matched in the order of their births. Those that are left over, born last, are at
  /// +inf from anything.
  void match_essential(std::vector<MatchedPair>& matched) const;

  /// As many essential classes in both.
  [[nodiscard]] bool comparable() const { return first_essential_.size() == second_essential_.size(); }

  [[nodiscard]] bool finite_equal() const { return first_.births == second_.births && first_.deaths == second_.deaths; }

  /// The finite pairs of the diagram that has fewer of them, and those of the other.
  [[nodiscard]] const FinitePairs& few() const { return swapped_ ? second_ : first_; }
  [[nodiscard]] const FinitePairs& many() const { return swapped_ ? first_ : second_; }

  /// A pair of few() and one of many(), or the diagonal for kNoPair, as places in the lists.
  [[nodiscard]] MatchedPair matched(std::size_t few_pair, std::size_t many_pair) const;

 private:
  struct Placed {
    PersistencePair pair;
    std::size_t place = 0;
    auto operator<=>(const Placed&) const = default;
  };

  void sort(std::span<const PersistencePair> pairs, FinitePairs& finite, std::vector<Placed>& essential);

  FinitePairs first_;
  FinitePairs second_;
  std::vector<Placed> first_essential_;
  std::vector<Placed> second_essential_;
  std::vector<Placed> sorted_;
  bool swapped_ = false;
};

}  // namespace topoforge
