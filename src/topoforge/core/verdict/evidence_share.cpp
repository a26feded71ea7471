#include "topoforge/core/verdict/evidence_share.hpp"

#include <cmath>

namespace topoforge {

void share_evidence(std::vector<Contribution>& contributions) {
  double total = 0.0;
  for (const Contribution& one : contributions) total -= std::log10(one.p_value);
  for (Contribution& one : contributions) {
    one.share = total > 0.0 ? -std::log10(one.p_value) / total : 1.0 / static_cast<double>(contributions.size());
  }
}

}  // namespace topoforge
