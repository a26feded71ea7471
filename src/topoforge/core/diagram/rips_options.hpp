#pragma once

#include <cstddef>

#include "topoforge/base/result.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"

/// Purpose: what the engines from scratch and by sliding refuse, in the same words. Internal to core/diagram.
/// Thread safety: pure.
namespace topoforge {

/// invalid_argument for an option outside its range.
Result<void> check_rips_options(const VietorisRipsOptions& options);

/// limit_exceeded: the diagram of so many points needs more than max_stored_simplices.
Error too_rich(std::size_t points, const VietorisRipsOptions& options);

}  // namespace topoforge
