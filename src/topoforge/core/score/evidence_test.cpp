#include "topoforge/core/score/evidence.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "topoforge/base/random.hpp"

namespace topoforge {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr DetectorGroup kValues = DetectorGroup::values;
constexpr DetectorGroup kShape = DetectorGroup::shape;
constexpr DetectorGroup kSecondOrder = DetectorGroup::second_order;

double evidence_of(const Combination& combination, const std::vector<double>& p_values) {
  return combination.evidence(p_values);
}

/// p-values of clean windows of detectors that agree with each other as much as `agreement`, in [0, 1], says.
std::vector<double> clean_p_values(std::size_t windows, std::size_t detectors, double agreement, Random& random) {
  std::vector<double> p_values;
  for (std::size_t i = 0; i < windows; ++i) {
    const double common = 1.0 - random.uniform();
    for (std::size_t k = 0; k < detectors; ++k) {
      const double own = 1.0 - random.uniform();
      p_values.push_back(random.uniform() < agreement ? common : own);
    }
  }
  return p_values;
}

TEST(BoundedEvidence, RisesAsThePValueFalls) {
  double previous = -1.0;
  for (int quarter = 0; quarter < 1200; ++quarter) {
    const double exponent = 0.25 * quarter;
    const double evidence = bounded_evidence(std::pow(10.0, -exponent));
    ASSERT_GT(evidence, previous) << exponent;
    ASSERT_LT(evidence, 5.0) << exponent;
    previous = evidence;
  }
  EXPECT_GT(previous, 4.99);
}

TEST(BoundedEvidence, IsNearlyTheLogarithmWhereItIsSmall) {
  EXPECT_EQ(bounded_evidence(1.0), 0.0);
  for (const double evidence : {0.01, 0.1, 0.5, 1.0}) {
    EXPECT_NEAR(bounded_evidence(std::pow(10.0, -evidence)), evidence, 0.02 * evidence) << evidence;
  }
  EXPECT_NEAR(bounded_evidence(1e-5), 5.0 / std::sqrt(2.0), 1e-12);
}

TEST(AnomalyScore, IsHalfForOneInAThousandAndNeverOne) {
  EXPECT_EQ(anomaly_score(1.0), 0.0);
  EXPECT_NEAR(anomaly_score(1e-3), 0.5, 1e-12);
  EXPECT_NEAR(anomaly_score(1e-6), 0.8, 1e-12);
  EXPECT_GT(anomaly_score(1e-300), 0.999);
  EXPECT_LT(anomaly_score(1e-300), 1.0);
}

TEST(Combination, TakesTheMeanOfTheStrongerHalfOfSeveralChannels) {
  const Combination five({kValues, kValues, kValues, kValues, kValues}, false);
  const double expected = (bounded_evidence(1e-6) + bounded_evidence(1e-4) + bounded_evidence(0.01)) / 3.0;
  EXPECT_NEAR(evidence_of(five, {0.01, 0.9, 1e-6, 0.5, 1e-4}), expected, 1e-12);
  const Combination two({kValues, kValues}, false);
  EXPECT_NEAR(evidence_of(two, {0.5, 1e-3}), bounded_evidence(1e-3), 1e-12);
}

TEST(Combination, TakesTheMeanOfAllOfOneChannel) {
  const Combination combination({kValues, kValues, kValues}, true);
  const double expected = (bounded_evidence(1e-6) + bounded_evidence(0.5) + bounded_evidence(0.1)) / 3.0;
  EXPECT_NEAR(evidence_of(combination, {0.1, 1e-6, 0.5}), expected, 1e-12);
}

TEST(Combination, LeavesOutDetectorsWithoutAValue) {
  const Combination several({kValues, kValues, kValues, kValues, kSecondOrder}, false);
  EXPECT_NEAR(evidence_of(several, {0.2, kNone, 1e-3, 0.1, kNone}),
              (bounded_evidence(1e-3) + bounded_evidence(0.1)) / 2.0, 1e-12);
  const Combination one({kValues, kValues, kValues}, true);
  EXPECT_NEAR(evidence_of(one, {0.2, kNone, 1e-3}), (bounded_evidence(0.2) + bounded_evidence(1e-3)) / 2.0, 1e-12);
}

TEST(Combination, FindsNothingWithoutAnyValue) {
  for (const bool one_channel : {false, true}) {
    Combination combination({kValues, kShape, kSecondOrder}, one_channel);
    EXPECT_EQ(evidence_of(combination, {kNone, kNone, kNone}), 0.0);
    combination.calibrate_shape(std::vector<double>{0.5, 0.5, 0.5, kNone, kNone, kNone});
    EXPECT_EQ(evidence_of(combination, {kNone, kNone, kNone}), 0.0);
  }
  EXPECT_EQ(Combination().evidence({}), 0.0);
}

TEST(Combination, LetsTheStrongestGroupCount) {
  const Combination combination({kValues, kSecondOrder, kSecondOrder, kValues}, false);
  // The bound of the second order is 8: 6 / sqrt(1 + 36 / 64).
  EXPECT_NEAR(evidence_of(combination, {0.5, 0.3, 1e-6, 0.5}), 4.8, 1e-12);
  EXPECT_NEAR(evidence_of(combination, {1e-9, 0.3, 0.1, 0.5}), bounded_evidence(1e-9), 1e-12);
}

TEST(Combination, HearsNoShapeThatIsNotCalibrated) {
  const Combination combination({kValues, kShape}, false);
  EXPECT_NEAR(evidence_of(combination, {0.1, 1e-9}), bounded_evidence(0.1), 1e-12);
}

TEST(Combination, CalibratesShapeAsOneHoweverItsDetectorsAgree) {
  for (const double agreement : {0.0, 0.7, 1.0}) {
    SCOPED_TRACE(agreement);
    Random random(1);
    Combination combination({kShape, kShape, kShape, kShape}, false);
    combination.calibrate_shape(clean_p_values(5000, 4, agreement, random));
    constexpr std::size_t kWindows = 50'000;
    const std::vector<double> fresh = clean_p_values(kWindows, 4, agreement, random);
    for (const double level : {0.1, 0.01, 0.001}) {
      std::size_t alarms = 0;
      for (std::size_t i = 0; i < kWindows; ++i) {
        const auto p_values = std::span<const double>(fresh).subspan(4 * i, 4);
        alarms += combination.evidence(p_values) >= -std::log10(level) ? 1 : 0;
      }
      EXPECT_LT(static_cast<double>(alarms) / kWindows, 1.6 * level) << level;
      EXPECT_GT(static_cast<double>(alarms) / kWindows, 0.4 * level) << level;
    }
  }
}

TEST(Combination, TakesTheMeanOfTheDetectorsOfShapeThatHaveAValue) {
  Random random(2);
  Combination combination({kShape, kValues, kShape}, false);
  std::vector<double> clean = clean_p_values(2000, 3, 0.0, random);
  // A window without any value of shape, which calibration passes over.
  clean.insert(clean.end(), {kNone, 0.5, kNone});
  combination.calibrate_shape(clean);
  const double both = evidence_of(combination, {1e-4, kNone, 1e-4});
  EXPECT_GT(both, 2.0);
  EXPECT_EQ(evidence_of(combination, {1e-4, kNone, kNone}), both);
  EXPECT_EQ(evidence_of(combination, {kNone, kNone, 1e-4}), both);
  EXPECT_LT(evidence_of(combination, {1e-4, kNone, 0.5}), both);
  EXPECT_EQ(evidence_of(combination, {1e-4, 0.9, 1e-4}), both);
}

TEST(Combination, DetectorsThatAgreeAreTwiceTheirMedian) {
  using enum DetectorGroup;
  const Combination combination({values, shape, values, values, second_order}, false);
  const double none = std::numeric_limits<double>::quiet_NaN();
  EXPECT_DOUBLE_EQ(combination.agreed_p_value(std::vector<double>{1e-6, 1e-9, 0.5, 1e-3, 1e-9}), 2e-3);
  EXPECT_DOUBLE_EQ(combination.agreed_p_value(std::vector<double>{1e-6, none, none, 1e-3, none}), 2e-3);
  EXPECT_DOUBLE_EQ(combination.agreed_p_value(std::vector<double>{0.9, none, 0.8, 0.7, none}), 1.0);
  EXPECT_DOUBLE_EQ(combination.agreed_p_value(std::vector<double>{1e-6, 1e-9, none, none, 1e-9}), 1.0) << "one alone";
}

}  // namespace
}  // namespace topoforge
