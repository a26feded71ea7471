#include <algorithm>
#include <cstddef>
#include <mutex>
#include <string>
#include <utility>

#include <nanobind/stl/string.h>

#include "arrays.hpp"
#include "bindings.hpp"
#include "errors.hpp"
#include "metrics.hpp"
#include "topoforge/core/diagram/sliding_vietoris_rips.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"

namespace topoforge::python {
namespace {

/// An engine has one owner at a time; Python threads that share one take turns. The lock is taken and given back
/// without the interpreter's, so that neither waits for the other.
class SharedEngine {
 public:
  SharedEngine(std::size_t max_dimension, double max_edge_length, std::size_t max_stored_simplices)
      : options_{max_dimension, max_edge_length, max_stored_simplices} {
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
    return arrays_of(unwrap(without_gil([&]() -> Result<PersistenceDiagram> {
      if (const auto checked = check_size(square.shape(0)); !checked) return tl::unexpected(checked.error());
      return of_partial(distances_of_square(square));
    })));
  }

  nb::list of_condensed(const Values& condensed) {
    return arrays_of(unwrap(
        without_gil([&]() -> Result<PersistenceDiagram> { return of_partial(distances_of_condensed(condensed)); })));
  }

 private:
  /// Before n^2 distances ask for memory.
  static Result<void> check_size(std::size_t points) {
    if (points <= kMaxDiagramPoints) return {};
    return fail(ErrorCode::limit_exceeded, "a diagram is of at most " + std::to_string(kMaxDiagramPoints) +
                                               " points, got " + std::to_string(points));
  }

  Result<PersistenceDiagram> of_partial(const Result<PartialDistances>& partial) {
    if (!partial) return tl::unexpected(partial.error());
    VietorisRipsOptions options = options_;
    if (!partial->complete) options.max_edge_length = std::min(options.max_edge_length, partial->greatest);
    const std::lock_guard lock(mutex_);
    return engine_.compute(partial->distances, options);
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
      : engine_(unwrap(SlidingVietorisRips::make(options))) {}

  void push(const Values& point) {
    unwrap(alone([&] { return engine_.push(span_of(point)); }));
  }
  void push_distances(const Values& distances) {
    unwrap(alone([&] { return engine_.push_distances(span_of(distances)); }));
  }
  std::size_t size() {
    return alone([&] { return engine_.size(); });
  }
  nb::list diagram() {
    return arrays_of(unwrap(alone([&]() -> Result<PersistenceDiagram> {
      const auto diagram = engine_.diagram();
      if (!diagram) return tl::unexpected(diagram.error());
      return **diagram;
    })));
  }

 private:
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
      .def("of_condensed", &SharedEngine::of_condensed, nb::arg("condensed").noconvert());

  nb::class_<SharedSlidingEngine>(module, "SlidingVietorisRips")
      .def(
          "__init__",
          [](SharedSlidingEngine* self, std::size_t window, const std::string& metric, std::size_t max_dimension,
             double max_edge_length, std::size_t max_stored_simplices) {
            new (self) SharedSlidingEngine({.window = window,
                                            .metric = unwrap(metric_from(metric)),
                                            .rips = {.max_dimension = max_dimension,
                                                     .max_edge_length = max_edge_length,
                                                     .max_stored_simplices = max_stored_simplices}});
          },
          nb::arg("window"), nb::arg("metric"), nb::arg("max_dimension"), nb::arg("max_edge_length"),
          nb::arg("max_stored_simplices"))
      .def("push", &SharedSlidingEngine::push, nb::arg("point").noconvert())
      .def("push_distances", &SharedSlidingEngine::push_distances, nb::arg("distances").noconvert())
      .def("size", &SharedSlidingEngine::size)
      .def("diagram", &SharedSlidingEngine::diagram);
}

}  // namespace topoforge::python
