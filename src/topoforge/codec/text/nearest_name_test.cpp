#include "topoforge/codec/text/nearest_name.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace topoforge {
namespace {

const std::vector<std::string> kNames = {"port", "host", "cors_origins", "TOPOFORGE_OPEN_STREAM", "log_level"};

TEST(NearestName, FindsWhatWasMeant) {
  EXPECT_EQ(nearest_name("prot", kNames), "port");
  EXPECT_EQ(nearest_name("por", kNames), "port");
  EXPECT_EQ(nearest_name("cors-origin", kNames), "cors_origins");
  EXPECT_EQ(nearest_name("LOG_LEVEL", kNames), "log_level");
  EXPECT_EQ(nearest_name("TOPOFORGE_OPENSTREAM", kNames), "TOPOFORGE_OPEN_STREAM");
}

TEST(NearestName, WhatIsFarFromAllMeansNothing) {
  EXPECT_EQ(nearest_name("colour", kNames), std::nullopt);
  EXPECT_EQ(nearest_name("", kNames), std::nullopt);
  EXPECT_EQ(nearest_name("port", {}), std::nullopt);
  EXPECT_EQ(nearest_name(std::string(100'000, 'p'), kNames), std::nullopt);
}

}  // namespace
}  // namespace topoforge
