#include "arrays.hpp"

#include <cmath>

#include <fmt/format.h>

namespace topoforge::python {

static_assert(sizeof(PersistencePair) == 2 * sizeof(double) && alignof(PersistencePair) == alignof(double),
              "a row (birth, death) of an array is read as a pair");

PointCloud cloud_of(const Rows& points) {
  const std::span<const double> values = span_of(points);
  return {.dimension = points.shape(1), .coordinates = {values.begin(), values.end()}};
}

Matrix matrix_of(const Rows& rows) {
  const std::span<const double> values = span_of(rows);
  return {rows.shape(0), rows.shape(1), std::vector<double>(values.begin(), values.end())};
}

Result<std::span<const PersistencePair>> pairs_of(const Rows& diagram) {
  if (diagram.shape(1) != 2) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("a diagram has 2 columns, birth and death; got {}", diagram.shape(1)));
  }
  const std::span<const PersistencePair> pairs(reinterpret_cast<const PersistencePair*>(diagram.data()),
                                               diagram.shape(0));
  for (std::size_t row = 0; row < pairs.size(); ++row) {
    if (std::isfinite(pairs[row].birth) && pairs[row].death >= pairs[row].birth) continue;
    return fail(ErrorCode::invalid_argument,
                fmt::format("pair {} of the diagram is ({}, {}); wanted a finite birth and a death not before it", row,
                            pairs[row].birth, pairs[row].death));
  }
  return pairs;
}

nb::object array_of(Matrix&& matrix) { return array_of(std::move(matrix.values), {matrix.rows, matrix.columns}); }

namespace {

nb::object array_of_pairs(std::vector<PersistencePair>&& pairs) {
  const std::size_t size = pairs.size();
  pairs.reserve(1);
  auto owned = std::make_unique<std::vector<PersistencePair>>(std::move(pairs));
  auto* const data = reinterpret_cast<double*>(owned->data());
  const nb::capsule owner(owned.get(),
                          [](void* vector) noexcept { delete static_cast<std::vector<PersistencePair>*>(vector); });
  static_cast<void>(owned.release());
  return nb::cast(nb::ndarray<nb::numpy, double>(data, {size, 2}, owner));
}

}  // namespace

nb::list arrays_of(PersistenceDiagram&& diagram) {
  nb::list arrays;
  for (std::vector<PersistencePair>& pairs : diagram.pairs) arrays.append(array_of_pairs(std::move(pairs)));
  return arrays;
}

}  // namespace topoforge::python
