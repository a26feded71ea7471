#include "topoforge/core/score/tail_calibration.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "topoforge/base/random.hpp"

namespace topoforge {
namespace {

std::vector<double> exponentials(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> values(count);
  for (double& value : values) value = -std::log(1.0 - random.uniform());
  return values;
}

TEST(TailCalibration, IsTheConformalPValueInTheBody) {
  std::vector<double> scores;
  for (int i = 1; i <= 99; ++i) scores.push_back(i);
  const TailCalibration calibration = TailCalibration::fit(scores, {});
  EXPECT_DOUBLE_EQ(calibration.p_value(0.0), 1.0);
  EXPECT_DOUBLE_EQ(calibration.p_value(50.0), 51.0 / 100.0);
  EXPECT_DOUBLE_EQ(calibration.p_value(50.5), 50.0 / 100.0);
}

TEST(TailCalibration, ExtrapolatesAnExponentialTail) {
  const TailCalibration calibration = TailCalibration::fit(exponentials(20'000, 1), {});
  for (const double score : {3.0, 5.0, 8.0, 11.0}) {
    EXPECT_NEAR(std::log(calibration.p_value(score)) / -score, 1.0, 0.15) << score;
  }
}

TEST(TailCalibration, KeepsTheNominalRateOnFreshData) {
  const TailCalibration calibration = TailCalibration::fit(exponentials(5'000, 2), {});
  for (const double level : {0.1, 0.01, 0.001}) {
    std::size_t alarms = 0;
    for (const double score : exponentials(200'000, 3)) alarms += calibration.p_value(score) <= level ? 1 : 0;
    EXPECT_LT(static_cast<double>(alarms) / 200'000.0, 1.6 * level) << level;
    EXPECT_GT(static_cast<double>(alarms) / 200'000.0, 0.4 * level) << level;
  }
}

TEST(TailCalibration, NeverRisesWithTheScore) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    std::vector<double> scores(1 + random.below(300));
    for (double& score : scores) score = std::floor(random.uniform() * 20.0) / 4.0;
    const TailCalibration calibration = TailCalibration::fit(scores, {});
    double previous = 1.0;
    for (int step = -100; step < 3000; ++step) {
      const double p_value = calibration.p_value(0.01 * step);
      ASSERT_GT(p_value, 0.0);
      ASSERT_LE(p_value, previous);
      previous = p_value;
    }
  }
}

TEST(TailCalibration, FindsNothingExtremeInATinyChangeOfAConstantHistory) {
  const TailCalibration calibration = TailCalibration::fit(std::vector<double>(500, 1.0), {.least_scale = 0.01});
  EXPECT_GT(calibration.p_value(1.001), 1e-3);
  EXPECT_LT(calibration.p_value(2.0), 1e-3);
}

TEST(TailCalibration, ClaimsLessWhereFewDataStandBehindIt) {
  const double few = TailCalibration::fit(exponentials(60, 4), {}).p_value(12.0);
  const double many = TailCalibration::fit(exponentials(20'000, 4), {}).p_value(12.0);
  EXPECT_GT(few, 10.0 * many);
}

TEST(TailCalibration, WithoutDataHoldsEverythingForNormal) {
  EXPECT_EQ(TailCalibration().p_value(1e9), 1.0);
  EXPECT_DOUBLE_EQ(TailCalibration::fit(std::vector<double>{1.0}, {}).p_value(2.0), 0.5);
}

}  // namespace
}  // namespace topoforge
