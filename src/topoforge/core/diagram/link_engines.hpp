#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <tuple>
#include <vector>

#include "topoforge/core/cloud/distance_matrix.hpp"
#include "topoforge/core/diagram/edge_order.hpp"
#include "topoforge/core/diagram/link_engine.hpp"
#include "topoforge/core/diagram/persistence_diagram.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"

/// Purpose: the link engine of the width that a number of points needs. Internal to core/diagram. Thread safety: none.
namespace topoforge {

/// Engines by their number of words, each made when it is first needed.
class LinkEngines {
 public:
  static constexpr std::size_t kMaxPoints = 2048;
  static constexpr std::size_t kMaxDimension = 2;

  /// Options are valid. False when more than max_stored_simplices would be needed; pairs are then incomplete.
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

}  // namespace topoforge
