#include "topoforge/core/event/event.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace topoforge {
namespace {

using ::testing::HasSubstr;

Event event_of(std::vector<Measurement> values) {
  Event event;
  event.values = std::move(values);
  return event;
}

TEST(Event, WithFiniteNamedValuesIsValid) {
  EXPECT_TRUE(validate(event_of({{"cpu", 0.5}, {"net", -3.0}})));
  EXPECT_TRUE(validate(event_of({{"x", kMaxAbsoluteValue}})));
}

TEST(Event, NamesTheChannelThatIsNotFinite) {
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
                           -std::numeric_limits<double>::infinity(), 1e300}) {
    const auto result = validate(event_of({{"cpu", 0.5}, {"net", bad}}));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::invalid_data);
    EXPECT_THAT(result.error().message, HasSubstr("'net'"));
  }
}

TEST(Event, RefusesWhatCannotNameItsValues) {
  EXPECT_FALSE(validate(event_of({})));
  EXPECT_FALSE(validate(event_of({{"", 1.0}})));
  EXPECT_THAT(validate(event_of({{"a", 1.0}, {"b", 2.0}, {"a", 3.0}})).error().message, HasSubstr("'a' stands twice"));
}

TEST(Event, RefusesWhatIsBeyondItsNamedLimits) {
  EXPECT_EQ(validate(event_of({{std::string(kMaxNameBytes + 1, 'x'), 1.0}})).error().code, ErrorCode::limit_exceeded);
  std::vector<Measurement> many;
  for (std::size_t i = 0; i <= kMaxChannels; ++i) many.push_back({"c" + std::to_string(i), 0.0});
  EXPECT_EQ(validate(event_of(many)).error().code, ErrorCode::limit_exceeded);
  Event event = event_of({{"x", 1.0}});
  event.attributes = {{"note", std::string(kMaxAttributeBytes + 1, 'x')}};
  EXPECT_THAT(validate(event).error().message, HasSubstr("'note'"));
}

}  // namespace
}  // namespace topoforge
