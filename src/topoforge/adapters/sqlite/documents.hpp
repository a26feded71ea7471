#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "topoforge/adapters/sqlite/database.hpp"
#include "topoforge/base/result.hpp"
#include "topoforge/ports/document_records.hpp"

/// Purpose: one collection of JSON documents in the database: a table with an index on each field by which documents
/// are found. Errors that are not said are those of the database. What of a document is text in such a field is
/// compared byte by byte. Thread safety: any thread.
namespace topoforge::sqlite {

class Documents {
 public:
  /// Makes the table when it is not there. Errors: those of the database.
  static Result<Documents> open(std::shared_ptr<Database> database, CollectionLayout layout);

  /// The id of the new document, whose revision is 1. Errors: conflict with the name of the unique field as the
  /// message.
  Result<std::string> insert(const StoredDocument& document);
  /// Errors: not_found.
  Result<StoredDocument> get(const std::string& id);
  /// With the value in the field, all where it is empty; in the order of insertion.
  Result<std::vector<StoredDocument>> find(std::string_view field, const std::string& value, std::size_t limit,
                                           std::size_t offset);
  Result<std::size_t> count(std::string_view field, const std::string& value);
  /// The new revision. Errors: not_found; conflict as insert(), or with no message for another revision.
  Result<std::uint64_t> replace(const StoredDocument& document);
  /// Errors: not_found.
  Result<void> erase(const std::string& id);
  Result<std::size_t> erase_all(std::string_view field, const std::string& value);
  Result<std::size_t> erase_expired(Timestamp now);

 private:
  Documents(std::shared_ptr<Database> database, CollectionLayout layout)
      : database_(std::move(database)), table_("records_" + layout.name), layout_(std::move(layout)) {}
  [[nodiscard]] std::string create_table() const;
  /// The condition that a document has ?1 in the field.
  [[nodiscard]] static std::string has(std::string_view field);
  /// id: of the document that may have the values; 0: of none.
  [[nodiscard]] Result<void> check_unique(Connection& connection, std::int64_t id, const std::string& json) const;
  Result<std::vector<StoredDocument>> select(const std::string& rest, const std::vector<Value>& values);
  Result<std::size_t> erase_where(const std::string& condition, const std::vector<Value>& values);

  std::shared_ptr<Database> database_;
  std::string table_;
  CollectionLayout layout_;
};

}  // namespace topoforge::sqlite
