#include "topoforge/core/features/persistence_image.hpp"

#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using testing::HasSubstr;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
using Pairs = std::vector<PersistencePair>;

double sum(const PersistenceImage& image) {
  return std::accumulate(image.pixels.values.begin(), image.pixels.values.end(), 0.0);
}

TEST(PersistenceImage, OnePixelHoldsTheGaussianOfTheHandValue) {
  const auto image = persistence_image(
      Pairs{{0.0, 1.0}},
      {.birth_pixels = 1, .persistence_pixels = 1, .sigma = 1.0, .birth = {-1.0, 1.0}, .persistence = {0.0, 2.0}});
  ASSERT_TRUE(image);
  // Weight 1/2, and within one standard deviation on both axes.
  const double within = std::erf(1.0 / std::numbers::sqrt2);
  EXPECT_NEAR(image->pixels(0, 0), 0.5 * within * within, 1e-15);
}

TEST(PersistenceImage, PixelsEqualTheNumericalIntegralOfTheSurface) {
  const Pairs pairs{{0.2, 1.0}, {0.5, 0.9}, {0.0, kInfinity}};
  const PersistenceImageOptions options{
      .birth_pixels = 4, .persistence_pixels = 3, .sigma = 0.15, .birth = {0.0, 1.0}, .persistence = {0.0, 0.6}};
  const auto image = persistence_image(pairs, options);
  ASSERT_TRUE(image);
  const auto surface = [&](double birth, double persistence) {
    double value = 0.0;
    for (const auto& pair : pairs) {
      if (pair.essential()) continue;
      const double across = birth - pair.birth;
      const double up = persistence - pair.lifetime();
      const double weight = std::min(1.0, pair.lifetime() / options.persistence.high);
      value += weight * std::exp(-(across * across + up * up) / (2.0 * options.sigma * options.sigma)) /
               (2.0 * std::numbers::pi * options.sigma * options.sigma);
    }
    return value;
  };
  constexpr int kSteps = 200;  // midpoint rule, error well below 1e-6 here
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 4; ++column) {
      double integral = 0.0;
      for (int y = 0; y < kSteps; ++y) {
        for (int x = 0; x < kSteps; ++x) {
          integral += surface((static_cast<double>(column) + (x + 0.5) / kSteps) * 0.25,
                              (static_cast<double>(row) + (y + 0.5) / kSteps) * 0.2);
        }
      }
      integral *= 0.25 / kSteps * 0.2 / kSteps;
      EXPECT_NEAR(image->pixels(row, column), integral, 1e-6) << row << ", " << column;
    }
  }
}

TEST(PersistenceImage, AllMassIsTheSumOfTheWeightsWhereTheRangeIsWide) {
  const auto image = persistence_image(
      Pairs{{5.0, 6.0}, {5.0, 7.0}, {5.0, 9.0}},
      {.birth_pixels = 50, .persistence_pixels = 50, .sigma = 0.1, .birth = {0.0, 10.0}, .persistence = {0.0, 8.0}});
  ASSERT_TRUE(image);
  EXPECT_NEAR(sum(*image), (1.0 + 2.0 + 4.0) / 8.0, 1e-12);
}

TEST(PersistenceImage, AClassBeyondThePersistenceRangeHasTheFullWeight) {
  const auto image =
      persistence_image(Pairs{{0.0, 5.0}}, {.sigma = 100.0, .birth = {-1000.0, 1000.0}, .persistence = {0.0, 1.0}});
  const auto at_the_end =
      persistence_image(Pairs{{0.0, 1.0}}, {.sigma = 100.0, .birth = {-1000.0, 1000.0}, .persistence = {0.0, 1.0}});
  ASSERT_TRUE(image && at_the_end);
  EXPECT_NEAR(sum(*image) / sum(*at_the_end), 1.0, 2e-3);
}

TEST(PersistenceImage, RowsArePersistenceUpwardsAndColumnsBirth) {
  const auto image = persistence_image(
      Pairs{{9.0, 10.0}},
      {.birth_pixels = 5, .persistence_pixels = 2, .sigma = 0.05, .birth = {0.0, 10.0}, .persistence = {0.0, 4.0}});
  ASSERT_TRUE(image);
  EXPECT_NEAR(image->pixels(0, 4), 0.25, 1e-12);
  EXPECT_NEAR(sum(*image), 0.25, 1e-12);
}

TEST(PersistenceImage, RangesAndSigmaComeFromTheData) {
  const auto image = persistence_image(Pairs{{1.0, 2.0}, {3.0, 7.0}, {0.0, kInfinity}}, {.persistence_pixels = 8});
  ASSERT_TRUE(image);
  EXPECT_EQ(image->birth.low, 1.0);
  EXPECT_EQ(image->birth.high, 3.0);
  EXPECT_EQ(image->persistence.low, 0.0);
  EXPECT_EQ(image->persistence.high, 4.0);
  EXPECT_EQ(image->sigma, 0.5);
}

TEST(PersistenceImage, OneBirthAloneIsWidenedSoThatComponentsAreSeen) {
  const auto image = persistence_image(Pairs{{0.0, 1.0}, {0.0, 2.0}});
  ASSERT_TRUE(image);
  EXPECT_EQ(image->birth.low, -1.0);
  EXPECT_EQ(image->birth.high, 1.0);
  EXPECT_GT(sum(*image), 0.5);
}

TEST(PersistenceImage, WithoutAFinitePairAllIsZero) {
  for (const Pairs& pairs : {Pairs{}, Pairs{{0.0, kInfinity}}}) {
    const auto image = persistence_image(pairs, {.birth_pixels = 2, .persistence_pixels = 3});
    ASSERT_TRUE(image);
    EXPECT_EQ(image->pixels, Matrix(3, 2));
  }
}

TEST(PersistenceImage, AnOptionOutsideItsRangeIsNamed) {
  const auto message = [](const PersistenceImageOptions& options) {
    const auto image = persistence_image(Pairs{{0.0, 1.0}}, options);
    EXPECT_FALSE(image);
    return image ? std::string{} : image.error().message;
  };
  EXPECT_EQ(message({.birth_pixels = 0}), "image birth_pixels 0: wanted 1 to 512");
  EXPECT_EQ(message({.persistence_pixels = 513}), "image persistence_pixels 513: wanted 1 to 512");
  EXPECT_EQ(message({.sigma = -1.0}), "image sigma -1: wanted a finite number, at least 0");
  EXPECT_THAT(message({.sigma = std::nan("")}), HasSubstr("image sigma nan"));
  EXPECT_THAT(message({.birth = {2.0, 1.0}}), HasSubstr("image birth range from 2 to 1"));
  EXPECT_THAT(message({.birth = {1.0, 1.0}}), HasSubstr("is empty"));
  EXPECT_EQ(message({.persistence = {-1.0, 1.0}}), "image persistence range from -1: wanted at least 0");
}

}  // namespace
}  // namespace topoforge
