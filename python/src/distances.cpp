#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "arrays.hpp"
#include "bindings.hpp"
#include "errors.hpp"
#include "topoforge/core/diagram/diagram_distance.hpp"
#include "topoforge/core/diagram/diagram_matching.hpp"

namespace topoforge::python {
namespace {

double bottleneck(const Rows& first, const Rows& second) {
  const auto from = unwrap(pairs_of(first));
  const auto to = unwrap(pairs_of(second));
  return unwrap(without_gil([&] { return bottleneck_distance(from, to); }));
}

double wasserstein(const Rows& first, const Rows& second, double p) {
  const auto from = unwrap(pairs_of(first));
  const auto to = unwrap(pairs_of(second));
  return unwrap(without_gil([&] { return wasserstein_distance(from, to, p); }));
}

std::int64_t place_of(std::size_t place) { return place == kNoPair ? -1 : static_cast<std::int64_t>(place); }

/// (places, lengths, distance), with -1 for the diagonal.
nb::tuple match(const Rows& first, const Rows& second, double p) {
  const auto from = unwrap(pairs_of(first));
  const auto to = unwrap(pairs_of(second));
  const DiagramMatching matching = unwrap(without_gil([&] { return DiagramMatcher().match(from, to, p); }));
  std::vector<std::int64_t> places;
  std::vector<double> lengths;
  places.reserve(2 * matching.pairs.size());
  lengths.reserve(matching.pairs.size());
  for (const MatchedPair& pair : matching.pairs) {
    places.push_back(place_of(pair.first));
    places.push_back(place_of(pair.second));
    lengths.push_back(pair.length);
  }
  return nb::make_tuple(array_of(std::move(places), {matching.pairs.size(), 2}), array_of(std::move(lengths)),
                        matching.distance);
}

}  // namespace

void bind_distances(nb::module_& module) {
  module.def("bottleneck_distance", &bottleneck, nb::arg("first").noconvert(), nb::arg("second").noconvert());
  module.def("wasserstein_distance", &wasserstein, nb::arg("first").noconvert(), nb::arg("second").noconvert(),
             nb::arg("p"));
  module.def("match_diagrams", &match, nb::arg("first").noconvert(), nb::arg("second").noconvert(), nb::arg("p"));
}

}  // namespace topoforge::python
