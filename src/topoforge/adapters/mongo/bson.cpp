#include "topoforge/adapters/mongo/bson.hpp"

namespace topoforge::mongo {
namespace {

int size_of(std::string_view text) { return static_cast<int>(text.size()); }

std::chrono::sys_time<std::chrono::milliseconds> whole_milliseconds(Timestamp time) {
  return std::chrono::floor<std::chrono::milliseconds>(time);
}

std::int32_t beyond_milliseconds(Timestamp time) {
  return static_cast<std::int32_t>((time - whole_milliseconds(time)).count());
}

}  // namespace

Document& Document::text(std::string_view key, std::string_view value) {
  bson_append_utf8(bson_, key.data(), size_of(key), value.data(), size_of(value));
  return *this;
}

Document& Document::number(std::string_view key, double value) {
  bson_append_double(bson_, key.data(), size_of(key), value);
  return *this;
}

Document& Document::integer(std::string_view key, std::int64_t value) {
  bson_append_int64(bson_, key.data(), size_of(key), value);
  return *this;
}

Document& Document::small_integer(std::string_view key, std::int32_t value) {
  bson_append_int32(bson_, key.data(), size_of(key), value);
  return *this;
}

Document& Document::boolean(std::string_view key, bool value) {
  bson_append_bool(bson_, key.data(), size_of(key), value);
  return *this;
}

Document& Document::bytes(std::string_view key, std::span<const std::uint8_t> value) {
  bson_append_binary(bson_, key.data(), size_of(key), BSON_SUBTYPE_BINARY, value.data(),
                     static_cast<std::uint32_t>(value.size()));
  return *this;
}

Document& Document::date(std::string_view key, Timestamp value) {
  bson_append_date_time(bson_, key.data(), size_of(key), whole_milliseconds(value).time_since_epoch().count());
  return *this;
}

Document& Document::document(std::string_view key, const Document& value) {
  bson_append_document(bson_, key.data(), size_of(key), value.bson_);
  return *this;
}

Document& Document::array(std::string_view key, const Document& values) {
  bson_append_array(bson_, key.data(), size_of(key), values.bson_);
  return *this;
}

Document& Document::all_of(const Document& other) {
  bson_concat(bson_, other.bson_);
  return *this;
}

Array& Array::text(std::string_view value) {
  values_.text(next(), value);
  return *this;
}

Array& Array::number(double value) {
  values_.number(next(), value);
  return *this;
}

Array& Array::small_integer(std::int32_t value) {
  values_.small_integer(next(), value);
  return *this;
}

Array& Array::document(const Document& value) {
  values_.document(next(), value);
  return *this;
}

std::optional<std::string> Element::text() const {
  if (!BSON_ITER_HOLDS_UTF8(&at_)) return std::nullopt;
  std::uint32_t size = 0;
  const char* const text = bson_iter_utf8(&at_, &size);
  return std::string(text, size);
}

std::optional<double> Element::number() const {
  if (!BSON_ITER_HOLDS_NUMBER(&at_)) return std::nullopt;
  return bson_iter_as_double(&at_);
}

/// A server may give a whole number back as a double.
std::optional<std::int64_t> Element::integer() const {
  if (!BSON_ITER_HOLDS_NUMBER(&at_)) return std::nullopt;
  return bson_iter_as_int64(&at_);
}

std::optional<bool> Element::boolean() const {
  if (!BSON_ITER_HOLDS_BOOL(&at_)) return std::nullopt;
  return bson_iter_bool(&at_);
}

std::optional<std::vector<std::uint8_t>> Element::bytes() const {
  if (!BSON_ITER_HOLDS_BINARY(&at_)) return std::nullopt;
  std::uint32_t size = 0;
  const std::uint8_t* data = nullptr;
  bson_iter_binary(&at_, nullptr, &size, &data);
  return std::vector<std::uint8_t>(data, data + size);
}

std::optional<Timestamp> Element::date() const {
  if (!BSON_ITER_HOLDS_DATE_TIME(&at_)) return std::nullopt;
  return Timestamp{std::chrono::milliseconds{bson_iter_date_time(&at_)}};
}

std::optional<View> Element::inner() const {
  std::uint32_t size = 0;
  const std::uint8_t* data = nullptr;
  if (BSON_ITER_HOLDS_DOCUMENT(&at_)) {
    bson_iter_document(&at_, &size, &data);
  } else if (BSON_ITER_HOLDS_ARRAY(&at_)) {
    bson_iter_array(&at_, &size, &data);
  } else {
    return std::nullopt;
  }
  return View(data, size);
}

std::vector<Element> elements_of(View view) {
  std::vector<Element> elements;
  bson_iter_t at;
  if (!bson_iter_init_from_data(&at, view.data, view.size)) return elements;
  while (bson_iter_next(&at)) elements.emplace_back(at);
  return elements;
}

std::optional<Element> Reader::find(const char* key) const {
  bson_iter_t at;
  if (!bson_iter_init_from_data(&at, document_.data, document_.size) || !bson_iter_find(&at, key)) return std::nullopt;
  return Element(at);
}

template <class T>
std::optional<T> Reader::read(const char* key, std::optional<T> (Element::*kind)() const) {
  const auto element = find(key);
  if (!element) return std::nullopt;
  auto value = (*element.*kind)();
  if (!value) note_wrong(key);
  return value;
}

std::string Reader::text(const char* key, std::string otherwise) {
  return read(key, &Element::text).value_or(std::move(otherwise));
}
double Reader::number(const char* key, double otherwise) { return read(key, &Element::number).value_or(otherwise); }
std::int64_t Reader::integer(const char* key, std::int64_t otherwise) {
  return read(key, &Element::integer).value_or(otherwise);
}
bool Reader::boolean(const char* key, bool otherwise) { return read(key, &Element::boolean).value_or(otherwise); }
std::vector<std::uint8_t> Reader::bytes(const char* key) {
  return read(key, &Element::bytes).value_or(std::vector<std::uint8_t>());
}
std::optional<Timestamp> Reader::date(const char* key) { return read(key, &Element::date); }
std::optional<View> Reader::inner(const char* key) { return read(key, &Element::inner); }

void add_time(Document& document, const TimeFields& fields, Timestamp time) {
  document.date(fields.date, time);
  if (const std::int32_t rest = beyond_milliseconds(time); rest != 0) {
    document.small_integer(fields.microseconds, rest);
  }
}

std::optional<Timestamp> read_time(Reader& reader, const TimeFields& fields) {
  const auto date = reader.date(fields.date);
  if (!date) return std::nullopt;
  return *date + std::chrono::microseconds{reader.integer(fields.microseconds)};
}

namespace {

Document compared(std::string_view key, const char* operation, Timestamp time) {
  return with(key, Document().date(operation, time));
}

Document either(const Document& one, const Document& other) {
  return std::move(Document().array("$or", Array().document(one).document(other).values()));
}

}  // namespace

Document not_before(const TimeFields& fields, Timestamp time) {
  const std::int32_t rest = beyond_milliseconds(time);
  if (rest == 0) return compared(fields.date, "$gte", time);
  Document within;
  within.date(fields.date, time).document(fields.microseconds, Document().small_integer("$gte", rest));
  return either(compared(fields.date, "$gt", time), within);
}

Document before(const TimeFields& fields, Timestamp time) {
  const std::int32_t rest = beyond_milliseconds(time);
  if (rest == 0) return compared(fields.date, "$lt", time);
  Document within;
  // An absent rest is zero, which only the denial matches.
  within.date(fields.date, time).document(fields.microseconds, with("$not", Document().small_integer("$gte", rest)));
  return either(compared(fields.date, "$lt", time), within);
}

Document all_of(const std::vector<Document>& filters) {
  if (filters.empty()) return {};
  if (filters.size() == 1) return filters.front();
  Array all;
  for (const Document& filter : filters) all.document(filter);
  return std::move(Document().array("$and", all.values()));
}

}  // namespace topoforge::mongo
