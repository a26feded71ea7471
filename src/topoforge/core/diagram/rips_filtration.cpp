#include "topoforge/core/diagram/rips_filtration.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <utility>

namespace topoforge {
namespace {

double enclosing_radius(const DistanceMatrix& distances) {
  const std::size_t n = distances.size();
  std::vector<double> farthest(n, 0.0);
  auto entry = distances.lower().begin();
  for (std::size_t i = 1; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j, ++entry) {
      farthest[i] = std::max(farthest[i], *entry);
      farthest[j] = std::max(farthest[j], *entry);
    }
  }
  return n == 0 ? 0.0 : *std::ranges::min_element(farthest);
}

}  // namespace

void RipsFiltration::build(const DistanceMatrix& distances, double max_edge_length) {
  size_ = distances.size();
  collect(distances, std::min(max_edge_length, enclosing_radius(distances)));
  sort_by_bits();

  ranks_.assign(size_ * size_, kAbsent);
  edges_.clear();
  lengths_.assign(1, 0.0);
  std::uint64_t previous = 0;
  for (const Keyed& edge : keyed_) {
    if (edges_.empty() || edge.bits != previous) lengths_.push_back(std::bit_cast<double>(edge.bits));
    previous = edge.bits;
    const Rank rank = last_rank();
    edges_.push_back({rank, edge.tail, edge.head});
    ranks_[edge.tail * size_ + edge.head] = rank;
    ranks_[edge.head * size_ + edge.tail] = rank;
  }
}

void RipsFiltration::collect(const DistanceMatrix& distances, double longest) {
  keyed_.clear();
  for (std::size_t tail = 0; tail < size_; ++tail) {
    for (std::size_t head = tail + 1; head < size_; ++head) {
      const double length = distances(head, tail);
      assert(std::isfinite(length) && length >= 0.0);
      // Adding 0 turns -0 into 0.
      if (length <= longest) {
        keyed_.push_back({std::bit_cast<std::uint64_t>(length + 0.0), static_cast<std::uint16_t>(tail),
                          static_cast<std::uint16_t>(head)});
      }
    }
  }
}

/// Radix sort from the lowest digit: stable, so that equal lengths stay in the order (tail, head).
void RipsFiltration::sort_by_bits() {
  constexpr unsigned kDigitBits = 8;
  constexpr std::size_t kDigits = 64 / kDigitBits;
  constexpr std::size_t kValues = std::size_t{1} << kDigitBits;
  std::array<std::array<std::uint32_t, kValues>, kDigits> counts{};
  for (const Keyed& edge : keyed_) {
    for (std::size_t digit = 0; digit < kDigits; ++digit)
      ++counts[digit][(edge.bits >> (digit * kDigitBits)) % kValues];
  }
  sorting_buffer_.resize(keyed_.size());
  for (std::size_t digit = 0; digit < kDigits; ++digit) {
    auto& positions = counts[digit];
    if (std::ranges::find(positions, keyed_.size()) != positions.end()) continue;  // one value: nothing to do
    std::uint32_t total = 0;
    for (std::uint32_t& position : positions) total += std::exchange(position, total);
    for (const Keyed& edge : keyed_) {
      sorting_buffer_[positions[(edge.bits >> (digit * kDigitBits)) % kValues]++] = edge;
    }
    std::swap(keyed_, sorting_buffer_);
  }
}

}  // namespace topoforge
