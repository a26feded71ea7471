#include "topoforge/adapters/mongo/packed_contributions.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "topoforge/base/random.hpp"
#include "topoforge/core/score/detector.hpp"
#include "topoforge/core/score/evidence.hpp"
#include "topoforge/core/score/tail_calibration.hpp"
#include "topoforge/core/verdict/evidence_share.hpp"

namespace topoforge::mongo {
namespace {

std::vector<Contribution> contributions_of(const std::vector<std::string>& detectors, Random& random) {
  std::vector<Contribution> result;
  for (const std::string& detector : detectors)
    result.push_back({.detector = detector, .p_value = rounded_p_value(std::pow(10.0, -12.0 * random.uniform()))});
  share_evidence(result);
  return result;
}

TEST(PackedContributions, GiveBackThoseOfEveryDetector) {
  std::vector<std::string> all;
  for (const DetectorKind& kind : detector_kinds()) all.emplace_back(kind.name);
  Random random(1);
  for (int i = 0; i < 200; ++i) {
    std::vector<std::string> some;
    for (const std::string& name : all) {
      if (i == 0 || random.uniform() < 0.4) some.push_back(name);
    }
    const std::vector<Contribution> contributions = contributions_of(some, random);
    const auto few_bytes = packed(contributions);
    ASSERT_TRUE(few_bytes) << i;
    EXPECT_EQ(few_bytes->evidence.size(), 4 * contributions.size());
    const auto back = unpacked(few_bytes->detectors, few_bytes->evidence);
    ASSERT_TRUE(back);
    ASSERT_EQ(back->size(), contributions.size());
    for (std::size_t k = 0; k < back->size(); ++k) {
      EXPECT_EQ((*back)[k].detector, contributions[k].detector);
      EXPECT_EQ((*back)[k].p_value, contributions[k].p_value);
      EXPECT_EQ((*back)[k].share, contributions[k].share);
    }
  }
}

TEST(PackedContributions, AreNoneOfWhatWouldNotComeBack) {
  Random random(2);
  EXPECT_TRUE(packed({}));
  EXPECT_FALSE(packed(contributions_of({"of its own"}, random)));
  EXPECT_FALSE(packed(contributions_of({"autoencoder", "isolation_forest"}, random))) << "in another order";
  std::vector<Contribution> other = contributions_of({"isolation_forest", "autoencoder"}, random);
  EXPECT_TRUE(packed(other));
  std::swap(other[0].share, other[1].share);
  EXPECT_FALSE(packed(other));
  for (const double p_value : {0.0, -1.0, 1.5, std::nan(""), kLeastPValue / 10.0, 0.1234567890123})
    EXPECT_FALSE(packed({{.detector = "autoencoder", .share = 1.0, .p_value = p_value}})) << p_value;
}

TEST(PackedContributions, OfDamagedBytesAreNone) {
  Random random(3);
  const auto good = packed(contributions_of({"isolation_forest", "autoencoder"}, random));
  ASSERT_TRUE(good);
  std::vector<std::uint8_t> bytes = good->evidence;
  EXPECT_FALSE(unpacked(std::uint64_t{1} << 63U, bytes));
  EXPECT_FALSE(unpacked(0, bytes));
  bytes.pop_back();
  EXPECT_FALSE(unpacked(good->detectors, bytes));
  EXPECT_FALSE(unpacked(good->detectors, {}));
  EXPECT_TRUE(unpacked(0, {}));
}

}  // namespace
}  // namespace topoforge::mongo
