#include "topoforge/adapters/sqlite/documents.hpp"

#include <fmt/format.h>

namespace topoforge::sqlite {
namespace {

constexpr std::string_view kColumns = "id, revision, document, expires_at";

Document read_row(const Query& row) {
  Document document{.id = row.integer(0), .revision = static_cast<std::uint64_t>(row.integer(1)), .json = row.text(2)};
  if (!row.is_null(3)) document.expires_at = row.integer(3);
  return document;
}

}  // namespace

tl::unexpected<Error> no_such_document(std::string_view collection) {
  return fail(ErrorCode::not_found, fmt::format("no such record in {}", collection));
}

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

Result<void> Documents::check_unique(Connection& connection, const Document& document) const {
  for (const std::string& field : layout_.unique_fields) {
    const auto taken = connection.integer(
        fmt::format(
            "SELECT count(*) FROM {} WHERE json_extract(document, '$.{}') = json_extract(?1, '$.{}') AND id <> ?2",
            table_, field, field),
        document.json, document.id);
    if (!taken) return tl::unexpected(taken.error());
    if (*taken > 0) return fail(ErrorCode::conflict, field);
  }
  return {};
}

Result<std::int64_t> Documents::insert(const Document& document) {
  std::int64_t id = 0;
  auto written = database_->write([&](Connection& connection) -> Result<void> {
    if (auto unique = check_unique(connection, document); !unique) return unique;
    auto inserted =
        connection.run(fmt::format("INSERT INTO {} (revision, document, expires_at) VALUES (1, ?1, ?2)", table_),
                       document.json, document.expires_at);
    id = connection.last_insert_rowid();
    return inserted;
  });
  if (!written) return tl::unexpected(std::move(written.error()));
  return id;
}

Result<std::vector<Document>> Documents::select(const std::string& rest, const std::vector<Value>& values) {
  return database_->read([&](Connection& connection) -> Result<std::vector<Document>> {
    auto rows = connection.query_with(fmt::format("SELECT {} FROM {} {}", kColumns, table_, rest), values);
    if (!rows) return tl::unexpected(std::move(rows.error()));
    std::vector<Document> documents;
    while (true) {
      const auto row = rows->step();
      if (!row) return tl::unexpected(row.error());
      if (!*row) return documents;
      documents.push_back(read_row(*rows));
    }
  });
}

Result<Document> Documents::get(std::int64_t id) {
  auto found = select("WHERE id = ?1", {id});
  if (!found) return tl::unexpected(std::move(found.error()));
  if (found->empty()) return no_such_document(layout_.name);
  return std::move(found->front());
}

Result<std::vector<Document>> Documents::find(std::string_view field, const std::string& value, std::size_t limit,
                                              std::size_t offset) {
  return select("WHERE " + has(field) + " ORDER BY id LIMIT ?2 OFFSET ?3",
                {value, static_cast<std::int64_t>(limit), static_cast<std::int64_t>(offset)});
}

Result<std::vector<Document>> Documents::list(std::size_t limit, std::size_t offset) {
  return select("ORDER BY id LIMIT ?1 OFFSET ?2",
                {static_cast<std::int64_t>(limit), static_cast<std::int64_t>(offset)});
}

Result<std::size_t> Documents::count(std::string_view field, const std::string& value) {
  return database_->read([&](Connection& connection) -> Result<std::size_t> {
    return connection.integer(fmt::format("SELECT count(*) FROM {} WHERE {}", table_, has(field)), value)
        .map([](std::int64_t count) { return static_cast<std::size_t>(count); });
  });
}

Result<std::size_t> Documents::count() {
  return database_->read([&](Connection& connection) -> Result<std::size_t> {
    return connection.integer("SELECT count(*) FROM " + table_).map([](std::int64_t count) {
      return static_cast<std::size_t>(count);
    });
  });
}

Result<std::uint64_t> Documents::replace(const Document& document) {
  auto written = database_->write([&](Connection& connection) -> Result<void> {
    const auto revision = connection.integer(fmt::format("SELECT revision FROM {} WHERE id = ?1", table_), document.id);
    if (!revision) return tl::unexpected(revision.error());
    if (*revision == 0) return no_such_document(layout_.name);
    if (*revision != static_cast<std::int64_t>(document.revision)) return fail(ErrorCode::conflict, "");
    if (auto unique = check_unique(connection, document); !unique) return unique;
    return connection.run(
        fmt::format("UPDATE {} SET revision = revision + 1, document = ?1, expires_at = ?2 WHERE id = ?3", table_),
        document.json, document.expires_at, document.id);
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

Result<void> Documents::erase(std::int64_t id) {
  const auto erased = erase_where("id = ?1", {id});
  if (!erased) return tl::unexpected(erased.error());
  if (*erased == 0) return no_such_document(layout_.name);
  return {};
}

Result<std::size_t> Documents::erase_all(std::string_view field, const std::string& value) {
  return erase_where(has(field), {value});
}

Result<std::size_t> Documents::erase_expired(std::int64_t now) { return erase_where("expires_at <= ?1", {now}); }

}  // namespace topoforge::sqlite
