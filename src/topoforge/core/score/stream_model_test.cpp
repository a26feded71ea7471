#include "topoforge/core/score/stream_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "topoforge/base/random.hpp"
#include "topoforge/core/features/topology_features.hpp"

namespace topoforge {
namespace {

CalibrationRows noisy_waves(std::size_t rows, std::size_t channels, std::uint64_t seed) {
  Random random(seed);
  CalibrationRows calibration{.rows = Matrix(rows, channels), .run_starts = {0}};
  for (std::size_t t = 0; t < rows; ++t) {
    for (std::size_t channel = 0; channel < channels; ++channel) {
      calibration.rows(t, channel) =
          std::sin(static_cast<double>(t) / 5.0 + static_cast<double>(channel)) + 0.2 * random.normal();
    }
  }
  return calibration;
}

Matrix newest(const CalibrationRows& calibration, std::size_t count) {
  const auto end = calibration.rows.values.end();
  const auto begin = end - static_cast<std::ptrdiff_t>(count * calibration.rows.columns);
  return {count, calibration.rows.columns, std::vector<double>(begin, end)};
}

TEST(StreamModel, IsTheSameInStepsBetweenWhichTheEngineDoesOtherWork) {
  for (const std::size_t channels : {1, 3}) {
    const CalibrationRows calibration = noisy_waves(300, channels, 5);
    const Matrix window = newest(noisy_waves(400, channels, 6), 50);
    VietorisRips engine;
    const StreamModel at_once = StreamModel::fit(calibration, {.window = 50}, engine);
    Stepwise<StreamModel> fitting = StreamModel::fitting(calibration, {.window = 50}, engine);
    std::size_t steps = 1;
    for (; !fitting.advance(); ++steps) (void)at_once.shape(window, engine);
    const StreamModel in_steps = std::move(fitting).finish();

    EXPECT_GT(steps, 1000U);
    EXPECT_LE(steps, StreamModel::kMostFittingSteps);
    const WindowShape shape = at_once.shape(window, engine);
    EXPECT_EQ(in_steps.shape(window, engine).features, shape.features);
    const WindowScore expected = at_once.score(window, shape);
    const WindowScore score = in_steps.score(window, shape);
    EXPECT_EQ(score.p_value, expected.p_value);
    EXPECT_EQ(score.channel_shares, expected.channel_shares);
  }
}

TEST(StreamModel, NeedsNoMoreStepsThanItSays) {
  VietorisRips engine;
  Stepwise<StreamModel> fitting = StreamModel::fitting(noisy_waves(3000, 1, 7), {.window = 20}, engine);
  std::size_t steps = 1;
  while (!fitting.advance()) ++steps;
  EXPECT_LE(steps, StreamModel::kMostFittingSteps);
  EXPECT_GT(steps, StreamModel::kMostFittingSteps * 9 / 10);
}

TEST(StreamModel, TakesOverWhatIsKnownOfShapesThatItSeesAlike) {
  constexpr std::size_t kWindow = 30;
  VietorisRips engine;
  CalibrationRows calibration = noisy_waves(400, 1, 9);
  const Matrix window = newest(noisy_waves(500, 1, 10), kWindow);
  const StreamModel alone = StreamModel::fit(calibration, {.window = kWindow}, engine);
  const auto p_value = [&](const StreamModel& model) {
    return model.score(window, model.shape(window, engine)).p_value;
  };

  const std::size_t count = topology_feature_count(2);
  calibration.view = alone.view();
  calibration.features.assign(400 * count, std::numeric_limits<float>::quiet_NaN());
  for (std::size_t row = kWindow - 1; row < 400; row += 2) {
    const auto begin = calibration.rows.values.begin() + static_cast<std::ptrdiff_t>(row + 1 - kWindow);
    const Matrix its_window(kWindow, 1, {begin, begin + static_cast<std::ptrdiff_t>(kWindow)});
    const std::vector<double> features = alone.shape(its_window, engine).features;
    std::copy(features.begin(), features.end(),
              calibration.features.begin() + static_cast<std::ptrdiff_t>(row * count));
  }
  EXPECT_EQ(p_value(StreamModel::fit(calibration, {.window = kWindow}, engine)), p_value(alone));

  // What is wrong shows that it is used, and that it is not where shapes were seen otherwise.
  for (float& feature : calibration.features) feature = std::isnan(feature) ? feature : 0.0F;
  EXPECT_NE(p_value(StreamModel::fit(calibration, {.window = kWindow}, engine)), p_value(alone));
  ++calibration.view.lag;
  EXPECT_EQ(p_value(StreamModel::fit(calibration, {.window = kWindow}, engine)), p_value(alone));
}

TEST(StreamModel, SeesValuesOfAnySize) {
  VietorisRips engine;
  for (const double size : {1e-300, 1e-12, 1e12, 1e300}) {
    CalibrationRows calibration = noisy_waves(200, 2, 12);
    for (double& value : calibration.rows.values) value *= size;
    const StreamModel model = StreamModel::fit(calibration, {.window = 30}, engine);
    Matrix window = newest(calibration, 30);
    EXPECT_GT(model.score(window, model.shape(window, engine)).p_value, 0.0);
    window(29, 0) = 1e308;
    EXPECT_TRUE(std::isfinite(model.score(window, model.shape(window, engine)).p_value)) << size;
  }
}

TEST(StreamModel, CutsADiagramThatIsTooRichForAStream) {
  // Points of a box of high dimension, and so many that their exact diagram takes seconds.
  Random random(8);
  CalibrationRows noise{.rows = Matrix(700, 12), .run_starts = {0}};
  for (double& value : noise.rows.values) value = random.uniform();
  VietorisRips engine;
  const StreamModel model = StreamModel::fit({.rows = newest(noise, 60), .run_starts = {0}}, {.window = 700}, engine);
  const PersistenceDiagram diagram = model.shape(noise.rows, engine).diagram;
  ASSERT_TRUE(diagram.approximation);
  EXPECT_GT(diagram.approximation->exact_below, 0.0);
  EXPECT_EQ(diagram.pairs[0].size(), 700U);
}

}  // namespace
}  // namespace topoforge
