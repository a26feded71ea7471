#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

/// Purpose: the edges of a Vietoris-Rips filtration in its total order (length, head, tail), ties exact.
/// Method: lengths are scaled to 16 or 22 bits, which keeps their order, and sorted by radix in two passes; runs that
/// share those bits, few unless lengths are equal, are then put in order by the lengths themselves.
/// O(n^2) for lengths that are spread out, O(n^2 log n) at worst. Internal to core/diagram. Thread safety: none.
namespace topoforge {

/// Ends of an edge, tail < head < 2^16.
struct EdgeEnds {
  std::uint32_t packed = 0;  ///< head << 16 | tail

  static constexpr EdgeEnds of(std::size_t head, std::size_t tail) {
    return {static_cast<std::uint32_t>(head << 16 | tail)};
  }
  [[nodiscard]] constexpr std::size_t head() const { return packed >> 16; }
  [[nodiscard]] constexpr std::size_t tail() const { return packed & 0xffff; }
  /// Ends in any order, unequal.
  static constexpr EdgeEnds between(std::size_t a, std::size_t b) { return a > b ? of(a, b) : of(b, a); }
  /// Its place in a strict lower triangle.
  [[nodiscard]] constexpr std::size_t index() const { return head() * (head() - 1) / 2 + tail(); }
  auto operator<=>(const EdgeEnds&) const = default;
};

/// An edge at its place in the total order.
struct EdgeKey {
  double length = 0.0;
  EdgeEnds ends;
  auto operator<=>(const EdgeKey&) const = default;
};

/// The lengths of all edges: a strict lower triangle, not owned.
struct EdgeLengths {
  const double* lower = nullptr;

  [[nodiscard]] double of(EdgeEnds edge) const { return lower[edge.index()]; }
  [[nodiscard]] EdgeKey key(EdgeEnds edge) const { return {of(edge), edge}; }
  [[nodiscard]] EdgeKey key(std::size_t a, std::size_t b) const { return key(EdgeEnds::between(a, b)); }
};

/// The vertex whose longest edge is shortest, and that length, min_i max_j d(i, j): from there on the complex is a
/// cone, so that nothing is born and nothing of positive degree lives.
struct EnclosingBall {
  std::size_t hub = 0;
  double radius = 0.0;
};

class EdgeOrder {
 public:
  /// lower: strict lower triangle of n points. For no points the radius is 0.
  EnclosingBall enclosing_ball(std::span<const double> lower, std::size_t n);
  /// Sorts the edges of at most `longest` (finite, >= 0). The span is good until the next call.
  std::span<const EdgeEnds> sort(std::span<const double> lower, std::size_t n, double longest);

 private:
  struct Key {
    std::uint32_t coarse;
    EdgeEnds ends;
  };
  void collect(std::span<const double> lower, std::size_t n, double longest, unsigned bits);
  void sort_by_digit(unsigned shift, unsigned bits);
  void settle_runs(std::span<const double> lower);

  std::vector<double> farthest_;
  std::vector<Key> keys_;
  std::vector<Key> buffer_;
  std::vector<std::uint32_t> positions_;
  std::vector<EdgeEnds> edges_;
};

}  // namespace topoforge
