#include "topoforge/core/score/anomaly_detector.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "topoforge/base/random.hpp"

namespace topoforge {
namespace {

using ::testing::HasSubstr;

Matrix baseline_data(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  Matrix points(count, 2);
  for (double& value : points.values) value = 0.5 + 0.1 * random.normal();
  return points;
}

TEST(AnomalyDetector, FollowsTheExampleOfTheDocumentation) {
  AnomalyDetector detector(2);
  ASSERT_TRUE(detector.train(baseline_data(500, 1)));
  const std::vector<double> new_data_point{2.0, -1.0};
  const Result<Prediction> result = detector.predict(new_data_point);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->is_anomaly);
  EXPECT_GT(result->severity, 0.5);
  EXPECT_LT(result->severity, 1.0);
  EXPECT_FALSE(detector.predict(std::vector<double>{0.5, 0.5})->is_anomaly);
}

TEST(AnomalyDetector, FlagsTheContaminationShareOfFreshNormalData) {
  AnomalyDetector detector(2);
  ASSERT_TRUE(detector.train(baseline_data(1000, 2)));
  const Matrix fresh = baseline_data(2000, 3);
  std::size_t flagged = 0;
  for (std::size_t i = 0; i < fresh.rows; ++i) flagged += detector.predict(fresh.row(i))->is_anomaly ? 1 : 0;
  EXPECT_NEAR(static_cast<double>(flagged) / 2000.0, 0.1, 0.04);
}

TEST(AnomalyDetector, SaysWhatIsWrongWithItsInput) {
  AnomalyDetector detector(2);
  EXPECT_THAT(detector.predict(std::vector<double>{1.0, 2.0}).error().message, HasSubstr("not trained"));
  EXPECT_THAT(detector.train(Matrix(100, 3)).error().message, HasSubstr("100 x 3"));
  EXPECT_FALSE(detector.train(Matrix(9, 2)));
  Matrix holed = baseline_data(50, 4);
  holed(7, 1) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(detector.train(holed).error().message, HasSubstr("row 7, column 1"));
  ASSERT_TRUE(detector.train(baseline_data(50, 4)));
  EXPECT_THAT(detector.predict(std::vector<double>{1.0}).error().message, HasSubstr("wanted 2"));
  EXPECT_THAT(detector.predict(std::vector<double>{1.0, INFINITY}).error().message, HasSubstr("value 1"));
  EXPECT_FALSE(AnomalyDetector(2, {.contamination = 0.0}).train(baseline_data(50, 4)));
}

}  // namespace
}  // namespace topoforge
