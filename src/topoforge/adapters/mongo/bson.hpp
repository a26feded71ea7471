#pragma once

#include <mongoc/mongoc.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "topoforge/core/event/event.hpp"

/// Purpose: BSON documents in the making, and the reading of them. Source: bsonspec.org, version 1.1.
/// Thread safety: values.
namespace topoforge::mongo {

/// A document of its own. Each adding function returns the document, so that calls can follow one another.
class Document {
 public:
  Document() : bson_(bson_new()) {}
  explicit Document(const bson_t& copied) : bson_(bson_copy(&copied)) {}
  Document(Document&& other) noexcept : bson_(std::exchange(other.bson_, nullptr)) {}
  Document(const Document& other) : bson_(bson_copy(other.bson_)) {}
  Document& operator=(Document other) noexcept {
    std::swap(bson_, other.bson_);
    return *this;
  }
  ~Document() {
    if (bson_ != nullptr) bson_destroy(bson_);
  }

  Document& text(std::string_view key, std::string_view value);
  Document& number(std::string_view key, double value);
  Document& integer(std::string_view key, std::int64_t value);
  Document& small_integer(std::string_view key, std::int32_t value);
  Document& boolean(std::string_view key, bool value);
  Document& bytes(std::string_view key, std::span<const std::uint8_t> value);
  /// Whole milliseconds; the rest is cut off downwards.
  Document& date(std::string_view key, Timestamp value);
  Document& document(std::string_view key, const Document& value);
  Document& array(std::string_view key, const Document& values);
  /// All that the other has.
  Document& all_of(const Document& other);

  [[nodiscard]] const bson_t& bson() const { return *bson_; }
  [[nodiscard]] std::size_t size_bytes() const { return bson_->len; }
  [[nodiscard]] bool empty() const { return bson_empty(bson_); }

 private:
  bson_t* bson_;
};

/// `Document().text(key, value)` and the like, which filters are made of.
inline Document where(std::string_view key, std::string_view value) { return std::move(Document().text(key, value)); }
/// {key: inner}.
inline Document with(std::string_view key, const Document& inner) { return std::move(Document().document(key, inner)); }

/// Values in their order.
class Array {
 public:
  Array& text(std::string_view value);
  Array& number(double value);
  Array& small_integer(std::int32_t value);
  Array& document(const Document& value);
  [[nodiscard]] const Document& values() const { return values_; }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::string next() { return std::to_string(size_++); }

  Document values_;
  std::size_t size_ = 0;
};

/// The bytes of a document or array that somebody else owns.
struct View {
  View(const Document& document) : View(document.bson()) {}
  View(const bson_t& bson) : data(bson_get_data(&bson)), size(bson.len) {}
  View(const std::uint8_t* bytes, std::size_t size_bytes) : data(bytes), size(size_bytes) {}

  const std::uint8_t* data;
  std::size_t size;
};

/// One value of a view.
class Element {
 public:
  explicit Element(const bson_iter_t& at) : at_(at) {}
  [[nodiscard]] std::string_view key() const { return bson_iter_key(&at_); }
  [[nodiscard]] bson_type_t type() const { return bson_iter_type(&at_); }
  [[nodiscard]] std::optional<std::string> text() const;
  [[nodiscard]] std::optional<double> number() const;
  [[nodiscard]] std::optional<std::int64_t> integer() const;
  [[nodiscard]] std::optional<bool> boolean() const;
  [[nodiscard]] std::optional<std::vector<std::uint8_t>> bytes() const;
  [[nodiscard]] std::optional<Timestamp> date() const;
  /// Of a document or array.
  [[nodiscard]] std::optional<View> inner() const;

 private:
  bson_iter_t at_;
};

/// In their order.
std::vector<Element> elements_of(View view);

/// Reads the members of a document by their names. A member that is not there is `otherwise`; one of another kind too,
/// and is the first thing wrong.
class Reader {
 public:
  explicit Reader(View document) : document_(document) {}
  std::string text(const char* key, std::string otherwise = {});
  double number(const char* key, double otherwise = 0.0);
  std::int64_t integer(const char* key, std::int64_t otherwise = 0);
  bool boolean(const char* key, bool otherwise = false);
  std::vector<std::uint8_t> bytes(const char* key);  ///< none where it is not there
  std::optional<Timestamp> date(const char* key);
  std::optional<View> inner(const char* key);
  [[nodiscard]] bool has(const char* key) const { return find(key).has_value(); }
  /// The name of the first member that is of another kind than was asked for; empty: none.
  [[nodiscard]] const std::string& wrong() const { return wrong_; }
  void note_wrong(std::string_view key) {
    if (wrong_.empty()) wrong_ = key;
  }

 private:
  [[nodiscard]] std::optional<Element> find(const char* key) const;
  template <class T>
  std::optional<T> read(const char* key, std::optional<T> (Element::*kind)() const);

  View document_;
  std::string wrong_;
};

/// A time as a date and, where it has them, the microseconds beyond its whole milliseconds, which a date cannot hold.
struct TimeFields {
  const char* date;
  const char* microseconds;
};
void add_time(Document& document, const TimeFields& fields, Timestamp time);
std::optional<Timestamp> read_time(Reader& reader, const TimeFields& fields);
/// Filters: those whose time is at or after it; those whose time is before it.
Document not_before(const TimeFields& fields, Timestamp time);
Document before(const TimeFields& fields, Timestamp time);

/// All filters at once.
Document all_of(const std::vector<Document>& filters);

}  // namespace topoforge::mongo
