#include "topoforge/core/features/topology_analyzer.hpp"

namespace topoforge {

BettiNumbers TopologyAnalyzer::extract_betti_numbers(const PersistenceDiagram& diagram,
                                                     const BettiOptions& options) const {
  return options.adaptive ? adaptive_betti_numbers(diagram, options.sigma) : lasting_betti_numbers(diagram);
}

}  // namespace topoforge
