#include "topoforge/core/diagram/vietoris_rips.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "topoforge/core/diagram/cohomology_reduction.hpp"
#include "topoforge/core/diagram/edge_order.hpp"
#include "topoforge/core/diagram/link_engine.hpp"
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

/// The engines by their number of words, each made when it is first needed.
class LinkEngines {
 public:
  static constexpr std::size_t kMaxPoints = 2048;
  static constexpr std::size_t kMaxDimension = 2;

  bool compute(const DistanceMatrix& distances, const VietorisRipsOptions& options,
               std::vector<std::vector<PersistencePair>>& pairs) {
    const std::size_t n = distances.size();
    if (n <= 64) return compute_with<1>(distances, options, pairs);
    if (n <= 128) return compute_with<2>(distances, options, pairs);
    if (n <= 256) return compute_with<4>(distances, options, pairs);
    if (n <= 512) return compute_with<8>(distances, options, pairs);
    if (n <= 1024) return compute_with<16>(distances, options, pairs);
    return compute_with<32>(distances, options, pairs);
  }

 private:
  template <std::size_t kWords>
  bool compute_with(const DistanceMatrix& distances, const VietorisRipsOptions& options,
                    std::vector<std::vector<PersistencePair>>& pairs) {
    auto& engine = std::get<std::unique_ptr<LinkEngine<kWords>>>(engines_);
    if (!engine) engine = std::make_unique<LinkEngine<kWords>>();
    const std::size_t n = distances.size();
    const std::span<const double> lower = distances.lower();
    const auto edges = order_.sort(lower, n, std::min(options.max_edge_length, enclosing_radius(lower, n)));
    return engine->compute(lower, n, edges, options.max_dimension, options.max_stored_simplices, pairs);
  }

  EdgeOrder order_;
  std::tuple<std::unique_ptr<LinkEngine<1>>, std::unique_ptr<LinkEngine<2>>, std::unique_ptr<LinkEngine<4>>,
             std::unique_ptr<LinkEngine<8>>, std::unique_ptr<LinkEngine<16>>, std::unique_ptr<LinkEngine<32>>>
      engines_;
};

/// Persistent cohomology of any degree.
class CohomologyEngine {
 public:
  bool compute(const DistanceMatrix& distances, const VietorisRipsOptions& options,
               std::vector<std::vector<PersistencePair>>& pairs) {
    filtration_.build(distances, options.max_edge_length);
    const std::size_t most_vertices = options.max_dimension + 2;
    return KeyLayout<NarrowKey>::fits(distances.size(), filtration_.last_rank(), most_vertices)
               ? compute_pairs(options.max_stored_simplices, narrow_, pairs)
               : compute_pairs(options.max_stored_simplices, wide_, pairs);
  }

 private:
  /// Degree 0 by Kruskal's algorithm. The edges that close a cycle are the columns of degree 1.
  template <class Key>
  void join_components(std::vector<PersistencePair>& pairs, std::vector<Key>& cycle_edges) {
    const KeyLayout<Key> layout(filtration_.size());
    cycle_edges.clear();
    components_.reset(filtration_.size());
    for (const RipsFiltration::Edge& edge : filtration_.edges()) {
      if (!components_.join(edge.tail, edge.head)) {
        cycle_edges.push_back(layout.pack(Simplex<2>{edge.rank, {edge.tail, edge.head}}));
      } else if (filtration_.length(edge.rank) > 0.0) {
        pairs.push_back({0.0, filtration_.length(edge.rank)});
      }
    }
    pairs.insert(pairs.end(), components_.components(), {0.0, std::numeric_limits<double>::infinity()});
    std::ranges::reverse(cycle_edges);
  }

  template <class Key>
  bool compute_pairs(std::size_t max_stored, ReductionWork<Key>& work,
                     std::vector<std::vector<PersistencePair>>& pairs) {
    join_components(pairs[0], work.columns);
    return reduce_cohomology(filtration_, max_stored, work, pairs);
  }

  RipsFiltration filtration_;
  UnionFind components_;
  ReductionWork<NarrowKey> narrow_;
  ReductionWork<WideKey> wide_;
};

}  // namespace

struct VietorisRips::Work {
  LinkEngines links;
  CohomologyEngine cohomology;
};

VietorisRips::VietorisRips() : work_(std::make_unique<Work>()) {}
VietorisRips::~VietorisRips() = default;
VietorisRips::VietorisRips(VietorisRips&&) noexcept = default;
VietorisRips& VietorisRips::operator=(VietorisRips&&) noexcept = default;

Result<PersistenceDiagram> VietorisRips::compute(const DistanceMatrix& distances, const VietorisRipsOptions& options) {
  if (const auto checked = check_options(options); !checked) return tl::unexpected(checked.error());
  if (const auto checked = check_points(distances.size()); !checked) return tl::unexpected(checked.error());

  PersistenceDiagram diagram;
  diagram.pairs.resize(options.max_dimension + 1);
  const bool complete =
      options.max_dimension <= LinkEngines::kMaxDimension && distances.size() <= LinkEngines::kMaxPoints
          ? work_->links.compute(distances, options, diagram.pairs)
          : work_->cohomology.compute(distances, options, diagram.pairs);
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
