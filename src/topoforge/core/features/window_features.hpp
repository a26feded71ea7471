#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "topoforge/base/matrix.hpp"

/// Purpose: the values of the newest rows as vectors of fixed length for the detectors that look at values.
/// Inputs are rows scaled by a RobustScaler, oldest first. Thread safety: pure functions.
namespace topoforge {

inline constexpr std::size_t kRecentRows = 10;
inline constexpr std::size_t kRecentFeaturesPerChannel = 4;

/// Of the last min(rows, kRecentRows) rows, per channel: newest value, mean, standard deviation, root mean square of
/// the differences, all as asinh(x). out.size() == columns * kRecentFeaturesPerChannel. rows >= 1.
void recent_features(const Matrix& scaled, std::span<double> out);

/// Blocks of pooled_features over so many rows. Few channels get many short blocks, many channels few: their product
/// stays near 96.
std::size_t pooling_count(std::size_t rows, std::size_t channels);
/// How far the blocks of pooled_features reach back: lengths from newest to oldest, growing, summing to `rows`.
std::vector<std::size_t> pooling_blocks(std::size_t rows, std::size_t channels);

/// Per block (newest first) and channel the mean of the block's rows, as asinh(x). The blocks reach back from the last
/// row of `scaled`, which has at least their sum of rows. out.size() == blocks.size() * columns.
void pooled_features(const Matrix& scaled, std::span<const std::size_t> blocks, std::span<double> out);

}  // namespace topoforge
