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

/// Purpose: one collection of JSON documents in the database: a table with an index on each field by which documents
/// are found. What of a document is text in such a field is compared byte by byte. Thread safety: any thread.
namespace topoforge::sqlite {

struct Document {
  std::int64_t id = 0;
  std::uint64_t revision = 0;
  std::string json;                             ///< an object
  std::optional<std::int64_t> expires_at = {};  ///< microseconds since 1970
};

/// Names are those of C++ members: letters, digits and underscores.
struct CollectionLayout {
  std::string name;
  std::vector<std::string> unique_fields;
  std::vector<std::string> indexed_fields;
};

/// not_found, naming the collection.
tl::unexpected<Error> no_such_document(std::string_view collection);

class Documents {
 public:
  /// Makes the table when it is not there. Errors: those of the database.
  static Result<Documents> open(std::shared_ptr<Database> database, CollectionLayout layout);

  /// The id of the new document, whose revision is 1. Errors: conflict with the name of the unique field as the
  /// message.
  Result<std::int64_t> insert(const Document& document);
  /// Errors: not_found.
  Result<Document> get(std::int64_t id);
  /// With the value in the field; in the order of insertion.
  Result<std::vector<Document>> find(std::string_view field, const std::string& value, std::size_t limit,
                                     std::size_t offset);
  Result<std::vector<Document>> list(std::size_t limit, std::size_t offset);
  Result<std::size_t> count(std::string_view field, const std::string& value);
  Result<std::size_t> count();
  /// The new revision. Errors: not_found; conflict as insert(), or with no message for another revision.
  Result<std::uint64_t> replace(const Document& document);
  /// Errors: not_found.
  Result<void> erase(std::int64_t id);
  Result<std::size_t> erase_all(std::string_view field, const std::string& value);
  Result<std::size_t> erase_expired(std::int64_t now);

 private:
  Documents(std::shared_ptr<Database> database, CollectionLayout layout)
      : database_(std::move(database)), table_("records_" + layout.name), layout_(std::move(layout)) {}
  [[nodiscard]] std::string create_table() const;
  /// The condition that a document has ?1 in the field.
  [[nodiscard]] static std::string has(std::string_view field);
  [[nodiscard]] Result<void> check_unique(Connection& connection, const Document& document) const;
  Result<std::vector<Document>> select(const std::string& rest, const std::vector<Value>& values);
  Result<std::size_t> erase_where(const std::string& condition, const std::vector<Value>& values);

  std::shared_ptr<Database> database_;
  std::string table_;
  CollectionLayout layout_;
};

}  // namespace topoforge::sqlite
