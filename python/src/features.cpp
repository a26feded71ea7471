#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "arrays.hpp"
#include "bindings.hpp"
#include "errors.hpp"
#include "topoforge/core/features/betti_curve.hpp"
#include "topoforge/core/features/landscape.hpp"
#include "topoforge/core/features/persistence_image.hpp"
#include "topoforge/core/features/persistence_statistics.hpp"
#include "topoforge/core/features/silhouette.hpp"

namespace topoforge::python {
namespace {

/// (grid, betti)
nb::tuple curve(const Rows& diagram, std::size_t resolution, double low, double high) {
  const auto pairs = unwrap(pairs_of(diagram));
  BettiCurve result =
      unwrap(without_gil([&] { return betti_curve(pairs, {.resolution = resolution, .low = low, .high = high}); }));
  std::vector<std::int64_t> betti(result.betti.begin(), result.betti.end());
  return nb::make_tuple(array_of(std::move(result.grid)), array_of(std::move(betti)));
}

/// (grid, layers)
nb::tuple landscape(const Rows& diagram, std::size_t layers, std::size_t resolution, double low, double high) {
  const auto pairs = unwrap(pairs_of(diagram));
  Landscape result = unwrap(without_gil([&] {
    return persistence_landscape(pairs, {.layers = layers, .resolution = resolution, .low = low, .high = high});
  }));
  return nb::make_tuple(array_of(std::move(result.grid)), array_of(std::move(result.layers)));
}

/// (grid, values)
nb::tuple silhouette_of(const Rows& diagram, double power, std::size_t resolution, double low, double high) {
  const auto pairs = unwrap(pairs_of(diagram));
  Silhouette result = unwrap(without_gil(
      [&] { return silhouette(pairs, {.power = power, .resolution = resolution, .low = low, .high = high}); }));
  return nb::make_tuple(array_of(std::move(result.grid)), array_of(std::move(result.values)));
}

nb::tuple range_of(GridRange range) { return nb::make_tuple(range.low, range.high); }

/// (pixels, (birth low, high), (persistence low, high), sigma)
nb::tuple image(const Rows& diagram, std::size_t birth_pixels, std::size_t persistence_pixels, double sigma,
                const Values& ranges) {
  const auto pairs = unwrap(pairs_of(diagram));
  PersistenceImage result = unwrap(without_gil([&] {
    return persistence_image(pairs, {.birth_pixels = birth_pixels,
                                     .persistence_pixels = persistence_pixels,
                                     .sigma = sigma,
                                     .birth = {ranges(0), ranges(1)},
                                     .persistence = {ranges(2), ranges(3)}});
  }));
  return nb::make_tuple(array_of(std::move(result.pixels)), range_of(result.birth), range_of(result.persistence),
                        result.sigma);
}

/// In the order of the members.
nb::tuple statistics(const Rows& diagram) {
  const auto pairs = unwrap(pairs_of(diagram));
  const PersistenceStatistics result = without_gil([&] { return persistence_statistics(pairs); });
  return nb::make_tuple(result.finite_count, result.essential_count, result.total, result.maximum, result.mean,
                        result.standard_deviation, result.entropy, result.normalised_entropy);
}

}  // namespace

void bind_features(nb::module_& module) {
  module.def("betti_curve", &curve, nb::arg("diagram").noconvert(), nb::arg("resolution"), nb::arg("low"),
             nb::arg("high"));
  module.def("landscape", &landscape, nb::arg("diagram").noconvert(), nb::arg("layers"), nb::arg("resolution"),
             nb::arg("low"), nb::arg("high"));
  module.def("silhouette", &silhouette_of, nb::arg("diagram").noconvert(), nb::arg("power"), nb::arg("resolution"),
             nb::arg("low"), nb::arg("high"));
  module.def("persistence_image", &image, nb::arg("diagram").noconvert(), nb::arg("birth_pixels"),
             nb::arg("persistence_pixels"), nb::arg("sigma"), nb::arg("ranges").noconvert());
  module.def("persistence_statistics", &statistics, nb::arg("diagram").noconvert());
}

}  // namespace topoforge::python
