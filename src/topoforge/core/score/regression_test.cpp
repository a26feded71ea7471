#include "topoforge/core/score/regression.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <Eigen/Dense>

#include "topoforge/base/random.hpp"
#include "topoforge/core/score/robust_scaler.hpp"

namespace topoforge {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

/// All stretches of `rows` rows.
Samples stretches(std::span<const float> values, std::size_t channels, std::size_t rows) {
  std::vector<std::size_t> starts;
  for (std::size_t start = 0; start + rows * channels <= values.size(); start += channels) starts.push_back(start);
  return {values, starts, rows * channels};
}

double robust_spread(std::vector<double> errors) {
  for (double& error : errors) error = std::abs(error);
  return 1.4826 * median(errors);
}

struct Process {
  std::vector<float> values;
  std::vector<double> shocks;
};

/// x(t) = 1.2 x(t-1) - 0.5 x(t-2) + scale * shock.
Process second_order_process(std::size_t count, double scale, std::uint64_t seed) {
  Random random(seed);
  Process process;
  double last = 0.0;
  double before = 0.0;
  for (std::size_t i = 0; i < count; ++i) {
    const double shock = random.normal();
    const double now = 1.2 * last - 0.5 * before + scale * shock;
    before = last;
    last = now;
    process.values.push_back(static_cast<float>(now));
    process.shocks.push_back(shock);
  }
  return process;
}

/// Four channels with a past; the last is 0.7 of the first minus 0.4 of the second, but for a little noise.
std::vector<float> bound_channels(std::size_t rows, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> values;
  std::array<double, 3> state{};
  for (std::size_t i = 0; i < rows; ++i) {
    for (double& value : state) value = 0.6 * value + 0.8 * random.normal();
    for (const double value : state) values.push_back(static_cast<float>(0.3 + value));
    values.push_back(static_cast<float>(0.7 * state[0] - 0.4 * state[1] + 0.05 * random.normal()));
  }
  return values;
}

TEST(Autoregression, RecoversAProcessOfSecondOrder) {
  for (const double scale : {0.5, 1.0, 5.0}) {
    SCOPED_TRACE(scale);
    const Process past = second_order_process(4000, scale, 1);
    const Autoregression model = Autoregression::fit(stretches(past.values, 1, 3), 1);
    const Process fresh = second_order_process(4000, scale, 2);
    const Samples samples = stretches(fresh.values, 1, 3);
    std::vector<double> errors;
    double worst = 0.0;
    for (std::size_t i = 0; i < samples.count(); ++i) {
      std::array<float, 1> error{};
      model.errors(samples[i], error);
      errors.push_back(static_cast<double>(error[0]));
      worst = std::max(worst, std::abs(errors.back() - fresh.shocks[i + 2]));
    }
    EXPECT_NEAR(robust_spread(errors), 1.0, 0.05);
    EXPECT_LT(worst, 0.5);
  }
}

TEST(Autoregression, TakesEachChannelByItself) {
  const Process first = second_order_process(500, 1.0, 3);
  const Process second = second_order_process(500, 2.0, 4);
  std::vector<float> both;
  for (std::size_t i = 0; i < first.values.size(); ++i) both.insert(both.end(), {first.values[i], second.values[i]});
  const Autoregression alone = Autoregression::fit(stretches(second.values, 1, 6), 1);
  const Autoregression together = Autoregression::fit(stretches(both, 2, 6), 2);
  for (std::size_t i = 0; i + 6 <= second.values.size(); ++i) {
    std::array<float, 1> expected{};
    std::array<float, 2> found{};
    alone.errors(std::span(second.values).subspan(i, 6), expected);
    together.errors(std::span(both).subspan(2 * i, 12), found);
    ASSERT_EQ(found[1], expected[0]) << i;
  }
}

TEST(Autoregression, ClipsErrors) {
  const Process past = second_order_process(500, 1.0, 5);
  const Autoregression model = Autoregression::fit(stretches(past.values, 1, 3), 1);
  std::array<float, 1> error{};
  model.errors(std::vector<float>{0.0F, 0.0F, 1000.0F}, error);
  EXPECT_EQ(error[0], 20.0F);
  model.errors(std::vector<float>{0.0F, 0.0F, -1000.0F}, error);
  EXPECT_EQ(error[0], -20.0F);
}

TEST(Autoregression, FindsNothingInATinyChangeOfAConstantChannel) {
  const std::vector<float> silent(100, 0.0F);
  const Autoregression model = Autoregression::fit(stretches(silent, 1, 4), 1);
  std::array<float, 1> error{};
  const double change = 0.5 * kLeastErrorSpread;
  model.errors(std::vector<float>{0.0F, 0.0F, 0.0F, static_cast<float>(change)}, error);
  EXPECT_NEAR(error[0], 0.5, 1e-6);
}

TEST(Autoregression, TakesASingleSample) {
  const std::vector<float> sample{1.0F, 2.0F, 3.0F};
  const Autoregression model = Autoregression::fit(stretches(sample, 1, 3), 1);
  std::array<float, 1> error{};
  model.errors(sample, error);
  EXPECT_LT(std::abs(error[0]), 1.5F);
}

TEST(CrossRegression, ForeseesAChannelThatTheOthersMakeUp) {
  const std::vector<float> past = bound_channels(2000, 1);
  const CrossRegression model = CrossRegression::fit(stretches(past, 4, CrossRegression::kSpan), 4);
  const std::vector<float> fresh = bound_channels(2000, 2);
  const Samples samples = stretches(fresh, 4, CrossRegression::kSpan);
  std::vector<double> usual;
  std::vector<double> broken;
  std::vector<float> scratch;
  for (std::size_t i = 0; i < samples.count(); ++i) {
    std::array<float, 4> errors{};
    model.errors(samples[i], errors, scratch);
    usual.push_back(static_cast<double>(errors[3]));
    // The channel keeps its distribution, but goes with the others no more.
    std::vector<float> rows(samples[i].begin(), samples[i].end());
    rows.back() = samples[(i + 500) % samples.count()].back();
    model.errors(rows, errors, scratch);
    broken.push_back(static_cast<double>(errors[3]));
  }
  EXPECT_NEAR(robust_spread(usual), 1.0, 0.1);
  EXPECT_GT(robust_spread(broken), 5.0);
}

TEST(CrossRegression, AgreesWithADirectRidgeRegression) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const std::size_t channels = 1 + random.below(5);
    const std::size_t size = CrossRegression::kSpan * channels;
    std::vector<float> values((3 + random.below(200)) * channels);
    for (float& value : values) value = static_cast<float>(0.5 + random.normal());
    const Samples samples = stretches(values, channels, CrossRegression::kSpan);
    const CrossRegression model = CrossRegression::fit(samples, channels);
    const auto n = static_cast<Eigen::Index>(samples.count());
    std::vector<std::vector<float>> found(samples.count(), std::vector<float>(channels));
    std::vector<float> scratch;
    for (std::size_t i = 0; i < samples.count(); ++i) model.errors(samples[i], found[i], scratch);

    for (std::size_t channel = 0; channel < channels; ++channel) {
      const std::size_t own = size - channels + channel;
      Eigen::MatrixXd others(n, static_cast<Eigen::Index>(size));
      Eigen::VectorXd target(n);
      for (Eigen::Index i = 0; i < n; ++i) {
        const auto sample = samples[static_cast<std::size_t>(i)];
        Eigen::Index place = 0;
        for (std::size_t k = 0; k < size; ++k) {
          if (k != own) others(i, place++) = static_cast<double>(sample[k]);
        }
        others(i, place) = 1.0;
        target(i) = static_cast<double>(sample[own]);
      }
      Eigen::MatrixXd gram = others.transpose() * others / static_cast<double>(n);
      gram.diagonal().array() += 0.02;
      const Eigen::VectorXd weights = gram.llt().solve(others.transpose() * target / static_cast<double>(n));
      const Eigen::VectorXd errors = target - others * weights;
      const double deviation = std::sqrt((errors.array() - errors.mean()).square().mean());
      const double spread = std::max({robust_spread({errors.begin(), errors.end()}), 0.25 * deviation, 0.01});
      for (Eigen::Index i = 0; i < n; ++i) {
        const double expected = std::clamp(errors(i) / spread, -20.0, 20.0);
        ASSERT_NEAR(found[static_cast<std::size_t>(i)][channel], expected, 1e-4) << channel << ' ' << i;
      }
    }
  }
}

TEST(CrossRegression, ClipsErrors) {
  const std::vector<float> past = bound_channels(500, 3);
  const CrossRegression model = CrossRegression::fit(stretches(past, 4, CrossRegression::kSpan), 4);
  std::vector<float> rows(12, 0.0F);
  std::array<float, 4> errors{};
  std::vector<float> scratch;
  rows[11] = 1000.0F;
  model.errors(rows, errors, scratch);
  EXPECT_EQ(errors[3], 20.0F);
  rows[11] = -1000.0F;
  model.errors(rows, errors, scratch);
  EXPECT_EQ(errors[3], -20.0F);
}

TEST(CrossRegression, FindsNothingInATinyChangeOfConstantChannels) {
  const std::vector<float> silent(300, 0.0F);
  const CrossRegression model = CrossRegression::fit(stretches(silent, 2, CrossRegression::kSpan), 2);
  const auto change = static_cast<float>(0.5 * kLeastErrorSpread);
  std::array<float, 2> errors{};
  std::vector<float> scratch;
  model.errors(std::vector<float>(6, 0.0F), errors, scratch);
  EXPECT_THAT(errors, Each(0.0F));
  model.errors(std::vector<float>{0.0F, 0.0F, 0.0F, 0.0F, change, 0.0F}, errors, scratch);
  EXPECT_THAT(errors, ElementsAre(testing::FloatNear(0.5F, 1e-6F), 0.0F));
}

}  // namespace
}  // namespace topoforge
