#include "topoforge/core/diagram/sliding_edge_order.hpp"

#include <algorithm>
#include <utility>

namespace topoforge {

void SlidingEdgeOrder::start(std::span<const double> lower, std::size_t n, EdgeOrder& order) {
  n_ = n;
  keys_.clear();
  if (lower.empty()) return;
  const EdgeLengths lengths{lower.data()};
  for (const EdgeEnds edge : order.sort(lower, n, *std::ranges::max_element(lower))) keys_.push_back(lengths.key(edge));
}

void SlidingEdgeOrder::replace(std::span<const double> lower, std::size_t point) {
  const EdgeLengths lengths{lower.data()};
  fresh_.clear();
  for (std::size_t other = 0; other < n_; ++other) {
    if (other != point) fresh_.push_back(lengths.key(point, other));
  }
  std::ranges::sort(fresh_);
  merged_.clear();
  merged_.reserve(keys_.size());
  auto next = fresh_.begin();
  for (const EdgeKey& key : keys_) {
    if (key.ends.head() == point || key.ends.tail() == point) continue;
    for (; next != fresh_.end() && *next < key; ++next) merged_.push_back(*next);
    merged_.push_back(key);
  }
  merged_.insert(merged_.end(), next, fresh_.end());
  std::swap(keys_, merged_);
}

std::span<const EdgeEnds> SlidingEdgeOrder::edges(double longest) {
  const auto end = std::ranges::upper_bound(keys_, longest, {}, &EdgeKey::length);
  edges_.resize(static_cast<std::size_t>(end - keys_.begin()));
  std::transform(keys_.begin(), end, edges_.begin(), [](const EdgeKey& key) { return key.ends; });
  return edges_;
}

}  // namespace topoforge
