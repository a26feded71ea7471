#include "topoforge/core/diagram/matching_problem.hpp"

#include <cassert>
#include <limits>

#include <fmt/format.h>

#include "topoforge/core/diagram/diagram_distance.hpp"

namespace topoforge {
namespace {

void move_pair(FinitePairs& pairs, std::size_t from, std::size_t to) {
  pairs.births[to] = pairs.births[from];
  pairs.deaths[to] = pairs.deaths[from];
  pairs.to_diagonal[to] = pairs.to_diagonal[from];
  pairs.places[to] = pairs.places[from];
}

void resize(FinitePairs& pairs, std::size_t size) {
  pairs.births.resize(size);
  pairs.deaths.resize(size);
  pairs.to_diagonal.resize(size);
  pairs.places.resize(size);
}

}  // namespace

void MatchingProblem::sort(std::span<const PersistencePair> pairs, FinitePairs& finite,
                           std::vector<Placed>& essential) {
  sorted_.clear();
  sorted_.reserve(pairs.size());
  essential.clear();
  for (std::size_t place = 0; place < pairs.size(); ++place) {
    assert(std::isfinite(pairs[place].birth) && pairs[place].birth <= pairs[place].death);
    (pairs[place].essential() ? essential : sorted_).push_back({pairs[place], place});
  }
  // The diagrams of our engines are in order already.
  if (!std::ranges::is_sorted(sorted_)) std::ranges::sort(sorted_);
  std::ranges::sort(essential);
  resize(finite, sorted_.size());
  for (std::size_t k = 0; k < sorted_.size(); ++k) {
    finite.births[k] = sorted_[k].pair.birth;
    finite.deaths[k] = sorted_[k].pair.death;
    finite.to_diagonal[k] = sorted_[k].pair.lifetime() / 2;
    finite.places[k] = sorted_[k].place;
  }
}

Result<void> MatchingProblem::pose(std::span<const PersistencePair> first, std::span<const PersistencePair> second) {
  sort(first, first_, first_essential_);
  sort(second, second_, second_essential_);
  swapped_ = first_.size() > second_.size();
  if (few().size() != 0 && many().size() > kMaxMatchedProducts / few().size()) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("diagrams of {} and {} finite pairs have more than {} possible matches", few().size(),
                            many().size(), kMaxMatchedProducts));
  }
  return {};
}

void MatchingProblem::take_common(std::vector<MatchedPair>& matched) {
  std::size_t a = 0;
  std::size_t b = 0;
  std::size_t a_kept = 0;
  std::size_t b_kept = 0;
  while (a < first_.size() && b < second_.size()) {
    const PersistencePair pair{first_.births[a], first_.deaths[a]};
    const PersistencePair other{second_.births[b], second_.deaths[b]};
    if (pair == other) {
      matched.push_back({first_.places[a++], second_.places[b++], 0.0});
    } else if (pair < other) {
      move_pair(first_, a++, a_kept++);
    } else {
      move_pair(second_, b++, b_kept++);
    }
  }
  while (a < first_.size()) move_pair(first_, a++, a_kept++);
  while (b < second_.size()) move_pair(second_, b++, b_kept++);
  // As many are taken from both, so that the diagram with fewer pairs stays the one with fewer.
  resize(first_, a_kept);
  resize(second_, b_kept);
}

void MatchingProblem::match_essential(std::vector<MatchedPair>& matched) const {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::size_t common = std::min(first_essential_.size(), second_essential_.size());
  for (std::size_t k = 0; k < common; ++k) {
    const double length = std::abs(first_essential_[k].pair.birth - second_essential_[k].pair.birth);
    matched.push_back({first_essential_[k].place, second_essential_[k].place, length});
  }
  for (std::size_t k = common; k < first_essential_.size(); ++k) {
    matched.push_back({first_essential_[k].place, kNoPair, kInfinity});
  }
  for (std::size_t k = common; k < second_essential_.size(); ++k) {
    matched.push_back({kNoPair, second_essential_[k].place, kInfinity});
  }
}

MatchedPair MatchingProblem::matched(std::size_t few_pair, std::size_t many_pair) const {
  const auto place = [](const FinitePairs& pairs, std::size_t pair) {
    return pair == kNoPair ? kNoPair : pairs.places[pair];
  };
  MatchedPair match{.first = place(few(), few_pair), .second = place(many(), many_pair)};
  if (swapped_) std::swap(match.first, match.second);
  if (few_pair == kNoPair) {
    match.length = many().to_diagonal[many_pair];
  } else if (many_pair == kNoPair) {
    match.length = few().to_diagonal[few_pair];
  } else {
    match.length = few().distance(few_pair, many(), many_pair);
  }
  return match;
}

}  // namespace topoforge
