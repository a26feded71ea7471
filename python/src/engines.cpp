#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include "arrays.hpp"
#include "bindings.hpp"
#include "errors.hpp"
#include "metrics.hpp"
#include "topoforge/core/diagram/sliding_vietoris_rips.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"

namespace topoforge::python {
namespace {

/// A row of points for each class: of its birth, and of its death, -1 for an essential one.
nb::tuple simplices_of(const std::vector<PairSimplices>& simplices, std::size_t degree) {
  const auto rows = [&](SimplexPoints PairSimplices::*end, std::size_t columns) {
    std::vector<std::int64_t> flat;
    for (const PairSimplices& of_pair : simplices) {
      const SimplexPoints& points = of_pair.*end;
      flat.insert(flat.end(), points.begin(), points.end());
      flat.resize(flat.size() + columns - points.size(), -1);
    }
    return array_of(std::move(flat), {simplices.size(), columns});
  };
  return nb::make_tuple(rows(&PairSimplices::birth, degree + 1), rows(&PairSimplices::death, degree + 2));
}

nb::tuple tuple_of(RepresentedDiagram&& represented) {
  nb::list simplices;
  for (std::size_t degree = 0; degree < represented.simplices.size(); ++degree)
    simplices.append(simplices_of(represented.simplices[degree], degree));
  nb::list loops;
  for (const LoopRepresentative& loop : represented.loops) {
    std::vector<std::int64_t> edges;
    for (const auto& edge : loop.cocycle) edges.insert(edges.end(), edge.begin(), edge.end());
    loops.append(nb::make_tuple(loop.pair, array_of(std::vector<std::int64_t>(loop.cycle.begin(), loop.cycle.end())),
                                loop.exact, array_of(std::move(edges), {loop.cocycle.size(), 2})));
  }
  return nb::make_tuple(arrays_of(std::move(represented.diagram)), simplices, loops);
}

/// Of each degree and class an array of simplices, shape (m, k + 1); a point with a lower index stands further right.
nb::tuple tuple_of(DiagramWithCocycles&& result) {
  nb::list degrees;
  for (std::size_t degree = 0; degree < result.cocycles.size(); ++degree) {
    nb::list classes;
    for (const Cocycle& cocycle : result.cocycles[degree]) {
      std::vector<std::int64_t> flat;
      for (const SimplexPoints& simplex : cocycle) flat.insert(flat.end(), simplex.rbegin(), simplex.rend());
      classes.append(array_of(std::move(flat), {cocycle.size(), degree + 1}));
    }
    degrees.append(classes);
  }
  return nb::make_tuple(arrays_of(std::move(result.diagram)), degrees);
}

/// The diagrams, exact_below and bottleneck_bound.
nb::tuple tuple_of(PersistenceDiagram&& diagram) {
  constexpr Approximation kExact{.exact_below = std::numeric_limits<double>::infinity(), .bottleneck_bound = 0.0};
  const Approximation approximation = diagram.approximation.value_or(kExact);
  return nb::make_tuple(arrays_of(std::move(diagram)), approximation.exact_below, approximation.bottleneck_bound);
}

/// An engine has one owner at a time; Python threads that share one take turns. The lock is taken and given back
/// without the interpreter's, so that neither waits for the other.
class SharedEngine {
 public:
  SharedEngine(std::size_t max_dimension, double max_edge_length, std::size_t max_stored_simplices)
      : options_{.max_dimension = max_dimension,
                 .max_edge_length = max_edge_length,
                 .max_stored_simplices = max_stored_simplices} {
    unwrap(engine_.compute(DistanceMatrix(), options_));  // refuses options that are out of their range at once
  }

  nb::list of_points(const Rows& points, const std::string& metric_name) {
    const Metric metric = unwrap(metric_from(metric_name));
    return arrays_of(unwrap(without_gil([&]() -> Result<PersistenceDiagram> {
      if (const auto checked = check_size(points.shape(0)); !checked) return tl::unexpected(checked.error());
      const auto distances = distances_of_points(points, metric);
      if (!distances) return tl::unexpected(distances.error());
      const std::lock_guard lock(mutex_);
      return engine_.compute(*distances, options_);
    })));
  }

  nb::list of_square(const Rows& square) {
    return arrays_of(with_square<PersistenceDiagram>(
        square, [&](const auto& distances, const auto& options) { return engine_.compute(distances, options); }));
  }

  nb::list of_condensed(const Values& condensed) {
    return arrays_of(unwrap(without_gil([&]() -> Result<PersistenceDiagram> {
      const auto partial = distances_of_condensed(condensed);
      if (!partial) return tl::unexpected(partial.error());
      const std::lock_guard lock(mutex_);
      return engine_.compute(partial->distances, options_of(*partial));
    })));
  }

  nb::tuple represent_square(const Rows& square, std::size_t most_loops) {
    return tuple_of(with_square<RepresentedDiagram>(square, [&](const auto& distances, const auto& options) {
      return engine_.represent(distances, options, most_loops);
    }));
  }

  nb::tuple cocycles_square(const Rows& square) {
    return tuple_of(with_square<DiagramWithCocycles>(
        square, [&](const auto& distances, const auto& options) { return engine_.cocycles(distances, options); }));
  }

  nb::tuple approximate_square(const Rows& square, std::size_t max_cells) {
    return tuple_of(with_square<PersistenceDiagram>(square, [&](const auto& distances, VietorisRipsOptions options) {
      options.max_cells = max_cells;
      return engine_.compute(distances, options);
    }));
  }

 private:
  /// Before n^2 distances ask for memory.
  static Result<void> check_size(std::size_t points) {
    if (points <= kMaxDiagramPoints) return {};
    return fail(ErrorCode::limit_exceeded, "a diagram is of at most " + std::to_string(kMaxDiagramPoints) +
                                               " points, got " + std::to_string(points));
  }

  /// What `work` makes of distances and options, without the interpreter.
  template <class Made, class Work>
  Made with_square(const Rows& square, Work&& work) {
    return unwrap(without_gil([&]() -> Result<Made> {
      if (const auto checked = check_size(square.shape(0)); !checked) return tl::unexpected(checked.error());
      const auto partial = distances_of_square(square);
      if (!partial) return tl::unexpected(partial.error());
      const std::lock_guard lock(mutex_);
      return work(partial->distances, options_of(*partial));
    }));
  }

  /// Absent edges are left out.
  [[nodiscard]] VietorisRipsOptions options_of(const PartialDistances& partial) const {
    VietorisRipsOptions options = options_;
    if (!partial.complete) options.max_edge_length = std::min(options.max_edge_length, partial.greatest);
    return options;
  }

  VietorisRipsOptions options_;
  std::mutex mutex_;
  VietorisRips engine_;
};

class SharedSlidingEngine {
 private:
  template <class Work>
  auto alone(Work&& work) {
    return without_gil([&] {
      const std::lock_guard lock(mutex_);
      return work();
    });
  }

 public:
  explicit SharedSlidingEngine(const SlidingVietorisRipsOptions& options)
      : max_cells_(options.rips.max_cells), engine_(unwrap(SlidingVietorisRips::make(options))) {}

  void push(const Values& point) {
    unwrap(alone([&] { return engine_.push(span_of(point)); }));
  }
  void push_distances(const Values& distances) {
    unwrap(alone([&] { return engine_.push_distances(span_of(distances)); }));
  }
  std::size_t size() {
    return alone([&] { return engine_.size(); });
  }
  /// Exact: a diagram that was cut short is an error here.
  nb::list diagram() {
    return arrays_of(unwrap(alone([&]() -> Result<PersistenceDiagram> {
      auto diagram = any_diagram();
      if (diagram && diagram->approximation) {
        return fail(ErrorCode::limit_exceeded, "the diagram of " + std::to_string(engine_.size()) +
                                                   " points needs more than max_cells, " + std::to_string(max_cells_) +
                                                   "; approximate() gives what is known of it");
      }
      return diagram;
    })));
  }
  nb::tuple approximate() {
    return tuple_of(unwrap(alone([&] { return any_diagram(); })));
  }

 private:
  Result<PersistenceDiagram> any_diagram() {
    const auto diagram = engine_.diagram();
    if (!diagram) return tl::unexpected(diagram.error());
    return **diagram;
  }

  std::size_t max_cells_;
  std::mutex mutex_;
  SlidingVietorisRips engine_;
};

}  // namespace

void bind_engines(nb::module_& module) {
  module.attr("MAX_DIAGRAM_POINTS") = kMaxDiagramPoints;

  nb::class_<SharedEngine>(module, "VietorisRips")
      .def(nb::init<std::size_t, double, std::size_t>(), nb::arg("max_dimension"), nb::arg("max_edge_length"),
           nb::arg("max_stored_simplices"))
      .def("of_points", &SharedEngine::of_points, nb::arg("points").noconvert(), nb::arg("metric"))
      .def("of_square", &SharedEngine::of_square, nb::arg("square").noconvert())
      .def("of_condensed", &SharedEngine::of_condensed, nb::arg("condensed").noconvert())
      .def("represent_square", &SharedEngine::represent_square, nb::arg("square").noconvert(), nb::arg("most_loops"))
      .def("cocycles_square", &SharedEngine::cocycles_square, nb::arg("square").noconvert())
      .def("approximate_square", &SharedEngine::approximate_square, nb::arg("square").noconvert(),
           nb::arg("max_cells"));

  nb::class_<SharedSlidingEngine>(module, "SlidingVietorisRips")
      .def(
          "__init__",
          [](SharedSlidingEngine* self, std::size_t window, const std::string& metric, std::size_t max_dimension,
             double max_edge_length, std::size_t max_stored_simplices, std::optional<std::size_t> max_cells) {
            new (self)
                SharedSlidingEngine({.window = window,
                                     .metric = unwrap(metric_from(metric)),
                                     .rips = {.max_dimension = max_dimension,
                                              .max_edge_length = max_edge_length,
                                              .max_stored_simplices = max_stored_simplices,
                                              .max_cells = max_cells.value_or(VietorisRipsOptions{}.max_cells)}});
          },
          nb::arg("window"), nb::arg("metric"), nb::arg("max_dimension"), nb::arg("max_edge_length"),
          nb::arg("max_stored_simplices"), nb::arg("max_cells").none())
      .def("push", &SharedSlidingEngine::push, nb::arg("point").noconvert())
      .def("push_distances", &SharedSlidingEngine::push_distances, nb::arg("distances").noconvert())
      .def("size", &SharedSlidingEngine::size)
      .def("diagram", &SharedSlidingEngine::diagram)
      .def("approximate", &SharedSlidingEngine::approximate);
}

}  // namespace topoforge::python
