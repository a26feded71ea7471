#include "topoforge/core/score/mahalanobis.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "topoforge/base/random.hpp"

namespace topoforge {
namespace {

TEST(Mahalanobis, AgreesWithTheFormulaInTwoDimensions) {
  // Medians 0 and 10, standard deviations 1 and 1.6, perfectly correlated: the covariance of the standardised features
  // is [[1, .8], [.8, 1]] after shrinkage, its inverse 1/.36 [[1, -.8], [-.8, 1]].
  const std::vector<float> samples{-1.0F, 8.4F, 1.0F, 11.6F, -1.0F, 8.4F, 1.0F, 11.6F};
  const Mahalanobis model = Mahalanobis::fit(samples, 2, {.shrinkage = 0.2});
  const double x = 2.0;
  const double y = -1.0;
  const double squared = (x * x - 2.0 * 0.8 * x * y + y * y) / 0.36;
  std::vector<float> scratch;
  EXPECT_NEAR(model.distance(std::vector<float>{2.0F, 8.4F}, scratch), std::sqrt(squared / 2.0), 1e-5);
}

TEST(Mahalanobis, IsAboutOneForTypicalSamples) {
  Random random(1);
  std::vector<float> samples(std::size_t{2000} * 5);
  for (float& value : samples) value = static_cast<float>(3.0 + 2.0 * random.normal());
  const Mahalanobis model = Mahalanobis::fit(samples, 5, {.shrinkage = 0.01});
  std::vector<float> scratch;
  double squares = 0.0;
  for (std::size_t i = 0; i < 2000; ++i) {
    const double distance = static_cast<double>(model.distance(std::span(samples).subspan(i * 5, 5), scratch));
    squares += distance * distance / 2000.0;
  }
  EXPECT_NEAR(squares, 1.0, 0.02);
}

TEST(Mahalanobis, TakesConstantFeaturesAndASingleSample) {
  const Mahalanobis model = Mahalanobis::fit(std::vector<float>{1.0F, 2.0F}, 2);
  std::vector<float> scratch;
  EXPECT_EQ(model.distance(std::vector<float>{1.0F, 2.0F}, scratch), 0.0F);
  EXPECT_GT(model.distance(std::vector<float>{1.0F, 3.0F}, scratch), 1.0F);
}

TEST(Mahalanobis, IsZeroAtTheMedianWhateverTheOutliers) {
  const std::vector<float> samples{1.0F, 5.0F, 2.0F, 7.0F, 3.0F, 6.0F, 1e6F, -1e6F, 2.5F, 6.5F};
  std::vector<float> scratch;
  EXPECT_EQ(Mahalanobis::fit(samples, 2).distance(std::vector<float>{2.5F, 6.0F}, scratch), 0.0F);
}

}  // namespace
}  // namespace topoforge
