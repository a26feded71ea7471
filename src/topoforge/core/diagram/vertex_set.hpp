#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

/// Purpose: a set of vertices below 64 * kWords, as bits. All operations are O(kWords).
/// Internal to core/diagram. Thread safety: a value.
namespace topoforge {

template <std::size_t kWords>
struct VertexSet {
  static constexpr std::size_t kCapacity = 64 * kWords;
  std::array<std::uint64_t, kWords> words;

  static constexpr VertexSet none() { return VertexSet{{}}; }

  [[nodiscard]] bool empty() const {
    std::uint64_t any = 0;
    for (const std::uint64_t word : words) any |= word;
    return any == 0;
  }
  /// The least vertex; kCapacity when there is none.
  [[nodiscard]] std::size_t first() const {
    for (std::size_t i = 0; i < kWords; ++i) {
      if (words[i] != 0) return 64 * i + static_cast<std::size_t>(std::countr_zero(words[i]));
    }
    return kCapacity;
  }
  /// The greatest vertex up to `from`; if there is none, the greatest; kCapacity for the empty set.
  [[nodiscard]] std::size_t last_cyclic(std::size_t from) const {
    const std::size_t at = from / 64;
    if (const std::uint64_t below = words[at] & (~std::uint64_t{0} >> (63 - from % 64)); below != 0)
      return 64 * at + static_cast<std::size_t>(std::bit_width(below)) - 1;
    for (std::size_t step = 1; step <= kWords; ++step) {
      const std::size_t i = (at + kWords - step) % kWords;
      if (words[i] != 0) return 64 * i + static_cast<std::size_t>(std::bit_width(words[i])) - 1;
    }
    return kCapacity;
  }
  [[nodiscard]] std::size_t size() const {
    std::size_t count = 0;
    for (const std::uint64_t word : words) count += static_cast<std::size_t>(std::popcount(word));
    return count;
  }
  /// Vertices of the set that are less than `vertex`.
  [[nodiscard]] std::size_t size_below(std::size_t vertex) const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < vertex / 64; ++i) count += static_cast<std::size_t>(std::popcount(words[i]));
    const std::uint64_t below = (std::uint64_t{1} << (vertex % 64)) - 1;
    return count + static_cast<std::size_t>(std::popcount(words[vertex / 64] & below));
  }
  [[nodiscard]] bool contains(std::size_t vertex) const { return (words[vertex / 64] >> (vertex % 64) & 1) != 0; }
  void insert(std::size_t vertex) { words[vertex / 64] |= std::uint64_t{1} << (vertex % 64); }
  void erase(std::size_t vertex) { words[vertex / 64] &= ~(std::uint64_t{1} << (vertex % 64)); }

  VertexSet& operator&=(const VertexSet& other) {
    for (std::size_t i = 0; i < kWords; ++i) words[i] &= other.words[i];
    return *this;
  }
  VertexSet& operator|=(const VertexSet& other) {
    for (std::size_t i = 0; i < kWords; ++i) words[i] |= other.words[i];
    return *this;
  }
  VertexSet& operator-=(const VertexSet& other) {
    for (std::size_t i = 0; i < kWords; ++i) words[i] &= ~other.words[i];
    return *this;
  }
  friend VertexSet operator&(VertexSet a, const VertexSet& b) { return a &= b; }
  friend VertexSet operator-(VertexSet a, const VertexSet& b) { return a -= b; }
  bool operator==(const VertexSet&) const = default;

  /// Calls visit(vertex) for each: those above `from` ascending, then the others.
  template <class Visit>
  void for_each_cyclic(std::size_t from, Visit&& visit) const {
    VertexSet above = *this;
    for (std::size_t i = 0; i < from / 64; ++i) above.words[i] = 0;
    above.words[from / 64] &= ~std::uint64_t{1} << (from % 64);
    above.for_each(visit);
    (*this - above).for_each(visit);
  }
  /// Calls visit(vertex) for each, ascending.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (std::size_t i = 0; i < kWords; ++i) {
      for (std::uint64_t word = words[i]; word != 0; word &= word - 1)
        visit(64 * i + static_cast<std::size_t>(std::countr_zero(word)));
    }
  }
};

}  // namespace topoforge
