#pragma once

#include <vector>

#include "topoforge/core/verdict/explanation.hpp"

/// Purpose: how much of the evidence each detector brings. Thread safety: pure.
namespace topoforge {

/// Sets the shares from the p-values: the decimal orders of rarity, -log10 p, over their sum; equal ones where none is
/// rare. O(contributions).
void share_evidence(std::vector<Contribution>& contributions);

}  // namespace topoforge
