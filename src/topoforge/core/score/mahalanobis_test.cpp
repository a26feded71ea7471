#include "topoforge/core/score/mahalanobis.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "topoforge/base/random.hpp"

namespace topoforge {
namespace {

TEST(Mahalanobis, AgreesWithTheFormulaInTwoDimensions) {
  // Standard deviations 1 and 2 about (0, 10), correlation 0.8 of the standardised features, shrunk to 0.64.
  const Matrix samples(4, 2, {-1.0, 8.4 - 0.0, 1.0, 11.6, -1.0, 8.4, 1.0, 11.6});
  const Mahalanobis model = Mahalanobis::fit(samples, 0.2);
  // Perfectly correlated here: covariance [[1, .8], [.8, 1]] after shrinkage; inverse 1/.36 [[1, -.8], [-.8, 1]].
  const double x = 2.0;
  const double y = (10.0 + 1.6 * -1.0 - 10.0) / 1.6;
  const double squared = (x * x - 2.0 * 0.8 * x * y + y * y) / 0.36;
  EXPECT_NEAR(model.distance(std::vector<double>{2.0, 8.4}), std::sqrt(squared / 2.0), 1e-12);
}

TEST(Mahalanobis, IsAboutOneForTypicalSamples) {
  Random random(1);
  Matrix samples(2000, 5);
  for (double& value : samples.values) value = 3.0 + 2.0 * random.normal();
  const Mahalanobis model = Mahalanobis::fit(samples, 0.01);
  double squares = 0.0;
  for (std::size_t i = 0; i < samples.rows; ++i) squares += std::pow(model.distance(samples.row(i)), 2) / 2000.0;
  EXPECT_NEAR(squares, 1.0, 0.02);
}

TEST(Mahalanobis, TakesConstantFeaturesAndASingleSample) {
  const Mahalanobis model = Mahalanobis::fit(Matrix(1, 2, {1.0, 2.0}));
  EXPECT_EQ(model.distance(std::vector<double>{1.0, 2.0}), 0.0);
  EXPECT_GT(model.distance(std::vector<double>{1.0, 3.0}), 1.0);
}

}  // namespace
}  // namespace topoforge
