#include "topoforge/core/features/topology_features.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace topoforge {
namespace {

TEST(TopologyFeatures, SumUpTheFiniteClassesOfEachDimension) {
  const double inf = std::numeric_limits<double>::infinity();
  const PersistenceDiagram diagram{{{{0.0, 1.0}, {0.0, 3.0}, {0.0, inf}}, {{2.0, 2.5}}}};
  std::vector<double> features(topology_feature_count(2));
  topology_features(diagram, 2, features);
  EXPECT_DOUBLE_EQ(features[0], std::log(2.01));
  EXPECT_DOUBLE_EQ(features[1], std::log(4.01));
  EXPECT_DOUBLE_EQ(features[2], std::log(3.01));
  EXPECT_DOUBLE_EQ(features[3], std::log(1.01));
  EXPECT_DOUBLE_EQ(features[7], -(0.25 * std::log(0.25) + 0.75 * std::log(0.75)));
  EXPECT_DOUBLE_EQ(features[kTopologyFeaturesPerDimension + 2], std::log(0.51));
  EXPECT_DOUBLE_EQ(features[kTopologyFeaturesPerDimension + 6], std::log(2.01));
  // The diagram has no dimension 2: it reads as empty.
  for (std::size_t i = 0; i < 7; ++i) {
    EXPECT_DOUBLE_EQ(features[2 * kTopologyFeaturesPerDimension + i], std::log(0.01)) << i;
  }
}

}  // namespace
}  // namespace topoforge
