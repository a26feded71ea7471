#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include "topoforge/base/matrix.hpp"
#include "topoforge/base/result.hpp"
#include "topoforge/core/cloud/point_cloud.hpp"
#include "topoforge/core/diagram/persistence_diagram.hpp"

/// Purpose: NumPy arrays as the library's values and back. Arrays that come in are read where they lie; vectors that go
/// out are handed over, and freed with the last array that looks at them.
/// Thread safety: what makes or takes a Python object needs the interpreter's lock; the rest does not.
namespace topoforge::python {

namespace nb = nanobind;

/// Arguments: float64 in C order. The package converts what is not before it calls.
using Values = nb::ndarray<const double, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Rows = nb::ndarray<const double, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

inline std::span<const double> span_of(const Values& values) { return {values.data(), values.shape(0)}; }
inline std::span<const double> span_of(const Rows& rows) { return {rows.data(), rows.shape(0) * rows.shape(1)}; }

PointCloud cloud_of(const Rows& points);
Matrix matrix_of(const Rows& rows);

/// The rows (birth, death) in place. Errors: invalid_argument for other than two columns, a birth that is not finite, a
/// death that is NaN or -inf, or one before its birth, by row.
Result<std::span<const PersistencePair>> pairs_of(const Rows& diagram);

/// An array of this shape over the vector's own memory.
template <class Element>
nb::object array_of(std::vector<Element>&& values, std::initializer_list<std::size_t> shape) {
  values.reserve(1);  // an array of no elements wants an address too
  auto owned = std::make_unique<std::vector<Element>>(std::move(values));
  Element* const data = owned->data();
  const nb::capsule owner(owned.get(),
                          [](void* vector) noexcept { delete static_cast<std::vector<Element>*>(vector); });
  static_cast<void>(owned.release());
  return nb::cast(nb::ndarray<nb::numpy, Element>(data, shape, owner));
}
template <class Element>
nb::object array_of(std::vector<Element>&& values) {
  const std::size_t size = values.size();
  return array_of(std::move(values), {size});
}
nb::object array_of(Matrix&& matrix);
/// One array of shape (pairs, 2) for each degree.
nb::list arrays_of(PersistenceDiagram&& diagram);

/// Runs it while other Python threads run.
template <class Work>
auto without_gil(Work&& work) {
  const nb::gil_scoped_release release;
  return std::forward<Work>(work)();
}

}  // namespace topoforge::python
