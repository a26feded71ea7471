// Compiled once for each instruction set, so without #pragma once: see link_engine.cpp.
#if defined(TOPOFORGE_LINK_COLLAPSE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef TOPOFORGE_LINK_COLLAPSE_INL
#undef TOPOFORGE_LINK_COLLAPSE_INL
#else
#define TOPOFORGE_LINK_COLLAPSE_INL
#endif

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <hwy/highway.h>

#include "topoforge/core/diagram/collapsed_links.hpp"
#include "topoforge/core/diagram/edge_order.hpp"
#include "topoforge/core/diagram/vertex_set.hpp"

/// Purpose: what the link of an edge does to homology: nothing where it is a cone, else what its strong collapse
/// leaves. The link is the clique complex of a set of vertices, given by the neighbours of each. Internal to
/// core/diagram. Thread safety: none.
HWY_BEFORE_NAMESPACE();
namespace topoforge::HWY_NAMESPACE {

/// A vertex of the set that is next to all others of it; kCapacity when there is none. A candidate that misses x leaves
/// only the neighbours of x as candidates. neighbours(x) is a set; pick(set) is one of its vertices, or kCapacity.
template <std::size_t kWords, class Neighbours, class Pick>
std::size_t cone_apex(const VertexSet<kWords>& set, Neighbours&& neighbours, Pick&& pick) {
  using Set = VertexSet<kWords>;
  Set candidates = set;
  std::size_t apex = pick(set);
  while (apex != Set::kCapacity) {
    Set missed = set - neighbours(apex);
    missed.erase(apex);
    if (missed.empty()) return apex;
    const std::size_t x = missed.first();
    candidates &= neighbours(x);
    candidates.erase(apex);
    candidates.erase(x);
    apex = pick(candidates);
  }
  return Set::kCapacity;
}

/// The bits of `word` that stand in `mask`, moved together.
inline std::uint64_t compressed(std::uint64_t word, std::uint64_t mask) {
#if HWY_TARGET <= HWY_AVX2
  return _pext_u64(word, mask);
#else
  std::uint64_t bits = 0;
  for (std::size_t to = 0; mask != 0; mask &= mask - 1, ++to) bits |= (word >> std::countr_zero(mask) & 1) << to;
  return bits;
#endif
}

/// A link whose vertices have their own numbers, 0 to m - 1, in their order: sets of few words, whatever the number of
/// points.
template <std::size_t kWords>
class CompactLink {
 public:
  using Set = VertexSet<kWords>;
  // The gradient at a vertex is the number of another one or, as in LinkCollapse, one of these.
  static constexpr std::uint16_t kRoot = LinkCollapse<1>::kRoot;
  static constexpr std::uint16_t kCritical = LinkCollapse<1>::kCritical;

  /// neighbours(x): the set, of any width, of the vertices next to x.
  template <std::size_t kPointWords, class Neighbours>
  void load(const VertexSet<kPointWords>& members, Neighbours&& neighbours) {
    vertices_.clear();
    members.for_each([&](std::size_t x) { vertices_.push_back(static_cast<std::uint16_t>(x)); });
    for (std::size_t i = 0; i < vertices_.size(); ++i) neighbours_[i] = compact(neighbours(vertices_[i]), members);
  }

  static constexpr std::size_t kNone = Set::kCapacity;

  /// Into the result, with the vertices' own numbers. youngest: of a window that slides the number of the point that
  /// came last, so that the next one is the oldest; otherwise kNone.
  template <class Collapse>
  void collapse(const EdgeLengths& lengths, std::size_t youngest, Collapse& result) {
    const Set core = youngest == kNone
                         ? collapse_to_core(
                               0, [](const Set& set) { return set.first(); }, result.tests)
                         : collapse_to_core(
                               youngest, [&](const Set& set) { return set.last_cyclic(youngest); }, result.tests);
    grow_forest(core, result);
    for (std::size_t i = 0; i < vertices_.size(); ++i) result.partners.push_back(stored_partner(i, core.contains(i)));
    core.for_each([&](std::size_t x) {
      const Set next = core & neighbours_[x];
      next.for_each([&](std::size_t y) {
        if (y < x || partner_[x] == y || partner_[y] == x) return;
        if (!longest_of_a_triangle(x, y, next & neighbours_[y], lengths))
          result.tetrahedra.push_back({vertices_[x], vertices_[y]});
      });
    });
  }

 private:
  [[nodiscard]] std::uint16_t stored_partner(std::size_t vertex, bool of_core) const {
    const std::uint16_t partner = partner_[vertex];
    if (partner >= kCritical) return partner;
    return vertices_[partner] | (of_core ? LinkCollapse<1>::kOfCore : std::uint16_t{0});
  }

  template <std::size_t kPointWords>
  static Set compact(const VertexSet<kPointWords>& set, const VertexSet<kPointWords>& members) {
    if constexpr (kPointWords == 1 && kWords == 1) {
      return {{compressed(set.words[0], members.words[0])}};
    } else {
      Set result = Set::none();
      std::size_t at = 0;
      for (std::size_t i = 0; i < kPointWords; ++i) {
        const std::uint64_t bits = compressed(set.words[i], members.words[i]);
        if (at % 64 != 0 && at / 64 + 1 < kWords) result.words[at / 64 + 1] = bits >> (64 - at % 64);
        if (at / 64 < kWords) result.words[at / 64] |= bits << (at % 64);
        at += static_cast<std::size_t>(std::popcount(members.words[i]));
      }
      return result;
    }
  }

  /// Removes vertices whose neighbours are all neighbours of one of them, their partner, until there are none. In a
  /// window that slides old ones go first and young ones are partners, so that the collapse is not touched when the
  /// oldest leaves; else those that have stayed so far are partners, which needs fewer tests.
  template <class Pick>
  Set collapse_to_core(std::size_t after, Pick&& pick, std::uint32_t& tests) {
    Set core = Set::none();
    for (std::size_t i = 0; i < vertices_.size(); ++i) core.insert(i);
    const auto neighbours_of = [&](std::size_t x) -> const Set& {
      ++tests;
      return neighbours_[x];
    };
    // A vertex that is not dominated stays so until it loses a neighbour.
    for (Set doubtful = core; !doubtful.empty();) {
      const Set now = doubtful;
      doubtful = Set::none();
      now.for_each_cyclic(after, [&](std::size_t x) {
        const std::size_t by = cone_apex<kWords>(core & neighbours_[x], neighbours_of, pick);
        if (by == Set::kCapacity) return;
        core.erase(x);
        partner_[x] = static_cast<std::uint16_t>(by);
        doubtful |= neighbours_[x];
      });
      doubtful &= core;
    }
    return core;
  }

  template <class Collapse>
  void grow_forest(Set rest, Collapse& result) {
    for (bool first = true; !rest.empty(); first = false) {
      const std::size_t start = rest.first();
      rest.erase(start);
      if (first) {
        result.root = vertices_[start];
        partner_[start] = kRoot;
      } else {
        partner_[start] = static_cast<std::uint16_t>(kCritical + result.triangles.size());
        result.triangles.push_back(vertices_[start]);
      }
      queue_[0] = static_cast<std::uint16_t>(start);
      for (std::size_t head = 0, tail = 1; head < tail; ++head) {
        const std::uint16_t at = queue_[head];
        const Set found = rest & neighbours_[at];
        rest -= found;
        found.for_each([&](std::size_t x) {
          partner_[x] = at;
          queue_[tail++] = static_cast<std::uint16_t>(x);
        });
      }
    }
  }

  [[nodiscard]] bool longest_of_a_triangle(std::size_t x, std::size_t y, const Set& third,
                                           const EdgeLengths& lengths) const {
    const EdgeKey xy = lengths.key(vertices_[x], vertices_[y]);
    for (std::size_t i = 0; i < kWords; ++i) {
      for (std::uint64_t word = third.words[i]; word != 0; word &= word - 1) {
        const std::size_t z = vertices_[64 * i + static_cast<std::size_t>(std::countr_zero(word))];
        if (lengths.key(vertices_[x], z) < xy && lengths.key(vertices_[y], z) < xy) return true;
      }
    }
    return false;
  }

  std::vector<std::uint16_t> vertices_;  ///< the points, by their numbers in the link
  std::array<Set, Set::kCapacity> neighbours_;
  std::array<std::uint16_t, Set::kCapacity> partner_;
  std::array<std::uint16_t, Set::kCapacity> queue_;
};

template <std::size_t kWords>
class LinkCollapser {
 public:
  using Set = VertexSet<kWords>;
  using Collapse = LinkCollapse<kWords>;
  static constexpr std::size_t kNoPoint = Set::kCapacity;

  /// neighbours(x) for a member of a link that is not empty: who is next to x by an edge before that of the link.
  /// youngest: the point that came last, of a window that slides; else kNoPoint. The result is good until the next
  /// call.
  template <class Neighbours>
  const Collapse& collapse(const Set& members, Neighbours&& neighbours, const EdgeLengths& lengths,
                           std::size_t youngest) {
    begin(members);
    const std::size_t size = members.size();
    if (kWords == 1 || size <= 64) {
      collapse_as(narrow_, neighbours, lengths, youngest);
    } else if (kWords == 2 || size <= 128) {
      collapse_as(middle_, neighbours, lengths, youngest);
    } else {
      collapse_as(wide_, neighbours, lengths, youngest);
    }
    return result_;
  }

  /// For H1 alone: its components, without partners and tetrahedra.
  template <class Neighbours>
  const Collapse& components(const Set& members, Neighbours&& neighbours) {
    begin(members);
    Set rest = members;
    for (bool first = true; !rest.empty(); first = false) {
      const std::size_t start = rest.first();
      rest.erase(start);
      if (first) {
        result_.root = static_cast<std::uint16_t>(start);
      } else {
        result_.triangles.push_back(static_cast<std::uint16_t>(start));
      }
      Set frontier = rest & neighbours(start);
      rest -= frontier;
      for (std::size_t x = frontier.first(); x != Set::kCapacity && !rest.empty(); x = frontier.first()) {
        frontier.erase(x);
        const Set found = rest & neighbours(x);
        rest -= found;
        frontier |= found;
      }
    }
    return result_;
  }

 private:
  void begin(const Set& members) {
    result_.members = members;
    result_.tests = 0;
    result_.partners.clear();
    result_.triangles.clear();
    result_.tetrahedra.clear();
  }
  /// Of the member that stands for a point in the order of the window: itself, or the last one before it.
  [[nodiscard]] std::size_t number_of(std::size_t point) const {
    const std::size_t above = result_.members.size_below(point) + (result_.members.contains(point) ? 1 : 0);
    return (above == 0 ? result_.members.size() : above) - 1;
  }
  template <class Link, class Neighbours>
  void collapse_as(Link& link, Neighbours&& neighbours, const EdgeLengths& lengths, std::size_t youngest) {
    link.load(result_.members, neighbours);
    link.collapse(lengths, youngest == kNoPoint ? Link::kNone : number_of(youngest), result_);
  }

  Collapse result_;
  CompactLink<1> narrow_;
  CompactLink < kWords<2 ? kWords : 2> middle_;
  CompactLink<kWords> wide_;
};

}  // namespace topoforge::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
