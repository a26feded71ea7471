#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "topoforge/base/matrix.hpp"
#include "topoforge/base/stepwise.hpp"

/// Purpose: learns to squeeze normal samples through a bottleneck and to restore them; what it restores badly is
/// unlike what it learned. Source: Sakurada & Yairi (2014); trained with Adam (Kingma & Ba 2015).
/// Determinism: a function of samples, options and seed alone. Thread safety: immutable after fit.
namespace topoforge {

struct AutoencoderOptions {
  std::size_t bottleneck = 0;   ///< 0: a quarter of the inputs, 2 to 8
  std::size_t steps = 600;      ///< of Adam, each on one batch
  double learning_rate = 0.01;  ///< falls to a tenth over the steps
  std::uint64_t seed = 42;
};

class Autoencoder {
 public:
  Autoencoder();
  ~Autoencoder();
  Autoencoder(Autoencoder&&) noexcept;
  Autoencoder& operator=(Autoencoder&&) noexcept;

  /// samples: n x d, n >= 1, finite, of order 1 (asserted: not empty). In single precision.
  /// O(steps * kBatch * d * hidden).
  static Autoencoder fit(const Matrix& samples, const AutoencoderOptions& options = {});
  /// The same in steps, each of kTrainingStepsAtOnce steps of Adam; samples must live so long.
  static Stepwise<Autoencoder> fitting(const Matrix& samples, AutoencoderOptions options);

  /// Writes the restored point minus the point to `residual` (same length) and returns the root mean square.
  double reconstruction_error(std::span<const double> point, std::span<double> residual) const;
  double reconstruction_error(std::span<const double> point) const;
  [[nodiscard]] std::size_t memory_bytes() const;

  static constexpr std::size_t kTrainingStepsAtOnce = 4;
  static constexpr std::size_t kBatch = 32;  ///< samples of a training step, drawn with replacement

 private:
  struct Network;
  std::unique_ptr<Network> network_;
};

}  // namespace topoforge
