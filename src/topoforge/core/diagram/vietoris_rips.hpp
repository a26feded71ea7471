#pragma once

#include <cstddef>
#include <limits>
#include <memory>

#include "topoforge/base/result.hpp"
#include "topoforge/core/cloud/distance_matrix.hpp"
#include "topoforge/core/cloud/point_cloud.hpp"
#include "topoforge/core/diagram/persistence_diagram.hpp"
#include "topoforge/core/diagram/representatives.hpp"

/// Purpose: exact persistent homology over Z/2 of the Vietoris-Rips filtration of a finite metric space.
/// Method: up to degree 2 and 2,048 points, edge by edge: homology changes only where the link of the new edge is no
/// cone, see link_engine.hpp. Beyond that, persistent cohomology with clearing, apparent and emergent pairs, implicit
/// coboundaries and the enclosing radius: Bauer, "Ripser: efficient computation of Vietoris-Rips persistence barcodes"
/// (2021). Proofs: docs/algorithm.md.
/// Ties: equal distances are exact; the simplices have a total order, and pairs of zero persistence are left out.
/// Memory: about 17 n^2 bytes, and what the topology of the data asks for (not the number of simplices), which
/// max_stored_simplices bounds.
/// Time: of degrees 1 and 2 about O(n^2) sets of n bits where most links are cones, as in data of low dimension: n =
/// 200 is a millisecond; more where they are not. Degree 3 looks at about n^4 simplices.
namespace topoforge {

inline constexpr std::size_t kMaxHomologyDimension = 3;
inline constexpr std::size_t kMaxDiagramPoints = 4096;
inline constexpr std::size_t kMaxStoredSimplices = std::size_t{1} << 31;  ///< 16 to 32 GB; places are of 32 bits

struct VietorisRipsOptions {
  std::size_t max_dimension = 2;  ///< highest homology degree, 0 to kMaxHomologyDimension
  /// Edges longer than it are left out; classes alive at it are essential (death +inf).
  double max_edge_length = std::numeric_limits<double>::infinity();
  std::size_t max_stored_simplices = std::size_t{1} << 26;  ///< or words of 64 bits: 2^26 are 0.5 to 1 GB
  /// A budget of work: vertices of links that are tried, and words of annotations, some nanoseconds each, 1 or more.
  /// Once it is spent the diagram is cut short and says so (PersistenceDiagram::approximation). The same input and
  /// budget give the same diagram on every machine.
  std::size_t max_cells = std::numeric_limits<std::size_t>::max();
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
  /// max_stored_simplices, or max_cells in degree 3 and beyond 2,048 points, where nothing can be cut. After an error
  /// the engine is as good as new.
  Result<PersistenceDiagram> compute(const DistanceMatrix& distances, const VietorisRipsOptions& options = {});
  Result<PersistenceDiagram> compute(const PointCloud& cloud, const VietorisRipsOptions& options = {});

  /// The same diagram, never cut short, with the simplices of each pair and what represents the `most_loops` most
  /// persistent loops. For degrees up to 2 and 2,048 points. Errors: as compute(); invalid_argument for a higher
  /// degree, limit_exceeded for more points.
  Result<RepresentedDiagram> represent(const DistanceMatrix& distances, const VietorisRipsOptions& options,
                                       std::size_t most_loops);

  /// The same diagram, never cut short, with a cocycle of each class of positive degree, in all degrees and for as many
  /// points as compute(). By persistent cohomology: much slower than compute() in degrees 1 and 2, and the cocycles may
  /// have more simplices than those of represent(). Errors: as compute().
  Result<DiagramWithCocycles> cocycles(const DistanceMatrix& distances, const VietorisRipsOptions& options = {});

 private:
  struct Work;
  std::unique_ptr<Work> work_;
};

}  // namespace topoforge
