#include "topoforge/core/features/persistence_image.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace topoforge {
namespace {

Result<void> validate_image_range(std::string_view what, GridRange range) {
  if (auto valid = validate_range(what, range); !valid) return valid;
  if (!range.from_data() && range.low == range.high) {
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("{} from {} to {} is empty: wanted a lower end below the upper", what, range.low, range.high));
  }
  return {};
}

Result<void> validate(const PersistenceImageOptions& options) {
  if (auto valid = validate_count("image birth_pixels", options.birth_pixels, 1, kMaxImageSide); !valid) return valid;
  if (auto valid = validate_count("image persistence_pixels", options.persistence_pixels, 1, kMaxImageSide); !valid) {
    return valid;
  }
  if (!std::isfinite(options.sigma) || options.sigma < 0.0) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("image sigma {}: wanted a finite number, at least 0", options.sigma));
  }
  if (auto valid = validate_image_range("image birth range", options.birth); !valid) return valid;
  if (auto valid = validate_image_range("image persistence range", options.persistence); !valid) return valid;
  if (options.persistence.low < 0.0) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("image persistence range from {}: wanted at least 0", options.persistence.low));
  }
  return {};
}

void take_ranges(PersistenceImage& image, std::span<const PersistencePair> pairs) {
  GridRange births{.low = std::numeric_limits<double>::infinity(), .high = -std::numeric_limits<double>::infinity()};
  double greatest = 0.0;
  for (const PersistencePair& pair : pairs) {
    if (pair.essential()) continue;
    births.low = std::min(births.low, pair.birth);
    births.high = std::max(births.high, pair.birth);
    greatest = std::max(greatest, pair.lifetime());
  }
  if (births.low > births.high) return;
  if (image.persistence.from_data()) image.persistence.high = greatest;
  if (!image.birth.from_data()) return;
  if (births.low == births.high) {
    births.low -= 0.5 * image.persistence.high;
    births.high += 0.5 * image.persistence.high;
  }
  image.birth = births;
}

/// Share of a Gaussian around `centre` that falls into each of the pixels between consecutive edges.
void integrate(const std::vector<double>& edges, double centre, double sigma, std::vector<double>& shares) {
  const double scale = 1.0 / (sigma * std::numbers::sqrt2);
  double below = std::erf((edges.front() - centre) * scale);
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const double above = std::erf((edges[i + 1] - centre) * scale);
    shares[i] = 0.5 * (above - below);
    below = above;
  }
}

}  // namespace

Result<PersistenceImage> persistence_image(std::span<const PersistencePair> pairs,
                                           const PersistenceImageOptions& options) {
  if (auto valid = validate(options); !valid) return tl::unexpected(valid.error());
  PersistenceImage image{.pixels = Matrix(options.persistence_pixels, options.birth_pixels),
                         .birth = options.birth,
                         .persistence = options.persistence,
                         .sigma = options.sigma};
  take_ranges(image, pairs);
  if (image.sigma == 0.0) {
    const double height = image.persistence.high - image.persistence.low;
    image.sigma = height / static_cast<double>(options.persistence_pixels);
  }
  // Without a lasting class there is nothing to show, and no scale to show it on.
  if (image.sigma == 0.0 || image.persistence.high == 0.0) return image;

  const std::vector<double> birth_edges = even_grid(image.birth, options.birth_pixels + 1);
  const std::vector<double> persistence_edges = even_grid(image.persistence, options.persistence_pixels + 1);
  std::vector<double> columns(options.birth_pixels);
  std::vector<double> rows(options.persistence_pixels);
  for (const PersistencePair& pair : pairs) {
    if (pair.essential()) continue;
    const double weight = std::clamp(pair.lifetime() / image.persistence.high, 0.0, 1.0);
    integrate(birth_edges, pair.birth, image.sigma, columns);
    integrate(persistence_edges, pair.lifetime(), image.sigma, rows);
    for (std::size_t row = 0; row < rows.size(); ++row) {
      for (std::size_t column = 0; column < columns.size(); ++column) {
        image.pixels(row, column) += weight * rows[row] * columns[column];
      }
    }
  }
  return image;
}

}  // namespace topoforge
