#include "topoforge/adapters/sqlite/documents.hpp"

#include <chrono>

#include <fmt/format.h>

#include "topoforge/codec/json/json_text.hpp"
#include "topoforge/codec/text/record_id.hpp"

namespace topoforge::sqlite {
namespace {

constexpr std::string_view kColumns = "id, revision, document, expires_at";

std::int64_t microseconds(Timestamp time) { return time.time_since_epoch().count(); }
std::optional<std::int64_t> microseconds(const std::optional<Timestamp>& time) {
  return time ? std::optional(microseconds(*time)) : std::nullopt;
}

Result<StoredDocument> read_row(const Query& row, const std::string& collection) {
  StoredDocument document{.id = id_text(row.integer(0)), .revision = static_cast<std::uint64_t>(row.integer(1))};
  auto json = parse_json(row.text_view(2));
  if (!json) return damaged_record(document.id, collection, json.error().message);
  auto* const members = json->if_object();
  if (members == nullptr) return damaged_record(document.id, collection, "it is no object");
  document.members = std::move(*members);
  if (!row.is_null(3)) document.expires_at = Timestamp{std::chrono::microseconds{row.integer(3)}};
  return document;
}

}  // namespace

std::string Documents::has(std::string_view field) { return fmt::format("json_extract(document, '$.{}') = ?1", field); }

std::string Documents::create_table() const {
  std::string sql = fmt::format(
      "CREATE TABLE IF NOT EXISTS {0} (id INTEGER PRIMARY KEY AUTOINCREMENT, revision INTEGER NOT NULL, "
      "document TEXT NOT NULL, expires_at INTEGER);"
      "CREATE INDEX IF NOT EXISTS {0}_expires_at ON {0} (expires_at) WHERE expires_at IS NOT NULL;",
      table_);
  const auto add_index = [&](std::string_view kind, std::string_view field) {
    sql +=
        fmt::format("CREATE {1} IF NOT EXISTS {0}_{2} ON {0} (json_extract(document, '$.{2}'));", table_, kind, field);
  };
  for (const std::string& field : layout_.unique_fields) add_index("UNIQUE INDEX", field);
  for (const std::string& field : layout_.indexed_fields) add_index("INDEX", field);
  return sql;
}

Result<Documents> Documents::open(std::shared_ptr<Database> database, CollectionLayout layout) {
  Documents documents(std::move(database), std::move(layout));
  const std::string sql = documents.create_table();
  auto made = documents.database_->write([&sql](Connection& connection) { return connection.execute(sql.c_str()); });
  if (!made) return tl::unexpected(std::move(made.error()));
  return documents;
}

Result<void> Documents::check_unique(Connection& connection, std::int64_t id, const std::string& json) const {
  for (const std::string& field : layout_.unique_fields) {
    const auto taken = connection.integer(
        fmt::format(
            "SELECT count(*) FROM {} WHERE json_extract(document, '$.{}') = json_extract(?1, '$.{}') AND id <> ?2",
            table_, field, field),
        json, id);
    if (!taken) return tl::unexpected(taken.error());
    if (*taken > 0) return fail(ErrorCode::conflict, field);
  }
  return {};
}

Result<std::string> Documents::insert(const StoredDocument& document) {
  const std::string json = print_json(document.members);
  std::int64_t id = 0;
  auto written = database_->write([&](Connection& connection) -> Result<void> {
    if (auto unique = check_unique(connection, 0, json); !unique) return unique;
    auto inserted =
        connection.run(fmt::format("INSERT INTO {} (revision, document, expires_at) VALUES (1, ?1, ?2)", table_), json,
                       microseconds(document.expires_at));
    id = connection.last_insert_rowid();
    return inserted;
  });
  if (!written) return tl::unexpected(std::move(written.error()));
  return id_text(id);
}

Result<std::vector<StoredDocument>> Documents::select(const std::string& rest, const std::vector<Value>& values) {
  return database_->read([&](Connection& connection) -> Result<std::vector<StoredDocument>> {
    auto rows = connection.query_with(fmt::format("SELECT {} FROM {} {}", kColumns, table_, rest), values);
    if (!rows) return tl::unexpected(std::move(rows.error()));
    std::vector<StoredDocument> documents;
    while (true) {
      const auto row = rows->step();
      if (!row) return tl::unexpected(row.error());
      if (!*row) return documents;
      auto document = read_row(*rows, layout_.name);
      if (!document) return tl::unexpected(std::move(document.error()));
      documents.push_back(std::move(*document));
    }
  });
}

Result<StoredDocument> Documents::get(const std::string& id) {
  const auto row = number_of_id(id);
  if (!row) return no_such_record(layout_.name);
  auto found = select("WHERE id = ?1", {*row});
  if (!found) return tl::unexpected(std::move(found.error()));
  if (found->empty()) return no_such_record(layout_.name);
  return std::move(found->front());
}

Result<std::vector<StoredDocument>> Documents::find(std::string_view field, const std::string& value, std::size_t limit,
                                                    std::size_t offset) {
  const auto most = static_cast<std::int64_t>(limit);
  const auto first = static_cast<std::int64_t>(offset);
  if (field.empty()) return select("ORDER BY id LIMIT ?1 OFFSET ?2", {most, first});
  return select("WHERE " + has(field) + " ORDER BY id LIMIT ?2 OFFSET ?3", {value, most, first});
}

Result<std::size_t> Documents::count(std::string_view field, const std::string& value) {
  return database_->read([&](Connection& connection) -> Result<std::size_t> {
    const std::string all = "SELECT count(*) FROM " + table_;
    const auto count =
        field.empty() ? connection.integer(all) : connection.integer(all + " WHERE " + has(field), value);
    return count.map([](std::int64_t counted) { return static_cast<std::size_t>(counted); });
  });
}

Result<std::uint64_t> Documents::replace(const StoredDocument& document) {
  const auto id = number_of_id(document.id);
  if (!id) return no_such_record(layout_.name);
  const std::string json = print_json(document.members);
  auto written = database_->write([&](Connection& connection) -> Result<void> {
    const auto revision = connection.integer(fmt::format("SELECT revision FROM {} WHERE id = ?1", table_), *id);
    if (!revision) return tl::unexpected(revision.error());
    if (*revision == 0) return no_such_record(layout_.name);
    if (*revision != static_cast<std::int64_t>(document.revision)) return fail(ErrorCode::conflict, "");
    if (auto unique = check_unique(connection, *id, json); !unique) return unique;
    return connection.run(
        fmt::format("UPDATE {} SET revision = revision + 1, document = ?1, expires_at = ?2 WHERE id = ?3", table_),
        json, microseconds(document.expires_at), *id);
  });
  if (!written) return tl::unexpected(std::move(written.error()));
  return document.revision + 1;
}

Result<std::size_t> Documents::erase_where(const std::string& condition, const std::vector<Value>& values) {
  std::size_t erased = 0;
  auto written = database_->write([&](Connection& connection) -> Result<void> {
    auto rows = connection.query_with(fmt::format("DELETE FROM {} WHERE {}", table_, condition), values);
    if (!rows) return tl::unexpected(std::move(rows.error()));
    if (const auto done = rows->step(); !done) return tl::unexpected(done.error());
    erased = connection.changes();
    return {};
  });
  if (!written) return tl::unexpected(std::move(written.error()));
  return erased;
}

Result<void> Documents::erase(const std::string& id) {
  const auto row = number_of_id(id);
  if (!row) return no_such_record(layout_.name);
  const auto erased = erase_where("id = ?1", {*row});
  if (!erased) return tl::unexpected(erased.error());
  if (*erased == 0) return no_such_record(layout_.name);
  return {};
}

Result<std::size_t> Documents::erase_all(std::string_view field, const std::string& value) {
  return erase_where(has(field), {value});
}

Result<std::size_t> Documents::erase_expired(Timestamp now) {
  return erase_where("expires_at <= ?1", {microseconds(now)});
}

}  // namespace topoforge::sqlite
