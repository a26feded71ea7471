#include "topoforge/core/diagram/diagram_matching.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace topoforge {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// The powers that are asked for most need no logarithm.
double power(double value, double p) {
  if (p == 1.0) return value;
  if (p == 2.0) return value * value;
  return std::pow(value, p);
}

double root(double value, double p) {
  if (p == 1.0) return value;
  if (p == 2.0) return std::sqrt(value);
  return std::pow(value, 1.0 / p);
}

}  // namespace

/// The cheapest matching in the sense of p, in no order.
Result<void> DiagramMatcher::pose_and_match(std::span<const PersistencePair> first,
                                            std::span<const PersistencePair> second, double p) {
  if (!(p >= 1.0 && std::isfinite(p))) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("the order p of a Wasserstein distance is finite and at least 1, got {}", p));
  }
  if (auto posed = problem_.pose(first, second); !posed) return posed;
  matched_.clear();
  matched_.reserve(first.size() + second.size());
  problem_.match_essential(matched_);
  // By the triangle inequality a common pair may stay where it is if lengths themselves are summed, and not otherwise.
  if (p == 1.0 || problem_.finite_equal()) problem_.take_common(matched_);
  match_finite(p);
  return {};
}

void DiagramMatcher::match_finite(double p) {
  const FinitePairs& few = problem_.few();
  const FinitePairs& many = problem_.many();
  // A bottleneck matching costs at most `limit` to the power p, so that a longer edge is in no cheapest matching and
  // may be taken for a shorter one. Powers relative to it keep the range of a double and the digits of the result.
  const double bottleneck = bottleneck_.solve(few, many);
  const auto edges = static_cast<double>(few.size() + many.size());
  const double limit = std::min(bottleneck * root(edges, p) * (1.0 + 1e-9), std::numeric_limits<double>::max());
  const auto cost = [&](double length) {
    if (length < limit) return power(length / limit, p);
    return length > 0.0 ? 1.0 : 0.0;  // the limit may be 0
  };

  alone_.resize(many.size());
  std::ranges::transform(many.to_diagonal, alone_.begin(), cost);
  const double longest = many.longest_to_diagonal();
  assignment_.start(many.size());
  for (std::size_t a = 0; a < few.size(); ++a) {
    const double alone = cost(few.to_diagonal[a]);
    const auto [begin, end] = many.born_within(few.births[a], std::min(limit, few.to_diagonal[a] + longest));
    for (std::size_t b = begin; b < end; ++b) {
      const double length = few.distance(a, many, b);
      if (length > few.to_diagonal[a] + many.to_diagonal[b] || length > limit) continue;
      // All pairs of the second diagram go to the diagonal unless one of the first takes them; to take one that costs
      // more than both do alone is of no use.
      if (const double change = cost(length) - alone_[b]; change <= alone) assignment_.add_edge(b, change);
    }
    assignment_.end_row(alone);
  }

  const std::span<const std::size_t> owners = assignment_.solve();
  is_matched_.assign(few.size(), 0);
  for (std::size_t b = 0; b < owners.size(); ++b) {
    const bool taken = owners[b] != Assignment::kNone;
    if (taken) is_matched_[owners[b]] = 1;
    matched_.push_back(problem_.matched(taken ? owners[b] : kNoPair, b));
  }
  for (std::size_t a = 0; a < few.size(); ++a) {
    if (is_matched_[a] == 0) matched_.push_back(problem_.matched(a, kNoPair));
  }
}

double DiagramMatcher::norm_of_lengths(double p) {
  lengths_.resize(matched_.size());
  std::ranges::transform(matched_, lengths_.begin(), &MatchedPair::length);
  // From the least to the greatest: the same sum in both directions.
  std::ranges::sort(lengths_);
  const double longest = lengths_.empty() ? 0.0 : lengths_.back();
  if (longest == 0.0 || std::isinf(longest)) return longest;
  double sum = 0.0;
  for (const double length : lengths_) sum += power(length / longest, p);
  return longest * root(sum, p);
}

Result<DiagramMatching> DiagramMatcher::match(std::span<const PersistencePair> first,
                                              std::span<const PersistencePair> second, double p) {
  if (auto matched = pose_and_match(first, second, p); !matched) return tl::unexpected(matched.error());
  // kNoPair is the greatest place.
  std::ranges::sort(matched_, {}, [](const MatchedPair& pair) { return std::pair(pair.first, pair.second); });
  return DiagramMatching{.pairs = matched_, .distance = norm_of_lengths(p)};
}

Result<double> DiagramMatcher::wasserstein_distance(std::span<const PersistencePair> first,
                                                    std::span<const PersistencePair> second, double p) {
  if (auto matched = pose_and_match(first, second, p); !matched) return tl::unexpected(matched.error());
  return norm_of_lengths(p);
}

Result<double> DiagramMatcher::bottleneck_distance(std::span<const PersistencePair> first,
                                                   std::span<const PersistencePair> second) {
  if (auto posed = problem_.pose(first, second); !posed) return tl::unexpected(posed.error());
  if (!problem_.comparable()) return kInfinity;
  matched_.clear();
  problem_.match_essential(matched_);
  double longest = problem_.finite_equal() ? 0.0 : bottleneck_.solve(problem_.few(), problem_.many());
  for (const MatchedPair& pair : matched_) longest = std::max(longest, pair.length);
  return longest;
}

}  // namespace topoforge
