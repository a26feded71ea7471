#include "topoforge/core/diagram/diagram_distance.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace topoforge {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::size_t kNone = static_cast<std::size_t>(-1);

using Pairs = std::vector<PersistencePair>;

double distance(const PersistencePair& a, const PersistencePair& b) {
  return std::max(std::abs(a.birth - b.birth), std::abs(a.death - b.death));
}

double distance_to_diagonal(const PersistencePair& a) { return a.lifetime() / 2; }

double longest_to_diagonal(const Pairs& pairs) {
  double longest = 0.0;
  for (const PersistencePair& pair : pairs) longest = std::max(longest, distance_to_diagonal(pair));
  return longest;
}

/// Two diagrams with their essential classes apart.
struct Problem {
  Pairs first;
  Pairs second;
  std::vector<double> essential_distances;  ///< one for each essential class, if there are as many in both
  bool comparable = true;                   ///< as many essential classes in both
};

Pairs sorted_finite(std::span<const PersistencePair> pairs, std::vector<double>& essential_births) {
  Pairs finite;
  for (const PersistencePair& pair : pairs) {
    assert(std::isfinite(pair.birth) && pair.birth <= pair.death);
    if (pair.essential()) {
      essential_births.push_back(pair.birth);
    } else {
      finite.push_back(pair);
    }
  }
  std::ranges::sort(finite);
  std::ranges::sort(essential_births);
  return finite;
}

Result<Problem> pose(std::span<const PersistencePair> first, std::span<const PersistencePair> second) {
  Problem problem;
  std::vector<double> births;
  std::vector<double> other_births;
  problem.first = sorted_finite(first, births);
  problem.second = sorted_finite(second, other_births);
  if (problem.first.size() > problem.second.size()) std::swap(problem.first, problem.second);
  if (!problem.first.empty() && problem.second.size() > kMaxMatchedProducts / problem.first.size()) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("diagrams of {} and {} finite pairs have more than {} possible matches",
                            problem.first.size(), problem.second.size(), kMaxMatchedProducts));
  }
  problem.comparable = births.size() == other_births.size();
  if (!problem.comparable) return problem;
  for (std::size_t k = 0; k < births.size(); ++k) {
    problem.essential_distances.push_back(std::abs(births[k] - other_births[k]));
  }
  return problem;
}

/// Hopcroft and Karp (1973), for the question whether all pairs of one diagram that are farther than a radius from the
/// diagonal can be matched to different pairs of the other within this radius.
class RadiusMatching {
 public:
  RadiusMatching(const Pairs& from, const Pairs& to, double radius)
      : to_(to), radius_(radius), owner_(to.size(), kNone) {
    std::ranges::copy_if(from, std::back_inserter(from_),
                         [&](const PersistencePair& pair) { return distance_to_diagonal(pair) > radius; });
    partner_.assign(from_.size(), kNone);
  }

  bool covers() {
    std::size_t matched = 0;
    while (matched < from_.size()) {
      if (!layer()) return false;
      next_.assign(from_.size(), 0);
      for (std::size_t a = 0; a < from_.size(); ++a) {
        if (partner_[a] == kNone && augment(a)) ++matched;
      }
    }
    return true;
  }

 private:
  [[nodiscard]] bool near(std::size_t a, std::size_t b) const { return distance(from_[a], to_[b]) <= radius_; }

  /// Breadth first from the free pairs; false if no augmenting path is left.
  bool layer() {
    layer_.assign(from_.size(), kNone);
    std::vector<std::size_t> queue;
    for (std::size_t a = 0; a < from_.size(); ++a) {
      if (partner_[a] == kNone) {
        layer_[a] = 0;
        queue.push_back(a);
      }
    }
    bool found = false;
    for (std::size_t at = 0; at < queue.size(); ++at) {
      const std::size_t a = queue[at];
      for (std::size_t b = 0; b < to_.size(); ++b) {
        if (!near(a, b)) continue;
        const std::size_t other = owner_[b];
        if (other == kNone) {
          found = true;
        } else if (layer_[other] == kNone) {
          layer_[other] = layer_[a] + 1;
          queue.push_back(other);
        }
      }
    }
    return found;
  }

  /// Depth first along the layers, with a stack of its own: paths may be as long as the diagram.
  bool augment(std::size_t start) {
    std::vector<std::size_t> path{start};
    while (!path.empty()) {
      const std::size_t a = path.back();
      const std::size_t b = next_[a]++;
      if (b >= to_.size()) {
        path.pop_back();
        continue;
      }
      if (!near(a, b)) continue;
      if (owner_[b] == kNone) {
        // Each pair on the path took the place at which its own search stands.
        for (const std::size_t step : path) {
          partner_[step] = next_[step] - 1;
          owner_[partner_[step]] = step;
        }
        return true;
      }
      if (layer_[owner_[b]] == layer_[a] + 1) path.push_back(owner_[b]);
    }
    return false;
  }

  Pairs from_;
  const Pairs& to_;
  const double radius_;
  std::vector<std::size_t> partner_;  ///< of each pair of from_
  std::vector<std::size_t> owner_;    ///< of each pair of to_
  std::vector<std::size_t> layer_;
  std::vector<std::size_t> next_;
};

/// A matching that covers the far pairs of both diagrams exists if one covers each (Mendelsohn and Dulmage 1958).
bool matchable(const Problem& problem, double radius) {
  return RadiusMatching(problem.first, problem.second, radius).covers() &&
         RadiusMatching(problem.second, problem.first, radius).covers();
}

/// Least sum of the costs of a matching of the rows to different columns, or to nothing at a cost of the row's own, by
/// shortest augmenting paths. A row that is matched to nothing is reached by no path, so that "nothing" needs no
/// column.
class Assignment {
 public:
  /// costs: alone.size() rows of `columns`; alone[i]: what leaving row i unmatched costs.
  Assignment(const std::vector<double>& costs, std::size_t columns, const std::vector<double>& alone)
      : costs_(costs),
        alone_(alone),
        row_potential_(alone.size(), 0.0),
        column_potential_(columns, 0.0),
        owner_(columns, kNone) {}

  /// The row of each column, or kNone.
  std::vector<std::size_t> solve() {
    for (std::size_t row = 0; row < alone_.size(); ++row) assign(row);
    return owner_;
  }

 private:
  void assign(std::size_t start) {
    const std::size_t columns = owner_.size();
    slack_.assign(columns, kInfinity);
    from_.assign(columns, kNone);
    visited_.clear();
    is_visited_.assign(columns, false);

    double reached = 0.0;         // length of the shortest path to `row`
    double best_end = kInfinity;  // length of the shortest path that ends with a row matched to nothing
    std::size_t last_column = kNone;
    std::size_t end_column = kNone;  // the column before that row; kNone for the start
    std::size_t free_column = kNone;
    for (std::size_t row = start;;) {
      if (const double end = reached + alone_[row] - row_potential_[row]; end < best_end) {
        best_end = end;
        end_column = last_column;
      }
      std::size_t nearest = kNone;
      for (std::size_t column = 0; column < columns; ++column) {
        if (is_visited_[column]) continue;
        const double length =
            reached + costs_[row * columns + column] - row_potential_[row] - column_potential_[column];
        if (length < slack_[column]) {
          slack_[column] = length;
          from_[column] = last_column;
        }
        if (nearest == kNone || slack_[column] < slack_[nearest]) nearest = column;
      }
      if (nearest == kNone || best_end <= slack_[nearest]) {
        reached = best_end;
        break;
      }
      reached = slack_[nearest];
      if (owner_[nearest] == kNone) {
        free_column = nearest;
        break;
      }
      is_visited_[nearest] = true;
      visited_.push_back(nearest);
      last_column = nearest;
      row = owner_[nearest];
    }

    row_potential_[start] += reached;
    for (const std::size_t column : visited_) {
      row_potential_[owner_[column]] += reached - slack_[column];
      column_potential_[column] -= reached - slack_[column];
    }
    // Along the path each column passes to the row before it.
    std::size_t column = end_column;
    if (free_column != kNone) column = free_column;
    while (column != kNone) {
      const std::size_t before = from_[column];
      owner_[column] = before == kNone ? start : owner_[before];
      column = before;
    }
  }

  const std::vector<double>& costs_;
  const std::vector<double>& alone_;
  std::vector<double> row_potential_;
  std::vector<double> column_potential_;
  std::vector<std::size_t> owner_;
  std::vector<double> slack_;
  std::vector<std::size_t> from_;  ///< the column before on the shortest path, kNone for the start
  std::vector<std::size_t> visited_;
  std::vector<bool> is_visited_;
};

double finite_bottleneck(const Problem& problem) {
  // All to the diagonal is a matching, so that nothing longer is needed.
  const double longest = std::max(longest_to_diagonal(problem.first), longest_to_diagonal(problem.second));
  std::vector<double> radii{0.0, longest};
  const auto add = [&](double radius) {
    if (radius < longest) radii.push_back(radius);
  };
  for (const PersistencePair& a : problem.first) {
    add(distance_to_diagonal(a));
    for (const PersistencePair& b : problem.second) add(distance(a, b));
  }
  for (const PersistencePair& b : problem.second) add(distance_to_diagonal(b));
  std::ranges::sort(radii);
  radii.erase(std::unique(radii.begin(), radii.end()), radii.end());
  return *std::partition_point(radii.begin(), radii.end() - 1,
                               [&](double radius) { return !matchable(problem, radius); });
}

/// The lengths of the edges of a cheapest matching in the sense of p.
std::vector<double> cheapest_matching(const Problem& problem, double p) {
  const double bottleneck = finite_bottleneck(problem);
  if (bottleneck == 0.0) return {};
  // A bottleneck matching costs at most `limit` to the power p, so that a longer edge is in no cheapest matching and
  // may be taken for a shorter one. Powers relative to it keep the range of a double and the digits of the result.
  const auto edges = static_cast<double>(problem.first.size() + problem.second.size());
  const double limit =
      std::min(bottleneck * std::pow(edges, 1.0 / p) * (1.0 + 1e-9), std::numeric_limits<double>::max());
  const auto power = [&](double length) { return std::pow(std::min(length / limit, 1.0), p); };

  std::vector<double> alone;
  for (const PersistencePair& pair : problem.first) alone.push_back(power(distance_to_diagonal(pair)));
  std::vector<double> other_alone;
  for (const PersistencePair& pair : problem.second) other_alone.push_back(power(distance_to_diagonal(pair)));
  // All of the second diagram goes to the diagonal unless a pair of the first takes it.
  std::vector<double> costs;
  costs.reserve(problem.first.size() * problem.second.size());
  for (const PersistencePair& a : problem.first) {
    for (std::size_t b = 0; b < problem.second.size(); ++b) {
      costs.push_back(power(distance(a, problem.second[b])) - other_alone[b]);
    }
  }
  const std::vector<std::size_t> owners = Assignment(costs, problem.second.size(), alone).solve();

  std::vector<double> lengths;
  std::vector<bool> matched(problem.first.size(), false);
  for (std::size_t b = 0; b < owners.size(); ++b) {
    const bool taken = owners[b] != kNone;
    if (taken) matched[owners[b]] = true;
    lengths.push_back(taken ? distance(problem.first[owners[b]], problem.second[b])
                            : distance_to_diagonal(problem.second[b]));
  }
  for (std::size_t a = 0; a < matched.size(); ++a) {
    if (!matched[a]) lengths.push_back(distance_to_diagonal(problem.first[a]));
  }
  return lengths;
}

}  // namespace

Result<double> bottleneck_distance(std::span<const PersistencePair> first, std::span<const PersistencePair> second) {
  const Result<Problem> posed = pose(first, second);
  if (!posed) return tl::unexpected(posed.error());
  if (!posed->comparable) return kInfinity;
  double longest = finite_bottleneck(*posed);
  for (const double length : posed->essential_distances) longest = std::max(longest, length);
  return longest;
}

Result<double> wasserstein_distance(std::span<const PersistencePair> first, std::span<const PersistencePair> second,
                                    double p) {
  if (!(p >= 1.0 && std::isfinite(p))) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("the order p of a Wasserstein distance is finite and at least 1, got {}", p));
  }
  const Result<Problem> posed = pose(first, second);
  if (!posed) return tl::unexpected(posed.error());
  if (!posed->comparable) return kInfinity;

  std::vector<double> lengths = posed->essential_distances;
  if (posed->first != posed->second) {
    const std::vector<double> finite = cheapest_matching(*posed, p);
    lengths.insert(lengths.end(), finite.begin(), finite.end());
  }
  const double longest = lengths.empty() ? 0.0 : *std::ranges::max_element(lengths);
  if (longest == 0.0) return 0.0;
  // From the least to the greatest: the same sum in both directions.
  std::ranges::sort(lengths);
  double sum = 0.0;
  for (const double length : lengths) sum += std::pow(length / longest, p);
  return longest * std::pow(sum, 1.0 / p);
}

}  // namespace topoforge
