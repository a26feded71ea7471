#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include "topoforge/core/diagram/annotation.hpp"
#include "topoforge/core/diagram/edge_order.hpp"
#include "topoforge/core/diagram/persistence_diagram.hpp"
#include "topoforge/core/diagram/vertex_set.hpp"

/// Purpose: exact H0, H1 and H2 of a Vietoris-Rips filtration of up to 64 * kWords points, edge by edge.
/// Method: adding the edge e = (u, v) glues in its star, so that homology can change only through the link of e, the
/// clique complex on the common neighbours C of u and v at that moment.
///   C is empty       e joins two components or gives birth to an H1 class.
///   the link is a cone   nothing changes; its apex, a vertex of C next to all others, is kept: a discrete gradient.
///   otherwise        the link is strong-collapsed to its core. A component of the core beyond the first is a critical
///                    triangle; an edge of the core outside its spanning forest that is the longest of no triangle of
///                    the core is a critical tetrahedron.
/// Only critical cells get columns; their boundaries are written in the births by following the gradient, lazily.
/// Work memory is kept between calls: 4 n^2 bytes of ranks, 18 for each edge, 2 for each vertex of a collapsed link and
/// the annotations. Internal to core/diagram. Thread safety: none.
namespace topoforge {

template <std::size_t kWords>
class LinkEngine {
 public:
  static constexpr std::size_t kCapacity = 64 * kWords;

  /// lower: strict lower triangle of n <= kCapacity points; edges: those of the filtration in their total order;
  /// max_dimension 0 to 2. pairs[k] gets the classes of H_k, unordered. False when collapsed links and annotations
  /// would need more than max_words words of 64 bits.
  bool compute(std::span<const double> lower, std::size_t n, std::span<const EdgeEnds> edges, std::size_t max_dimension,
               std::size_t max_words, std::vector<std::vector<PersistencePair>>& pairs) {
    begin(lower, n, max_dimension, max_words);
    for (const EdgeEnds edge : edges) {
      add(edge);
      if (words() > max_words) return false;
    }
    components(pairs[0]);
    if (max_dimension >= 1 && !loops(pairs[1])) return false;
    return max_dimension < 2 || voids(pairs[2]);
  }

 private:
  using Set = VertexSet<kWords>;
  using Place = AnnotationArena::Place;

  // What is known of the link of an edge: the apex of a cone, or one of these.
  static constexpr std::uint16_t kEmpty = 0xffff;
  static constexpr std::uint16_t kCore = 0xfffe;
  // The gradient inside a collapsed link: the partner of a vertex, or one of these.
  static constexpr std::uint16_t kRoot = 0xffff;
  static constexpr std::uint16_t kCritical = 0x8000;  ///< and above: a critical triangle, by its number in the link

  struct Link {
    Set members;
    std::uint32_t partners = 0;        ///< where the partners of the members begin in partners_
    std::uint32_t first_triangle = 0;  ///< where its critical triangles begin in triangles_
    std::uint16_t root = 0;
  };
  struct CriticalTriangle {
    EdgeEnds edge;
    std::uint16_t vertex;
  };
  struct CriticalTetrahedron {
    EdgeEnds edge;
    std::uint16_t a;
    std::uint16_t b;
  };

  void begin(std::span<const double> lower, std::size_t n, std::size_t max_dimension, std::size_t max_words) {
    lower_ = lower.data();
    max_dimension_ = max_dimension;
    max_words_ = max_words;
    if (n != n_) {
      n_ = n;
      ranks_.resize(n * n);
    }
    edge_count_ = 0;
    apexes_.resize(lower.size());
    at_edge_.resize(lower.size());
    edge_places_.assign(lower.size(), kUnknown);
    ends_.resize(lower.size());
    std::fill_n(neighbours_.begin(), n, Set::none());
    std::iota(parents_.begin(), parents_.begin() + static_cast<std::ptrdiff_t>(n), std::uint16_t{0});
    loops_.reset(0);
    voids_.reset(0);
    links_.clear();
    partners_.clear();
    merges_.clear();
    loop_births_.clear();
    triangles_.clear();
    tetrahedra_.clear();
  }

  [[nodiscard]] std::size_t words() const { return partners_.size() / 4 + loops_.words() + voids_.words(); }
  [[nodiscard]] double length(EdgeEnds edge) const {
    return lower_[edge.head() * (edge.head() - 1) / 2 + edge.tail()] + 0.0;
  }
  [[nodiscard]] std::uint32_t rank(std::size_t a, std::size_t b) const { return ranks_[a * n_ + b]; }

  std::uint16_t root_of(std::uint16_t vertex) {
    while (parents_[vertex] != vertex) vertex = parents_[vertex] = parents_[parents_[vertex]];
    return vertex;
  }

  void add(EdgeEnds edge) {
    const std::size_t u = edge.head();
    const std::size_t v = edge.tail();
    const auto r = static_cast<std::uint32_t>(edge_count_++);
    ends_[r] = edge;
    ranks_[u * n_ + v] = ranks_[v * n_ + u] = r;
    const Set common = neighbours_[u] & neighbours_[v];
    if (common.empty()) {
      apexes_[r] = kEmpty;
      join(edge, r);
    } else if (max_dimension_ == 1) {
      add_connected(edge, r, common);
    } else if (max_dimension_ == 2) {
      const std::size_t apex = cone_apex(common);
      apexes_[r] = static_cast<std::uint16_t>(apex);
      if (apex == kCapacity) {
        apexes_[r] = kCore;
        collapse(edge, r, common);
      }
    }
    neighbours_[u].insert(v);
    neighbours_[v].insert(u);
  }

  void join(EdgeEnds edge, std::uint32_t r) {
    const std::uint16_t a = root_of(static_cast<std::uint16_t>(edge.head()));
    const std::uint16_t b = root_of(static_cast<std::uint16_t>(edge.tail()));
    at_edge_[r] = kMerge;
    if (a != b) {
      parents_[a] = b;
      merges_.push_back(edge);
    } else {
      at_edge_[r] = static_cast<std::uint32_t>(loop_births_.size());
      loop_births_.push_back(edge);
    }
  }

  /// For H1 alone the components of the link are enough.
  void add_connected(EdgeEnds edge, std::uint32_t r, const Set& common) {
    const std::size_t root = common.first();
    apexes_[r] = static_cast<std::uint16_t>(root);
    Set rest = common - neighbours_[root];
    rest.erase(root);
    if (rest.empty()) return;
    Set frontier = common & neighbours_[root];
    while (true) {
      const std::size_t x = frontier.first();
      if (x != kCapacity) {
        frontier.erase(x);
        const Set found = rest & neighbours_[x];
        rest -= found;
        if (rest.empty()) return;
        frontier |= found;
      } else {
        const std::size_t y = rest.first();
        rest.erase(y);
        triangles_.push_back({edge, static_cast<std::uint16_t>(y)});
        frontier = rest & neighbours_[y];
        rest -= frontier;
        if (rest.empty()) return;
      }
    }
  }

  /// A vertex of the set that is next to all others of it; kCapacity when there is none. A candidate that misses x
  /// leaves only the neighbours of x as candidates.
  [[nodiscard]] std::size_t cone_apex(const Set& set) const {
    Set candidates = set;
    std::size_t apex = set.first();
    while (apex != kCapacity) {
      Set missed = set - neighbours_[apex];
      missed.erase(apex);
      if (missed.empty()) return apex;
      candidates &= neighbours_[missed.first()];
      candidates.erase(apex);
      apex = candidates.first();
    }
    return kCapacity;
  }

  void collapse(EdgeEnds edge, std::uint32_t r, const Set& common) {
    at_edge_[r] = static_cast<std::uint32_t>(links_.size());
    links_.push_back(
        {common, static_cast<std::uint32_t>(partners_.size()), static_cast<std::uint32_t>(triangles_.size()), 0});
    const Set core = collapse_to_core(common);
    grow_forest(edge, core);
    common.for_each([&](std::size_t x) { partners_.push_back(partner_[x]); });
    core.for_each([&](std::size_t x) {
      const Set next = core & neighbours_[x];
      next.for_each([&](std::size_t y) {
        if (y < x || partner_[x] == y || partner_[y] == x || longest_of_a_triangle(x, y, next)) return;
        tetrahedra_.push_back({edge, static_cast<std::uint16_t>(x), static_cast<std::uint16_t>(y)});
      });
    });
  }

  /// Removes vertices whose neighbours are all neighbours of one of them, their partner, until there are none.
  Set collapse_to_core(Set core) {
    for (bool changed = true; changed;) {
      changed = false;
      const Set before = core;
      before.for_each([&](std::size_t x) {
        const std::size_t by = cone_apex(core & neighbours_[x]);
        if (by == kCapacity) return;
        core.erase(x);
        partner_[x] = static_cast<std::uint16_t>(by);
        changed = true;
      });
    }
    return core;
  }

  void grow_forest(EdgeEnds edge, Set rest) {
    bool first = true;
    while (!rest.empty()) {
      const std::size_t start = rest.first();
      rest.erase(start);
      Link& link = links_.back();
      if (first) {
        link.root = static_cast<std::uint16_t>(start);
        partner_[start] = kRoot;
      } else {
        partner_[start] = static_cast<std::uint16_t>(kCritical + triangles_.size() - link.first_triangle);
        triangles_.push_back({edge, static_cast<std::uint16_t>(start)});
      }
      first = false;
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

  /// next: the neighbours of x in the core.
  [[nodiscard]] bool longest_of_a_triangle(std::size_t x, std::size_t y, const Set& next) const {
    const std::uint32_t xy = rank(x, y);
    const Set third = next & neighbours_[y];
    for (std::size_t i = 0; i < kWords; ++i) {
      for (std::uint64_t word = third.words[i]; word != 0; word &= word - 1) {
        const std::size_t z = 64 * i + static_cast<std::size_t>(std::countr_zero(word));
        if (rank(x, z) < xy && rank(y, z) < xy) return true;
      }
    }
    return false;
  }

  void components(std::vector<PersistencePair>& pairs) {
    for (const EdgeEnds edge : merges_) add_pair(pairs, 0.0, length(edge));
    pairs.insert(pairs.end(), n_ - merges_.size(), {0.0, std::numeric_limits<double>::infinity()});
  }

  static void add_pair(std::vector<PersistencePair>& pairs, double birth, double death) {
    if (birth < death) pairs.push_back({birth, death});
  }

  /// The annotation of an edge: its own bit for a birth, zero for a merge, else that of the other two sides of the
  /// triangle with its apex. The stack holds what waits for the annotations of earlier edges.
  Place edge_place(std::uint32_t r) {
    if (edge_places_[r] != kUnknown) return edge_places_[r];
    edge_stack_.assign(1, r);
    while (!edge_stack_.empty()) {
      const std::uint32_t at = edge_stack_.back();
      Place place = AnnotationArena::kZero;
      if (apexes_[at] == kEmpty) {
        if (at_edge_[at] != kMerge) place = loops_.unit(at_edge_[at]);
      } else {
        const std::size_t apex = apexes_[at] == kCore ? links_[at_edge_[at]].root : apexes_[at];
        const std::uint32_t a = rank(ends_[at].head(), apex);
        const std::uint32_t b = rank(ends_[at].tail(), apex);
        const bool a_known = edge_places_[a] != kUnknown;
        const bool b_known = edge_places_[b] != kUnknown;
        if (!a_known) edge_stack_.push_back(a);
        if (!b_known) edge_stack_.push_back(b);
        if (!a_known || !b_known) continue;
        place = loops_.sum(edge_places_[a], edge_places_[b]);
      }
      edge_places_[at] = place;
      edge_stack_.pop_back();
    }
    return edge_places_[r];
  }

  bool loops(std::vector<PersistencePair>& pairs) {
    loops_.reset(loop_births_.size());
    basis_.assign(loop_births_.size(), AnnotationArena::kZero);
    void_births_.clear();
    triangle_bits_.assign(triangles_.size(), kUnknown);
    std::size_t alive = loop_births_.size();
    for (std::size_t i = 0; i < triangles_.size(); ++i) {
      if (max_dimension_ == 1 && alive == 0) break;
      const auto [edge, x] = triangles_[i];
      const Place a = edge_place(rank(edge.head(), edge.tail()));
      const Place b = edge_place(rank(edge.head(), x));
      const Place c = edge_place(rank(edge.tail(), x));
      const Place boundary = loops_.own_sum(a, b, c, AnnotationArena::kZero);
      const std::size_t bit = loops_.reduce(boundary, basis_);
      if (bit != AnnotationArena::kNone) {
        --alive;
        add_pair(pairs, length(loop_births_[bit]), length(edge));
      } else {
        loops_.drop_last(boundary);
        triangle_bits_[i] = static_cast<std::uint32_t>(void_births_.size());
        void_births_.push_back(edge);
      }
      if (words() > max_words_) return false;
    }
    essential(pairs, loop_births_);
    return true;
  }

  void essential(std::vector<PersistencePair>& pairs, const std::vector<EdgeEnds>& births) const {
    for (std::size_t bit = 0; bit < births.size(); ++bit) {
      if (basis_[bit] == AnnotationArena::kZero)
        pairs.push_back({length(births[bit]), std::numeric_limits<double>::infinity()});
    }
  }

  /// A triangle by its longest edge, of rank r, and the vertex across: r << 16 | vertex.
  using TriangleKey = std::uint64_t;
  [[nodiscard]] static TriangleKey triangle_key(std::uint32_t r, std::size_t across) {
    return static_cast<TriangleKey>(r) << 16 | across;
  }
  [[nodiscard]] TriangleKey triangle_key(std::size_t a, std::size_t b, std::size_t c) const {
    const std::uint32_t ab = rank(a, b);
    const std::uint32_t ac = rank(a, c);
    const std::uint32_t bc = rank(b, c);
    if (ab > ac && ab > bc) return triangle_key(ab, c);
    return ac > bc ? triangle_key(ac, b) : triangle_key(bc, a);
  }

  /// The gradient at a triangle: paired with its longest edge or with a triangle that died killing a loop (zero),
  /// itself a birth (unit), or the longest-edge face of the tetrahedron with `partner` (follow).
  struct Step {
    enum class Kind : std::uint8_t { zero, unit, follow } kind;
    std::uint32_t value = 0;  ///< bit or partner
    bool cone = false;
  };
  [[nodiscard]] Step step_at(TriangleKey triangle) const {
    const auto r = static_cast<std::uint32_t>(triangle >> 16);
    const auto x = static_cast<std::uint16_t>(triangle & 0xffff);
    if (apexes_[r] != kCore) {
      if (apexes_[r] == x) return {Step::Kind::zero};
      return {Step::Kind::follow, apexes_[r], true};
    }
    const Link& link = links_[at_edge_[r]];
    const std::uint16_t partner = partners_[link.partners + link.members.size_below(x)];
    if (partner == kRoot) return {Step::Kind::zero};
    if (partner < kCritical) return {Step::Kind::follow, partner, false};
    const std::uint32_t bit = triangle_bits_[link.first_triangle + partner - kCritical];
    if (bit == kUnknown) return {Step::Kind::zero};
    return {Step::Kind::unit, bit};
  }

  Place triangle_place(TriangleKey triangle) {
    if (const Place known = triangle_memo_.find(triangle); known != AnnotationMemo::kUnknown) return known;
    triangle_stack_.assign(1, triangle);
    while (!triangle_stack_.empty()) {
      const TriangleKey at = triangle_stack_.back();
      const Step step = step_at(at);
      Place place = AnnotationArena::kZero;
      if (step.kind == Step::Kind::unit) {
        place = voids_.unit(step.value);
      } else if (step.kind == Step::Kind::follow) {
        const auto r = static_cast<std::uint32_t>(at >> 16);
        const auto x = static_cast<std::size_t>(at & 0xffff);
        const std::size_t u = ends_[r].head();
        const std::size_t v = ends_[r].tail();
        const std::array<TriangleKey, 3> faces{triangle_key(u, x, step.value), triangle_key(v, x, step.value),
                                               triangle_key(r, step.value)};
        // The face across from an apex is paired with the edge itself: zero.
        const std::size_t count = step.cone ? 2 : 3;
        bool known = true;
        std::array<Place, 3> places{};
        for (std::size_t i = 0; i < count; ++i) {
          places[i] = triangle_memo_.find(faces[i]);
          if (places[i] != AnnotationMemo::kUnknown) continue;
          triangle_stack_.push_back(faces[i]);
          known = false;
        }
        if (!known) continue;
        place = voids_.sum(voids_.sum(places[0], places[1]), count == 3 ? places[2] : AnnotationArena::kZero);
      }
      triangle_stack_.pop_back();
      if (triangle_memo_.find(at) == AnnotationMemo::kUnknown) triangle_memo_.insert(at, place);
    }
    return triangle_memo_.find(triangle);
  }

  bool voids(std::vector<PersistencePair>& pairs) {
    voids_.reset(void_births_.size());
    basis_.assign(void_births_.size(), AnnotationArena::kZero);
    triangle_memo_.clear();
    std::size_t alive = void_births_.size();
    for (const auto& [edge, x, y] : tetrahedra_) {
      if (alive == 0) break;
      const std::size_t u = edge.head();
      const std::size_t v = edge.tail();
      const std::uint32_t r = rank(u, v);
      const Place a = triangle_place(triangle_key(r, x));
      const Place b = triangle_place(triangle_key(r, y));
      const Place c = triangle_place(triangle_key(u, x, y));
      const Place d = triangle_place(triangle_key(v, x, y));
      const Place boundary = voids_.own_sum(a, b, c, d);
      const std::size_t bit = voids_.reduce(boundary, basis_);
      if (bit != AnnotationArena::kNone) {
        --alive;
        add_pair(pairs, length(void_births_[bit]), length(edge));
      } else {
        voids_.drop_last(boundary);
      }
      if (words() > max_words_) return false;
    }
    essential(pairs, void_births_);
    return true;
  }

  static constexpr std::uint32_t kUnknown = static_cast<std::uint32_t>(-1);
  static constexpr std::uint32_t kMerge = static_cast<std::uint32_t>(-1);

  const double* lower_ = nullptr;
  std::size_t n_ = 0;
  std::size_t max_dimension_ = 0;
  std::size_t max_words_ = 0;
  std::size_t edge_count_ = 0;

  std::array<Set, kCapacity> neighbours_;
  std::array<std::uint16_t, kCapacity> parents_;  ///< union-find
  std::array<std::uint16_t, kCapacity> partner_;  ///< of the link at hand
  std::array<std::uint16_t, kCapacity> queue_;

  std::vector<std::uint32_t> ranks_;  ///< n x n, symmetric; good for the edges that were added
  // By the rank of an edge:
  std::vector<EdgeEnds> ends_;
  std::vector<std::uint16_t> apexes_;
  std::vector<std::uint32_t> at_edge_;  ///< kEmpty: its loop, or kMerge; kCore: its link
  std::vector<Place> edge_places_;

  std::vector<Link> links_;
  std::vector<std::uint16_t> partners_;
  std::vector<EdgeEnds> merges_;
  std::vector<EdgeEnds> loop_births_;
  std::vector<EdgeEnds> void_births_;
  std::vector<CriticalTriangle> triangles_;
  std::vector<std::uint32_t> triangle_bits_;  ///< its void, or kUnknown for one that killed a loop
  std::vector<CriticalTetrahedron> tetrahedra_;

  AnnotationArena loops_;
  AnnotationArena voids_;
  AnnotationMemo triangle_memo_;
  std::vector<Place> basis_;
  std::vector<std::uint32_t> edge_stack_;
  std::vector<TriangleKey> triangle_stack_;
};

}  // namespace topoforge
