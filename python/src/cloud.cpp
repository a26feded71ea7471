#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <nanobind/stl/string.h>

#include "arrays.hpp"
#include "bindings.hpp"
#include "errors.hpp"
#include "metrics.hpp"
#include "topoforge/core/cloud/delay_embedding.hpp"
#include "topoforge/core/cloud/distance_matrix.hpp"

namespace topoforge::python {
namespace {

nb::object embed(const Values& values, std::size_t dimension, std::size_t lag) {
  PointCloud cloud =
      unwrap(without_gil([&] { return delay_embed(span_of(values), {.dimension = dimension, .lag = lag}); }));
  const std::size_t points = cloud.size();
  return array_of(std::move(cloud.coordinates), {points, cloud.dimension});
}

nb::object square_distances(const Rows& points, const std::string& metric_name) {
  const Metric metric = unwrap(metric_from(metric_name));
  return array_of(unwrap(without_gil([&]() -> Result<Matrix> {
    const auto distances = distances_of_points(points, metric);
    if (!distances) return tl::unexpected(distances.error());
    const std::size_t size = points.shape(0);
    Matrix square(size, size);
    const double* entry = distances->lower().data();
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t j = 0; j < i; ++j) square(i, j) = square(j, i) = *entry++;
    }
    return square;
  })));
}

/// (places, covering radius, distances of the chosen from all): each next point is the first of those furthest from the
/// points before, beginning with point 0. n points, 1 <= chosen <= n.
nb::tuple furthest_points(const Rows& points, std::size_t chosen, const std::string& metric_name) {
  const Metric metric = unwrap(metric_from(metric_name));
  std::vector<std::int64_t> places(chosen, 0);
  Matrix distances(chosen, points.shape(0));
  const double radius = unwrap(without_gil([&]() -> Result<double> {
    if (const auto checked = check_points(points); !checked) return tl::unexpected(checked.error());
    PointCloud cloud = cloud_of(points);
    for (std::size_t i = 0; i < cloud.size(); ++i) {
      prepare_point(std::span(cloud.coordinates).subspan(i * cloud.dimension, cloud.dimension), metric);
    }
    std::vector<double> nearest(cloud.size(), std::numeric_limits<double>::infinity());
    for (std::size_t row = 0; row < chosen; ++row) {
      const std::size_t place =
          row == 0 ? 0 : static_cast<std::size_t>(std::ranges::max_element(nearest) - nearest.begin());
      places[row] = static_cast<std::int64_t>(place);
      for (std::size_t i = 0; i < cloud.size(); ++i) {
        const double distance = i == place ? 0.0 : prepared_distance(cloud.point(place), cloud.point(i), metric);
        distances(row, i) = distance;
        nearest[i] = std::min(nearest[i], distance);
      }
    }
    return *std::ranges::max_element(nearest);
  }));
  return nb::make_tuple(array_of(std::move(places)), radius, array_of(std::move(distances)));
}

}  // namespace

void bind_cloud(nb::module_& module) {
  module.def("delay_embed", &embed, nb::arg("values").noconvert(), nb::arg("dimension"), nb::arg("lag"));
  module.def(
      "decorrelation_lag",
      [](const Values& values, std::size_t max_lag) {
        return without_gil([&] { return decorrelation_lag(span_of(values), max_lag); });
      },
      nb::arg("values").noconvert(), nb::arg("max_lag"));
  module.def("pairwise_distances", &square_distances, nb::arg("points").noconvert(), nb::arg("metric"));
  module.def("furthest_points", &furthest_points, nb::arg("points").noconvert(), nb::arg("chosen"), nb::arg("metric"));
}

}  // namespace topoforge::python
