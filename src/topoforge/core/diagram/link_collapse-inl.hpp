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

template <std::size_t kWords>
class LinkCollapser {
 public:
  using Set = VertexSet<kWords>;
  using Collapse = LinkCollapse<kWords>;

  /// neighbours[x] for each member of a link that is not empty: who is next to x by an edge before that of the link.
  /// The result is good until the next call.
  const Collapse& collapse(const Set& members, const std::array<Set, Set::kCapacity>& neighbours,
                           const EdgeLengths& lengths) {
    begin(members);
    const Set core = collapse_to_core(members, neighbours);
    grow_forest(core, neighbours);
    members.for_each([&](std::size_t x) { result_.partners.push_back(partner_[x]); });
    core.for_each([&](std::size_t x) {
      const Set next = core & neighbours[x];
      next.for_each([&](std::size_t y) {
        if (y < x || partner_[x] == y || partner_[y] == x) return;
        if (!longest_of_a_triangle(x, y, next & neighbours[y], lengths))
          result_.tetrahedra.push_back({static_cast<std::uint16_t>(x), static_cast<std::uint16_t>(y)});
      });
    });
    return result_;
  }

  /// For H1 alone: its components, without partners and tetrahedra.
  const Collapse& components(const Set& members, const std::array<Set, Set::kCapacity>& neighbours) {
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
      Set frontier = rest & neighbours[start];
      rest -= frontier;
      for (std::size_t x = frontier.first(); x != Set::kCapacity && !rest.empty(); x = frontier.first()) {
        frontier.erase(x);
        const Set found = rest & neighbours[x];
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

  /// Removes vertices whose neighbours are all neighbours of one of them, their partner, until there are none.
  Set collapse_to_core(Set core, const std::array<Set, Set::kCapacity>& neighbours) {
    std::uint32_t tests = 0;
    const auto neighbours_of = [&](std::size_t x) -> const Set& {
      ++tests;
      return neighbours[x];
    };
    const auto first_of = [](const Set& set) { return set.first(); };
    for (bool changed = true; changed;) {
      changed = false;
      const Set before = core;
      before.for_each([&](std::size_t x) {
        const std::size_t by = cone_apex<kWords>(core & neighbours[x], neighbours_of, first_of);
        if (by == Set::kCapacity) return;
        core.erase(x);
        partner_[x] = static_cast<std::uint16_t>(by);
        changed = true;
      });
    }
    result_.tests = tests;
    return core;
  }

  void grow_forest(Set rest, const std::array<Set, Set::kCapacity>& neighbours) {
    for (bool first = true; !rest.empty(); first = false) {
      const std::size_t start = rest.first();
      rest.erase(start);
      if (first) {
        result_.root = static_cast<std::uint16_t>(start);
        partner_[start] = Collapse::kRoot;
      } else {
        partner_[start] = static_cast<std::uint16_t>(Collapse::kCritical + result_.triangles.size());
        result_.triangles.push_back(static_cast<std::uint16_t>(start));
      }
      queue_[0] = static_cast<std::uint16_t>(start);
      for (std::size_t head = 0, tail = 1; head < tail; ++head) {
        const std::uint16_t at = queue_[head];
        const Set found = rest & neighbours[at];
        rest -= found;
        found.for_each([&](std::size_t x) {
          partner_[x] = at;
          queue_[tail++] = static_cast<std::uint16_t>(x);
        });
      }
    }
  }

  static bool longest_of_a_triangle(std::size_t x, std::size_t y, const Set& third, const EdgeLengths& lengths) {
    const EdgeKey xy = lengths.key(x, y);
    for (std::size_t i = 0; i < kWords; ++i) {
      for (std::uint64_t word = third.words[i]; word != 0; word &= word - 1) {
        const std::size_t z = 64 * i + static_cast<std::size_t>(std::countr_zero(word));
        if (lengths.key(x, z) < xy && lengths.key(y, z) < xy) return true;
      }
    }
    return false;
  }

  Collapse result_;
  std::array<std::uint16_t, Set::kCapacity> partner_;
  std::array<std::uint16_t, Set::kCapacity> queue_;
};

}  // namespace topoforge::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
