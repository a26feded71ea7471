#include "topoforge/adapters/mongo/documents.hpp"

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "topoforge/codec/text/record_id.hpp"

namespace topoforge::mongo {
namespace {

constexpr TimeFields kExpiry{.date = "expires_at", .microseconds = "expires_at_microseconds"};
constexpr std::string_view kKeyEnding = "_key";
/// Of an id that another process was given at the same time.
constexpr int kTriesToInsert = 16;

void add_member(Document& document, std::string_view key, const boost::json::value& value);

Document array_of(const boost::json::array& values) {
  Document array;
  std::size_t i = 0;
  for (const boost::json::value& value : values) add_member(array, std::to_string(i++), value);
  return array;
}

Document object_of(const boost::json::object& members) {
  Document document;
  for (const auto& member : members) add_member(document, member.key(), member.value());
  return document;
}

void add_member(Document& document, std::string_view key, const boost::json::value& value) {
  switch (value.kind()) {
    case boost::json::kind::null: break;
    case boost::json::kind::bool_: document.boolean(key, value.get_bool()); break;
    case boost::json::kind::int64: document.integer(key, value.get_int64()); break;
    case boost::json::kind::uint64: document.integer(key, static_cast<std::int64_t>(value.get_uint64())); break;
    case boost::json::kind::double_: document.number(key, value.get_double()); break;
    case boost::json::kind::string: document.text(key, std::string_view(value.get_string())); break;
    case boost::json::kind::array: document.array(key, array_of(value.get_array())); break;
    case boost::json::kind::object: document.document(key, object_of(value.get_object())); break;
  }
}

boost::json::value value_of(const Element& element);

boost::json::object members_of(View view) {
  boost::json::object members;
  for (const Element& element : elements_of(view)) members[element.key()] = value_of(element);
  return members;
}

boost::json::value value_of(const Element& element) {
  switch (element.type()) {
    case BSON_TYPE_BOOL: return *element.boolean();
    case BSON_TYPE_INT32:
    case BSON_TYPE_INT64: return *element.integer();
    case BSON_TYPE_DOUBLE: return *element.number();
    case BSON_TYPE_UTF8: return boost::json::string(*element.text());
    case BSON_TYPE_DOCUMENT: return members_of(*element.inner());
    case BSON_TYPE_ARRAY: {
      boost::json::array values;
      for (const Element& inner : elements_of(*element.inner())) values.push_back(value_of(inner));
      return values;
    }
    default: return nullptr;
  }
}

Document bson_of(const StoredDocument& document) {
  Document bson;
  bson.text("_id", document.id).integer("revision", static_cast<std::int64_t>(document.revision));
  bson.all_of(object_of(document.members));
  if (document.expires_at) add_time(bson, kExpiry, *document.expires_at);
  return bson;
}

StoredDocument document_of(const Document& bson) {
  Reader reader(bson);
  StoredDocument document{.id = reader.text("_id"),
                          .revision = static_cast<std::uint64_t>(reader.integer("revision")),
                          .members = members_of(bson),
                          .expires_at = read_time(reader, kExpiry)};
  for (const char* const kept_apart : {"_id", "revision", kExpiry.date, kExpiry.microseconds}) {
    document.members.erase(kept_apart);
  }
  return document;
}

Document filter_of(std::string_view field, const std::string& value) {
  return field.empty() ? Document() : where(field, value);
}

Document ascending(std::string_view field) { return std::move(Document().small_integer(field, 1)); }

}  // namespace

Result<void> Documents::make_indexes() {
  std::vector<Index> indexes;
  for (const std::string& field : layout_.unique_fields) {
    indexes.push_back({.keys = ascending(field), .unique = true, .sparse = true});
    if (field.ends_with(kKeyEnding)) {
      const std::string_view text = std::string_view(field).substr(0, field.size() - kKeyEnding.size());
      indexes.push_back({.keys = ascending(text), .unique = true, .sparse = true});
    }
  }
  for (const std::string& field : layout_.indexed_fields) indexes.push_back({.keys = ascending(field)});
  if (layout_.expires) indexes.push_back({.keys = ascending(kExpiry.date), .expires = true});
  return database_->make_indexes(collection(), indexes);
}

Result<Documents> Documents::open(std::shared_ptr<Database> database, CollectionLayout layout) {
  Documents documents(std::move(database), std::move(layout));
  if (auto made = documents.make_indexes(); !made) return tl::unexpected(std::move(made.error()));
  return documents;
}

Result<std::string> Documents::taken_field(const StoredDocument& document) {
  for (const std::string& field : layout_.unique_fields) {
    const auto* const value = document.members.if_contains(field);
    if (value == nullptr || !value->is_string()) continue;
    const auto holders =
        database_->find(collection(), where(field, std::string_view(value->get_string())), {.limit = 2});
    if (!holders) return tl::unexpected(holders.error());
    for (const Document& holder : *holders) {
      if (Reader(holder).text("_id") != document.id) return field;
    }
  }
  return std::string();
}

Result<std::string> Documents::insert(const StoredDocument& document) {
  StoredDocument inserted = document;
  inserted.revision = 1;
  inserted.id.clear();
  for (int i = 0; i < kTriesToInsert; ++i) {
    auto taken = taken_field(inserted);
    if (!taken) return taken;
    if (!taken->empty()) return fail(ErrorCode::conflict, std::move(*taken));
    const auto number = database_->add_to_counter(layout_.name, 1);
    if (!number) return tl::unexpected(number.error());
    inserted.id = id_text(*number);
    const Document bson = bson_of(inserted);
    auto done = database_->insert(collection(), std::span(&bson, 1));
    if (done) return inserted.id;
    if (done.error().error.code != ErrorCode::conflict) return tl::unexpected(std::move(done.error().error));
    inserted.id.clear();
  }
  return fail(ErrorCode::unavailable, fmt::format("no id could be had for a record of {}", layout_.name));
}

Result<bool> Documents::restore(const StoredDocument& document) {
  const auto taken = taken_field(document);
  if (!taken) return tl::unexpected(taken.error());
  if (!taken->empty()) {
    return fail(ErrorCode::conflict, fmt::format("another record of {} has the same {}", layout_.name, *taken));
  }
  const auto there = database_->find_one(collection(), where("_id", document.id));
  if (!there) return tl::unexpected(there.error());
  if (*there) {
    const StoredDocument present = document_of(**there);
    for (const std::string& field : layout_.unique_fields) {
      const auto* const value = document.members.if_contains(field);
      const auto* const other = present.members.if_contains(field);
      if (value == nullptr || value->is_null() || (other != nullptr && *other == *value)) continue;
      return fail(ErrorCode::conflict, fmt::format("another record of {} has the id {}", layout_.name, document.id));
    }
    return false;
  }
  auto raised = database_->raise_counter(layout_.name, number_of_id(document.id).value_or(0));
  if (!raised) return tl::unexpected(std::move(raised.error()));
  const Document bson = bson_of(document);
  if (auto done = database_->insert(collection(), std::span(&bson, 1)); !done) {
    return tl::unexpected(std::move(done.error().error));
  }
  return true;
}

Result<StoredDocument> Documents::get(const std::string& id) {
  if (!number_of_id(id)) return no_such_record(layout_.name);
  const auto found = database_->find_one(collection(), where("_id", id));
  if (!found) return tl::unexpected(found.error());
  if (!*found) return no_such_record(layout_.name);
  return document_of(**found);
}

Result<std::vector<StoredDocument>> Documents::find(std::string_view field, const std::string& value, std::size_t limit,
                                                    std::size_t offset) {
  const auto found = database_->find(collection(), filter_of(field, value),
                                     {.sort = ascending("_id"), .skip = offset, .limit = limit});
  if (!found) return tl::unexpected(found.error());
  std::vector<StoredDocument> documents;
  documents.reserve(found->size());
  for (const Document& bson : *found) documents.push_back(document_of(bson));
  return documents;
}

Result<std::size_t> Documents::count(std::string_view field, const std::string& value) {
  return database_->count(collection(), filter_of(field, value));
}

Result<std::uint64_t> Documents::replace(const StoredDocument& document) {
  const auto lock = database_->change_lock();
  const auto present = get(document.id);
  if (!present) return tl::unexpected(present.error());
  if (present->revision != document.revision) return fail(ErrorCode::conflict, "");
  auto taken = taken_field(document);
  if (!taken) return tl::unexpected(std::move(taken.error()));
  if (!taken->empty()) return fail(ErrorCode::conflict, std::move(*taken));
  StoredDocument changed = document;
  ++changed.revision;
  Document filter = where("_id", document.id);
  filter.integer("revision", static_cast<std::int64_t>(document.revision));
  const auto done = database_->replace(collection(), filter, bson_of(changed));
  if (done && *done) return changed.revision;
  // Another process was quicker, with this document or with a value.
  if (done) return fail(ErrorCode::conflict, "");
  if (done.error().code != ErrorCode::conflict) return tl::unexpected(done.error());
  taken = taken_field(document);
  if (!taken) return tl::unexpected(std::move(taken.error()));
  return fail(ErrorCode::conflict, std::move(*taken));
}

Result<void> Documents::erase(const std::string& id) {
  if (!number_of_id(id)) return no_such_record(layout_.name);
  const auto erased = database_->erase(collection(), where("_id", id));
  if (!erased) return tl::unexpected(erased.error());
  if (*erased == 0) return no_such_record(layout_.name);
  return {};
}

Result<std::size_t> Documents::erase_all(std::string_view field, const std::string& value) {
  return database_->erase(collection(), where(field, value));
}

Result<std::size_t> Documents::erase_expired(Timestamp now) {
  return database_->erase(collection(), before(kExpiry, now + std::chrono::microseconds{1}));
}

}  // namespace topoforge::mongo
