#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "topoforge/core/score/detector.hpp"

/// Purpose: what could not be foreseen: each channel from its own past, or from the other channels and all of the past
/// two rows. Errors are measured in the spread that they had in training, and clipped.
/// Source: ridge regression (Hoerl & Kennard 1970). Thread safety: immutable after fit.
namespace topoforge {

/// Least spread of an error, of the channel's scale: smaller ones are of no interest.
inline constexpr double kLeastErrorSpread = 0.01;

/// Each channel from its own `order` rows before.
class Autoregression {
 public:
  Autoregression() = default;
  /// samples: order + 1 rows each, oldest first; the newest is foreseen. O(samples * channels * order^2).
  static Autoregression fit(const Samples& samples, std::size_t channels);

  /// Errors of the newest of order + 1 rows by channel, in spreads. O(channels * order).
  void errors(std::span<const float> rows, std::span<float> out) const;
  [[nodiscard]] std::size_t memory_bytes() const {
    return (coefficients_.capacity() + intercepts_.capacity() + spreads_.capacity()) * sizeof(float);
  }

 private:
  std::size_t order_ = 1;
  std::vector<float> coefficients_;  ///< by age from 1, by channel
  std::vector<float> intercepts_;
  std::vector<float> spreads_;
};

/// Each channel from the others now and all channels in the two rows before.
class CrossRegression {
 public:
  CrossRegression() = default;
  /// samples: kSpan rows each, oldest first; the newest is foreseen. O(samples * channels^2 + channels^3).
  static CrossRegression fit(const Samples& samples, std::size_t channels);

  /// Errors of the newest of kSpan rows by channel, in spreads. O(channels^2).
  void errors(std::span<const float> rows, std::span<float> out, std::vector<float>& scratch) const;
  [[nodiscard]] std::size_t memory_bytes() const {
    return (coefficients_.capacity() + spreads_.capacity()) * sizeof(float);
  }

  static constexpr std::size_t kSpan = 3;

 private:
  std::vector<float> coefficients_;  ///< by channel: of the three newest rows, oldest first, and a constant
  std::vector<float> spreads_;
};

}  // namespace topoforge
