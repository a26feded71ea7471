#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <boost/json/object.hpp>

#include "topoforge/adapters/sqlite/documents.hpp"
#include "topoforge/adapters/sqlite/row_id.hpp"
#include "topoforge/codec/json/json_text.hpp"
#include "topoforge/codec/model/read_model.hpp"
#include "topoforge/codec/model/write_model.hpp"
#include "topoforge/ports/records.hpp"

/// Purpose: records in the SQLite file that holds everything. Thread safety: any thread.
namespace topoforge {

template <class T>
class SqliteRecords final : public Records<T> {
 public:
  static Result<std::unique_ptr<SqliteRecords>> open(std::shared_ptr<sqlite::Database> database) {
    using Traits = RecordTraits<T>;
    sqlite::CollectionLayout layout{
        .name = std::string(Traits::kCollection), .unique_fields = {}, .indexed_fields = {}};
    layout.unique_fields.assign(Traits::kUniqueFields.begin(), Traits::kUniqueFields.end());
    layout.indexed_fields.assign(Traits::kIndexedFields.begin(), Traits::kIndexedFields.end());
    auto documents = sqlite::Documents::open(std::move(database), std::move(layout));
    if (!documents) return tl::unexpected(std::move(documents.error()));
    return std::unique_ptr<SqliteRecords>(new SqliteRecords(std::move(*documents)));
  }

  Result<T> insert(T record) override {
    auto id = documents_.insert(document_of(record));
    if (!id) return tl::unexpected(std::move(id.error()));
    record.id = sqlite::id_text(*id);
    record.revision = 1;
    return record;
  }

  Result<T> get(const std::string& id) override {
    const auto row = sqlite::row_of(id);
    if (!row) return not_found();
    auto document = documents_.get(*row);
    if (!document) return tl::unexpected(std::move(document.error()));
    return record_of(*document);
  }

  Result<std::optional<T>> find(std::string_view field, const std::string& value) override {
    assert(is_indexed(field));
    auto found = documents_.find(field, value, 1, 0);
    if (!found) return tl::unexpected(std::move(found.error()));
    if (found->empty()) return std::optional<T>();
    return record_of(found->front()).map([](T record) { return std::optional<T>(std::move(record)); });
  }

  Result<RecordPage<T>> list(const RecordQuery& query) override {
    assert(query.field.empty() || is_indexed(query.field));
    if (query.page < 1 || query.limit < 1 || query.limit > kMaxRecordLimit) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("page {} with limit {}; wanted pages from 1 and a limit of 1 to {}", query.page,
                              query.limit, kMaxRecordLimit));
    }
    const std::size_t offset = (query.page - 1) * query.limit;
    const bool all = query.field.empty();
    const auto total = all ? documents_.count() : documents_.count(query.field, query.value);
    if (!total) return tl::unexpected(total.error());
    const auto documents =
        all ? documents_.list(query.limit, offset) : documents_.find(query.field, query.value, query.limit, offset);
    if (!documents) return tl::unexpected(documents.error());
    RecordPage<T> page{.data = {}, .total = *total};
    for (const sqlite::Document& document : *documents) {
      auto record = record_of(document);
      if (!record) return tl::unexpected(std::move(record.error()));
      page.data.push_back(std::move(*record));
    }
    return page;
  }

  Result<T> replace(T record) override {
    sqlite::Document document = document_of(record);
    const auto row = sqlite::row_of(record.id);
    if (!row) return not_found();
    document.id = *row;
    const auto revision = documents_.replace(document);
    if (!revision) return tl::unexpected(revision.error());
    record.revision = *revision;
    return record;
  }

  Result<void> erase(const std::string& id) override {
    const auto row = sqlite::row_of(id);
    if (!row) return not_found();
    return documents_.erase(*row);
  }

  Result<std::size_t> erase_all(std::string_view field, const std::string& value) override {
    assert(is_indexed(field));
    return documents_.erase_all(field, value);
  }

  Result<std::size_t> erase_expired(Timestamp now) override {
    return documents_.erase_expired(now.time_since_epoch().count());
  }

 private:
  explicit SqliteRecords(sqlite::Documents documents) : documents_(std::move(documents)) {}

  /// For a text that is no id at all; what Documents says of one that is free.
  static tl::unexpected<Error> not_found() { return sqlite::no_such_document(RecordTraits<T>::kCollection); }

  [[nodiscard]] static bool is_indexed(std::string_view field) {
    const auto among = [field](const auto& fields) { return std::ranges::find(fields, field) != fields.end(); };
    return among(RecordTraits<T>::kUniqueFields) || among(RecordTraits<T>::kIndexedFields);
  }

  static sqlite::Document document_of(const T& record) {
    boost::json::object json = write_model(record).as_object();
    json.erase("id");
    json.erase("revision");
    sqlite::Document document{.id = 0, .revision = record.revision, .json = print_json(json)};
    if constexpr (requires { record.expires_at; }) document.expires_at = record.expires_at.time_since_epoch().count();
    return document;
  }

  static Result<T> record_of(const sqlite::Document& document) {
    const std::string id = sqlite::id_text(document.id);
    const auto damaged = [&id](const std::string& reason) {
      return fail(ErrorCode::corrupt,
                  fmt::format("the record {} of {} is damaged: {}", id, RecordTraits<T>::kCollection, reason));
    };
    auto json = parse_json(document.json);
    if (!json) return damaged(json.error().message);
    boost::json::object* const members = json->if_object();
    if (members == nullptr) return damaged("it is no object");
    (*members)["id"] = id;
    (*members)["revision"] = document.revision;
    auto record = read_model<T>(*json, "record");
    if (!record) return damaged(print_json(to_json(record.error())));
    return std::move(*record);
  }

  sqlite::Documents documents_;
};

}  // namespace topoforge
