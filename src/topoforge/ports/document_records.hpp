#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "topoforge/codec/json/json_text.hpp"
#include "topoforge/codec/model/read_model.hpp"
#include "topoforge/codec/model/write_model.hpp"
#include "topoforge/ports/records.hpp"

/// Purpose: records of one type over a store that keeps JSON documents and knows nothing of types.
/// Thread safety: that of the store.
namespace topoforge {

struct StoredDocument {
  std::string id;
  std::uint64_t revision = 0;
  boost::json::object members = {};  ///< without these two, and without expires_at
  std::optional<Timestamp> expires_at = {};
};

/// Names are those of C++ members: letters, digits and underscores.
struct CollectionLayout {
  std::string name;
  std::vector<std::string> unique_fields;
  std::vector<std::string> indexed_fields;
  bool expires = false;  ///< its documents have expires_at
};

/// not_found, naming the collection.
inline tl::unexpected<Error> no_such_record(std::string_view collection) {
  return fail(ErrorCode::not_found, "no such record in " + std::string(collection));
}

/// The document says why it is none.
inline tl::unexpected<Error> damaged_record(const std::string& id, std::string_view collection,
                                            const std::string& reason) {
  return fail(ErrorCode::corrupt, "the record " + id + " of " + std::string(collection) + " is damaged: " + reason);
}

/// Documents is a class with
///   static Result<Documents> open(database, CollectionLayout)
///   Result<std::string> insert(document)             the id; its revision is 1; conflict names the unique field
///   Result<StoredDocument> get(id)                   not_found, for a text that is no id as well
///   Result<std::vector<StoredDocument>> find(field, value, limit, offset)   all where the field is empty; by id
///   Result<std::size_t> count(field, value)          likewise
///   Result<std::uint64_t> replace(document)          the new revision; as Records::replace()
///   Result<void> erase(id), Result<std::size_t> erase_all(field, value), erase_expired(now)
template <class T, class Documents>
class DocumentRecords final : public Records<T> {
 public:
  template <class Database>
  static Result<std::unique_ptr<DocumentRecords>> open(std::shared_ptr<Database> database) {
    using Traits = RecordTraits<T>;
    CollectionLayout layout{
        .name = std::string(Traits::kCollection), .unique_fields = {}, .indexed_fields = {}, .expires = kExpires};
    layout.unique_fields.assign(Traits::kUniqueFields.begin(), Traits::kUniqueFields.end());
    layout.indexed_fields.assign(Traits::kIndexedFields.begin(), Traits::kIndexedFields.end());
    auto documents = Documents::open(std::move(database), std::move(layout));
    if (!documents) return tl::unexpected(std::move(documents.error()));
    return std::unique_ptr<DocumentRecords>(new DocumentRecords(std::move(*documents)));
  }

  Result<T> insert(T record) override {
    auto id = documents_.insert(document_of(record));
    if (!id) return tl::unexpected(std::move(id.error()));
    record.id = std::move(*id);
    record.revision = 1;
    return record;
  }

  Result<T> get(const std::string& id) override {
    auto document = documents_.get(id);
    if (!document) return tl::unexpected(std::move(document.error()));
    return record_of(std::move(*document));
  }

  Result<std::optional<T>> find(std::string_view field, const std::string& value) override {
    assert(is_indexed(field));
    auto found = documents_.find(field, value, 1, 0);
    if (!found) return tl::unexpected(std::move(found.error()));
    if (found->empty()) return std::optional<T>();
    return record_of(std::move(found->front())).map([](T record) { return std::optional<T>(std::move(record)); });
  }

  Result<RecordPage<T>> list(const RecordQuery& query) override {
    assert(query.field.empty() || is_indexed(query.field));
    if (query.page < 1 || query.limit < 1 || query.limit > kMaxRecordLimit) {
      return fail(ErrorCode::invalid_argument,
                  "page " + std::to_string(query.page) + " with limit " + std::to_string(query.limit) +
                      "; wanted pages from 1 and a limit of 1 to " + std::to_string(kMaxRecordLimit));
    }
    const auto total = documents_.count(query.field, query.value);
    if (!total) return tl::unexpected(total.error());
    auto documents = documents_.find(query.field, query.value, query.limit, (query.page - 1) * query.limit);
    if (!documents) return tl::unexpected(documents.error());
    RecordPage<T> page{.data = {}, .total = *total};
    for (StoredDocument& document : *documents) {
      auto record = record_of(std::move(document));
      if (!record) return tl::unexpected(std::move(record.error()));
      page.data.push_back(std::move(*record));
    }
    return page;
  }

  Result<T> replace(T record) override {
    const auto revision = documents_.replace(document_of(record));
    if (!revision) return tl::unexpected(revision.error());
    record.revision = *revision;
    return record;
  }

  Result<void> erase(const std::string& id) override { return documents_.erase(id); }

  Result<std::size_t> erase_all(std::string_view field, const std::string& value) override {
    assert(is_indexed(field));
    return documents_.erase_all(field, value);
  }

  Result<std::size_t> erase_expired(Timestamp now) override { return documents_.erase_expired(now); }

  /// Of Documents that have restore(): keeps a record of another store as it is, with its id and revision. False when
  /// it is there already. Errors: conflict, saying what it meets with.
  Result<bool> restore(const T& record) { return documents_.restore(document_of(record)); }

 private:
  static constexpr bool kExpires = requires(T record) { record.expires_at; };

  explicit DocumentRecords(Documents documents) : documents_(std::move(documents)) {}

  [[nodiscard]] static bool is_indexed(std::string_view field) {
    const auto among = [field](const auto& fields) { return std::ranges::find(fields, field) != fields.end(); };
    return among(RecordTraits<T>::kUniqueFields) || among(RecordTraits<T>::kIndexedFields);
  }

  static StoredDocument document_of(const T& record) {
    StoredDocument document{
        .id = record.id, .revision = record.revision, .members = std::move(write_model(record).as_object())};
    for (const char* const kept_apart : {"id", "revision"}) document.members.erase(kept_apart);
    if constexpr (kExpires) {
      document.members.erase("expires_at");
      document.expires_at = record.expires_at;
    }
    return document;
  }

  static Result<T> record_of(StoredDocument document) {
    document.members["id"] = document.id;
    document.members["revision"] = document.revision;
    if (document.expires_at) document.members["expires_at"] = format_timestamp(*document.expires_at);
    auto record = read_model<T>(boost::json::value(std::move(document.members)), "record");
    if (!record) {
      return damaged_record(document.id, RecordTraits<T>::kCollection, print_json(to_json(record.error())));
    }
    return std::move(*record);
  }

  Documents documents_;
};

}  // namespace topoforge
