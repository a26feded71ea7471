#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "topoforge/codec/model/write_model.hpp"
#include "topoforge/ports/records.hpp"

/// Purpose: what tests of the API keep records in.
namespace topoforge::api {

/// Records in memory, of text fields alone.
template <class T>
class MemoryRecords final : public Records<T> {
 public:
  Result<T> insert(T record) override {
    const std::lock_guard lock(mutex_);
    if (failing) return fail(ErrorCode::io, "the disk is full");
    if (auto taken = taken_field(record)) return fail(ErrorCode::conflict, *taken);
    record.id = std::to_string(1'000'000 + ++last_id_);
    record.revision = 1;
    records_[record.id] = record;
    return record;
  }
  Result<T> get(const std::string& id) override {
    const std::lock_guard lock(mutex_);
    const auto found = records_.find(id);
    if (found == records_.end()) return fail(ErrorCode::not_found, id);
    return found->second;
  }
  Result<std::optional<T>> find(std::string_view field, const std::string& value) override {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, record] : records_) {
      if (text_of(record, field) == value) return record;
    }
    return std::nullopt;
  }
  Result<RecordPage<T>> list(const RecordQuery& query) override {
    const std::lock_guard lock(mutex_);
    RecordPage<T> page;
    for (const auto& [id, record] : records_) {
      if (query.field.empty() || text_of(record, query.field) == query.value) page.data.push_back(record);
    }
    page.total = page.data.size();
    const std::size_t skipped = std::min((query.page - 1) * query.limit, page.data.size());
    page.data.erase(page.data.begin(), page.data.begin() + static_cast<std::ptrdiff_t>(skipped));
    page.data.resize(std::min(query.limit, page.data.size()));
    return page;
  }
  Result<T> replace(T record) override {
    const std::lock_guard lock(mutex_);
    const auto found = records_.find(record.id);
    if (found == records_.end()) return fail(ErrorCode::not_found, record.id);
    if (found->second.revision != record.revision) return fail(ErrorCode::conflict, "");
    if (auto taken = taken_field(record)) return fail(ErrorCode::conflict, *taken);
    ++record.revision;
    found->second = record;
    return record;
  }
  Result<void> erase(const std::string& id) override {
    const std::lock_guard lock(mutex_);
    if (records_.erase(id) == 0) return fail(ErrorCode::not_found, id);
    return {};
  }
  Result<std::size_t> erase_all(std::string_view field, const std::string& value) override {
    const std::lock_guard lock(mutex_);
    return std::erase_if(records_, [&](const auto& entry) { return text_of(entry.second, field) == value; });
  }
  Result<std::size_t> erase_expired(Timestamp now) override {
    const std::lock_guard lock(mutex_);
    return std::erase_if(records_, [&](const auto& entry) {
      if constexpr (requires { entry.second.expires_at; }) return entry.second.expires_at <= now;
      return false;
    });
  }

  bool failing = false;  ///< takes no new records

 private:
  static std::string text_of(const T& record, std::string_view field) {
    return std::string(write_model(record).at(field).as_string());
  }
  std::optional<std::string> taken_field(const T& record) const {
    for (const std::string_view field : RecordTraits<T>::kUniqueFields) {
      for (const auto& [id, other] : records_) {
        if (id != record.id && text_of(other, field) == text_of(record, field)) return std::string(field);
      }
    }
    return std::nullopt;
  }

  std::mutex mutex_;
  std::map<std::string, T> records_;
  int last_id_ = 0;
};

}  // namespace topoforge::api
