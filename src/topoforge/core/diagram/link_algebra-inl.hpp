// Compiled once for each instruction set, so without #pragma once: see link_engine.cpp.
#if defined(TOPOFORGE_LINK_ALGEBRA_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef TOPOFORGE_LINK_ALGEBRA_INL
#undef TOPOFORGE_LINK_ALGEBRA_INL
#else
#define TOPOFORGE_LINK_ALGEBRA_INL
#endif

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include <hwy/highway.h>

#include "topoforge/core/diagram/annotation.hpp"
#include "topoforge/core/diagram/edge_order.hpp"
#include "topoforge/core/diagram/link_engine.hpp"
#include "topoforge/core/diagram/link_gradient-inl.hpp"
#include "topoforge/core/diagram/link_trace.hpp"
#include "topoforge/core/diagram/persistence_diagram.hpp"

/// Purpose: the pairs of H0, H1 and H2 from the gradient of a filtration.
/// Method: only critical cells get columns. Their boundaries are written in the births of the degree below, as
/// annotations, by following the gradient, lazily; then an ordinary reduction.
/// Internal to core/diagram. Thread safety: none.
HWY_BEFORE_NAMESPACE();
namespace topoforge::HWY_NAMESPACE {

template <std::size_t kWords>
class LinkAlgebra {
 public:
  using Gradient = LinkGradient<kWords>;

  /// Appends to pairs[k] the classes of H_k for k up to max_dimension of the edges up to max_edge_length that are
  /// shorter than the cut; unordered. False when annotations would need too many words.
  bool solve(Gradient& gradient, double cut, const LinkEngine::Limits& limits,
             std::vector<std::vector<PersistencePair>>& pairs) {
    gradient_ = &gradient;
    lengths_ = gradient.lengths();
    cut_ = cut;
    max_words_ = std::min(limits.max_words - std::min(limits.max_words, gradient.links().words()), limits.max_cells);
    gather(limits.max_edge_length, limits.max_dimension, pairs[0]);
    voids_.reset(0);
    return loops(limits.max_dimension, pairs[1]) && (limits.max_dimension < 2 || voids(pairs[2]));
  }
  /// Words in use, of links and annotations.
  [[nodiscard]] std::size_t words() const { return gradient_->links().words() + loops_.words() + voids_.words(); }
  /// After a solve() that did not succeed: the length of the edge at which it stopped.
  [[nodiscard]] double stopped_at() const { return stopped_at_; }

  /// After a solve() that succeeded; edges: those of the filtration.
  void trace(std::span<const EdgeEnds> edges, LinkTrace& trace) {
    trace.edges.assign(gradient_->size() * (gradient_->size() - 1) / 2, AnnotationArena::kZero);
    for (const EdgeEnds edge : edges) trace.edges[edge.index()] = edge_place(edge);
    trace.merges = merges_;
    trace.loops = loop_births_;
    trace.triangles = triangles_;
    trace.tetrahedra = tetrahedra_;
    trace.loop_ends = loop_ends_;
    trace.voids = void_births_;
    trace.void_ends = void_ends_;
    trace.width = loops_.width();
    trace.words = loops_.all_words();
    trace.classes = loop_basis_;
  }

 private:
  using Links = typename Gradient::Links;
  using Collapse = typename Links::Collapse;
  using Place = AnnotationArena::Place;
  static constexpr Place kUnknown = AnnotationMemo::kUnknown;
  static constexpr std::uint32_t kMerge = static_cast<std::uint32_t>(-1);
  static constexpr std::uint32_t kKilled = static_cast<std::uint32_t>(-1);

  std::uint16_t root_of(std::uint16_t vertex) {
    while (parents_[vertex] != vertex) vertex = parents_[vertex] = parents_[parents_[vertex]];
    return vertex;
  }

  /// The critical cells in their order, and H0.
  void gather(double max_edge_length, std::size_t max_dimension, std::vector<PersistencePair>& pairs) {
    const std::size_t n = gradient_->size();
    std::iota(parents_.begin(), parents_.begin() + static_cast<std::ptrdiff_t>(n), std::uint16_t{0});
    merges_.clear();
    loop_births_.clear();
    triangles_.clear();
    tetrahedra_.clear();
    const std::size_t indices = n * (n - 1) / 2;
    if (edge_places_.size() < indices) {
      edge_places_.resize(indices, kUnknown);
      loop_numbers_.resize(indices);
    }
    for (const std::uint32_t index : known_edges_) edge_places_[index] = kUnknown;
    known_edges_.clear();
    std::size_t components = n;
    for (const EdgeKey& key : gradient_->listed()) {
      if (key.length > max_edge_length || !(key.length < cut_)) break;
      if (gradient_->apex(key.ends) == Gradient::kCore) {
        gather_link(key.ends, max_dimension);
      } else {
        components -= join(key, pairs) ? 1 : 0;
      }
    }
    pairs.insert(pairs.end(), components, {0.0, std::numeric_limits<double>::infinity()});
  }
  bool join(const EdgeKey& key, std::vector<PersistencePair>& pairs) {
    const std::uint16_t a = root_of(static_cast<std::uint16_t>(key.ends.head()));
    const std::uint16_t b = root_of(static_cast<std::uint16_t>(key.ends.tail()));
    if (a == b) {
      loop_numbers_[key.ends.index()] = static_cast<std::uint32_t>(loop_births_.size());
      loop_births_.push_back(key.ends);
      return false;
    }
    parents_[a] = b;
    loop_numbers_[key.ends.index()] = kMerge;
    merges_.push_back(key.ends);
    add_pair(pairs, 0.0, key.length);
    return true;
  }
  void gather_link(EdgeEnds edge, std::size_t max_dimension) {
    typename Links::Link& link = gradient_->link(edge);
    link.first_triangle = static_cast<std::uint32_t>(triangles_.size());
    for (const std::uint16_t vertex : gradient_->links().triangles(link)) triangles_.push_back({edge, vertex});
    if (max_dimension < 2) return;
    const auto vertices = gradient_->links().tetrahedra(link);
    for (std::size_t i = 0; i < vertices.size(); i += 2) tetrahedra_.push_back({edge, vertices[i], vertices[i + 1]});
  }

  bool too_many_words(EdgeEnds edge) {
    stopped_at_ = lengths_.of(edge);
    return loops_.words() + voids_.words() > max_words_;
  }
  static void add_pair(std::vector<PersistencePair>& pairs, double birth, double death) {
    if (birth < death) pairs.push_back({birth, death});
  }
  [[nodiscard]] double length(EdgeEnds edge) const { return lengths_.of(edge) + 0.0; }

  /// Gradients lead to edges no longer than the first, and so from one that is shorter than the first loop is born to
  /// no loop.
  [[nodiscard]] Place known_place(EdgeEnds edge) const {
    const std::size_t index = edge.index();
    return lengths_.lower[index] < first_loop_ ? AnnotationArena::kZero : edge_places_[index];
  }

  /// The annotation of an edge: its own bit for a birth, zero for a merge, else that of the other two sides of the
  /// triangle with its apex. The stack holds what waits for the annotations of earlier edges.
  Place edge_place(EdgeEnds edge) {
    if (const Place known = known_place(edge); known != kUnknown) return known;
    edge_stack_.assign(1, edge);
    while (!edge_stack_.empty()) {
      const EdgeEnds at = edge_stack_.back();
      const std::size_t index = at.index();
      Place place = AnnotationArena::kZero;
      std::size_t apex = gradient_->apex(at);
      if (apex == Gradient::kEmpty) {
        if (loop_numbers_[index] != kMerge) place = loops_.unit(loop_numbers_[index]);
      } else {
        if (apex == Gradient::kCore) apex = gradient_->link(at).root;
        const EdgeEnds a = EdgeEnds::between(at.head(), apex);
        const EdgeEnds b = EdgeEnds::between(at.tail(), apex);
        const Place place_a = known_place(a);
        const Place place_b = known_place(b);
        if (place_a == kUnknown) edge_stack_.push_back(a);
        if (place_b == kUnknown) edge_stack_.push_back(b);
        if (place_a == kUnknown || place_b == kUnknown) continue;
        place = loops_.sum(place_a, place_b);
      }
      edge_places_[index] = place;
      known_edges_.push_back(static_cast<std::uint32_t>(index));
      edge_stack_.pop_back();
    }
    return edge_places_[edge.index()];
  }

  bool loops(std::size_t max_dimension, std::vector<PersistencePair>& pairs) {
    loops_.reset(loop_births_.size());
    first_loop_ = loop_births_.empty() ? std::numeric_limits<double>::infinity() : lengths_.of(loop_births_.front());
    loop_basis_.assign(loop_births_.size(), AnnotationArena::kZero);
    loop_ends_.assign(loop_births_.size(), LinkTrace::kNone);
    void_births_.clear();
    void_ends_.clear();
    void_numbers_.assign(triangles_.size(), kKilled);
    std::size_t alive = loop_births_.size();
    for (std::size_t i = 0; i < triangles_.size(); ++i) {
      if (max_dimension == 1 && alive == 0) break;
      const auto [edge, x] = triangles_[i];
      const Place a = edge_place(edge);
      const Place b = edge_place(EdgeEnds::between(edge.head(), x));
      const Place c = edge_place(EdgeEnds::between(edge.tail(), x));
      const Place boundary = loops_.own_sum(a, b, c, AnnotationArena::kZero);
      const std::size_t bit = loops_.reduce(boundary, loop_basis_);
      if (bit != AnnotationArena::kNone) {
        --alive;
        loop_ends_[bit] = static_cast<std::uint32_t>(i);
        add_pair(pairs, length(loop_births_[bit]), length(edge));
      } else {
        loops_.drop_last(boundary);
        void_numbers_[i] = static_cast<std::uint32_t>(void_births_.size());
        void_births_.push_back(static_cast<std::uint32_t>(i));
      }
      if (too_many_words(edge)) return false;
    }
    for (std::size_t bit = 0; bit < loop_births_.size(); ++bit) {
      if (loop_ends_[bit] == LinkTrace::kNone) add_essential(pairs, loop_births_[bit]);
    }
    return true;
  }

  void add_essential(std::vector<PersistencePair>& pairs, EdgeEnds birth) const {
    pairs.push_back({length(birth), std::numeric_limits<double>::infinity()});
  }

  /// A triangle by its last edge and the vertex across: ends << 16 | vertex.
  using TriangleKey = std::uint64_t;
  /// No triangle: its ends would be the same vertex. Gradients lead to triangles of edges no longer than the first, and
  /// so from it to no void.
  static constexpr TriangleKey kBeforeVoids = 0;
  [[nodiscard]] static TriangleKey triangle_key(EdgeEnds last, std::size_t across) {
    return static_cast<TriangleKey>(last.packed) << 16 | across;
  }
  /// kBeforeVoids for one that is shorter than the first void is born.
  [[nodiscard]] TriangleKey triangle_key(std::size_t a, std::size_t b, std::size_t c) const {
    const EdgeKey ab = lengths_.key(a, b);
    const EdgeKey ac = lengths_.key(a, c);
    const EdgeKey bc = lengths_.key(b, c);
    if (std::max({ab.length, ac.length, bc.length}) < first_void_) return kBeforeVoids;
    if (ab > ac && ab > bc) return triangle_key(ab.ends, c);
    return ac > bc ? triangle_key(ac.ends, b) : triangle_key(bc.ends, a);
  }

  /// The gradient at a triangle: paired with its last edge, or killed a loop (zero), itself a birth (unit), or paired
  /// with the tetrahedron that `value` completes (follow).
  struct Step {
    enum class Kind : std::uint8_t { zero, unit, follow } kind;
    std::uint32_t value = 0;  ///< bit or vertex
    bool cone = false;
  };
  [[nodiscard]] Step step_at(TriangleKey triangle) const {
    const EdgeEnds last{static_cast<std::uint32_t>(triangle >> 16)};
    const auto across = static_cast<std::uint16_t>(triangle & 0xffff);
    const std::uint16_t apex = gradient_->apex(last);
    if (apex != Gradient::kCore) {
      if (apex == across) return {Step::Kind::zero};
      return {Step::Kind::follow, apex, true};
    }
    const typename Links::Link& link = gradient_->link(last);
    const std::uint16_t partner = gradient_->links().partner(link, across);
    if (partner == Collapse::kRoot) return {Step::Kind::zero};
    if (partner < Collapse::kCritical) return {Step::Kind::follow, partner, false};
    const std::uint32_t bit = void_numbers_[link.first_triangle + partner - Collapse::kCritical];
    if (bit == kKilled) return {Step::Kind::zero};
    return {Step::Kind::unit, bit};
  }

  Place triangle_place(TriangleKey triangle) {
    if (triangle == kBeforeVoids) return AnnotationArena::kZero;
    if (const Place known = triangle_memo_.find(triangle); known != kUnknown) return known;
    triangle_stack_.assign(1, triangle);
    while (!triangle_stack_.empty()) {
      const TriangleKey at = triangle_stack_.back();
      const Step step = step_at(at);
      Place place = AnnotationArena::kZero;
      if (step.kind == Step::Kind::unit) {
        place = voids_.unit(step.value);
      } else if (step.kind == Step::Kind::follow) {
        const EdgeEnds last{static_cast<std::uint32_t>(at >> 16)};
        const auto x = static_cast<std::size_t>(at & 0xffff);
        const std::array<TriangleKey, 3> faces{triangle_key(last.head(), x, step.value),
                                               triangle_key(last.tail(), x, step.value),
                                               triangle_key(last, step.value)};
        // The face across from an apex is paired with the edge itself: zero.
        const std::size_t count = step.cone ? 2 : 3;
        bool known = true;
        std::array<Place, 3> places{};
        for (std::size_t i = 0; i < count; ++i) {
          places[i] = faces[i] == kBeforeVoids ? AnnotationArena::kZero : triangle_memo_.find(faces[i]);
          if (places[i] != kUnknown) continue;
          triangle_stack_.push_back(faces[i]);
          known = false;
        }
        if (!known) continue;
        place = voids_.sum(voids_.sum(places[0], places[1]), count == 3 ? places[2] : AnnotationArena::kZero);
      }
      triangle_stack_.pop_back();
      if (triangle_memo_.find(at) == kUnknown) triangle_memo_.insert(at, place);
    }
    return triangle_memo_.find(triangle);
  }

  bool voids(std::vector<PersistencePair>& pairs) {
    voids_.reset(void_births_.size());
    void_basis_.assign(void_births_.size(), AnnotationArena::kZero);
    void_ends_.assign(void_births_.size(), LinkTrace::kNone);
    triangle_memo_.clear();
    first_void_ = void_births_.empty() ? 0.0 : lengths_.of(triangles_[void_births_.front()].edge);
    std::size_t alive = void_births_.size();
    for (std::size_t i = 0; i < tetrahedra_.size() && alive > 0; ++i) {
      const auto [edge, x, y] = tetrahedra_[i];
      const std::size_t u = edge.head();
      const std::size_t v = edge.tail();
      const Place a = triangle_place(triangle_key(edge, x));
      const Place b = triangle_place(triangle_key(edge, y));
      const Place c = triangle_place(triangle_key(u, x, y));
      const Place d = triangle_place(triangle_key(v, x, y));
      const Place boundary = voids_.own_sum(a, b, c, d);
      const std::size_t bit = voids_.reduce(boundary, void_basis_);
      if (bit != AnnotationArena::kNone) {
        --alive;
        void_ends_[bit] = static_cast<std::uint32_t>(i);
        add_pair(pairs, length(triangles_[void_births_[bit]].edge), length(edge));
      } else {
        voids_.drop_last(boundary);
      }
      if (too_many_words(edge)) return false;
    }
    for (std::size_t bit = 0; bit < void_births_.size(); ++bit) {
      if (void_ends_[bit] == LinkTrace::kNone) add_essential(pairs, triangles_[void_births_[bit]].edge);
    }
    return true;
  }

  Gradient* gradient_ = nullptr;
  EdgeLengths lengths_;
  std::size_t max_words_ = 0;
  double cut_ = 0.0;
  double stopped_at_ = 0.0;
  double first_loop_ = 0.0;  ///< length of the edge with which the first loop is born
  double first_void_ = 0.0;  ///< length of the edge with which the first void is born

  std::array<std::uint16_t, 64 * kWords> parents_;  ///< union-find
  std::vector<EdgeEnds> merges_;
  std::vector<EdgeEnds> loop_births_;
  std::vector<std::uint32_t> void_births_;  ///< critical triangles
  std::vector<LinkTrace::Triangle> triangles_;
  std::vector<LinkTrace::Tetrahedron> tetrahedra_;
  std::vector<std::uint32_t> loop_ends_;  ///< critical triangles
  std::vector<std::uint32_t> void_ends_;  ///< critical tetrahedra
  // By the index of an edge:
  std::vector<std::uint32_t> loop_numbers_;  ///< of an edge with an empty link: its loop, or kMerge
  std::vector<Place> edge_places_;
  std::vector<std::uint32_t> known_edges_;
  // By the number of a critical triangle:
  std::vector<std::uint32_t> void_numbers_;  ///< its void, or kKilled for one that killed a loop

  AnnotationArena loops_;
  AnnotationArena voids_;
  AnnotationMemo triangle_memo_;
  std::vector<Place> loop_basis_;
  std::vector<Place> void_basis_;
  std::vector<EdgeEnds> edge_stack_;
  std::vector<TriangleKey> triangle_stack_;
};

}  // namespace topoforge::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
