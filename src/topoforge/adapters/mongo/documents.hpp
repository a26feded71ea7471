#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "topoforge/adapters/mongo/database.hpp"
#include "topoforge/base/result.hpp"
#include "topoforge/ports/document_records.hpp"

/// Purpose: one collection of JSON documents: `_id`, `revision`, and the members by their names, of which those that
/// are null are left out. `expires_at` is a date with an index by which the server erases what has expired. An indexed
/// field that ends in "_key" is the form of a text by which it is unique; the text itself, without the ending, is
/// unique then too, and gets an index of its own. Thread safety: any thread.
namespace topoforge::mongo {

class Documents {
 public:
  /// Makes the indexes that are not there. Errors: those of the database.
  static Result<Documents> open(std::shared_ptr<Database> database, CollectionLayout layout);

  /// The id of the new document, whose revision is 1. Errors: conflict with the name of the unique field as the
  /// message.
  Result<std::string> insert(const StoredDocument& document);
  /// Keeps a document of another store with its id and revision. False when one with the id and the same unique values
  /// is there. Errors: conflict, saying what it meets with.
  Result<bool> restore(const StoredDocument& document);
  /// Errors: not_found.
  Result<StoredDocument> get(const std::string& id);
  /// With the value in the field, all when it is empty; in the order of insertion.
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
      : database_(std::move(database)), layout_(std::move(layout)) {}
  [[nodiscard]] const char* collection() const { return layout_.name.c_str(); }
  [[nodiscard]] Result<void> make_indexes();
  /// The first unique field of which another document has the value; empty: none.
  Result<std::string> taken_field(const StoredDocument& document);

  std::shared_ptr<Database> database_;
  CollectionLayout layout_;
};

}  // namespace topoforge::mongo
