#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "topoforge/core/diagram/rips_filtration.hpp"

/// Purpose: a simplex of the filtration as one integer: the rank of its longest edge, then its ascending vertices.
/// Integers are then ordered as the filtration is, by (diameter, vertices); among simplices of one dimension this is
/// the order of a combinatorial number system, read without binomial coefficients.
/// Source: the role of the combinatorial number system in Bauer (2021), section 4. Internal to core/diagram.
/// Thread safety: values.
namespace topoforge {

using NarrowKey = std::uint64_t;
__extension__ using WideKey = unsigned __int128;

/// A simplex with its vertices in hand.
template <std::size_t kVertices>
struct Simplex {
  RipsFiltration::Rank rank;
  std::array<std::uint32_t, kVertices> vertices;  ///< ascending
};

/// How many bits the parts of a key take in one filtration.
template <class Key>
class KeyLayout {
 public:
  explicit KeyLayout(std::size_t points) : vertex_bits_(static_cast<unsigned>(std::bit_width(points))) {}

  static bool fits(std::size_t points, RipsFiltration::Rank last_rank, std::size_t vertices) {
    return static_cast<std::size_t>(std::bit_width(points)) * vertices + std::bit_width(last_rank) <= 8 * sizeof(Key);
  }

  template <std::size_t kVertices>
  [[nodiscard]] Key pack(const Simplex<kVertices>& simplex) const {
    Key key = simplex.rank;
    for (const std::uint32_t vertex : simplex.vertices) key = (key << vertex_bits_) | vertex;
    return key;
  }

  template <std::size_t kVertices>
  [[nodiscard]] Simplex<kVertices> unpack(Key key) const {
    Simplex<kVertices> simplex;
    const Key mask = (Key{1} << vertex_bits_) - 1;
    for (std::size_t k = kVertices; k-- > 0; key >>= vertex_bits_) {
      simplex.vertices[k] = static_cast<std::uint32_t>(key & mask);
    }
    simplex.rank = static_cast<RipsFiltration::Rank>(key);
    return simplex;
  }

  template <std::size_t kVertices>
  [[nodiscard]] RipsFiltration::Rank rank(Key key) const {
    return static_cast<RipsFiltration::Rank>(key >> (kVertices * vertex_bits_));
  }

 private:
  unsigned vertex_bits_;
};

}  // namespace topoforge
