#pragma once

#include <cstddef>
#include <span>

#include "topoforge/core/window/trail.hpp"

/// Purpose: how the channels of a window go together: means, covariances, and covariances with the past.
/// Thread safety: pure functions.
namespace topoforge {

/// Of d channels: d + d (d + 1) / 2 + 3 d^2.
constexpr std::size_t second_order_features(std::size_t channels) {
  return channels + channels * (channels + 1) / 2 + 3 * channels * channels;
}

/// Of the newest `window` rows: means, the lower triangle of the covariance, then the cross-covariances with the rows
/// 1, lag and 2 lag before. The trail has window + 2 lag rows or more; lag >= 1. O(window * channels^2).
void second_order(const Trail& trail, std::size_t window, std::size_t lag, std::span<float> out);

}  // namespace topoforge
