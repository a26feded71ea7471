#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "property/random_inputs.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"

/// Simplices, cycles and cocycles are what they claim to be, by linear algebra over Z/2 on all triangles.
namespace topoforge::property {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::size_t kInputs = 20000;

using Chain = std::uint64_t;  ///< of edges, a bit for each; for up to 11 points

std::size_t edge_bit(std::size_t i, std::size_t j) {
  const std::size_t head = std::max(i, j);
  return head * (head - 1) / 2 + std::min(i, j);
}
Chain edge(std::size_t i, std::size_t j) { return Chain{1} << edge_bit(i, j); }

class Span {
 public:
  void add(Chain chain) {
    chain = reduced(chain);
    if (chain != 0) basis_.push_back(chain);
  }
  [[nodiscard]] bool contains(Chain chain) const { return reduced(chain) == 0; }

 private:
  [[nodiscard]] Chain reduced(Chain chain) const {
    for (const Chain member : basis_) {
      if ((chain & std::bit_floor(member)) != 0) chain ^= member;
    }
    return chain;
  }
  std::vector<Chain> basis_;
};

double diameter(const DistanceMatrix& distances, const SimplexPoints& points) {
  double longest = 0.0;
  for (const std::size_t i : points) {
    for (const std::size_t j : points) longest = std::max(longest, distances(i, j));
  }
  return longest;
}

/// Boundaries of the triangles whose diameter the predicate wants.
template <class Wanted>
std::vector<Chain> boundaries(const DistanceMatrix& distances, Wanted wanted) {
  std::vector<Chain> result;
  for (std::size_t a = 0; a < distances.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      for (std::size_t c = 0; c < b; ++c) {
        if (wanted(std::max({distances(a, b), distances(a, c), distances(b, c)})))
          result.push_back(edge(a, b) | edge(a, c) | edge(b, c));
      }
    }
  }
  return result;
}

/// The classes of a pair of values: what is a boundary at death, and neither before it nor older than birth.
class Life {
 public:
  Life(const DistanceMatrix& distances, PersistencePair pair, double max_edge_length) {
    for (const Chain b : boundaries(distances, [&](double d) { return d < pair.death && d <= max_edge_length; }))
      before_.add(b);
    for (const Chain b : boundaries(distances, [&](double d) { return d <= pair.death && d <= max_edge_length; }))
      dead_.add(b);
    // Cycles of older edges: each edge with a path in a forest of them.
    std::vector<Chain> to_root(distances.size(), 0);
    std::vector<std::size_t> component(distances.size());
    for (std::size_t i = 0; i < component.size(); ++i) component[i] = i;
    for (std::size_t i = 0; i < distances.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (!(distances(i, j) < pair.birth)) continue;
        const Chain closed = to_root[i] ^ to_root[j] ^ edge(i, j);
        if (component[i] == component[j]) {
          before_.add(closed);
          continue;
        }
        const std::size_t moved = component[i];
        for (std::size_t k = 0; k < component.size(); ++k) {
          if (component[k] != moved) continue;
          component[k] = component[j];
          to_root[k] ^= closed;
        }
      }
    }
  }
  [[nodiscard]] bool is_of(Chain cycle) const { return !before_.contains(cycle) && dead_.contains(cycle); }
  [[nodiscard]] bool lives(Chain cycle) const { return !before_.contains(cycle); }

 private:
  Span before_;
  Span dead_;
};

struct Cycle {
  Chain chain = 0;
  double length = 0.0;
};
Cycle cycle_along(const DistanceMatrix& distances, const std::vector<std::uint32_t>& points) {
  Cycle cycle;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const std::size_t j = (i + 1) % points.size();
    cycle.chain ^= edge(points[i], points[j]);
    cycle.length += distances(points[i], points[j]);
  }
  return cycle;
}

/// The shortest simple cycle of a life through an edge, by trying all.
class ShortestCycle {
 public:
  ShortestCycle(const DistanceMatrix& distances, const Life& life, const SimplexPoints& birth)
      : distances_(distances), life_(life), birth_(birth), used_(distances.size(), false) {
    walk(birth[0], edge(birth[0], birth[1]), diameter(distances, birth));
  }
  [[nodiscard]] std::optional<double> length() const { return best_; }

 private:
  void walk(std::size_t at, Chain chain, double length) {
    if (best_ && length >= *best_) return;
    if (at == birth_[1]) {
      if (life_.is_of(chain)) best_ = length;
      return;
    }
    used_[at] = true;
    for (std::size_t x = 0; x < distances_.size(); ++x) {
      if (!used_[x] && distances_(at, x) < distances_(birth_[0], birth_[1]))
        walk(x, chain ^ edge(at, x), length + distances_(at, x));
    }
    used_[at] = false;
  }
  const DistanceMatrix& distances_;
  const Life& life_;
  const SimplexPoints& birth_;
  std::vector<bool> used_;
  std::optional<double> best_;
};

void expect_simplices(const DistanceMatrix& distances, const RepresentedDiagram& result) {
  for (std::size_t k = 0; k < result.diagram.dimensions(); ++k) {
    ASSERT_EQ(result.simplices[k].size(), result.diagram.pairs[k].size());
    for (std::size_t i = 0; i < result.simplices[k].size(); ++i) {
      const PersistencePair pair = result.diagram.pairs[k][i];
      const auto& [birth, death] = result.simplices[k][i];
      EXPECT_EQ(birth.size(), k + 1);
      EXPECT_EQ(diameter(distances, birth), pair.birth);
      if (pair.essential()) {
        EXPECT_TRUE(death.empty());
      } else {
        EXPECT_EQ(death.size(), k + 2);
        EXPECT_EQ(diameter(distances, death), pair.death);
      }
    }
  }
}

void expect_loop(const DistanceMatrix& distances, const RepresentedDiagram& result, const LoopRepresentative& loop,
                 double max_edge_length, bool no_ties) {
  const PersistencePair pair = result.diagram.pairs[1][loop.pair];
  const SimplexPoints& birth = result.simplices[1][loop.pair].birth;
  const Cycle cycle = cycle_along(distances, loop.cycle);
  SimplexPoints ends{loop.cycle.front(), loop.cycle.back()};
  std::ranges::sort(ends);
  EXPECT_EQ(ends, birth);
  for (std::size_t i = 0; i + 1 < loop.cycle.size(); ++i)
    EXPECT_LE(distances(loop.cycle[i], loop.cycle[i + 1]), pair.birth);
  const Life life(distances, pair, max_edge_length);
  if (loop.exact) {
    EXPECT_TRUE(pair.essential() ? life.lives(cycle.chain) : life.is_of(cycle.chain));
  }
  if (loop.exact && no_ties && !pair.essential()) {
    const auto shortest = ShortestCycle(distances, life, birth).length();
    EXPECT_LE(cycle.length, shortest.value_or(kInfinity) * (1 + 1e-12));
  }
  Chain cocycle = 0;
  for (const auto& [i, j] : loop.cocycle) {
    EXPECT_GT(i, j);
    EXPECT_GE(distances(i, j), pair.birth);
    EXPECT_LE(distances(i, j), std::min(pair.death, max_edge_length));
    cocycle |= edge(i, j);
  }
  for (const Chain b : boundaries(distances, [&](double d) { return d < pair.death && d <= max_edge_length; }))
    EXPECT_EQ(std::popcount(b & cocycle) % 2, 0);
  EXPECT_TRUE(!loop.exact || std::popcount(cycle.chain & cocycle) % 2 == 1);
}

TEST(RepresentativesProperty, SimplicesCyclesAndCocyclesAreOfTheirClasses) {
  std::size_t loops = 0;
  std::size_t exact = 0;
  for (std::uint64_t seed = 0; seed < kInputs; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const std::size_t n = 2 + random.below(9);
    const bool no_ties = seed % 2 == 0;
    const DistanceMatrix distances =
        no_ties ? pairwise_distances(uniform_points(random, n, 2 + random.below(3))) : any_distances(random, n);
    const std::size_t degree = random.below(3);
    double longest = 0.0;
    for (const double length : distances.lower()) longest = std::max(longest, length);
    const double max_edge_length = random.below(3) == 0 ? longest * random.real() : kInfinity;
    VietorisRips rips;
    const VietorisRipsOptions options{.max_dimension = degree, .max_edge_length = max_edge_length};
    const RepresentedDiagram result = rips.represent(distances, options, 100).value();
    ASSERT_EQ(result.diagram, rips.compute(distances, options).value());
    expect_simplices(distances, result);
    EXPECT_EQ(result.loops.size(), degree == 0 ? 0 : result.diagram.pairs[1].size());
    for (const LoopRepresentative& loop : result.loops) {
      expect_loop(distances, result, loop, max_edge_length, no_ties);
      ++loops;
      exact += loop.exact ? 1 : 0;
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(loops, kInputs / 4);
  EXPECT_GT(exact, loops - loops / 10);
}

TEST(RepresentativesProperty, LongestLivesComeFirst) {
  Random random(1);
  const DistanceMatrix distances = pairwise_distances(uniform_points(random, 120, 3));
  const RepresentedDiagram result = VietorisRips().represent(distances, {}, 6).value();
  ASSERT_EQ(result.loops.size(), 6u);
  std::vector<double> lives;
  for (const PersistencePair& pair : result.diagram.pairs[1]) lives.push_back(pair.lifetime());
  std::ranges::sort(lives, std::ranges::greater{});
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(result.diagram.pairs[1][result.loops[i].pair].lifetime(), lives[i]);
    EXPECT_TRUE(result.loops[i].exact);
  }
}

}  // namespace
}  // namespace topoforge::property
