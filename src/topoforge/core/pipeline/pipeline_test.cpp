#include "topoforge/core/pipeline/pipeline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <numbers>
#include <utility>
#include <vector>

#include "topoforge/base/random.hpp"
#include "topoforge/core/pipeline/data_processor.hpp"

namespace topoforge {
namespace {

using ::testing::HasSubstr;

Event event_of(std::vector<Measurement> values, std::size_t second = 0) {
  Event event;
  event.stream = {"sensor", "a"};
  event.timestamp = Timestamp(std::chrono::seconds(1'700'000'000 + second));
  event.values = std::move(values);
  return event;
}

/// Two channels that run round a noisy circle.
Event circling(std::size_t t, Random& random) {
  const double angle = 2.0 * std::numbers::pi * static_cast<double>(t) / 25.0;
  return event_of({{"x", std::cos(angle) + 0.1 * random.normal()}, {"y", std::sin(angle) + 0.1 * random.normal()}}, t);
}

TEST(Pipeline, SaysHowManyEventsAreMissingUntilTheFirstVerdict) {
  Pipeline pipeline({.window = 20});
  Random random(1);
  for (std::size_t t = 0; t < 19; ++t) {
    const PushOutcome outcome = *pipeline.push(circling(t, random));
    EXPECT_EQ(outcome.sequence, t);
    EXPECT_EQ(outcome.events_until_verdict, 19 - t);
    EXPECT_FALSE(outcome.analysis);
    EXPECT_EQ(pipeline.buffered(), t + 1);
  }
  const PushOutcome outcome = *pipeline.push(circling(19, random));
  EXPECT_EQ(outcome.events_until_verdict, 0U);
  ASSERT_TRUE(outcome.analysis);
  EXPECT_EQ(outcome.analysis->window_size, 20U);
  EXPECT_FALSE(outcome.analysis->is_anomaly);
  EXPECT_LT(outcome.analysis->confidence, 0.1);
}

/// Does its work when it is started, or when it is waited for.
class Errand final : public BackgroundWork {
 public:
  Errand(std::function<void()> work, bool at_once, int& finished) : work_(std::move(work)), finished_(finished) {
    if (at_once) std::exchange(work_, nullptr)();
  }
  void finish() override {
    ++finished_;
    if (work_) std::exchange(work_, nullptr)();
  }

 private:
  std::function<void()> work_;
  int& finished_;
};

TEST(Pipeline, VerdictsDoNotDependOnWhereModelsAreFitted) {
  std::vector<std::vector<double>> scores;
  int finished = 0;
  const auto start = [&finished](bool at_once) {
    return [&finished, at_once](std::function<void()> work) {
      return std::make_unique<Errand>(std::move(work), at_once, finished);
    };
  };
  for (const StartBackgroundWork& background :
       {StartBackgroundWork(), StartBackgroundWork(start(true)), StartBackgroundWork(start(false))}) {
    Pipeline pipeline({.window = 20, .start_background_work = background});
    Random random(3);
    scores.emplace_back();
    for (std::size_t t = 0; t < 500; ++t) {
      const PushOutcome outcome = *pipeline.push(circling(t, random));
      scores.back().push_back(outcome.analysis ? outcome.analysis->p_value : -1.0);
    }
  }
  EXPECT_GE(finished, 6) << "fits at 40, 80, 160 and 320 rows, twice";
  EXPECT_EQ(scores[1], scores[0]);
  EXPECT_EQ(scores[2], scores[0]);
}

TEST(Pipeline, FindsABurstThatLeavesTheCalibratedRange) {
  Pipeline pipeline({.calibration_events = 500});
  Random random(2);
  std::size_t false_alarms = 0;
  for (std::size_t t = 0; t < 800; ++t) {
    const PushOutcome outcome = *pipeline.push(circling(t, random));
    if (outcome.analysis) false_alarms += outcome.analysis->is_anomaly ? 1 : 0;
  }
  EXPECT_LE(false_alarms, 3U);
  std::size_t alarms = 0;
  std::optional<Analysis> last;
  for (std::size_t t = 800; t < 815; ++t) {
    last = pipeline.push(event_of({{"x", 4.0 + random.normal()}, {"y", 0.0}}, t))->analysis;
    alarms += last->is_anomaly ? 1 : 0;
  }
  EXPECT_GE(alarms, 10U);
  EXPECT_EQ(last->attribution.front().channel, "x");
  EXPECT_GE(last->risk_level, RiskLevel::high);
  EXPECT_EQ(last->security.risk_level, last->risk_level);
  EXPECT_THAT(last->explanation, HasSubstr("Anomaly"));
}

TEST(Pipeline, FindsAChangeOfShapeThatKeepsEachChannelsValues) {
  // The circle's channels keep their distributions; they run independently, so that the loop fills up.
  Pipeline pipeline({.calibration_events = 1200});
  Random random(3);
  const auto push = [&](double a, double b) {
    return pipeline.push(event_of({{"x", std::cos(a)}, {"y", std::sin(b)}}))->analysis;
  };
  double normal_evidence = 0.0;
  for (std::size_t t = 0; t < 1700; ++t) {
    const double angle = 2.0 * std::numbers::pi * random.uniform();
    const auto analysis = push(angle, angle + 0.05 * random.normal());
    if (analysis && t > 1250) normal_evidence -= std::log10(analysis->contributions[0].p_value) / 450.0;
  }
  double changed_evidence = 0.0;
  for (std::size_t t = 0; t < 200; ++t) {
    const auto analysis = push(2.0 * std::numbers::pi * random.uniform(), 2.0 * std::numbers::pi * random.uniform());
    if (t >= 100) changed_evidence -= std::log10(analysis->contributions[0].p_value) / 100.0;
    ASSERT_EQ(analysis->contributions[0].detector, "topology_ranks");
  }
  EXPECT_LT(normal_evidence, 1.0);
  EXPECT_GT(changed_evidence, 2.0);
}

TEST(Pipeline, SharesSumToOne) {
  Pipeline pipeline({.window = 30});
  Random random(4);
  for (std::size_t t = 0; t < 200; ++t) {
    const auto analysis = pipeline.push(circling(t, random))->analysis;
    if (!analysis) continue;
    double contributions = 0.0;
    for (const Contribution& contribution : analysis->contributions) contributions += contribution.share;
    double attribution = 0.0;
    for (const Attribution& channel : analysis->attribution) attribution += channel.share;
    ASSERT_NEAR(contributions, 1.0, 1e-9);
    ASSERT_NEAR(attribution, 1.0, 1e-9);
    ASSERT_GE(analysis->anomaly_score, 0.0);
    ASSERT_LT(analysis->anomaly_score, 1.0);
  }
}

TEST(Pipeline, IsDeterministicAndIndependentOfItsNeighbours) {
  Pipeline first({.window = 20});
  Pipeline second({.window = 20});
  Pipeline other({.window = 10});
  for (std::size_t t = 0; t < 150; ++t) {
    Random random(t);
    const Event event = circling(t, random);
    const auto a = first.push(event)->analysis;
    ASSERT_TRUE(other.push(event_of({{"z", random.normal()}})));
    const auto b = second.push(event)->analysis;
    ASSERT_EQ(a.has_value(), b.has_value());
    if (a) {
      ASSERT_EQ(a->p_value, b->p_value);
    }
  }
}

TEST(Pipeline, EarnsConfidenceWithData) {
  Pipeline pipeline({.window = 20});
  Random random(5);
  double early = 0.0;
  double late = 0.0;
  for (std::size_t t = 0; t < 1000; ++t) {
    const auto analysis = pipeline.push(circling(t, random))->analysis;
    if (t == 19) early = analysis->confidence;
    if (t == 999) late = analysis->confidence;
  }
  EXPECT_LT(early, 0.1);
  EXPECT_GT(late, 0.4);
}

TEST(Pipeline, AnalysesEveryStrideAndNothingBetween) {
  Pipeline pipeline({.window = 10, .stride = 5});
  Random random(6);
  for (std::size_t t = 0; t < 60; ++t) {
    const PushOutcome outcome = *pipeline.push(circling(t, random));
    EXPECT_EQ(outcome.analysis.has_value(), t >= 9 && (t - 9) % 5 == 0) << t;
  }
}

TEST(Pipeline, CountsARepeatedIdOnce) {
  Pipeline pipeline({.window = 5});
  Event event = event_of({{"x", 1.0}});
  event.id = "7";
  EXPECT_FALSE(pipeline.push(event)->duplicate);
  const PushOutcome again = *pipeline.push(event);
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.events_until_verdict, 4U);
  EXPECT_EQ(pipeline.buffered(), 1U);
}

TEST(Pipeline, RefusesAnInvalidEventAndStaysAsItWas) {
  Pipeline pipeline({.window = 5});
  ASSERT_TRUE(pipeline.push(event_of({{"x", 1.0}, {"y", 2.0}})));
  EXPECT_FALSE(pipeline.push(event_of({{"x", std::numeric_limits<double>::quiet_NaN()}})));
  Event unknown = event_of({{"x", 1.0}, {"z", 2.0}});
  unknown.id = "1";
  EXPECT_FALSE(pipeline.push(unknown));
  EXPECT_EQ(pipeline.buffered(), 1U);
  EXPECT_EQ(pipeline.window(), Matrix(1, 2, {1.0, 2.0}));
  // Its id was not counted either: mended, it may come again.
  unknown.values[1].channel = "y";
  EXPECT_FALSE(pipeline.push(unknown)->duplicate);
}

TEST(Pipeline, LooksAtTheChannelsOfItsOptionsAlone) {
  Pipeline chosen({.window = 20, .channels = {"y", "x"}});
  Pipeline all({.window = 20});
  Random random(4);
  for (std::size_t t = 0; t < 60; ++t) {
    const Event plain = circling(t, random);
    Event wide = plain;
    wide.values.insert(wide.values.begin(), {"noise", random.normal()});
    const PushOutcome seen = *chosen.push(wide);
    const PushOutcome wanted = *all.push(event_of({plain.values[1], plain.values[0]}, t));
    ASSERT_EQ(seen.analysis.has_value(), wanted.analysis.has_value());
    if (seen.analysis) {
      EXPECT_EQ(seen.analysis->anomaly_score, wanted.analysis->anomaly_score);
    }
  }
  EXPECT_THAT(chosen.channels(), testing::ElementsAre("y", "x"));
}

TEST(Pipeline, WantsAllItsChannelsInTheFirstEventAndOneLater) {
  Pipeline pipeline({.window = 5, .channels = {"a", "b"}});
  const auto first = pipeline.push(event_of({{"a", 1.0}, {"c", 1.0}}));
  ASSERT_FALSE(first);
  EXPECT_THAT(first.error().message, HasSubstr("1 of the 2 channels"));
  EXPECT_THAT(pipeline.channels(), testing::IsEmpty());
  EXPECT_TRUE(pipeline.push(event_of({{"a", 1.0}, {"b", 1.0}}, 1)));
  EXPECT_EQ(pipeline.push(event_of({{"b", 2.0}}, 2))->imputed, 1U);
  EXPECT_FALSE(pipeline.push(event_of({{"c", 2.0}}, 3)));
}

TEST(Pipeline, OfADirectionHoldsTheOtherForNormal) {
  const auto alarms = [](Direction direction, double burst) {
    Pipeline pipeline({.window = 20, .calibration_events = 300, .direction = direction});
    Random random(5);
    std::size_t count = 0;
    for (std::size_t t = 0; t < 320; ++t) {
      const double value = random.normal() + (t < 310 ? 0.0 : burst);
      const auto outcome = *pipeline.push(event_of({{"v", value}}, t));
      if (outcome.analysis && t >= 310) count += outcome.analysis->is_anomaly ? 1 : 0;
    }
    return count;
  };
  EXPECT_GT(alarms(Direction::both, 20.0), 0U);
  EXPECT_EQ(alarms(Direction::above, 20.0), alarms(Direction::both, 20.0));
  EXPECT_EQ(alarms(Direction::below, 20.0), 0U);
  EXPECT_EQ(alarms(Direction::below, -20.0), alarms(Direction::both, -20.0));
  EXPECT_EQ(alarms(Direction::above, -20.0), 0U);
}

TEST(Pipeline, SaysThatAnEventIsLateAndHowLongItsDiagramTook) {
  PipelineOptions options{.window = 3};
  options.stopwatch = [] {
    static std::int64_t calls = 0;
    return std::chrono::nanoseconds(1000 * ++calls);
  };
  Pipeline pipeline(options);
  EXPECT_FALSE(pipeline.push(event_of({{"x", 1.0}}, 5))->late);
  EXPECT_TRUE(pipeline.push(event_of({{"x", 2.0}}, 4))->late);
  EXPECT_FALSE(pipeline.push(event_of({{"x", 3.0}}, 4))->late);
  EXPECT_EQ(pipeline.push(event_of({{"x", 4.0}}, 6))->diagram_time, std::chrono::nanoseconds(1000));
}

TEST(Pipeline, CarriesALackingChannelForward) {
  Pipeline pipeline({.window = 5});
  ASSERT_TRUE(pipeline.push(event_of({{"x", 1.0}, {"y", 2.0}})));
  EXPECT_EQ(pipeline.push(event_of({{"x", 3.0}}))->imputed, 1U);
  EXPECT_EQ(pipeline.window(), Matrix(2, 2, {1.0, 2.0, 3.0, 2.0}));
}

TEST(Pipeline, HoldsAConstantStreamAndATinyChangeOfItForNormal) {
  Pipeline pipeline({.window = 20});
  for (std::size_t t = 0; t < 500; ++t) {
    const auto analysis = pipeline.push(event_of({{"x", 100.0}}))->analysis;
    if (analysis) {
      ASSERT_FALSE(analysis->is_anomaly) << t;
    }
  }
  EXPECT_FALSE(pipeline.push(event_of({{"x", 100.001}}))->analysis->is_anomaly);
}

TEST(Pipeline, DoesNotLearnABurstButAdoptsALastingState) {
  Pipeline pipeline({.window = 20});
  Random random(7);
  const auto push = [&](double level) {
    return *pipeline.push(event_of({{"x", level + 0.1 * random.normal()}}))->analysis;
  };
  for (std::size_t t = 0; t < 600; ++t) ASSERT_TRUE(pipeline.push(event_of({{"x", 0.1 * random.normal()}})));
  for (std::size_t t = 0; t < 100; ++t) push(10.0);
  EXPECT_TRUE(push(10.0).is_anomaly) << "a hundred events are no new normal";
  for (std::size_t t = 0; t < 400; ++t) push(10.0);
  EXPECT_FALSE(push(10.0).is_anomaly) << "after more than ten windows the state is the new normal";
}

TEST(Pipeline, TakesTheSmallestWindowAndManyChannels) {
  Pipeline smallest({.window = kMinWindow});
  Random random(8);
  for (std::size_t t = 0; t < 100; ++t) ASSERT_TRUE(smallest.push(event_of({{"x", random.normal()}})));
  Pipeline wide({.window = 10, .max_dimension = 1});
  for (std::size_t t = 0; t < 60; ++t) {
    std::vector<Measurement> values;
    for (int channel = 0; channel < 200; ++channel) values.push_back({"c" + std::to_string(channel), random.normal()});
    ASSERT_TRUE(wide.push(event_of(std::move(values))));
  }
}

TEST(Pipeline, KeepsItsMemoryBounded) {
  Pipeline pipeline({.window = 20, .max_dimension = 0});
  Random random(9);
  std::size_t at_history = 0;
  for (std::size_t t = 0; t < 12'000; ++t) {
    ASSERT_TRUE(pipeline.push(event_of({{"x", random.normal()}})));
    if (t == 5'000) at_history = pipeline.memory_bytes();
  }
  EXPECT_LT(pipeline.memory_bytes(), at_history + 200'000);
}

TEST(PipelineOptions, NameTheOptionThatIsOutOfRange) {
  EXPECT_THAT(validate(PipelineOptions{.window = 1}).error().message, HasSubstr("window is 1; wanted 2 to 2048"));
  EXPECT_THAT(validate(PipelineOptions{.stride = 0}).error().message, HasSubstr("stride is 0"));
  EXPECT_THAT(validate(PipelineOptions{.max_dimension = 4}).error().message, HasSubstr("max_dimension is 4"));
  EXPECT_THAT(validate(PipelineOptions{.calibration_events = 10}).error().message,
              HasSubstr("calibration_events is 10"));
  EXPECT_THAT(validate(PipelineOptions{.threshold = 1.0}).error().message, HasSubstr("threshold is 1"));
  EXPECT_THAT(validate(PipelineOptions{.threshold = std::nan("")}).error().message, HasSubstr("threshold is nan"));
  EXPECT_TRUE(validate(PipelineOptions{}));
}

TEST(DataProcessor, FollowsTheExampleOfTheDocumentation) {
  DataProcessor processor(50);
  Event event;
  event.values = {{"value", 0.75}};
  ASSERT_TRUE(processor.ingest(event));
  const Result<Analysis> early = processor.process_window();
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, ErrorCode::unavailable);
  EXPECT_THAT(early.error().message, HasSubstr("1 of 50"));
  Random random(10);
  for (std::size_t t = 1; t < 50; ++t) {
    event.values[0].value = 0.75 + 0.1 * random.normal();
    ASSERT_TRUE(processor.ingest(event));
  }
  const Result<Analysis> result = processor.process_window();
  ASSERT_TRUE(result);
  EXPECT_GE(result->betti_numbers.h0, 1U);
  EXPECT_FALSE(result->is_anomaly);
  EXPECT_EQ(result->security.risk_level, result->risk_level);
}

}  // namespace
}  // namespace topoforge
