#include "topoforge/core/score/ensemble.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "topoforge/base/random.hpp"

namespace topoforge {
namespace {

Matrix normal_points(std::size_t count, std::size_t dimension, std::uint64_t seed) {
  Random random(seed);
  Matrix points(count, dimension);
  for (double& value : points.values) value = random.normal();
  return points;
}

TEST(AnomalyScore, IsHalfAtOneInAThousandAndEightTenthsAtOneInAMillion) {
  EXPECT_DOUBLE_EQ(anomaly_score(1.0), 0.0);
  EXPECT_DOUBLE_EQ(anomaly_score(1e-3), 0.5);
  EXPECT_NEAR(anomaly_score(1e-6), 0.8, 1e-12);
  EXPECT_LT(anomaly_score(1e-300), 1.0);
}

TEST(Ensemble, KeepsTheNominalRateOnFreshCleanData) {
  const Matrix training = normal_points(600, 4, 1);
  const Ensemble ensemble = Ensemble::fit({training, training, training, Matrix()});
  const Matrix fresh = normal_points(4000, 4, 2);
  std::size_t tenths = 0;
  std::size_t hundredths = 0;
  for (std::size_t i = 0; i < fresh.rows; ++i) {
    const double p_value =
        ensemble.score({fresh.row(i), fresh.row(i), fresh.row(i), std::span<const double>()}).p_value;
    tenths += p_value <= 0.1 ? 1 : 0;
    hundredths += p_value <= 0.01 ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(tenths) / 4000.0, 0.1, 0.04);
  EXPECT_LT(static_cast<double>(hundredths) / 4000.0, 0.025);
}

TEST(Ensemble, FindsWhatIsFarFromItsSamples) {
  const Matrix training = normal_points(600, 4, 1);
  const Ensemble ensemble = Ensemble::fit({training, training, training, Matrix()});
  const std::vector<double> far{8.0, -8.0, 8.0, -8.0};
  const EnsembleScore score = ensemble.score({far, far, far, std::span<const double>()});
  EXPECT_LT(score.p_value, 1e-3);
  EXPECT_EQ(score.detectors.size(), 3U);
  EXPECT_GT(score.evidence, ensemble.threshold());
}

TEST(Ensemble, HearsTwoDetectorsOfFour) {
  const Matrix training = normal_points(600, 4, 1);
  const Ensemble ensemble = Ensemble::fit({training, training, training, training});
  const std::vector<double> far{8.0, -8.0, 8.0, -8.0};
  const std::vector<double> near(4, 0.0);
  EXPECT_LT(ensemble.score({near, far, near, far}).p_value, 1e-3);
  EXPECT_GT(ensemble.score({near, near, near, near}).p_value, 0.1);
}

TEST(Ensemble, LeavesOutADetectorThatLooksAtNothing) {
  const Matrix training = normal_points(100, 2, 3);
  const Ensemble ensemble = Ensemble::fit({Matrix(), training, training, Matrix()});
  const std::vector<double> point{0.0, 0.0};
  const EnsembleScore score = ensemble.score({std::span<const double>(), point, point, std::span<const double>()});
  ASSERT_EQ(score.detectors.size(), 2U);
  EXPECT_EQ(score.detectors[0].detector, Detector::isolation_forest);
  EXPECT_EQ(score.detectors[1].detector, Detector::autoencoder);
}

TEST(Ensemble, OneSampleProvesNothing) {
  const Matrix one = normal_points(1, 2, 4);
  const Ensemble ensemble = Ensemble::fit({one, one, one, one});
  const std::vector<double> far{100.0, 100.0};
  EXPECT_EQ(ensemble.score({far, far, far, far}).p_value, 1.0);
}

}  // namespace
}  // namespace topoforge
