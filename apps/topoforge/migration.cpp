#include "topoforge/migration.hpp"

#include <memory>
#include <utility>

#include <fmt/format.h>

#include "topoforge/adapters/mongo/mongo_anomaly_store.hpp"
#include "topoforge/adapters/mongo/mongo_records.hpp"
#include "topoforge/adapters/sqlite/sqlite_anomaly_store.hpp"
#include "topoforge/adapters/sqlite/sqlite_records.hpp"

namespace topoforge {
namespace {

struct Databases {
  std::shared_ptr<sqlite::Database> from;
  std::shared_ptr<mongo::Database> to;
};

template <class T>
Result<CopiedCollection> copy_records(const Databases& databases) {
  auto from = SqliteRecords<T>::open(databases.from);
  if (!from) return tl::unexpected(std::move(from.error()));
  auto to = MongoRecords<T>::open(databases.to);
  if (!to) return tl::unexpected(std::move(to.error()));
  CopiedCollection copied{.name = std::string(RecordTraits<T>::kCollection)};
  for (std::size_t page = 1;; ++page) {
    const auto records = (*from)->list({.page = page, .limit = kMaxRecordLimit});
    if (!records) return tl::unexpected(records.error());
    for (const T& record : records->data) {
      const auto written = (*to)->restore(record);
      if (!written) return tl::unexpected(written.error());
      copied.written += *written ? 1 : 0;
    }
    copied.read += records->data.size();
    if (records->data.size() < kMaxRecordLimit) return copied;
  }
}

Result<CopiedCollection> copy_anomalies(const Databases& databases) {
  SqliteAnomalyStore from(databases.from);
  auto to = MongoAnomalyStore::open(databases.to);
  if (!to) return tl::unexpected(std::move(to.error()));
  auto all = AnomalyExport::start(from, {});
  if (!all) return tl::unexpected(std::move(all.error()));
  CopiedCollection copied{.name = "anomalies"};
  while (true) {
    const auto batch = all->next();
    if (!batch) return tl::unexpected(batch.error());
    if (batch->empty()) return copied;
    const auto written = (*to)->restore(*batch);
    if (!written) return tl::unexpected(written.error());
    copied.read += batch->size();
    copied.written += *written;
  }
}

using Copy = Result<CopiedCollection> (*)(const Databases&);

}  // namespace

Result<std::vector<CopiedCollection>> copy_sqlite_to_mongo(const StoreOptions& options) {
  if (options.mongodb_uri.empty()) {
    return fail(ErrorCode::invalid_argument, "MONGODB_URI is not set: wanted where to copy to, in the environment");
  }
  const auto folder = options.data_folder.empty() ? default_data_folder() : options.data_folder;
  const auto file = folder / kDatabaseFile;
  if (!std::filesystem::exists(file)) {
    return fail(ErrorCode::not_found, fmt::format("there is no database '{}'", file.string()));
  }
  auto from = sqlite::Database::open(file);
  if (!from) return tl::unexpected(std::move(from.error()));
  auto to = mongo::Database::open({.uri = options.mongodb_uri, .name = options.database_name});
  if (!to) return tl::unexpected(std::move(to.error()));
  const Databases databases{.from = std::move(*from), .to = std::move(*to)};
  std::vector<CopiedCollection> copied;
  for (const Copy copy : {Copy{copy_records<User>}, Copy{copy_records<Session>}, Copy{copy_records<OneTimeToken>},
                          Copy{copy_records<Source>}, Copy{copy_records<Detector>}, Copy{copy_records<AlertConfig>},
                          Copy{copy_records<Delivery>}, Copy{copy_anomalies}}) {
    auto done = copy(databases);
    if (!done) return tl::unexpected(std::move(done.error()));
    copied.push_back(std::move(*done));
  }
  return copied;
}

}  // namespace topoforge
