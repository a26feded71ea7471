#include "topoforge/core/score/stream_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "topoforge/base/random.hpp"

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

Matrix part(const Matrix& rows, std::size_t first, std::size_t count) {
  const auto begin = rows.values.begin() + static_cast<std::ptrdiff_t>(first * rows.columns);
  return {count, rows.columns, std::vector<double>(begin, begin + static_cast<std::ptrdiff_t>(count * rows.columns))};
}

/// The scores of the last `count` rows, one after the other.
std::vector<StreamScore> scores(const StreamModel& model, const Matrix& rows, std::size_t count) {
  StreamScorer scorer;
  Workspace workspace;
  scorer.begin(model, part(rows, 0, rows.rows - count));
  std::vector<StreamScore> result;
  for (std::size_t i = rows.rows - count; i < rows.rows; ++i) {
    scorer.push(model, rows.row(i));
    result.push_back(scorer.score(model, workspace));
  }
  return result;
}

std::vector<std::string_view> names(const StreamScore& score) {
  std::vector<std::string_view> result;
  for (const DetectorEvidence& one : score.detectors) result.push_back(one.detector);
  return result;
}

TEST(StreamModel, IsTheSameInSteps) {
  for (const std::size_t channels : {1, 3}) {
    const CalibrationRows calibration = noisy_waves(300, channels, 5);
    const Matrix fresh = noisy_waves(400, channels, 6).rows;
    const StreamModel at_once = StreamModel::fit(calibration, {});
    Stepwise<StreamModel> fitting = StreamModel::fitting(calibration, {});
    std::size_t steps = 1;
    while (!fitting.advance()) ++steps;
    const StreamModel in_steps = std::move(fitting).finish();
    EXPECT_LE(steps, StreamModel::most_fitting_steps(300, channels));
    EXPECT_GT(steps, StreamModel::most_fitting_steps(300, channels) / 2);
    const auto expected = scores(at_once, fresh, 50);
    const auto found = scores(in_steps, fresh, 50);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ASSERT_EQ(found[i].p_value, expected[i].p_value);
      ASSERT_EQ(found[i].channel_shares, expected[i].channel_shares);
    }
  }
}

TEST(StreamModel, GivesTheNominalRateOnFreshCleanRows) {
  for (const std::size_t channels : {1, 3, 12}) {
    const StreamModel model = StreamModel::fit(noisy_waves(2000, channels, 1), {});
    std::size_t tenths = 0;
    std::size_t thousandths = 0;
    for (const StreamScore& score : scores(model, noisy_waves(4000, channels, 2).rows, 3000)) {
      tenths += score.p_value <= 0.1 ? 1 : 0;
      thousandths += score.p_value <= 0.001 ? 1 : 0;
    }
    EXPECT_NEAR(static_cast<double>(tenths) / 3000.0, 0.1, 0.08) << channels;
    EXPECT_LE(thousandths, 30U) << channels;
  }
}

TEST(StreamModel, DetectorsJoinWhenThereAreRowsEnoughForThem) {
  const auto of = [](std::size_t rows, std::size_t channels) {
    return names(
        scores(StreamModel::fit(noisy_waves(rows, channels, 3), {}), noisy_waves(700, channels, 4).rows, 1)[0]);
  };
  using Names = std::vector<std::string_view>;
  EXPECT_EQ(of(10, 1), Names());
  EXPECT_EQ(of(50, 1), (Names{"isolation_forest", "autoregression"}));
  EXPECT_EQ(of(50, 2),
            (Names{"isolation_forest", "event_neighbours", "statistics", "autoregression", "cross_regression"}));
  EXPECT_EQ(of(1200, 1), (Names{"topology", "spanning_tree", "isolation_forest", "autoencoder", "statistics_neighbours",
                                "autoregression", "stretches", "centred_stretches", "level_contrast"}));
  EXPECT_EQ(of(1300, 2).front(), "topology_ranks");
  EXPECT_EQ(of(1300, 2).size(), 18U);
  EXPECT_EQ(of(1300, 12).front(), "isolation_forest");
}

TEST(StreamModel, FindsWhatLeavesTheCalibratedRange) {
  for (const std::size_t channels : {1, 3, 12}) {
    const StreamModel model = StreamModel::fit(noisy_waves(600, channels, 1), {});
    Matrix rows = noisy_waves(700, channels, 2).rows;
    for (std::size_t i = 690; i < 700; ++i) rows(i, 0) += 8.0;
    const StreamScore score = scores(model, rows, 10).back();
    EXPECT_LT(score.p_value, 1e-3) << channels;
    EXPECT_EQ(std::max_element(score.channel_shares.begin(), score.channel_shares.end()), score.channel_shares.begin());
  }
}

TEST(StreamScorer, SaysTheSameOfARowWhetherItScoredThoseBeforeOrNot) {
  // But for what looks at every tenth row, and for the level that a stream lately had.
  const StreamModel model = StreamModel::fit(noisy_waves(600, 12, 1), {});
  const Matrix rows = noisy_waves(900, 12, 2).rows;
  const StreamScore each = scores(model, rows, 100).back();
  const StreamScore last = scores(model, rows, 1).back();
  ASSERT_EQ(names(each), names(last));
  for (std::size_t k = 0; k < each.detectors.size(); ++k) {
    EXPECT_NEAR(each.detectors[k].raw, last.detectors[k].raw, 1e-5 * each.detectors[k].raw)
        << each.detectors[k].detector;
  }
}

TEST(StreamScorer, FollowsALevelThatDriftsAndNotOneThatJumps) {
  const auto with = [](auto&& shift) {
    CalibrationRows waves = noisy_waves(8000, 1, 9);
    for (std::size_t i = 0; i < 8000; ++i) waves.rows(i, 0) += shift(i);
    return waves.rows;
  };
  const StreamModel model =
      StreamModel::fit({.rows = part(with([](std::size_t) { return 0.0; }), 0, 2000), .run_starts = {0}}, {});
  const auto alarms = [&](const Matrix& rows) {
    std::size_t count = 0;
    for (const StreamScore& score : scores(model, rows, 5000)) count += score.p_value < 1e-3 ? 1 : 0;
    return count;
  };
  const std::size_t drifting =
      alarms(with([](std::size_t i) { return i < 2500 ? 0.0 : 1e-4 * static_cast<double>(i - 2500); }));
  const std::size_t jumping = alarms(with([](std::size_t i) { return i >= 4000 && i < 4200 ? 6.0 : 0.0; }));
  EXPECT_LT(drifting, 250U);
  EXPECT_GT(jumping, 100U);
}

TEST(StreamModel, SeesValuesOfAnySize) {
  for (const double size : {1e-300, 1e-12, 1e12, 1e300}) {
    CalibrationRows calibration = noisy_waves(200, 2, 12);
    for (double& value : calibration.rows.values) value *= size;
    const StreamModel model = StreamModel::fit(calibration, {.window = 30});
    Matrix rows = calibration.rows;
    EXPECT_GT(scores(model, rows, 1)[0].p_value, 0.0);
    rows(199, 0) = 1e308;
    EXPECT_TRUE(std::isfinite(scores(model, rows, 1)[0].p_value)) << size;
  }
}

TEST(StreamModel, NothingIsStrangeToAConstantStream) {
  for (const std::size_t channels : {1, 2, 12}) {
    const Matrix constant(1500, channels, 7.0);
    const StreamModel model = StreamModel::fit({.rows = constant, .run_starts = {0}}, {});
    EXPECT_GT(scores(model, constant, 1)[0].p_value, 0.1);
    Matrix nearly = constant;
    nearly(1499, 0) += 1e-9;
    EXPECT_GT(scores(model, nearly, 1)[0].p_value, 0.1);
  }
}

TEST(StreamModel, NoWindowReachesOverTheEdgeOfARun) {
  // Two runs at levels that no window has both of.
  CalibrationRows runs = noisy_waves(400, 2, 3);
  for (std::size_t i = 200; i < 400; ++i) runs.rows(i, 0) += 50.0;
  runs.run_starts = {0, 200};
  const StreamModel apart = StreamModel::fit(runs, {});
  EXPECT_LT(scores(apart, part(runs.rows, 0, 205), 5)[4].p_value, 0.05);
}

TEST(ShapeView, CutsADiagramThatIsTooRichForAStream) {
  // Points of a box of high dimension, and so many that their exact diagram takes seconds.
  Random random(8);
  Matrix noise(700, 12);
  for (double& value : noise.values) value = random.uniform();
  VietorisRips engine;
  const PersistenceDiagram diagram = ShapeView(noise, RobustScaler::fit(noise), {}).diagram(noise, engine);
  ASSERT_TRUE(diagram.approximation);
  EXPECT_GT(diagram.approximation->exact_below, 0.0);
  EXPECT_EQ(diagram.pairs[0].size(), 700U);
}

}  // namespace
}  // namespace topoforge
