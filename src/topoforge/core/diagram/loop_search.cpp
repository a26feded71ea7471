#include "topoforge/core/diagram/loop_search.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <queue>
#include <span>
#include <utility>
#include <vector>

namespace topoforge {
namespace {

/// Steps after which the search for an exact cycle gives up: a second or so.
constexpr std::size_t kMostSteps = std::size_t{1} << 24;
constexpr double kFar = std::numeric_limits<double>::infinity();

template <class Visit>
void for_each_bit(std::span<const std::uint64_t> words, Visit&& visit) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    for (std::uint64_t word = words[i]; word != 0; word &= word - 1)
      visit(static_cast<std::uint32_t>(64 * i + static_cast<std::size_t>(std::countr_zero(word))));
  }
}

void add(std::vector<std::uint64_t>& to, const std::vector<std::uint64_t>& what) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] ^= what[i];
}

}  // namespace

bool LoopSearch::killed_before(std::uint32_t other, std::uint32_t loop) const {
  return trace_.loop_ends[other] < trace_.loop_ends[loop];
}

bool LoopSearch::outlives(std::uint32_t other, std::uint32_t loop) const {
  const std::uint32_t end = trace_.loop_ends[other];
  return end == LinkTrace::kNone ||
         lengths_.of(trace_.triangles[trace_.loop_ends[loop]].edge) < lengths_.of(trace_.triangles[end].edge);
}

void LoopSearch::prepare_values(std::uint32_t loop) {
  std::size_t alive = 0;
  for (std::uint32_t older = 0; older < loop; ++older) alive += outlives(older, loop) ? 1 : 0;
  width_ = std::max<std::size_t>(1, (alive + 63) / 64);
  older_.assign(loop, std::vector<std::uint64_t>(width_, 0));
  std::size_t next = 0;
  for (std::uint32_t older = 0; older < loop; ++older) {
    std::vector<std::uint64_t>& bits = older_[older];
    if (outlives(older, loop)) {
      bits[next / 64] |= std::uint64_t{1} << (next % 64);
      ++next;
    } else {
      for_each_bit(trace_.vector_at(trace_.classes[older]), [&](std::uint32_t other) {
        if (other != older) add(bits, older_[other]);
      });
    }
  }
  values_.clear();
  numbers_.clear();
  value_of_place_.clear();
  sums_.clear();
  number_of(std::vector<std::uint64_t>(width_, 0));  // zero is 0
}

LoopSearch::Value LoopSearch::number_of(const std::vector<std::uint64_t>& bits) {
  const auto [found, is_new] = numbers_.try_emplace(bits, static_cast<Value>(values_.size()));
  if (is_new) values_.push_back(bits);
  return found->second;
}

/// Without the loop itself, which only its own edge has.
LoopSearch::Value LoopSearch::value_of(std::uint32_t place) {
  const auto [found, is_new] = value_of_place_.try_emplace(place, 0);
  if (is_new) {
    std::vector<std::uint64_t> bits(width_, 0);
    for_each_bit(trace_.vector_at(place), [&](std::uint32_t other) {
      if (other < older_.size()) add(bits, older_[other]);
    });
    found->second = number_of(bits);
  }
  return found->second;
}

LoopSearch::Value LoopSearch::sum(Value a, Value b) {
  if (a == 0) return b;
  if (b == 0) return a;
  if (a == b) return 0;
  const auto [low, high] = std::minmax(a, b);
  const auto [found, is_new] = sums_.try_emplace(std::uint64_t{high} << 32 | low, 0);
  if (is_new) {
    std::vector<std::uint64_t> bits = values_[a];
    add(bits, values_[b]);
    found->second = number_of(bits);
  }
  return found->second;
}

/// Along edges that come before one.
LoopSearch::Ways LoopSearch::ways_to(std::size_t target, const EdgeKey& before) const {
  Ways ways{std::vector<double>(n_, kFar), std::vector<std::uint32_t>(n_, static_cast<std::uint32_t>(target))};
  std::vector<double>& lengths = ways.lengths;
  std::vector<bool> done(n_, false);
  lengths[target] = 0.0;
  for (;;) {
    std::size_t nearest = n_;
    for (std::size_t x = 0; x < n_; ++x) {
      if (!done[x] && lengths[x] < kFar && (nearest == n_ || lengths[x] < lengths[nearest])) nearest = x;
    }
    if (nearest == n_) return ways;
    done[nearest] = true;
    for (std::size_t x = 0; x < n_; ++x) {
      if (done[x]) continue;
      const EdgeKey key = lengths_.key(nearest, x);
      if (!(key < before && lengths[nearest] + key.length < lengths[x])) continue;
      lengths[x] = lengths[nearest] + key.length;
      ways.next[x] = static_cast<std::uint32_t>(nearest);
    }
  }
}

/// Vertices of a shortest path whose annotations sum up to the goal; none when there is no such path or it takes too
/// many steps.
std::vector<std::uint32_t> LoopSearch::shortest_path(std::size_t from, std::size_t to, const EdgeKey& before,
                                                     Value goal) {
  const std::vector<double> left = ways_to(to, before).lengths;
  using Candidate = std::pair<double, State>;
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue;
  reached_.clear();
  const State end = State{goal} << 16 | to;
  if (left[from] == kFar) return {};
  reached_[from] = {0.0, from, false};
  queue.emplace(left[from], from);
  for (std::size_t steps = 0; !queue.empty() && steps < kMostSteps; steps += n_) {
    const State state = queue.top().second;
    queue.pop();
    Reached& at = reached_[state];
    if (at.done) {
      steps -= n_;
      continue;
    }
    at.done = true;
    if (state == end) {
      std::vector<std::uint32_t> path;
      for (State s = state;; s = reached_[s].from) {
        path.push_back(static_cast<std::uint32_t>(s & 0xffff));
        if (s == from) return path;
      }
    }
    const auto x = static_cast<std::size_t>(state & 0xffff);
    const auto value = static_cast<Value>(state >> 16);
    const double distance = at.distance;
    for (std::size_t y = 0; y < n_; ++y) {
      if (y == x) continue;
      const EdgeKey key = lengths_.key(x, y);
      if (!(key < before)) continue;
      const State next = State{sum(value, value_of(trace_.edges[key.ends.index()]))} << 16 | y;
      const auto [found, is_new] = reached_.try_emplace(next, Reached{kFar, state, false});
      if (found->second.done || !(distance + key.length < found->second.distance)) continue;
      found->second.distance = distance + key.length;
      found->second.from = state;
      queue.emplace(found->second.distance + left[y], next);
    }
  }
  return {};
}

std::vector<std::uint32_t> LoopSearch::plain_path(std::size_t from, std::size_t to, const EdgeKey& before) const {
  const Ways ways = ways_to(to, before);
  std::vector<std::uint32_t> path{static_cast<std::uint32_t>(from)};
  while (path.back() != to) path.push_back(ways.next[path.back()]);
  return path;
}

LoopSearch::Cycle LoopSearch::shortest_cycle(std::uint32_t loop) {
  const EdgeEnds birth = trace_.loops[loop];
  const EdgeKey before = lengths_.key(birth);
  if (trace_.loop_ends[loop] == LinkTrace::kNone) return {plain_path(birth.head(), birth.tail(), before), true};
  prepare_values(loop);
  const Value goal = value_of(trace_.classes[loop]);
  std::vector<std::uint32_t> path = shortest_path(birth.head(), birth.tail(), before, goal);
  if (path.empty()) return {plain_path(birth.head(), birth.tail(), before), false};
  return {std::move(path), true};
}

std::vector<std::array<std::uint32_t, 2>> LoopSearch::cocycle(std::uint32_t loop) const {
  // 1 on the loop, 0 on all that is killed before its triangle.
  std::vector<std::uint64_t> functional(trace_.width, 0);
  const auto value = [&](std::uint32_t place) {
    std::uint64_t common = 0;
    const auto vector = trace_.vector_at(place);
    for (std::size_t i = 0; i < vector.size(); ++i) common ^= vector[i] & functional[i];
    return (std::popcount(common) & 1) != 0;
  };
  functional[loop / 64] |= std::uint64_t{1} << (loop % 64);
  for (std::uint32_t younger = loop + 1; younger < trace_.loops.size(); ++younger) {
    if (killed_before(younger, loop) && value(trace_.classes[younger]))
      functional[younger / 64] |= std::uint64_t{1} << (younger % 64);
  }
  std::vector<std::array<std::uint32_t, 2>> edges;
  const std::uint32_t end = trace_.loop_ends[loop];
  for (const EdgeEnds edge : edges_) {
    if (end != LinkTrace::kNone && lengths_.key(trace_.triangles[end].edge) < lengths_.key(edge)) break;
    if (value(trace_.edges[edge.index()]))
      edges.push_back({static_cast<std::uint32_t>(edge.head()), static_cast<std::uint32_t>(edge.tail())});
  }
  return edges;
}

}  // namespace topoforge
