#include "topoforge/core/event/channel_schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Event event_of(std::vector<Measurement> values) {
  Event event;
  event.values = std::move(values);
  return event;
}

TEST(ChannelSchema, TakesItsNamesFromTheFirstEvent) {
  const ChannelSchema schema(event_of({{"net", 1.0}, {"cpu", 2.0}}));
  EXPECT_THAT(schema.names(), ElementsAre("net", "cpu"));
}

TEST(ChannelSchema, FindsChannelsInAnyOrder) {
  const ChannelSchema schema(event_of({{"net", 0.0}, {"cpu", 0.0}, {"disk", 0.0}}));
  std::vector<double> row(3);
  EXPECT_EQ(schema.fill(event_of({{"disk", 3.0}, {"net", 1.0}, {"cpu", 2.0}}), row), 0U);
  EXPECT_THAT(row, ElementsAre(1.0, 2.0, 3.0));
}

TEST(ChannelSchema, CarriesALackingChannelForward) {
  const ChannelSchema schema(event_of({{"a", 0.0}, {"b", 0.0}}));
  std::vector<double> row{7.0, 8.0};
  EXPECT_EQ(schema.fill(event_of({{"b", 9.0}}), row), 1U);
  EXPECT_THAT(row, ElementsAre(7.0, 9.0));
}

TEST(ChannelSchema, RefusesAnUnknownChannelAndLeavesTheRow) {
  const ChannelSchema schema(event_of({{"a", 0.0}, {"b", 0.0}}));
  std::vector<double> row{7.0, 8.0};
  const auto result = schema.fill(event_of({{"a", 1.0}, {"c", 2.0}}), row);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("'c'"));
  EXPECT_THAT(result.error().message, HasSubstr("a, b"));
  EXPECT_THAT(row, ElementsAre(7.0, 8.0));
}

}  // namespace
}  // namespace topoforge
