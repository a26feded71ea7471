#include "topoforge/core/diagram/bottleneck_search.hpp"

#include <algorithm>
#include <bit>

namespace topoforge {
namespace {

constexpr std::size_t kWordBits = 64;

/// The greater of `least` and how far that pair must go that has the farthest to go: each pair goes to the diagonal or
/// to a pair of the other diagram, whoever else goes there.
double farthest_way(const FinitePairs& from, const FinitePairs& to, double least) {
  for (std::size_t a = 0; a < from.size(); ++a) {
    double shortest = from.to_diagonal[a];
    if (shortest <= least) continue;
    const auto [begin, end] = to.born_within(from.births[a], shortest);
    for (std::size_t b = begin; b < end && shortest > least; ++b) {
      shortest = std::min(shortest, from.distance(a, to, b));
    }
    least = std::max(least, shortest);
  }
  return least;
}

}  // namespace

bool RadiusMatching::covers(const FinitePairs& from, const FinitePairs& to, double radius) {
  words_ = (to.size() + kWordBits - 1) / kWordBits;
  rows_.clear();
  for (std::size_t a = 0; a < from.size(); ++a) {
    if (from.to_diagonal[a] > radius) rows_.push_back(a);
  }
  if (rows_.size() > to.size()) return false;
  near_.assign(rows_.size() * words_, 0);
  free_.assign(words_, ~std::uint64_t{0});
  partner_.assign(rows_.size(), kNoPair);
  owner_.assign(to.size(), kNoPair);
  seen_from_.resize(to.size());
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    mark_near(from, rows_[row], to, radius, &near_[row * words_]);
    if (!augment(row)) return false;
  }
  return true;
}

void RadiusMatching::mark_near(const FinitePairs& from, std::size_t pair, const FinitePairs& to, double radius,
                               std::uint64_t* bits) {
  const auto [begin, end] = to.born_within(from.births[pair], radius);
  for (std::size_t b = begin; b < end; ++b) {
    const auto near = static_cast<std::uint64_t>(from.distance(pair, to, b) <= radius);
    bits[b / kWordBits] |= near << (b % kWordBits);
  }
}

/// Breadth first from a row without a partner, along pairs that a row would give up for another.
bool RadiusMatching::augment(std::size_t start) {
  unseen_.assign(words_, ~std::uint64_t{0});
  queue_.reserve(rows_.size());
  queue_.assign(1, start);
  for (std::size_t at = 0; at < queue_.size(); ++at) {
    const std::size_t row = queue_[at];
    const std::uint64_t* near = &near_[row * words_];
    for (std::size_t word = 0; word < words_; ++word) {
      if (const std::uint64_t found = near[word] & free_[word]; found != 0) {
        take(row, word * kWordBits + static_cast<std::size_t>(std::countr_zero(found)));
        return true;
      }
    }
    for (std::size_t word = 0; word < words_; ++word) {
      std::uint64_t met = near[word] & unseen_[word];
      unseen_[word] &= ~met;
      for (; met != 0; met &= met - 1) {
        const std::size_t column = word * kWordBits + static_cast<std::size_t>(std::countr_zero(met));
        seen_from_[column] = row;
        queue_.push_back(owner_[column]);
      }
    }
  }
  return false;
}

/// Gives the row a free pair; the pair that it had goes to the row that the search came from, and so on.
void RadiusMatching::take(std::size_t row, std::size_t column) {
  free_[column / kWordBits] &= ~(std::uint64_t{1} << (column % kWordBits));
  for (;;) {
    const std::size_t given_up = partner_[row];
    partner_[row] = column;
    owner_[column] = row;
    if (given_up == kNoPair) return;
    column = given_up;
    row = seen_from_[column];
  }
}

/// A matching that covers the far pairs of both diagrams exists if one covers each (Mendelsohn and Dulmage 1958).
bool BottleneckSearch::matchable(const FinitePairs& first, const FinitePairs& second, double radius) {
  return matching_.covers(first, second, radius) && matching_.covers(second, first, radius);
}

double BottleneckSearch::solve(const FinitePairs& first, const FinitePairs& second) {
  // All to the diagonal is a matching, so that nothing longer is needed.
  double high = std::max(first.longest_to_diagonal(), second.longest_to_diagonal());
  double low = farthest_way(second, first, farthest_way(first, second, 0.0));
  if (low == high || matchable(first, second, low)) return low;
  // Doubling leaves few distances to choose from. It cannot leave 0.
  while (0.0 < low && 2 * low < high) {
    if (matchable(first, second, 2 * low)) {
      high = 2 * low;
    } else {
      low = 2 * low;
    }
  }
  return least_matchable(first, second, low, high);
}

/// low is too short, high is not.
double BottleneckSearch::least_matchable(const FinitePairs& first, const FinitePairs& second, double low, double high) {
  radii_.clear();
  const auto add = [&](double radius) {
    if (low < radius && radius <= high) radii_.push_back(radius);
  };
  for (std::size_t a = 0; a < first.size(); ++a) {
    add(first.to_diagonal[a]);
    const auto [begin, end] = second.born_within(first.births[a], high);
    for (std::size_t b = begin; b < end; ++b) add(first.distance(a, second, b));
  }
  for (const double radius : second.to_diagonal) add(radius);

  // The greatest of these suffices: the answer changes at distances alone.
  auto begin = radii_.begin();
  auto end = radii_.end();
  while (end - begin > 1) {
    const auto middle = begin + (end - begin - 1) / 2;
    std::nth_element(begin, middle, end);
    if (matchable(first, second, *middle)) {
      end = middle + 1;
    } else {
      begin = middle + 1;
    }
  }
  return *begin;
}

}  // namespace topoforge
