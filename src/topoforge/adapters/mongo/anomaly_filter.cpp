#include "topoforge/adapters/mongo/anomaly_filter.hpp"

#include "topoforge/adapters/mongo/anomaly_document.hpp"

namespace topoforge::mongo {

std::vector<Document> conditions_of(const AnomalyFilter& filter) {
  std::vector<Document> conditions;
  if (filter.source) conditions.push_back(where(kSource, *filter.source));
  if (filter.entity) {
    conditions.push_back(filter.entity->empty() ? with(kEntity, Document().boolean("$exists", false))
                                                : where(kEntity, *filter.entity));
  }
  if (filter.is_anomaly) conditions.push_back(std::move(Document().boolean(kIsAnomaly, *filter.is_anomaly)));
  if (filter.min_score) conditions.push_back(with(kScore, Document().number("$gte", *filter.min_score)));
  if (filter.risk_level) conditions.push_back(where(kRisk, to_string(*filter.risk_level)));
  if (filter.technique) conditions.push_back(where(kTechniques, *filter.technique));
  if (filter.start) conditions.push_back(not_before(kTime, *filter.start));
  if (filter.end) conditions.push_back(before(kTime, *filter.end));
  return conditions;
}

Document ids_between(const std::string& after, const std::string& up_to) {
  Document bounds;
  if (!after.empty()) bounds.text("$gt", after);
  if (!up_to.empty()) bounds.text("$lte", up_to);
  return with("_id", bounds);
}

}  // namespace topoforge::mongo
