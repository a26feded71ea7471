#include "topoforge/core/diagram/rips_options.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace topoforge {

Result<void> check_rips_options(const VietorisRipsOptions& options) {
  if (options.max_dimension > kMaxHomologyDimension) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("max_dimension is 0 to {}, got {}", kMaxHomologyDimension, options.max_dimension));
  }
  if (!(options.max_edge_length >= 0.0)) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("max_edge_length is 0 or more, got {}", options.max_edge_length));
  }
  if (options.max_cells == 0) return fail(ErrorCode::invalid_argument, "max_cells is 1 or more, got 0");
  if (options.max_stored_simplices > kMaxStoredSimplices) {
    return fail(ErrorCode::invalid_argument, fmt::format("max_stored_simplices is at most {}, got {}",
                                                         kMaxStoredSimplices, options.max_stored_simplices));
  }
  return {};
}

Error too_rich(std::size_t points, const VietorisRipsOptions& options) {
  return {ErrorCode::limit_exceeded,
          fmt::format("the diagram of {} points up to degree {} needs more than {} stored simplices; a lower degree, "
                      "fewer points or a maximum edge length need fewer",
                      points, options.max_dimension, std::min(options.max_stored_simplices, options.max_cells))};
}

}  // namespace topoforge
