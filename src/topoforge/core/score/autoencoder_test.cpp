#include "topoforge/core/score/autoencoder.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "topoforge/base/random.hpp"

namespace topoforge {
namespace {

/// Points of R^6 on a plane, with a little noise.
Matrix plane(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  Matrix points(count, 6);
  for (std::size_t i = 0; i < count; ++i) {
    const double a = random.normal();
    const double b = random.normal();
    const double coordinates[] = {a, b, a + b, a - b, 0.5 * a, -b};
    for (std::size_t j = 0; j < 6; ++j) points(i, j) = coordinates[j] + 0.02 * random.normal();
  }
  return points;
}

TEST(Autoencoder, RestoresWhatItLearnedAndNotWhatLeavesThePlane) {
  const Autoencoder autoencoder = Autoencoder::fit(plane(400, 1));
  const Matrix fresh = plane(100, 2);
  double mean = 0.0;
  for (std::size_t i = 0; i < fresh.rows; ++i) mean += autoencoder.reconstruction_error(fresh.row(i)) / 100.0;
  EXPECT_LT(mean, 0.25);
  const std::vector<double> off_plane{1.0, 1.0, -2.0, 2.0, -0.5, 1.0};
  EXPECT_GT(autoencoder.reconstruction_error(off_plane), 4.0 * mean);
}

TEST(Autoencoder, ErrorIsTheRootMeanSquareOfTheResidual) {
  const Autoencoder autoencoder = Autoencoder::fit(plane(100, 3), {.steps = 50});
  const std::vector<double> point{1.0, 0.0, 1.0, 1.0, 0.5, 0.0};
  std::vector<double> residual(6);
  const double error = autoencoder.reconstruction_error(point, residual);
  const double squares = std::inner_product(residual.begin(), residual.end(), residual.begin(), 0.0);
  EXPECT_DOUBLE_EQ(error, std::sqrt(squares / 6.0));
  EXPECT_EQ(error, autoencoder.reconstruction_error(point));
}

TEST(Autoencoder, TrainingLowersTheError) {
  const Matrix samples = plane(400, 4);
  const auto error_after = [&](std::size_t steps) {
    const Autoencoder autoencoder = Autoencoder::fit(samples, {.steps = steps});
    double total = 0.0;
    for (std::size_t i = 0; i < samples.rows; ++i) total += autoencoder.reconstruction_error(samples.row(i));
    return total;
  };
  EXPECT_LT(error_after(600), 0.4 * error_after(5));
}

TEST(Autoencoder, IsAFunctionOfDataAndSeed) {
  const Matrix samples = plane(60, 5);
  const auto error = [&](std::uint64_t seed) {
    return Autoencoder::fit(samples, {.steps = 30, .seed = seed}).reconstruction_error(samples.row(0));
  };
  EXPECT_EQ(error(1), error(1));
  EXPECT_NE(error(1), error(2));
}

TEST(Autoencoder, TakesConstantAndSingleSamples) {
  const Autoencoder constant = Autoencoder::fit(Matrix(20, 3, 1.0), {.steps = 20});
  EXPECT_TRUE(std::isfinite(constant.reconstruction_error(std::vector<double>{1.0, 1.0, 1.0})));
  const Autoencoder single = Autoencoder::fit(Matrix(1, 1, 2.0), {.steps = 20});
  EXPECT_TRUE(std::isfinite(single.reconstruction_error(std::vector<double>{2.5})));
}

}  // namespace
}  // namespace topoforge
