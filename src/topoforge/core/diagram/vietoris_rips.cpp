#include "topoforge/core/diagram/vietoris_rips.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "topoforge/core/diagram/cohomology_reduction.hpp"
#include "topoforge/core/diagram/rips_filtration.hpp"
#include "topoforge/core/diagram/simplex_key.hpp"

namespace topoforge {
namespace {

Result<void> check_points(std::size_t points) {
  if (points <= kMaxDiagramPoints) return {};
  return fail(ErrorCode::limit_exceeded,
              fmt::format("a diagram is of at most {} points, got {}", kMaxDiagramPoints, points));
}

Result<void> check_options(const VietorisRipsOptions& options) {
  if (options.max_dimension > kMaxHomologyDimension) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("max_dimension is 0 to {}, got {}", kMaxHomologyDimension, options.max_dimension));
  }
  if (!(options.max_edge_length >= 0.0)) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("max_edge_length is 0 or more, got {}", options.max_edge_length));
  }
  return {};
}

Result<void> check_cloud(const PointCloud& cloud) {
  if (cloud.coordinates.size() != cloud.size() * cloud.dimension) {
    return fail(ErrorCode::invalid_argument, fmt::format("{} coordinates are no whole number of points in dimension {}",
                                                         cloud.coordinates.size(), cloud.dimension));
  }
  const auto bad = std::ranges::find_if_not(cloud.coordinates, [](double value) { return std::isfinite(value); });
  if (bad == cloud.coordinates.end()) return {};
  const auto position = static_cast<std::size_t>(bad - cloud.coordinates.begin());
  return fail(ErrorCode::invalid_argument, fmt::format("coordinate {} of point {} is {}; a coordinate is finite",
                                                       position % cloud.dimension, position / cloud.dimension, *bad));
}

class UnionFind {
 public:
  void reset(std::size_t size) {
    parents_.resize(size);
    std::iota(parents_.begin(), parents_.end(), std::size_t{0});
    components_ = size;
  }
  [[nodiscard]] std::size_t components() const { return components_; }
  /// False if a and b were in one component already.
  bool join(std::size_t a, std::size_t b) {
    a = root(a);
    b = root(b);
    if (a == b) return false;
    parents_[a] = b;
    --components_;
    return true;
  }

 private:
  std::size_t root(std::size_t a) {
    while (parents_[a] != a) a = parents_[a] = parents_[parents_[a]];
    return a;
  }

  std::vector<std::size_t> parents_;
  std::size_t components_ = 0;
};

}  // namespace

struct VietorisRips::Work {
  RipsFiltration filtration;
  UnionFind components;
  ReductionWork<NarrowKey> narrow;
  ReductionWork<WideKey> wide;

  /// Degree 0 by Kruskal's algorithm. The edges that close a cycle are the columns of degree 1.
  template <class Key>
  void join_components(std::vector<PersistencePair>& pairs, std::vector<Key>& cycle_edges) {
    const KeyLayout<Key> layout(filtration.size());
    cycle_edges.clear();
    components.reset(filtration.size());
    for (const RipsFiltration::Edge& edge : filtration.edges()) {
      if (!components.join(edge.tail, edge.head)) {
        cycle_edges.push_back(layout.pack(Simplex<2>{edge.rank, {edge.tail, edge.head}}));
      } else if (filtration.length(edge.rank) > 0.0) {
        pairs.push_back({0.0, filtration.length(edge.rank)});
      }
    }
    pairs.insert(pairs.end(), components.components(), {0.0, std::numeric_limits<double>::infinity()});
    std::ranges::reverse(cycle_edges);
  }

  template <class Key>
  bool compute_pairs(std::size_t max_stored, ReductionWork<Key>& work,
                     std::vector<std::vector<PersistencePair>>& pairs) {
    join_components(pairs[0], work.columns);
    return reduce_cohomology(filtration, max_stored, work, pairs);
  }
};

VietorisRips::VietorisRips() : work_(std::make_unique<Work>()) {}
VietorisRips::~VietorisRips() = default;
VietorisRips::VietorisRips(VietorisRips&&) noexcept = default;
VietorisRips& VietorisRips::operator=(VietorisRips&&) noexcept = default;

Result<PersistenceDiagram> VietorisRips::compute(const DistanceMatrix& distances, const VietorisRipsOptions& options) {
  if (const auto checked = check_options(options); !checked) return tl::unexpected(checked.error());
  if (const auto checked = check_points(distances.size()); !checked) return tl::unexpected(checked.error());

  work_->filtration.build(distances, options.max_edge_length);
  PersistenceDiagram diagram;
  diagram.pairs.resize(options.max_dimension + 1);
  const std::size_t most_vertices = options.max_dimension + 2;
  const bool complete = KeyLayout<NarrowKey>::fits(distances.size(), work_->filtration.last_rank(), most_vertices)
                            ? work_->compute_pairs(options.max_stored_simplices, work_->narrow, diagram.pairs)
                            : work_->compute_pairs(options.max_stored_simplices, work_->wide, diagram.pairs);
  if (!complete) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("the diagram of {} points up to degree {} needs more than {} stored simplices; a lower "
                            "degree, fewer points or a maximum edge length need fewer",
                            distances.size(), options.max_dimension, options.max_stored_simplices));
  }
  for (std::vector<PersistencePair>& pairs : diagram.pairs) std::ranges::sort(pairs);
  return diagram;
}

Result<PersistenceDiagram> VietorisRips::compute(const PointCloud& cloud, const VietorisRipsOptions& options) {
  if (const auto checked = check_points(cloud.size()); !checked) return tl::unexpected(checked.error());
  if (const auto checked = check_cloud(cloud); !checked) return tl::unexpected(checked.error());
  return compute(pairwise_distances(cloud), options);
}

}  // namespace topoforge
