#include "topoforge/core/score/principal_components.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

#include "topoforge/base/random.hpp"

namespace topoforge {
namespace {

constexpr std::size_t kDimension = 5;
using Point = std::array<float, kDimension>;

/// Orthonormal; the first two span the plane.
constexpr std::array<Point, 3> kAxes = {
    {{0.5F, 0.5F, 0.5F, 0.5F, 0.0F}, {0.5F, -0.5F, 0.5F, -0.5F, 0.0F}, {0.42426407F, 0.0F, -0.42426407F, 0.0F, 0.8F}}};

Point at(float first, float second, float off = 0.0F) {
  Point point = {1.0F, -2.0F, 0.5F, 3.0F, -1.0F};
  for (std::size_t i = 0; i < kDimension; ++i)
    point[i] += first * kAxes[0][i] + second * kAxes[1][i] + off * kAxes[2][i];
  return point;
}

PrincipalComponents of_the_plane(std::uint64_t seed) {
  Random random(seed);
  std::vector<float> samples;
  for (std::size_t i = 0; i < 200; ++i) {
    const Point point = at(static_cast<float>(3.0 * random.normal()), static_cast<float>(2.0 * random.normal()));
    samples.insert(samples.end(), point.begin(), point.end());
  }
  return PrincipalComponents::fit(samples, kDimension, {.variance = 0.999});
}

/// Pairs of points on the axes, which hold 8, 4, 2, 1 and 1 sixteenths of the variance.
std::vector<float> points_on_axes() {
  std::vector<float> samples;
  constexpr std::array kVariances = {8.0F, 4.0F, 2.0F, 1.0F, 1.0F};
  for (std::size_t axis = 0; axis < kDimension; ++axis) {
    for (const float sign : {1.0F, -1.0F}) {
      Point point{};
      point[axis] = sign * std::sqrt(kVariances[axis]);
      samples.insert(samples.end(), point.begin(), point.end());
    }
  }
  return samples;
}

TEST(PrincipalComponents, LeaveNothingOfAPointOnTheirPlane) {
  const PrincipalComponents model = of_the_plane(1);
  EXPECT_EQ(model.components(), 2U);
  std::vector<float> scratch;
  for (const float first : {-7.0F, 0.0F, 2.5F}) {
    for (const float second : {-3.0F, 0.0F, 9.0F})
      EXPECT_NEAR(model.residual(at(first, second), kDimension, scratch), 0.0, 1e-5) << first << ' ' << second;
  }
}

TEST(PrincipalComponents, LeaveTheDistanceOfAPointFromTheirPlane) {
  const PrincipalComponents model = of_the_plane(2);
  std::vector<float> scratch;
  for (const float off : {-4.0F, 0.5F, 30.0F}) {
    EXPECT_NEAR(model.residual(at(2.0F, -1.0F, off), kDimension, scratch), std::abs(off) / std::sqrt(5.0), 1e-4) << off;
  }
}

TEST(PrincipalComponents, MeasureTheFirstCoordinatesAlone) {
  const PrincipalComponents model = of_the_plane(3);
  std::vector<float> scratch;
  double squares = 0.0;
  for (std::size_t count = 1; count <= kDimension; ++count) {
    squares += std::pow(2.0 * static_cast<double>(kAxes[2][count - 1]), 2);
    EXPECT_NEAR(model.residual(at(1.0F, 1.0F, 2.0F), count, scratch), std::sqrt(squares / static_cast<double>(count)),
                1e-5)
        << count;
  }
}

TEST(PrincipalComponents, AreAsManyAsHoldTheVarianceButLeaveOneDirection) {
  const std::vector<float> samples = points_on_axes();
  const auto components = [&](double variance) {
    return PrincipalComponents::fit(samples, kDimension, {.variance = variance}).components();
  };
  EXPECT_EQ(components(0.01), 1U);
  EXPECT_EQ(components(0.49), 1U);
  EXPECT_EQ(components(0.51), 2U);
  EXPECT_EQ(components(0.74), 2U);
  EXPECT_EQ(components(0.76), 3U);
  EXPECT_EQ(components(0.87), 3U);
  EXPECT_EQ(components(0.88), 4U);
  EXPECT_EQ(components(1.0), 4U);
}

TEST(PrincipalComponents, AreNoMoreThanAskedFor) {
  const PrincipalComponents model =
      PrincipalComponents::fit(points_on_axes(), kDimension, {.variance = 0.99, .components = 2});
  EXPECT_EQ(model.components(), 2U);
  std::vector<float> scratch;
  EXPECT_NEAR(model.residual(Point{3.0F, 5.0F, 0.0F, 0.0F, 0.0F}, kDimension, scratch), 0.0, 1e-5);
  EXPECT_NEAR(model.residual(Point{3.0F, 5.0F, 2.0F, 1.0F, 2.0F}, kDimension, scratch), 3.0 / std::sqrt(5.0), 1e-5);
}

TEST(PrincipalComponents, OfASingleSampleLeaveNothingOfItAndNoMoreThanTheDistanceOfOthers) {
  const Point sample{1.0F, 2.0F, 3.0F, 4.0F, 5.0F};
  const PrincipalComponents model = PrincipalComponents::fit(sample, kDimension);
  std::vector<float> scratch;
  EXPECT_EQ(model.residual(sample, kDimension, scratch), 0.0F);
  double squares = 0.0;
  for (std::size_t i = 0; i < kDimension; ++i) {
    Point moved = sample;
    moved[i] += 2.0F;
    const float residual = model.residual(moved, kDimension, scratch);
    squares += std::pow(static_cast<double>(residual), 2);
    EXPECT_LE(residual, 2.0 / std::sqrt(5.0) + 1e-6) << i;
  }
  EXPECT_GT(squares, 0.0);
}

TEST(PrincipalComponents, OfOneDimensionRestoreEverything) {
  const PrincipalComponents model = PrincipalComponents::fit(std::vector<float>{1.0F, 2.0F, 4.0F}, 1);
  EXPECT_EQ(model.components(), 1U);
  std::vector<float> scratch;
  EXPECT_EQ(model.residual(std::vector<float>{100.0F}, 1, scratch), 0.0F);
}

}  // namespace
}  // namespace topoforge
