// Answers requests on standard input, one a line, with the numbers of our functions: the program that
// test_published_values.py and test_peer_diagrams.py compare with other libraries.
// A request: a name, its parameters, then for each diagram `|` and births and deaths in turn.
// `rips POINTS DEGREE MAX_LENGTH` and the lower triangle of distances: for each degree the number of pairs, then births
// and deaths in turn.

#include <cstdio>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "topoforge/core/cloud/distance_matrix.hpp"
#include "topoforge/core/diagram/diagram_distance.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"
#include "topoforge/core/features/betti_curve.hpp"
#include "topoforge/core/features/landscape.hpp"
#include "topoforge/core/features/persistence_image.hpp"
#include "topoforge/core/features/persistence_statistics.hpp"
#include "topoforge/core/features/silhouette.hpp"

namespace topoforge {
namespace {

struct Request {
  std::string name;
  std::vector<double> parameters;
  std::vector<std::vector<PersistencePair>> diagrams;

  [[nodiscard]] std::size_t count(std::size_t parameter) const {
    return static_cast<std::size_t>(parameters.at(parameter));
  }
};

Request parse(const std::string& line) {
  std::istringstream words(line);
  Request request;
  words >> request.name;
  std::vector<std::vector<double>> groups(1);
  for (std::string word; words >> word;) {
    if (word == "|") {
      groups.emplace_back();
    } else {
      groups.back().push_back(std::stod(word));
    }
  }
  request.parameters = groups.front();
  for (std::size_t group = 1; group < groups.size(); ++group) {
    auto& pairs = request.diagrams.emplace_back();
    for (std::size_t k = 0; k < groups[group].size(); k += 2) {
      pairs.push_back({groups[group][k], groups[group].at(k + 1)});
    }
  }
  return request;
}

template <class T>
T value_of(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

std::vector<double> rips(const Request& request, VietorisRips& engine) {
  std::vector<double> lower(request.parameters.begin() + 3, request.parameters.end());
  const std::size_t points = request.count(0);
  // The lower triangle of one point is that of none.
  const DistanceMatrix distances =
      points == 1 ? DistanceMatrix::trusted(1, {}) : value_of(DistanceMatrix::from_lower_triangle(std::move(lower)));
  if (distances.size() != points) throw std::runtime_error("distances are missing");
  const auto diagram = value_of(
      engine.compute(distances, {.max_dimension = request.count(1), .max_edge_length = request.parameters.at(2)}));
  std::vector<double> values;
  for (const auto& pairs : diagram.pairs) {
    values.push_back(static_cast<double>(pairs.size()));
    for (const PersistencePair& pair : pairs) values.insert(values.end(), {pair.birth, pair.death});
  }
  return values;
}

std::vector<double> answer(const Request& request, VietorisRips& engine) {
  const auto& diagrams = request.diagrams;
  const auto& parameters = request.parameters;
  if (request.name == "rips") return rips(request, engine);
  if (request.name == "bottleneck") return {value_of(bottleneck_distance(diagrams.at(0), diagrams.at(1)))};
  if (request.name == "wasserstein") {
    return {value_of(wasserstein_distance(diagrams.at(0), diagrams.at(1), parameters.at(0)))};
  }
  if (request.name == "entropy") return {persistence_statistics(diagrams.at(0)).entropy};
  if (request.name == "betti_curve") {
    const auto curve = value_of(betti_curve(
        diagrams.at(0), {.resolution = request.count(0), .low = parameters.at(1), .high = parameters.at(2)}));
    return {curve.betti.begin(), curve.betti.end()};
  }
  if (request.name == "landscape") {
    return value_of(persistence_landscape(diagrams.at(0), {.layers = request.count(0),
                                                           .resolution = request.count(1),
                                                           .low = parameters.at(2),
                                                           .high = parameters.at(3)}))
        .layers.values;
  }
  if (request.name == "silhouette") {
    return value_of(silhouette(diagrams.at(0), {.power = parameters.at(0),
                                                .resolution = request.count(1),
                                                .low = parameters.at(2),
                                                .high = parameters.at(3)}))
        .values;
  }
  if (request.name == "image") {
    return value_of(persistence_image(diagrams.at(0), {.birth_pixels = request.count(0),
                                                       .persistence_pixels = request.count(1),
                                                       .sigma = parameters.at(2),
                                                       .birth = {parameters.at(3), parameters.at(4)},
                                                       .persistence = {parameters.at(5), parameters.at(6)}}))
        .pixels.values;
  }
  throw std::runtime_error("unknown request " + request.name);
}

}  // namespace
}  // namespace topoforge

int main() {
  std::string line;
  topoforge::VietorisRips engine;  // one for all requests: what an earlier one left in its memory must not matter
  try {
    while (std::getline(std::cin, line)) {
      for (const double value : topoforge::answer(topoforge::parse(line), engine)) std::printf("%.17g ", value);
      std::printf("\n");
      std::fflush(stdout);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", line.c_str(), error.what());
    return 1;
  }
  return 0;
}
