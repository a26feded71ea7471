#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "topoforge/core/diagram/vertex_set.hpp"

/// Purpose: the links of edges that are no cones, collapsed to their cores: kept from one window to the next.
/// The numbers of a link stand together in one block of an arena; blocks are of powers of two, and freed ones are used
/// again, so that a stream soon needs no new memory.
/// Internal to core/diagram. Thread safety: none.
namespace topoforge {

/// What came of the collapse of one link.
template <std::size_t kWords>
struct LinkCollapse {
  // The gradient at a vertex: the vertex that it is paired with, or one of these.
  static constexpr std::uint16_t kRoot = 0xffff;      ///< the vertex that stands for the edge itself
  static constexpr std::uint16_t kCritical = 0x8000;  ///< and above: a critical triangle, by its number in the link
  static constexpr std::uint16_t kOfCore = 0x4000;    ///< added to the partner of a vertex of the core

  struct CriticalTetrahedron {
    std::uint16_t a;
    std::uint16_t b;
  };

  VertexSet<kWords> members;
  std::uint16_t root = 0;
  std::uint32_t tests = 0;                      ///< vertices that were tried as apexes: the work that it was
  std::vector<std::uint16_t> partners;          ///< of the members in their order, with kOfCore; none in degree 1
  std::vector<std::uint16_t> triangles;         ///< critical: with this vertex across the edge
  std::vector<CriticalTetrahedron> tetrahedra;  ///< critical: with this edge across the edge
};

template <std::size_t kWords>
class CollapsedLinks {
 public:
  using Id = std::uint32_t;
  using Collapse = LinkCollapse<kWords>;

  struct Link {
    VertexSet<kWords> members;
    std::uint32_t block = 0;
    std::uint32_t tetrahedra = 0;  ///< how many
    std::uint16_t partners = 0;    ///< how many
    std::uint16_t triangles = 0;   ///< how many
    std::uint16_t root = 0;
    std::uint8_t size_class = 0;
    std::uint32_t collapse_tests = 0;  ///< LinkCollapse::tests
    std::uint32_t first_triangle = 0;  ///< of the diagram at hand: where its critical triangles begin

    /// Numbers in its block.
    [[nodiscard]] std::uint32_t size() const { return partners + triangles + 2 * tetrahedra; }
  };

  void clear() {
    links_.clear();
    free_links_.clear();
    collapse_tests_ = 0;
    numbers_.clear();
    for (std::vector<std::uint32_t>& blocks : free_blocks_) blocks.clear();
  }
  /// Of all links.
  [[nodiscard]] std::size_t collapse_tests() const { return collapse_tests_; }
  /// 64-bit words in use.
  [[nodiscard]] std::size_t words() const { return numbers_.size() / 4; }

  Id add(const Collapse& collapse) {
    const std::size_t count = collapse.partners.size() + collapse.triangles.size() + 2 * collapse.tetrahedra.size();
    const auto size_class = static_cast<std::uint8_t>(std::bit_width(count));
    Link link{collapse.members, block_of(size_class)};
    link.tetrahedra = static_cast<std::uint32_t>(collapse.tetrahedra.size());
    link.partners = static_cast<std::uint16_t>(collapse.partners.size());
    link.triangles = static_cast<std::uint16_t>(collapse.triangles.size());
    link.root = collapse.root;
    link.size_class = size_class;
    link.collapse_tests = collapse.tests;
    collapse_tests_ += collapse.tests;
    auto out = numbers_.begin() + link.block;
    out = std::ranges::copy(collapse.partners, out).out;
    out = std::ranges::copy(collapse.triangles, out).out;
    for (const auto& [a, b] : collapse.tetrahedra) {
      *out++ = a;
      *out++ = b;
    }
    if (free_links_.empty()) {
      links_.push_back(link);
      return static_cast<Id>(links_.size() - 1);
    }
    const Id id = free_links_.back();
    free_links_.pop_back();
    links_[id] = link;
    return id;
  }
  void remove(Id id) {
    collapse_tests_ -= links_[id].collapse_tests;
    free_blocks_[links_[id].size_class].push_back(links_[id].block);
    free_links_.push_back(id);
  }

  Link& operator[](Id id) { return links_[id]; }
  const Link& operator[](Id id) const { return links_[id]; }

  /// Of a member, without kOfCore.
  [[nodiscard]] std::uint16_t partner(const Link& link, std::size_t vertex) const {
    const std::uint16_t partner = numbers_[link.block + link.members.size_below(vertex)];
    return partner < Collapse::kCritical ? partner & static_cast<std::uint16_t>(~Collapse::kOfCore) : partner;
  }

  /// Whether the link without this member collapses as before: nobody was removed on its account, and it is not of the
  /// core. Of a link that has partners.
  [[nodiscard]] bool can_lose(const Link& link, std::size_t vertex) const {
    const std::span<const std::uint16_t> partners{numbers_.data() + link.block, link.partners};
    return partners[link.members.size_below(vertex)] < Collapse::kOfCore &&
           std::ranges::find(partners, static_cast<std::uint16_t>(vertex)) == partners.end();
  }
  void lose(Id id, std::size_t vertex) {
    Link& link = links_[id];
    const auto end = numbers_.begin() + link.block + link.size();
    const auto at = numbers_.begin() + link.block + static_cast<std::ptrdiff_t>(link.members.size_below(vertex));
    std::copy(at + 1, end, at);
    --link.partners;
    link.members.erase(vertex);
  }
  /// A vertex that is dominated by `partner` joins a link that has partners: it is the first to be removed.
  void gain(Id id, std::size_t vertex, std::uint16_t partner) {
    make_room(links_[id]);
    Link& link = links_[id];
    const auto end = numbers_.begin() + link.block + link.size();
    const auto at = numbers_.begin() + link.block + static_cast<std::ptrdiff_t>(link.members.size_below(vertex));
    std::copy_backward(at, end, end + 1);
    *at = partner;
    ++link.partners;
    link.members.insert(vertex);
  }
  [[nodiscard]] std::span<const std::uint16_t> triangles(const Link& link) const {
    return {numbers_.data() + link.block + link.partners, link.triangles};
  }
  /// Pairs of vertices, flat.
  [[nodiscard]] std::span<const std::uint16_t> tetrahedra(const Link& link) const {
    return {triangles(link).data() + link.triangles, 2 * std::size_t{link.tetrahedra}};
  }

 private:
  /// For one number more.
  void make_room(Link& link) {
    const auto size_class = static_cast<std::uint8_t>(std::bit_width(std::size_t{link.size()} + 1));
    if (size_class <= link.size_class) return;
    const std::uint32_t block = block_of(size_class);
    std::copy_n(numbers_.begin() + link.block, link.size(), numbers_.begin() + block);
    free_blocks_[link.size_class].push_back(link.block);
    link.block = block;
    link.size_class = size_class;
  }
  /// A block of at least 2^size_class - 1 numbers.
  std::uint32_t block_of(std::uint8_t size_class) {
    if (std::vector<std::uint32_t>& free = free_blocks_[size_class]; !free.empty()) {
      const std::uint32_t block = free.back();
      free.pop_back();
      return block;
    }
    const auto block = static_cast<std::uint32_t>(numbers_.size());
    numbers_.resize(numbers_.size() + (std::size_t{1} << size_class));
    return block;
  }

  std::vector<Link> links_;
  std::size_t collapse_tests_ = 0;
  std::vector<Id> free_links_;
  std::vector<std::uint16_t> numbers_;
  std::array<std::vector<std::uint32_t>, 32> free_blocks_;
};

}  // namespace topoforge
