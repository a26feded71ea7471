#pragma once

#include <cstddef>
#include <span>

#include "topoforge/base/matrix.hpp"
#include "topoforge/base/result.hpp"
#include "topoforge/core/diagram/persistence_diagram.hpp"
#include "topoforge/core/features/even_grid.hpp"

/// Purpose: persistence images, vectors of fixed length for a learner. Essential classes are left out.
/// Source: Adams et al., "Persistence images: a stable vector representation of persistent homology", JMLR 2017:
/// points (birth, persistence), weight min(1, persistence / b) with b the upper end of the persistence range, and
/// an isotropic Gaussian integrated over each pixel. persim's PersistenceImager with weight "linear_ramp" (start 0, end
/// b) and kernel covariance sigma^2 is the same with its axes swapped; gudhi's samples the Gaussian at points.
/// Thread safety: pure functions.
namespace topoforge {

inline constexpr std::size_t kMaxImageSide = 512;

struct PersistenceImageOptions {
  std::size_t birth_pixels = 20;        ///< 1 to kMaxImageSide
  std::size_t persistence_pixels = 20;  ///< 1 to kMaxImageSide
  double sigma = 0.0;                   ///< of the Gaussian, in units of the filtration; 0: the height of a pixel
  /// Both ends 0: from the least to the greatest birth; one birth alone (as in H0) is widened on both sides by half
  /// the upper end of the persistence range.
  GridRange birth = {};
  /// Both ends 0: from 0 to the greatest persistence.
  GridRange persistence = {};
};

struct PersistenceImage {
  Matrix pixels;  ///< persistence_pixels x birth_pixels; row 0 has the least persistence, column 0 the least birth
  GridRange birth = {};
  GridRange persistence = {};
  double sigma = 0.0;
};

/// O(pairs * (birth_pixels + persistence_pixels) + pairs * pixels). No finite pair: an image of zeros.
/// Give the ranges and sigma where images are to be compared.
/// Errors: invalid_argument for a number of pixels outside its range, a sigma that is negative or not finite, a range
/// that is not finite or empty, or a persistence range that begins below 0.
Result<PersistenceImage> persistence_image(std::span<const PersistencePair> pairs,
                                           const PersistenceImageOptions& options = {});

}  // namespace topoforge
