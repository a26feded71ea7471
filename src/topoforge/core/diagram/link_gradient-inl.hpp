// Compiled once for each instruction set, so without #pragma once: see link_engine.cpp.
#if defined(TOPOFORGE_LINK_GRADIENT_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef TOPOFORGE_LINK_GRADIENT_INL
#undef TOPOFORGE_LINK_GRADIENT_INL
#else
#define TOPOFORGE_LINK_GRADIENT_INL
#endif

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include <hwy/highway.h>

#include "topoforge/core/diagram/collapsed_links.hpp"
#include "topoforge/core/diagram/edge_order.hpp"
#include "topoforge/core/diagram/length_rows-inl.hpp"
#include "topoforge/core/diagram/link_collapse-inl.hpp"
#include "topoforge/core/diagram/link_engine.hpp"
#include "topoforge/core/diagram/vertex_set.hpp"

/// Purpose: what each edge does when it enters a Vietoris-Rips filtration of n <= 64 * kWords points; see
/// link_engine.hpp for the method. Of an edge whose link is a cone only the apex is kept, a discrete gradient; the
/// others, few in data of low dimension, are listed.
/// From scratch the edges come in their order, and the neighbours of each vertex so far are known. When one point is
/// replaced, the apex of an edge stays good unless it was the lost point, or the new point enters the link and is not
/// next to the apex: one comparison for each edge, after which few are left to be looked at again.
/// Internal to core/diagram. Thread safety: none.
HWY_BEFORE_NAMESPACE();
namespace topoforge::HWY_NAMESPACE {

template <std::size_t kWords>
class LinkGradient {
 public:
  using Set = VertexSet<kWords>;
  using Links = CollapsedLinks<kWords>;
  // What is known of the link of an edge: the apex of a cone, or one of these.
  static constexpr std::uint16_t kEmpty = 64 * kWords;
  static constexpr std::uint16_t kCore = kEmpty + 1;

  /// From scratch. edges: those of the filtration in their order, of lengths[] between n points.
  /// from: for `replace` afterwards; edges are then all up to the lesser of the enclosing radius and the limit. Edges
  /// beyond the limit are never asked about, and no work is done for them. False when the links would need more than
  /// max_words words; nothing may be asked then. After max_cells steps the edges that are left are left out, see cut().
  bool build(EdgeLengths lengths, std::size_t n, std::span<const EdgeEnds> edges, const LinkEngine::Limits& limits,
             std::optional<LinkEngine::SlideFrom> from = std::nullopt) {
    lengths_ = lengths;
    n_ = n;
    max_dimension_ = limits.max_dimension;
    to_slide_ = from.has_value();
    longest_ = limits.max_edge_length;
    youngest_ = from ? from->youngest : n - 1;
    edges_ = edges.size();
    rows_.restart_scans();
    collapse_tests_ = 0;
    // A row of apexes is read in whole vectors.
    const std::size_t pairs = n * (n - 1) / 2 + kFloatLanes;
    apexes_.assign(pairs, from ? static_cast<std::uint16_t>(from->hub) : kEmpty);
    if (to_slide_ && std::isfinite(longest_)) leave_out_long_edges();
    if (link_ids_.size() < pairs) link_ids_.resize(pairs);
    links_.clear();
    listed_.clear();
    std::fill_n(neighbours_.begin(), n, Set::none());
    cells_ = 0;
    cut_ = std::numeric_limits<double>::infinity();
    for (const EdgeEnds edge : edges) {
      if (++cells_ > limits.max_cells) {
        cut_ = lengths.of(edge);
        break;
      }
      add(edge);
      if (links_.words() > limits.max_words) return false;
    }
    if (to_slide_) rows_.load(lengths, n);
    return true;
  }

  /// The point `slot` was replaced: lengths[] already holds its new edges. Needs a build from where to slide.
  void replace(std::size_t slot) {
    youngest_ = slot;
    rows_.restart_scans();
    collapse_tests_ = 0;
    rows_.replaced(slot);
    find_unsettled(slot);
    new_.clear();
    for (const EdgeEnds edge : unsettled_) settle(edge);
    for (std::size_t x = 0; x < n_; ++x) {
      if (x != slot) settle(EdgeEnds::between(slot, x));
    }
    std::ranges::sort(new_);
    listed_.resize(kept_.size() + new_.size());
    std::ranges::merge(kept_, new_, listed_.begin());
  }

  /// Edges of this length and longer ones were left out; infinite when none was.
  [[nodiscard]] double cut() const { return cut_; }
  /// Edges whose link is no cone, in their order.
  [[nodiscard]] std::span<const EdgeKey> listed() const { return listed_; }
  /// Fitted to the times of both on streams of many kinds, in windows of 16 to 200 points; right within a fifth.
  [[nodiscard]] LinkEngine::Effort effort() const {
    const std::size_t all_pairs = n_ * (n_ - 1) / 2;
    const std::size_t vectors_of_row = (n_ + 15) / 16;
    const auto pairs = static_cast<double>(all_pairs);
    const auto vectors = static_cast<double>(vectors_of_row);
    const auto scans = rows_.scans();
    const double collapse_test = 6.0 + 2.0 * static_cast<double>(kWords);
    return {.slide = 900.0 + 1.5 * pairs + (16.0 + 0.7 * vectors) * static_cast<double>(scans.rows) +
                     4.0 * static_cast<double>(scans.ties) + collapse_test * static_cast<double>(collapse_tests_),
            .scratch = 1000.0 + 7.0 * pairs + 9.0 * static_cast<double>(edges_) +
                       collapse_test * static_cast<double>(links_.collapse_tests())};
  }
  [[nodiscard]] std::uint16_t apex(EdgeEnds edge) const { return apexes_[edge.index()]; }
  /// Of an edge with kCore.
  [[nodiscard]] const typename Links::Link& link(EdgeEnds edge) const { return links_[link_ids_[edge.index()]]; }
  [[nodiscard]] typename Links::Link& link(EdgeEnds edge) { return links_[link_ids_[edge.index()]]; }
  [[nodiscard]] const Links& links() const { return links_; }
  [[nodiscard]] const EdgeLengths& lengths() const { return lengths_; }
  [[nodiscard]] std::size_t size() const { return n_; }

 private:
  /// An apex that no replaced point can put in doubt.
  void leave_out_long_edges() {
    for (std::size_t head = 1; head < n_; ++head) {
      for (std::size_t tail = 0; tail < head; ++tail) {
        const EdgeEnds edge = EdgeEnds::of(head, tail);
        if (lengths_.of(edge) > longest_) apexes_[edge.index()] = kEmpty;
      }
    }
  }

  void add(EdgeEnds edge) {
    const std::size_t u = edge.head();
    const std::size_t v = edge.tail();
    const Set common = neighbours_[u] & neighbours_[v];
    std::uint16_t apex = kEmpty;
    if (!common.empty()) {
      const auto neighbours = [&](std::size_t x) -> const Set& { return neighbours_[x]; };
      const auto first = [](const Set& set) { return set.first(); };
      apex = to_slide_             ? young_apex(common)
             : max_dimension_ == 1 ? connected_root(common)
                                   : code_of(cone_apex<kWords>(common, neighbours, first));
    }
    apexes_[edge.index()] = apex;
    if (apex >= kEmpty) {
      listed_.push_back(lengths_.key(edge));
      if (apex == kCore) keep_link(edge, common, [&](std::size_t x) -> const Set& { return neighbours_[x]; });
    }
    neighbours_[u].insert(v);
    neighbours_[v].insert(u);
  }

  /// The youngest points are tried first, for they stay longest. Apart from add(), whose loop it would slow down.
  [[gnu::noinline]] std::uint16_t young_apex(const Set& common) const {
    const auto neighbours = [&](std::size_t x) -> const Set& { return neighbours_[x]; };
    const auto youngest = [&](const Set& set) { return set.last_cyclic(youngest_); };
    return code_of(cone_apex<kWords>(common, neighbours, youngest));
  }

  static std::uint16_t code_of(std::size_t apex) {
    return apex == Set::kCapacity ? kCore : static_cast<std::uint16_t>(apex);
  }

  template <class Neighbours>
  void keep_link(EdgeEnds edge, const Set& members, Neighbours&& neighbours) {
    const auto& collapse = max_dimension_ == 1
                               ? collapser_.components(members, neighbours)
                               : collapser_.collapse(members, neighbours, lengths_,
                                                     to_slide_ ? youngest_ : LinkCollapser<kWords>::kNoPoint);
    cells_ += members.size() + collapse.tests;
    link_ids_[edge.index()] = links_.add(collapse);
  }

  /// For H1 alone any vertex of a connected link will do.
  [[nodiscard]] std::uint16_t connected_root(const Set& link) const {
    const std::size_t root = link.first();
    Set rest = link - neighbours_[root];
    rest.erase(root);
    Set frontier = link & neighbours_[root];
    while (!rest.empty()) {
      const std::size_t x = frontier.first();
      if (x == Set::kCapacity) return kCore;
      frontier.erase(x);
      const Set found = rest & neighbours_[x];
      rest -= found;
      frontier |= found;
    }
    return static_cast<std::uint16_t>(root);
  }

  /// Into unsettled_ the edges, not of the slot, about which the replaced point leaves a doubt; into kept_ the others
  /// of the list.
  void find_unsettled(std::size_t slot) {
    unsettled_.clear();
    kept_.clear();
    for (const EdgeKey& key : listed_) {
      const EdgeEnds edge = key.ends;
      const bool of_slot = edge.head() == slot || edge.tail() == slot;
      const bool core = apex(edge) == kCore;
      if (!of_slot && (core ? follow(edge, key, slot) : !enters(slot, key))) {
        kept_.push_back(key);
        continue;
      }
      if (core) links_.remove(link_ids_[edge.index()]);
      if (!of_slot) unsettled_.push_back(edge);
    }
    for (std::size_t x = 0; x < n_; ++x) {
      to_new_[x] = x == slot ? std::numeric_limits<float>::quiet_NaN()
                             : LengthRows<kWords>::rounded(lengths_.of(EdgeEnds::between(slot, x)));
    }
    std::fill(to_new_.begin() + static_cast<std::ptrdiff_t>(n_), to_new_.end(),
              -std::numeric_limits<float>::infinity());
    for (std::size_t head = 1; head < n_; ++head) {
      if (head != slot) scan_row(head, slot);
    }
  }

  /// Brings a collapsed link up to date where the core stays as it is: the old point was removed and the new one can
  /// be, both before all others.
  bool follow(EdgeEnds edge, const EdgeKey& key, std::size_t slot) {
    const std::uint32_t id = link_ids_[edge.index()];
    const bool loses = links_[id].members.contains(slot);
    const bool gains = enters(slot, key);
    if (!loses && !gains) return true;
    if (loses && (max_dimension_ == 1 || !links_.can_lose(links_[id], slot))) return false;
    std::size_t partner = Set::kCapacity;
    if (gains) {
      Set members = links_[id].members;
      members.erase(slot);
      const Set around = rows_.nearer(slot, key) & members;
      const auto neighbours = [&](std::size_t x) { return rows_.nearer(x, key); };
      const auto youngest = [&](const Set& set) { return set.last_cyclic(youngest_); };
      partner = cone_apex<kWords>(around, neighbours, youngest);
      if (partner == Set::kCapacity) return false;
    }
    if (loses) links_.lose(id, slot);
    if (!gains) return true;
    if (max_dimension_ == 1) {
      links_[id].members.insert(slot);
    } else {
      links_.gain(id, slot, static_cast<std::uint16_t>(partner));
    }
    return true;
  }

  /// Whether the new point, at the slot, is in the link of an edge that is not its own.
  [[nodiscard]] bool enters(std::size_t slot, const EdgeKey& key) const {
    return lengths_.key(slot, key.ends.head()) < key && lengths_.key(slot, key.ends.tail()) < key;
  }

  /// The rounded lengths tell which apexes may have gone bad, the exact ones which have.
  void scan_row(std::size_t head, std::size_t slot) {
    const FloatTag tag;
    const hn::Rebind<std::uint16_t, FloatTag> apex_tag;
    const hn::RebindToSigned<FloatTag> index_tag;
    const float* const row = rows_.row(head);
    const std::uint16_t* const apexes = apexes_.data() + EdgeEnds::of(head, 0).index();
    const auto to_head = hn::Set(tag, to_new_[head]);
    const auto lost = hn::Set(index_tag, static_cast<std::int32_t>(slot));
    for (std::size_t begin = 0; begin < head; begin += kFloatLanes) {
      const auto lengths = hn::Load(tag, row + begin);
      const auto apex = hn::PromoteTo(index_tag, hn::LoadU(apex_tag, apexes + begin));
      const auto in = hn::And(hn::Le(to_head, lengths), hn::Le(hn::LoadU(tag, to_new_.data() + begin), lengths));
      std::uint64_t doubts = bits_of(hn::RebindMask(tag, hn::Eq(apex, lost)));
      if (!hn::AllFalse(tag, in)) {
        const auto to_apex = hn::GatherIndex(tag, to_new_.data(), apex);
        doubts |= bits_of(hn::AndNot(hn::Lt(to_apex, lengths), in));
      }
      if (doubts == 0) continue;
      if (head - begin < kFloatLanes) doubts &= (std::uint64_t{1} << (head - begin)) - 1;
      for (; doubts != 0; doubts &= doubts - 1) {
        const std::size_t tail = begin + static_cast<std::size_t>(std::countr_zero(doubts));
        if (tail != slot && goes_bad(EdgeEnds::of(head, tail), slot)) unsettled_.push_back(EdgeEnds::of(head, tail));
      }
    }
  }
  [[nodiscard]] bool goes_bad(EdgeEnds edge, std::size_t slot) const {
    const std::uint16_t at = apex(edge);
    if (at >= kEmpty) return false;
    if (at == slot) return true;
    const EdgeKey key = lengths_.key(edge);
    return enters(slot, key) && !(lengths_.key(slot, at) < key);
  }

  void settle(EdgeEnds edge) {
    if (lengths_.of(edge) > longest_) {
      apexes_[edge.index()] = kEmpty;
      return;
    }
    const EdgeKey key = lengths_.key(edge);
    const Set common = rows_.nearer(edge.head(), key, edge.tail()) & rows_.nearer(edge.tail(), key, edge.head());
    const auto neighbours = [&](std::size_t x) { return rows_.nearer(x, key); };
    std::uint16_t apex = kEmpty;
    if (!common.empty()) {
      // The youngest apex lives longest.
      const auto youngest = [&](const Set& set) { return set.last_cyclic(youngest_); };
      apex = code_of(cone_apex<kWords>(common, neighbours, youngest));
    }
    apexes_[edge.index()] = apex;
    if (apex < kEmpty) return;
    new_.push_back(key);
    if (apex == kEmpty) return;
    keep_link(edge, common, neighbours);
    collapse_tests_ += link(edge).collapse_tests;
  }

  EdgeLengths lengths_;
  std::size_t n_ = 0;
  std::size_t max_dimension_ = 0;
  bool to_slide_ = false;
  double longest_ = std::numeric_limits<double>::infinity();  ///< edge that is asked about, when it slides
  std::size_t youngest_ = 0;
  std::size_t cells_ = 0;  ///< steps of work of the build
  double cut_ = std::numeric_limits<double>::infinity();
  std::size_t edges_ = 0;           ///< that it was built from
  std::size_t collapse_tests_ = 0;  ///< of the last replace()

  std::vector<std::uint16_t> apexes_;  ///< by the index of an edge
  std::vector<std::uint32_t> link_ids_;
  std::vector<EdgeKey> listed_;
  Links links_;
  LinkCollapser<kWords> collapser_;
  std::array<Set, Set::kCapacity> neighbours_;

  LengthRows<kWords> rows_;
  std::vector<EdgeEnds> unsettled_;
  std::vector<EdgeKey> kept_;
  std::vector<EdgeKey> new_;
  /// Rounded lengths from the new point, by vertex; -inf for kEmpty, kCore and what no vertex is.
  std::array<float, Set::kCapacity + 16> to_new_;
};

}  // namespace topoforge::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
