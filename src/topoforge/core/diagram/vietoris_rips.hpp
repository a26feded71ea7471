#pragma once

#include <cstddef>
#include <limits>
#include <memory>

#include "topoforge/base/result.hpp"
#include "topoforge/core/cloud/distance_matrix.hpp"
#include "topoforge/core/cloud/point_cloud.hpp"
#include "topoforge/core/diagram/persistence_diagram.hpp"

/// Purpose: exact persistent homology over Z/2 of the Vietoris-Rips filtration of a finite metric space.
/// Source: Bauer, "Ripser: efficient computation of Vietoris-Rips persistence barcodes" (2021): persistent
/// cohomology with clearing, apparent and emergent pairs, implicit coboundaries, enclosing radius.
/// Ties: simplices are ordered by (diameter, dimension, ascending vertices), so that equal distances are exact.
/// Memory: 4 n^2 bytes and 40 for each edge; in degree 1 and above also 8 bytes (16 where a simplex does not fit into
/// 64 bits) for each simplex of that degree that is in no apparent pair and for each entry of the reduction matrix.
/// These grow with the topology of the data, not with the number of simplices; max_stored_simplices bounds them.
/// Time: O(n^2) in degree 0, about n^(k+1) simplices are looked at in degree k >= 1; n = 200, degree 2 is milliseconds.
namespace topoforge {

inline constexpr std::size_t kMaxHomologyDimension = 3;
inline constexpr std::size_t kMaxDiagramPoints = 4096;

struct VietorisRipsOptions {
  std::size_t max_dimension = 2;  ///< highest homology degree, 0 to kMaxHomologyDimension
  /// Edges longer than it are left out; classes alive at it are essential (death +inf).
  double max_edge_length = std::numeric_limits<double>::infinity();
  std::size_t max_stored_simplices = std::size_t{1} << 26;  ///< work memory, see above: 2^26 are 0.5 to 1 GB
};

/// Computes one diagram after another with work memory that is kept between calls.
/// Not safe from two threads at once; any number of engines may live side by side.
class VietorisRips {
 public:
  VietorisRips();
  ~VietorisRips();
  VietorisRips(VietorisRips&&) noexcept;
  VietorisRips& operator=(VietorisRips&&) noexcept;

  /// n points give one essential H0 class per component at max_edge_length; zero points an empty diagram with
  /// max_dimension + 1 empty lists. Errors: invalid_argument for an option outside its range, a negative or NaN edge
  /// length or a coordinate that is not finite, limit_exceeded for more than kMaxDiagramPoints points or more than
  /// max_stored_simplices. After an error the engine is as good as new.
  Result<PersistenceDiagram> compute(const DistanceMatrix& distances, const VietorisRipsOptions& options = {});
  Result<PersistenceDiagram> compute(const PointCloud& cloud, const VietorisRipsOptions& options = {});

 private:
  struct Work;
  std::unique_ptr<Work> work_;
};

}  // namespace topoforge
