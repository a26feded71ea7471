#include "topoforge/core/threat/threat_classifier.hpp"

namespace topoforge {

// The default table, as MITRE ATT&CK Enterprise v15 names the techniques. The thresholds ask for more than an unusual
// window: a rule below High risk (score 0.5) would put a guess beside every shrug of the stream.
const std::vector<ThreatRule>& default_threat_rules() {
  static const std::vector<ThreatRule> rules = {
      // Beaconing and tunnels repeat: points that filled a blob run round loops.
      {.technique_id = "T1071",
       .technique = "Application Layer Protocol",
       .tactic_id = "TA0011",
       .tactic = "Command and Control",
       .measure = ThreatMeasure::betti_h1,
       .at_least = 5,
       .min_score = 0.5,
       .base_confidence = 0.5,
       .mitigation =
           "Look for regular connections of this entity to few destinations, compare them with an allow list, "
           "and block or sinkhole those that nobody can explain."},
      // A stream far from everything it has done, whatever the form.
      {.technique_id = "T1048",
       .technique = "Exfiltration Over Alternative Protocol",
       .tactic_id = "TA0010",
       .tactic = "Exfiltration",
       .measure = ThreatMeasure::anomaly_score,
       .at_least = 0.8,
       .min_score = 0.8,
       .base_confidence = 0.4,
       .mitigation = "Check outbound volume by protocol and destination for this time, restrict egress to what the "
                     "entity needs, and keep the captures and logs."},
      // Many times the rate at which the stream was learnt.
      {.technique_id = "T1499",
       .technique = "Endpoint Denial of Service",
       .tactic_id = "TA0040",
       .tactic = "Impact",
       .measure = ThreatMeasure::event_rate_ratio,
       .at_least = 5,
       .min_score = 0.5,
       .base_confidence = 0.5,
       .mitigation = "Find out who sends the extra events, limit the rate at the edge, and make sure that the service "
                     "sheds load before it runs out of memory or workers."},
  };
  return rules;
}

}  // namespace topoforge
