#include "topoforge/core/pipeline/feature_history.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using testing::ElementsAre;
using testing::IsNan;

std::vector<float> of(const FeatureHistory& history, std::uint64_t sequence) {
  std::vector<float> features;
  history.append_to(features, sequence);
  return features;
}

TEST(FeatureHistory, GivesWhatWasPutUntilItsPlaceIsTaken) {
  FeatureHistory history(4, 2);
  history.put(9, std::vector{1.0, 2.0});
  history.put(10, std::vector{3.0, 4.0});
  EXPECT_THAT(of(history, 9), ElementsAre(1.0F, 2.0F));
  EXPECT_THAT(of(history, 10), ElementsAre(3.0F, 4.0F));
  EXPECT_THAT(of(history, 8), ElementsAre(IsNan(), IsNan())) << "it was never put";
  history.put(13, std::vector{5.0, 6.0});
  EXPECT_THAT(of(history, 9), ElementsAre(IsNan(), IsNan())) << "its place is taken";
  EXPECT_THAT(of(history, 13), ElementsAre(5.0F, 6.0F));
  history.forget();
  EXPECT_THAT(of(history, 13), ElementsAre(IsNan(), IsNan()));
}

TEST(FeatureHistory, TakesNoMoreMemoryThanItsCapacityNeeds) {
  constexpr std::size_t kCapacity = 16;
  FeatureHistory history(kCapacity, 3);
  for (std::uint64_t sequence = 0; sequence < 1000; ++sequence) history.put(sequence, std::vector{1.0, 2.0, 3.0});
  EXPECT_LE(history.memory_bytes(), 2 * kCapacity * (3 * sizeof(float) + sizeof(std::uint64_t)));
}

}  // namespace
}  // namespace topoforge
