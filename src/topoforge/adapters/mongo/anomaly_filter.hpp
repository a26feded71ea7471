#pragma once

#include "topoforge/adapters/mongo/bson.hpp"
#include "topoforge/ports/anomaly_store.hpp"

/// Purpose: the questions of AnomalyStore as filters of MongoDB. Texts are values always, never operators.
/// Thread safety: pure.
namespace topoforge::mongo {

/// One document for each condition.
std::vector<Document> conditions_of(const AnomalyFilter& filter);

/// Ids greater than `after` and not greater than `up_to`; empty: without that bound.
Document ids_between(const std::string& after, const std::string& up_to);

}  // namespace topoforge::mongo
