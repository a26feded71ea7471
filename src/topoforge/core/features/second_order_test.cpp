#include "topoforge/core/features/second_order.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "topoforge/base/random.hpp"

namespace topoforge {
namespace {

double at(const Trail& trail, std::size_t age, std::size_t channel) {
  return static_cast<double>(trail.row(age)[channel]);
}

double mean(const Trail& trail, std::size_t window, std::size_t shift, std::size_t channel) {
  double sum = 0.0;
  for (std::size_t age = 0; age < window; ++age) sum += at(trail, age + shift, channel);
  return sum / static_cast<double>(window);
}

/// Of channel a now and channel b `shift` rows before.
double covariance(const Trail& trail, std::size_t window, std::size_t shift, std::size_t a, std::size_t b) {
  const double mean_a = mean(trail, window, 0, a);
  const double mean_b = mean(trail, window, shift, b);
  double sum = 0.0;
  for (std::size_t age = 0; age < window; ++age)
    sum += (at(trail, age, a) - mean_a) * (at(trail, age + shift, b) - mean_b);
  return sum / static_cast<double>(window);
}

TEST(SecondOrder, AgreesWithTheFormulasOnRandomTrails) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const std::size_t d = 1 + random.below(6);
    const std::size_t window = 2 + random.below(60);
    const std::size_t lag = 1 + random.below(15);
    std::vector<float> values((window + 2 * lag + random.below(4)) * d);
    for (float& value : values) value = static_cast<float>(1.0 + 2.0 * random.normal());
    const Trail trail{values, d};
    std::vector<double> expected;
    for (std::size_t a = 0; a < d; ++a) expected.push_back(mean(trail, window, 0, a));
    for (std::size_t a = 0; a < d; ++a) {
      for (std::size_t b = 0; b <= a; ++b) expected.push_back(covariance(trail, window, 0, a, b));
    }
    for (const std::size_t shift : {std::size_t{1}, lag, 2 * lag}) {
      for (std::size_t a = 0; a < d; ++a) {
        for (std::size_t b = 0; b < d; ++b) expected.push_back(covariance(trail, window, shift, a, b));
      }
    }
    ASSERT_EQ(second_order_features(d), expected.size());
    std::vector<float> found(expected.size(), -1.0F);
    second_order(trail, window, lag, found);
    for (std::size_t k = 0; k < expected.size(); ++k) ASSERT_NEAR(found[k], expected[k], 1e-4) << k;
  }
}

TEST(SecondOrder, DoesNotSeeRowsOlderThanTwoLags) {
  Random random(1);
  std::vector<float> values(60);
  for (float& value : values) value = static_cast<float>(random.normal());
  std::vector<float> longer(10, 1e6F);
  longer.insert(longer.end(), values.begin(), values.end());
  std::vector<float> expected(second_order_features(2));
  std::vector<float> found(second_order_features(2));
  second_order({values, 2}, 20, 5, expected);
  second_order({longer, 2}, 20, 5, found);
  EXPECT_EQ(found, expected);
}

TEST(SecondOrder, OfAConstantTrailIsItsLevelAndZeros) {
  const std::vector<float> values(24, 0.75F);
  std::vector<float> found(second_order_features(1));
  second_order({values, 1}, 16, 4, found);
  EXPECT_EQ(found, (std::vector<float>{0.75F, 0.0F, 0.0F, 0.0F, 0.0F}));
}

}  // namespace
}  // namespace topoforge
