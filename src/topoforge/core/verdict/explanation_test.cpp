#include "topoforge/core/verdict/explanation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace topoforge {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Explanation, OfAnAnomalyNamesRarityDetectorAndChannels) {
  const std::vector<Contribution> contributions{{"topology", 0.1, 0.5}, {"isolation_forest", 0.9, 1e-4}};
  const std::vector<Attribution> attribution{
      {"cpu", 0.8, 0.95, 0.1, 12.0}, {"net", 0.15, 3.0, 2.0, 1.0}, {"disk", 0.05, 1.0, 1.0, 0.0}};
  const std::string text = explain({.anomaly_score = 0.66,
                                    .p_value = 1.0 / 12345.0,
                                    .confidence = 0.5,
                                    .is_anomaly = true,
                                    .betti_numbers = {.h0 = 2, .h1 = 1, .h2 = 0},
                                    .contributions = contributions,
                                    .attribution = attribution});
  EXPECT_THAT(text, HasSubstr("Anomaly (score 0.66): about one clean window in 12000 is this unusual."));
  EXPECT_THAT(text, HasSubstr("90 % of the evidence comes from the isolation forest"));
  EXPECT_THAT(text, HasSubstr("cpu is 0.95 where 0.1 is usual (+12.0 robust standard deviations)"));
  EXPECT_THAT(text, HasSubstr("net is 3"));
  EXPECT_THAT(text, Not(HasSubstr("disk")));
  EXPECT_THAT(text, HasSubstr("2 components, 1 loop, 0 voids"));
  EXPECT_THAT(text, Not(HasSubstr("Little calibration")));
}

TEST(Explanation, OfANormalWindowBlamesNobody) {
  const std::vector<Attribution> attribution{{"cpu", 1.0, 0.1, 0.1, 0.0}};
  const std::string text = explain({.p_value = 0.4, .attribution = attribution});
  EXPECT_THAT(text, HasSubstr("Normal (score 0.00): 40 % of clean windows are this unusual."));
  EXPECT_THAT(text, Not(HasSubstr("cpu")));
}

TEST(Explanation, AdmitsThatLittleDataStandsBehindIt) {
  EXPECT_THAT(explain({.anomaly_score = 0.9, .p_value = 1e-12, .confidence = 0.05, .is_anomaly = true}),
              HasSubstr("Little calibration data"));
}

}  // namespace
}  // namespace topoforge
