#include "topoforge/adapters/mongo/packed_contributions.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>

#include "topoforge/core/score/evidence.hpp"
#include "topoforge/core/score/tail_calibration.hpp"
#include "topoforge/core/verdict/evidence_share.hpp"

namespace topoforge::mongo {
namespace {

/// A document says by their places which of them it has: the list may grow, and never change.
constexpr std::array<std::string_view, 23> kDetectors = {"topology_ranks",
                                                         "topology_ranks_delayed",
                                                         "topology_whitened",
                                                         "topology_whitened_delayed",
                                                         "geometry_ranks",
                                                         "geometry_ranks_delayed",
                                                         "geometry_whitened",
                                                         "geometry_whitened_delayed",
                                                         "second_order",
                                                         "topology",
                                                         "spanning_tree",
                                                         "isolation_forest",
                                                         "autoencoder",
                                                         "event_neighbours",
                                                         "statistics",
                                                         "statistics_neighbours",
                                                         "principal_components",
                                                         "spectrum",
                                                         "autoregression",
                                                         "cross_regression",
                                                         "stretches",
                                                         "centred_stretches",
                                                         "level_contrast"};
constexpr std::size_t kBytes = 4;

std::uint32_t steps_of(double p_value) {
  return static_cast<std::uint32_t>(std::lround(-std::log10(p_value) / kEvidenceStep));
}
double p_value_of(std::uint32_t steps) { return rounded_p_value(std::pow(10.0, -kEvidenceStep * steps)); }

}  // namespace

std::optional<PackedContributions> packed(const std::vector<Contribution>& contributions) {
  PackedContributions result;
  const auto* place = kDetectors.begin();
  for (const Contribution& one : contributions) {
    place = std::find(place, kDetectors.end(), one.detector);
    if (place == kDetectors.end() || !(one.p_value >= kLeastPValue && one.p_value <= 1.0)) return std::nullopt;
    result.detectors |= std::uint64_t{1} << static_cast<unsigned>(place++ - kDetectors.begin());
    const std::uint32_t steps = steps_of(one.p_value);
    for (std::size_t byte = 0; byte < kBytes; ++byte)
      result.evidence.push_back(static_cast<std::uint8_t>(steps >> (8 * byte) & 0xffU));
  }
  const auto same = [](const Contribution& a, const Contribution& b) {
    return a.share == b.share && a.p_value == b.p_value;
  };
  const auto back = unpacked(result.detectors, result.evidence);
  if (!std::equal(contributions.begin(), contributions.end(), back->begin(), back->end(), same)) return std::nullopt;
  return result;
}

std::optional<std::vector<Contribution>> unpacked(std::uint64_t detectors, std::span<const std::uint8_t> evidence) {
  if (detectors >> kDetectors.size() != 0) return std::nullopt;
  std::vector<Contribution> contributions;
  for (std::size_t i = 0; i < kDetectors.size(); ++i) {
    if ((detectors >> i & 1U) == 0) continue;
    if (evidence.size() < kBytes) return std::nullopt;
    std::uint32_t steps = 0;
    for (std::size_t byte = 0; byte < kBytes; ++byte) steps |= std::uint32_t{evidence[byte]} << (8 * byte);
    evidence = evidence.subspan(kBytes);
    contributions.push_back({.detector = std::string(kDetectors.at(i)), .share = 0.0, .p_value = p_value_of(steps)});
  }
  if (!evidence.empty()) return std::nullopt;
  share_evidence(contributions);
  return contributions;
}

}  // namespace topoforge::mongo
