#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <unordered_map>
#include <vector>

#include "topoforge/core/diagram/edge_order.hpp"
#include "topoforge/core/diagram/link_trace.hpp"

/// Purpose: the cycle and the cocycle of a loop.
/// Method: a cycle is born with the loop when it goes through its edge of birth and else through older edges, and dies
/// with it when the sum of its edges' annotations is the class that the loop's triangle kills, up to older classes
/// that do not outlive it. A shortest one is a shortest path in the graph of pairs (vertex, annotation), found by A*.
/// Complexity: O(n^2) for each annotation that is met on the way, few where few loops are alive.
/// Internal to core/diagram. Thread safety: none.
namespace topoforge {

class LoopSearch {
 public:
  struct Cycle {
    std::vector<std::uint32_t> vertices;
    bool exact = true;
  };

  /// edges: those of the filtration of n points in their order. All must live as long as the search.
  LoopSearch(EdgeLengths lengths, std::size_t n, std::span<const EdgeEnds> edges, const LinkTrace& trace)
      : lengths_(lengths), n_(n), edges_(edges), trace_(trace) {}

  /// loop: its number in the trace.
  Cycle shortest_cycle(std::uint32_t loop);
  [[nodiscard]] std::vector<std::array<std::uint32_t, 2>> cocycle(std::uint32_t loop) const;

 private:
  using Value = std::uint32_t;  ///< of an annotation, by its number in values_
  using State = std::uint64_t;  ///< a value and a vertex: value << 16 | vertex
  struct Reached {
    double distance;
    State from;
    bool done;
  };
  /// Shortest ways to one vertex.
  struct Ways {
    std::vector<double> lengths;      ///< infinite where there is no way
    std::vector<std::uint32_t> next;  ///< vertex on the way
  };

  void prepare_values(std::uint32_t loop);
  [[nodiscard]] bool killed_before(std::uint32_t other, std::uint32_t loop) const;
  /// Dies at a greater length than the loop, or never.
  [[nodiscard]] bool outlives(std::uint32_t other, std::uint32_t loop) const;
  Value value_of(std::uint32_t place);
  Value number_of(const std::vector<std::uint64_t>& bits);
  Value sum(Value a, Value b);
  [[nodiscard]] Ways ways_to(std::size_t target, const EdgeKey& before) const;
  std::vector<std::uint32_t> shortest_path(std::size_t from, std::size_t to, const EdgeKey& before, Value goal);
  [[nodiscard]] std::vector<std::uint32_t> plain_path(std::size_t from, std::size_t to, const EdgeKey& before) const;

  EdgeLengths lengths_;
  std::size_t n_;
  std::span<const EdgeEnds> edges_;
  const LinkTrace& trace_;

  // Of the loop at hand. Older loops that do not outlive it are written in those that do.
  std::vector<std::vector<std::uint64_t>> older_;  ///< by loop
  std::size_t width_ = 1;
  std::vector<std::vector<std::uint64_t>> values_;
  std::map<std::vector<std::uint64_t>, Value> numbers_;
  std::unordered_map<std::uint32_t, Value> value_of_place_;
  std::unordered_map<std::uint64_t, Value> sums_;
  std::unordered_map<State, Reached> reached_;
};

}  // namespace topoforge
