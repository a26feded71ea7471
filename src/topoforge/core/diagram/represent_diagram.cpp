#include "topoforge/core/diagram/represent_diagram.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "topoforge/core/diagram/loop_search.hpp"

namespace topoforge {
namespace {

/// A class before the classes are put in order; `number` is that of a loop in the trace.
struct Class {
  PersistencePair pair;
  PairSimplices simplices;
  std::uint32_t number = 0;
};

class Representation {
 public:
  Representation(EdgeLengths lengths, std::size_t n, const LinkTrace& trace)
      : lengths_(lengths), n_(n), trace_(trace) {}

  /// Of two components that meet, the one whose first point is greater dies.
  [[nodiscard]] std::vector<Class> components() const {
    std::vector<std::uint32_t> parents(n_);
    std::iota(parents.begin(), parents.end(), std::uint32_t{0});
    const auto root = [&](std::uint32_t x) {
      while (parents[x] != x) x = parents[x] = parents[parents[x]];
      return x;
    };
    std::vector<Class> classes;
    for (const EdgeEnds edge : trace_.merges) {
      const auto [older, younger] =
          std::minmax({root(static_cast<std::uint32_t>(edge.head())), root(static_cast<std::uint32_t>(edge.tail()))});
      parents[younger] = older;
      add(classes, 0.0, length(edge), {{younger}, simplex(edge)});
    }
    for (std::uint32_t x = 0; x < n_; ++x) {
      if (parents[x] == x) add(classes, 0.0, kEssential, {{x}, {}});
    }
    return in_order(std::move(classes));
  }
  [[nodiscard]] std::vector<Class> loops() const {
    std::vector<Class> classes;
    for (std::uint32_t i = 0; i < trace_.loops.size(); ++i) {
      const EdgeEnds birth = trace_.loops[i];
      if (const std::uint32_t end = trace_.loop_ends[i]; end == LinkTrace::kNone) {
        add(classes, length(birth), kEssential, {simplex(birth), {}}, i);
      } else {
        const LinkTrace::Triangle& death = trace_.triangles[end];
        add(classes, length(birth), length(death.edge), {simplex(birth), simplex(death.edge, {death.vertex})}, i);
      }
    }
    return in_order(std::move(classes));
  }
  [[nodiscard]] std::vector<Class> voids() const {
    std::vector<Class> classes;
    for (std::size_t i = 0; i < trace_.voids.size(); ++i) {
      const LinkTrace::Triangle& birth = trace_.triangles[trace_.voids[i]];
      const SimplexPoints born = simplex(birth.edge, {birth.vertex});
      if (const std::uint32_t end = trace_.void_ends[i]; end == LinkTrace::kNone) {
        add(classes, length(birth.edge), kEssential, {born, {}});
      } else {
        const LinkTrace::Tetrahedron& death = trace_.tetrahedra[end];
        add(classes, length(birth.edge), length(death.edge), {born, simplex(death.edge, {death.a, death.b})});
      }
    }
    return in_order(std::move(classes));
  }

 private:
  static constexpr double kEssential = std::numeric_limits<double>::infinity();

  [[nodiscard]] double length(EdgeEnds edge) const { return lengths_.of(edge) + 0.0; }
  static SimplexPoints simplex(EdgeEnds edge, std::initializer_list<std::uint16_t> others = {}) {
    SimplexPoints points{static_cast<std::uint32_t>(edge.head()), static_cast<std::uint32_t>(edge.tail())};
    points.insert(points.end(), others.begin(), others.end());
    std::ranges::sort(points);
    return points;
  }
  static void add(std::vector<Class>& classes, double birth, double death, PairSimplices simplices,
                  std::uint32_t number = 0) {
    if (birth < death) classes.push_back({{birth, death}, std::move(simplices), number});
  }
  static std::vector<Class> in_order(std::vector<Class> classes) {
    std::ranges::sort(classes, {}, [](const Class& c) { return std::tie(c.pair, c.simplices); });
    return classes;
  }

  EdgeLengths lengths_;
  std::size_t n_;
  const LinkTrace& trace_;
};

/// Places of the classes that live longest, longest first.
std::vector<std::size_t> most_persistent(const std::vector<Class>& classes, std::size_t most) {
  std::vector<std::size_t> places(classes.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::ranges::stable_sort(places, std::ranges::greater{}, [&](std::size_t i) { return classes[i].pair.lifetime(); });
  places.resize(std::min(most, places.size()));
  return places;
}

}  // namespace

RepresentedDiagram represent_diagram(EdgeLengths lengths, std::size_t n, std::span<const EdgeEnds> edges,
                                     const LinkTrace& trace, std::size_t max_dimension, std::size_t most_loops) {
  const Representation representation(lengths, n, trace);
  RepresentedDiagram result;
  const auto append = [&](const std::vector<Class>& classes) {
    auto& pairs = result.diagram.pairs.emplace_back();
    auto& simplices = result.simplices.emplace_back();
    for (const Class& c : classes) {
      pairs.push_back(c.pair);
      simplices.push_back(c.simplices);
    }
  };
  append(representation.components());
  if (max_dimension >= 1) {
    const std::vector<Class> loops = representation.loops();
    append(loops);
    LoopSearch search(lengths, n, edges, trace);
    for (const std::size_t place : most_persistent(loops, most_loops)) {
      LoopSearch::Cycle cycle = search.shortest_cycle(loops[place].number);
      result.loops.push_back({place, std::move(cycle.vertices), cycle.exact, search.cocycle(loops[place].number)});
    }
  }
  if (max_dimension >= 2) append(representation.voids());
  return result;
}

}  // namespace topoforge
