#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "topoforge/core/pipeline/analysis.hpp"

/// Purpose: what detectors contributed in few bytes: which of them, as bits, and the evidence of each. The shares
/// follow from it. Thread safety: pure.
namespace topoforge::mongo {

struct PackedContributions {
  std::uint64_t detectors = 0;         ///< a bit for each, by its place in a list that only grows
  std::vector<std::uint8_t> evidence;  ///< of each in steps of kEvidenceStep, four bytes, the lowest first
};

/// Nothing where a detector is not known, the order is another, or unpacked() would not give the same.
std::optional<PackedContributions> packed(const std::vector<Contribution>& contributions);
/// Nothing for bits of no known detector, or evidence of another number of them.
std::optional<std::vector<Contribution>> unpacked(std::uint64_t detectors, std::span<const std::uint8_t> evidence);

}  // namespace topoforge::mongo
