#include "topoforge/adapters/mongo/mongo_anomaly_store.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "topoforge/adapters/mongo/anomaly_document.hpp"
#include "topoforge/adapters/mongo/anomaly_filter.hpp"
#include "topoforge/adapters/mongo/anomaly_statistics.hpp"
#include "topoforge/codec/text/record_id.hpp"
#include "topoforge/ports/anomaly_cursor.hpp"
#include "topoforge/ports/anomaly_rules.hpp"

namespace topoforge {
namespace {

using mongo::Document;

constexpr const char* kCollection = "anomalies";
constexpr std::size_t kMaxCounted = 100'000;

Document ascending(std::string_view field) { return std::move(Document().small_integer(field, 1)); }
Document descending(std::string_view field) { return std::move(Document().small_integer(field, -1)); }

std::vector<mongo::Index> indexes() {
  std::vector<mongo::Index> list;
  list.push_back({.keys = ascending(mongo::kTime.date)});
  for (const char* const field :
       {mongo::kIsAnomaly, mongo::kSource, mongo::kEntity, mongo::kRisk, mongo::kTechniques}) {
    list.push_back({.keys = std::move(ascending(field).small_integer("_id", 1))});
  }
  list.push_back({.keys = ascending(mongo::kScore)});
  list.push_back({.keys = ascending(mongo::kAcknowledged.date), .sparse = true});
  return list;
}

Document among(const std::vector<std::string>& ids) {
  mongo::Array list;
  for (const std::string& id : ids) list.text(id);
  return mongo::with("_id", Document().array("$in", list.values()));
}

Result<std::vector<StoredAnomaly>> read_all(const Result<std::vector<Document>>& found) {
  if (!found) return tl::unexpected(found.error());
  std::vector<StoredAnomaly> anomalies;
  anomalies.reserve(found->size());
  for (const Document& document : *found) {
    auto anomaly = mongo::anomaly_of(document);
    if (!anomaly) return tl::unexpected(std::move(anomaly.error()));
    anomalies.push_back(std::move(*anomaly));
  }
  return anomalies;
}

/// The id before which a page begins; empty: from the newest.
Result<std::string> start_of(const AnomalyQuery& query) {
  if (query.cursor.empty()) return std::string();
  auto id = read_cursor(query.cursor, query.filter);
  if (id && !number_of_id(*id)) return no_such_cursor();
  return id;
}

}  // namespace

Result<std::unique_ptr<MongoAnomalyStore>> MongoAnomalyStore::open(std::shared_ptr<mongo::Database> database) {
  if (auto made = database->make_indexes(kCollection, indexes()); !made) return tl::unexpected(std::move(made.error()));
  auto ids = mongo::AnomalyIds::open(database);
  if (!ids) return tl::unexpected(std::move(ids.error()));
  return std::unique_ptr<MongoAnomalyStore>(new MongoAnomalyStore(std::move(database), std::move(*ids)));
}

Result<void> MongoAnomalyStore::erase_doubtful() {
  if (doubtful_.empty()) return {};
  if (auto erased = database_->erase(kCollection, among(doubtful_)); !erased) return tl::unexpected(erased.error());
  doubtful_.clear();
  return {};
}

Result<std::vector<std::string>> MongoAnomalyStore::add(std::span<const NewAnomaly> anomalies, Timestamp now) {
  if (anomalies.empty()) return std::vector<std::string>();
  const std::scoped_lock lock(adding_);
  if (auto erased = erase_doubtful(); !erased) return tl::unexpected(std::move(erased.error()));
  auto ids = ids_.take(anomalies.size());
  if (!ids) return ids;
  std::vector<Document> documents;
  documents.reserve(anomalies.size());
  for (std::size_t i = 0; i < anomalies.size(); ++i) {
    auto document = mongo::document_of((*ids)[i], anomalies[i], now);
    if (!document) return tl::unexpected(std::move(document.error()));
    documents.push_back(std::move(*document));
  }
  auto inserted = database_->insert(kCollection, documents);
  if (inserted) return ids;
  if (inserted.error().error.code != ErrorCode::unavailable) ids->resize(inserted.error().inserted);
  doubtful_ = std::move(*ids);
  // When this fails too, the next batch tries again.
  static_cast<void>(erase_doubtful());
  return tl::unexpected(std::move(inserted.error().error));
}

Result<std::vector<std::string>> MongoAnomalyStore::reserve(std::size_t count) {
  const std::scoped_lock lock(adding_);
  return ids_.take(count);
}

Result<void> MongoAnomalyStore::put(std::span<const IdentifiedAnomaly> anomalies) {
  std::vector<Document> documents;
  documents.reserve(anomalies.size());
  for (const IdentifiedAnomaly& one : anomalies) {
    auto document = mongo::document_of(one.id, one.anomaly, one.stored_at);
    if (!document) return tl::unexpected(std::move(document.error()));
    documents.push_back(std::move(*document));
  }
  if (documents.empty()) return {};
  return database_->insert_absent(kCollection, documents);
}

Result<std::size_t> MongoAnomalyStore::restore(std::span<const StoredAnomaly> anomalies) {
  if (anomalies.empty()) return std::size_t{0};
  std::vector<std::string> ids;
  for (const StoredAnomaly& anomaly : anomalies) ids.push_back(anomaly.id);
  const auto there = read_all(database_->find(kCollection, among(ids)));
  if (!there) return tl::unexpected(there.error());
  std::vector<Document> documents;
  for (const StoredAnomaly& anomaly : anomalies) {
    const auto same_id =
        std::find_if(there->begin(), there->end(), [&](const StoredAnomaly& other) { return other.id == anomaly.id; });
    if (same_id == there->end()) {
      auto document = mongo::document_of(anomaly);
      if (!document) return tl::unexpected(std::move(document.error()));
      documents.push_back(std::move(*document));
    } else if (same_id->stored_at != anomaly.stored_at || same_id->analysis.stream != anomaly.analysis.stream ||
               same_id->analysis.sequence != anomaly.analysis.sequence) {
      return fail(ErrorCode::conflict, "the database has another anomaly with the id " + anomaly.id);
    }
  }
  if (documents.empty()) return std::size_t{0};
  const std::scoped_lock lock(adding_);
  if (auto raised = ids_.go_beyond(ids); !raised) return tl::unexpected(std::move(raised.error()));
  if (auto done = database_->insert_absent(kCollection, documents); !done) return tl::unexpected(done.error());
  return documents.size();
}

Result<void> MongoAnomalyStore::check_new(const NewAnomaly& anomaly) const {
  if (auto good = check_score(anomaly.analysis); !good) return good;
  if (auto good = techniques_of(anomaly.analysis); !good) return tl::unexpected(std::move(good.error()));
  return {};
}

Result<AnomalyPage> MongoAnomalyStore::list(const AnomalyQuery& query) {
  if (auto valid = check_query(query); !valid) return tl::unexpected(std::move(valid.error()));
  const auto start = start_of(query);
  if (!start) return tl::unexpected(start.error());
  auto conditions = mongo::conditions_of(query.filter);
  const auto counted = database_->count(kCollection, mongo::all_of(conditions), conditions.empty() ? 0 : kMaxCounted);
  if (!counted) return tl::unexpected(counted.error());
  AnomalyPage page{.data = {}, .total = *counted, .total_is_exact = conditions.empty() || *counted < kMaxCounted};
  const std::size_t skip = (query.page - 1) * query.limit;
  if (page.total_is_exact && skip >= page.total) return page;
  if (!start->empty()) conditions.push_back(mongo::with("_id", Document().text("$lt", *start)));
  // One more, to know whether there are more.
  auto anomalies = read_all(database_->find(kCollection, mongo::all_of(conditions),
                                            {.sort = descending("_id"), .skip = skip, .limit = query.limit + 1}));
  if (!anomalies) return tl::unexpected(std::move(anomalies.error()));
  if (anomalies->size() > query.limit) {
    anomalies->pop_back();
    page.next_cursor = make_cursor(anomalies->back().id, query.filter);
  }
  page.data = std::move(*anomalies);
  return page;
}

Result<std::vector<StoredAnomaly>> MongoAnomalyStore::walk(const AnomalyWalk& part) {
  if (auto valid = check_walk(part); !valid) return tl::unexpected(std::move(valid.error()));
  for (const std::string* const id : {&part.after, &part.up_to}) {
    if (!id->empty() && !number_of_id(*id)) return no_anomaly_id(*id);
  }
  auto conditions = mongo::conditions_of(part.filter);
  if (!part.after.empty() || !part.up_to.empty()) conditions.push_back(mongo::ids_between(part.after, part.up_to));
  return read_all(
      database_->find(kCollection, mongo::all_of(conditions), {.sort = ascending("_id"), .limit = part.limit}));
}

Result<std::string> MongoAnomalyStore::newest_id() {
  const auto found =
      database_->find(kCollection, {}, {.sort = descending("_id"), .projection = ascending("_id"), .limit = 1});
  if (!found) return tl::unexpected(found.error());
  return found->empty() ? std::string() : mongo::Reader(found->front()).text("_id");
}

Result<AnomalyStatistics> MongoAnomalyStore::statistics(const StatisticsQuery& query) {
  if (auto valid = check_range(query.start, query.end); !valid) return tl::unexpected(std::move(valid.error()));
  return mongo::read_statistics(*database_, kCollection, query);
}

Result<StoredAnomaly> MongoAnomalyStore::get(const std::string& id) {
  if (!number_of_id(id)) return no_such_anomaly();
  const auto found = database_->find_one(kCollection, mongo::where("_id", id));
  if (!found) return tl::unexpected(found.error());
  if (!*found) return no_such_anomaly();
  return mongo::anomaly_of(**found);
}

Result<StoredAnomaly> MongoAnomalyStore::review(const std::string& id, const NewReview& review, Timestamp now) {
  if (auto valid = check_note(review); !valid) return tl::unexpected(std::move(valid.error()));
  const auto lock = database_->change_lock();
  while (true) {
    auto present = get(id);
    if (!present) return present;
    const std::uint64_t revision = present->review.revision;
    if (review.revision && *review.revision != revision) return reviewed_meanwhile(*review.revision, revision);
    Document filter = mongo::where("_id", id);
    if (revision == 0) {
      filter.document(mongo::kRevision, Document().boolean("$exists", false));
    } else {
      filter.integer(mongo::kRevision, static_cast<std::int64_t>(revision));
    }
    const AnomalyReview written{.label = review.label,
                                .acknowledged_by = review.acknowledged_by,
                                .acknowledged_at = now,
                                .note = review.note,
                                .revision = revision + 1};
    const auto changed = database_->update(kCollection, filter, mongo::review_update(written));
    if (!changed) return tl::unexpected(changed.error());
    // Else another process was quicker.
    if (*changed) return get(id);
  }
}

Result<void> MongoAnomalyStore::erase(const std::string& id) {
  if (!number_of_id(id)) return no_such_anomaly();
  const auto erased = database_->erase(kCollection, mongo::where("_id", id));
  if (!erased) return tl::unexpected(erased.error());
  if (*erased == 0) return no_such_anomaly();
  return {};
}

Result<std::size_t> MongoAnomalyStore::erase_before(Timestamp time) {
  const auto found = database_->find(
      kCollection, mongo::before(mongo::kTime, time),
      {.sort = ascending(mongo::kTime.date), .projection = ascending("_id"), .limit = kMaxAnomalyLimit});
  if (!found) return tl::unexpected(found.error());
  if (found->empty()) return std::size_t{0};
  std::vector<std::string> ids;
  ids.reserve(found->size());
  for (const Document& document : *found) ids.push_back(mongo::Reader(document).text("_id"));
  return database_->erase(kCollection, among(ids));
}

}  // namespace topoforge
