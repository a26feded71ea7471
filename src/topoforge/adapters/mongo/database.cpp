#include "topoforge/adapters/mongo/database.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>

#include <fmt/format.h>

#include "topoforge/codec/text/quote.hpp"

namespace topoforge::mongo {
namespace {

constexpr std::chrono::milliseconds kSelectionTimeout{5000};
constexpr std::chrono::milliseconds kConnectTimeout{5000};
constexpr std::chrono::milliseconds kSocketTimeout{10'000};
constexpr std::chrono::milliseconds kHeartbeat{1000};
constexpr std::size_t kMaxDatabaseNameBytes = 63;
constexpr const char* kCounters = "counters";
constexpr const char* kLast = "last";
constexpr std::uint32_t kDuplicateKey = 11000;
constexpr std::uint32_t kNotImplemented = 238;
/// The server is stopping, starting or no primary: codes of the error handling of the server discovery specification.
constexpr std::array<std::uint32_t, 13> kPassing = {6,     7,     89,    91,    189,   262,  9001,
                                                    10107, 11600, 11602, 13388, 13435, 13436};

struct UriDeleter {
  void operator()(mongoc_uri_t* uri) const { mongoc_uri_destroy(uri); }
};
using Uri = std::unique_ptr<mongoc_uri_t, UriDeleter>;
struct CollectionDeleter {
  void operator()(mongoc_collection_t* collection) const { mongoc_collection_destroy(collection); }
};
struct CursorDeleter {
  void operator()(mongoc_cursor_t* cursor) const { mongoc_cursor_destroy(cursor); }
};
using Cursor = std::unique_ptr<mongoc_cursor_t, CursorDeleter>;

/// What a call writes its answer into.
class Reply {
 public:
  Reply() { bson_init(&bson_); }
  ~Reply() { bson_destroy(&bson_); }
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;
  /// The library initialises it anew.
  bson_t* target() {
    bson_destroy(&bson_);
    return &bson_;
  }
  [[nodiscard]] const bson_t& bson() const { return bson_; }

 private:
  bson_t bson_;
};

/// Whether the password cannot be told from the host: "user:pass@word@host" or "user:pass/word@host", of which the
/// library would take a part of the password for the host or the database, and name it.
bool is_ambiguous(std::string_view uri) {
  const std::size_t scheme = uri.find("://");
  if (scheme == std::string_view::npos) return false;
  const std::string_view before_options = uri.substr(scheme + 3, uri.find('?', scheme) - scheme - 3);
  const std::string_view authority = before_options.substr(0, before_options.find('/'));
  const auto count = [](std::string_view text) { return std::count(text.begin(), text.end(), '@'); };
  return count(authority) > 1 || count(before_options) > count(authority);
}

/// A URI with a password may be quoted by what the library says of it.
Result<Uri> parse_uri(const std::string& text) {
  bson_error_t error;
  if (!is_ambiguous(text)) {
    if (Uri uri(mongoc_uri_new_with_error(text.c_str(), &error)); uri) return uri;
  }
  const bool may_quote_secret = text.find('@') != std::string::npos;
  return fail(ErrorCode::invalid_argument,
              fmt::format("MONGODB_URI is not what was wanted, such as mongodb://user:password@host:27017/: {}",
                          may_quote_secret ? "special characters in the name and password must be percent-encoded"
                                           : static_cast<const char*>(error.message)));
}

/// What the library takes, and stumbles over when it connects.
Result<void> check_authentication(const mongoc_uri_t* uri) {
  constexpr std::array kMechanisms{"SCRAM-SHA-1", "SCRAM-SHA-256", "MONGODB-X509", "MONGODB-AWS", "PLAIN", "GSSAPI"};
  const char* const given = mongoc_uri_get_auth_mechanism(uri);
  if (given == nullptr) return {};
  const std::string_view mechanism = given;
  if (std::ranges::find(kMechanisms, mechanism) == kMechanisms.end()) {
    return fail(ErrorCode::invalid_argument, fmt::format("MONGODB_URI: authMechanism is {}; wanted one of {}",
                                                         quote_text(mechanism), fmt::join(kMechanisms, ", ")));
  }
  if (mechanism == "MONGODB-X509" && !mongoc_uri_get_tls(uri)) {
    return fail(ErrorCode::invalid_argument,
                "MONGODB_URI: authMechanism MONGODB-X509 wants tls=true, for it is a certificate that signs in");
  }
  return {};
}

Result<void> check_name(const std::string& name) {
  const bool good =
      !name.empty() && name.size() <= kMaxDatabaseNameBytes && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
      });
  if (good) return {};
  return fail(ErrorCode::invalid_argument,
              fmt::format("DATABASE_NAME {} is not what was wanted: 1 to {} letters, digits, _ and -", quote_text(name),
                          kMaxDatabaseNameBytes));
}

std::string hosts_of(const mongoc_uri_t* uri) {
  if (const char* const service = mongoc_uri_get_srv_hostname(uri); service != nullptr) return service;
  std::string hosts;
  for (const mongoc_host_list_t* host = mongoc_uri_get_hosts(uri); host != nullptr; host = host->next) {
    if (!hosts.empty()) hosts += ',';
    hosts += host->host_and_port;
  }
  return hosts;
}

void set_default(mongoc_uri_t* uri, const char* option, std::chrono::milliseconds value) {
  if (!mongoc_uri_has_option(uri, option)) {
    mongoc_uri_set_option_as_int32(uri, option, static_cast<std::int32_t>(value.count()));
  }
}

void set_defaults(mongoc_uri_t* uri) {
  set_default(uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, kSelectionTimeout);
  set_default(uri, MONGOC_URI_CONNECTTIMEOUTMS, kConnectTimeout);
  set_default(uri, MONGOC_URI_SOCKETTIMEOUTMS, kSocketTimeout);
  set_default(uri, MONGOC_URI_HEARTBEATFREQUENCYMS, kHeartbeat);
  if (mongoc_uri_has_option(uri, MONGOC_URI_W) || mongoc_uri_has_option(uri, MONGOC_URI_JOURNAL)) return;
  mongoc_write_concern_t* const concern = mongoc_write_concern_new();
  mongoc_write_concern_set_wmajority(concern, -1);
  mongoc_write_concern_set_journal(concern, true);
  mongoc_uri_set_write_concern(uri, concern);
  mongoc_write_concern_destroy(concern);
}

bool is_passing(const bson_error_t& error) {
  if (error.domain == MONGOC_ERROR_SERVER_SELECTION || error.domain == MONGOC_ERROR_STREAM) return true;
  const bool from_server = error.domain == MONGOC_ERROR_SERVER || error.domain == MONGOC_ERROR_WRITE_CONCERN;
  return from_server && std::find(kPassing.begin(), kPassing.end(), error.code) != kPassing.end();
}

/// The codes of all writes of a reply that failed.
std::vector<std::int64_t> write_error_codes(const bson_t& reply) {
  std::vector<std::int64_t> codes;
  Reader reader(reply);
  const auto errors = reader.inner("writeErrors");
  if (!errors) return codes;
  for (const Element& error : elements_of(*errors)) {
    if (const auto inner = error.inner()) codes.push_back(Reader(*inner).integer("code"));
  }
  return codes;
}

/// "source_type_1__id_1", as other programs name them.
std::string name_of(const Index& index) {
  std::string name;
  for (const Element& key : elements_of(index.keys)) {
    if (!name.empty()) name += '_';
    name += fmt::format("{}_{}", key.key(), key.integer().value_or(1));
  }
  return name;
}

/// What the library wants of the documents. The struct's own name, as std::vector takes no type with an alignment.
std::vector<const _bson_t*> pointers_to(std::span<const Document> documents) {
  std::vector<const _bson_t*> pointers;
  pointers.reserve(documents.size());
  for (const Document& document : documents) pointers.push_back(&document.bson());
  return pointers;
}

}  // namespace

/// A client out of the pool, back into it at the end.
class Database::Connection {
 public:
  explicit Connection(Database& database) : database_(database), client_(mongoc_client_pool_pop(database.pool_)) {}
  ~Connection() { mongoc_client_pool_push(database_.pool_, client_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  mongoc_client_t* operator*() { return client_; }
  std::unique_ptr<mongoc_collection_t, CollectionDeleter> collection(const char* name) {
    return std::unique_ptr<mongoc_collection_t, CollectionDeleter>(
        mongoc_client_get_collection(client_, database_.name_.c_str(), name));
  }

 private:
  Database& database_;
  mongoc_client_t* client_;
};

Database::Database(std::string name, std::string hosts, std::string place)
    : name_(std::move(name)), hosts_(std::move(hosts)), place_(std::move(place)) {}

Database::~Database() {
  if (pool_ != nullptr) mongoc_client_pool_destroy(pool_);
}

void Database::watch(const mongoc_apm_topology_changed_t* event) {
  auto* const database = static_cast<Database*>(mongoc_apm_topology_changed_get_context(event));
  database->reachable_ =
      mongoc_topology_description_has_writable_server(mongoc_apm_topology_changed_get_new_description(event));
}

Error Database::explain(const bson_error_t& error) const {
  const auto message = static_cast<const char*>(error.message);
  if (is_passing(error)) {
    return {ErrorCode::unavailable, fmt::format("MongoDB at {} cannot be reached: {}", hosts_, message)};
  }
  if (error.code == kDuplicateKey) return {ErrorCode::conflict, message};
  if (error.domain == MONGOC_ERROR_CLIENT && error.code == MONGOC_ERROR_CLIENT_AUTHENTICATE) {
    return {ErrorCode::unavailable, fmt::format("MongoDB at {} refuses the name or password of MONGODB_URI", hosts_)};
  }
  return {ErrorCode::io, fmt::format("MongoDB at {}: {}", hosts_, message)};
}

Result<std::shared_ptr<Database>> Database::open(const DatabaseOptions& options) {
  if (auto good = check_name(options.name); !good) return tl::unexpected(std::move(good.error()));
  mongoc_init();
  mongoc_log_set_handler([](mongoc_log_level_t, const char*, const char*, void*) {}, nullptr);
  auto uri = parse_uri(options.uri);
  if (!uri) return tl::unexpected(std::move(uri.error()));
  if (auto usable = check_authentication(uri->get()); !usable) return tl::unexpected(std::move(usable.error()));
  set_defaults(uri->get());
  std::string hosts = hosts_of(uri->get());
  std::string place = fmt::format("mongodb://{}/{}", hosts, options.name);
  std::shared_ptr<Database> database(new Database(options.name, std::move(hosts), std::move(place)));
  bson_error_t error;
  database->pool_ = mongoc_client_pool_new_with_error(uri->get(), &error);
  if (database->pool_ == nullptr) return tl::unexpected(database->explain(error));
  mongoc_client_pool_set_error_api(database->pool_, MONGOC_ERROR_API_VERSION_2);
  mongoc_client_pool_set_appname(database->pool_, "topoforge");
  mongoc_apm_callbacks_t* const callbacks = mongoc_apm_callbacks_new();
  mongoc_apm_set_topology_changed_cb(callbacks, watch);
  mongoc_client_pool_set_apm_callbacks(database->pool_, callbacks, database.get());
  mongoc_apm_callbacks_destroy(callbacks);
  if (auto there = database->ping(); !there) return tl::unexpected(std::move(there.error()));
  return database;
}

/// While the server is away nobody waits for it.
Result<void> Database::check_reachable() const {
  if (reachable_) return {};
  return fail(ErrorCode::unavailable, fmt::format("MongoDB at {} cannot be reached", hosts_));
}

Result<Document> Database::command(const Document& command) {
  if (auto there = check_reachable(); !there) return tl::unexpected(std::move(there.error()));
  Connection connection(*this);
  Reply reply;
  bson_error_t error;
  const bool done = mongoc_client_read_command_with_opts(*connection, name_.c_str(), &command.bson(), nullptr, nullptr,
                                                         reply.target(), &error);
  if (!done) return tl::unexpected(explain(error));
  return Document(reply.bson());
}

Result<std::vector<Document>> Database::find(const char* collection, const Document& filter,
                                             const FindOptions& options) {
  if (auto there = check_reachable(); !there) return tl::unexpected(std::move(there.error()));
  Document settings;
  if (!options.sort.empty()) settings.document("sort", options.sort);
  if (!options.projection.empty()) settings.document("projection", options.projection);
  if (options.skip > 0) settings.integer("skip", static_cast<std::int64_t>(options.skip));
  if (options.limit > 0) {
    settings.integer("limit", static_cast<std::int64_t>(options.limit));
    settings.small_integer("batchSize", static_cast<std::int32_t>(options.limit + 1));
  }
  Connection connection(*this);
  const auto target = connection.collection(collection);
  return read_all(mongoc_collection_find_with_opts(target.get(), &filter.bson(), &settings.bson(), nullptr));
}

Result<std::optional<Document>> Database::find_one(const char* collection, const Document& filter) {
  auto found = find(collection, filter, {.limit = 1});
  if (!found) return tl::unexpected(std::move(found.error()));
  if (found->empty()) return std::optional<Document>();
  return std::optional(std::move(found->front()));
}

Result<std::vector<Document>> Database::read_all(mongoc_cursor_t* started) const {
  const Cursor cursor(started);
  std::vector<Document> documents;
  const bson_t* document = nullptr;
  while (mongoc_cursor_next(cursor.get(), &document)) documents.emplace_back(*document);
  bson_error_t error;
  if (mongoc_cursor_error(cursor.get(), &error)) return tl::unexpected(explain(error));
  return documents;
}

Result<std::size_t> Database::count(const char* collection, const Document& filter, std::size_t limit) {
  Document counting;
  counting.text("count", collection);
  if (!filter.empty()) counting.document("query", filter);
  if (limit > 0) counting.integer("limit", static_cast<std::int64_t>(limit));
  const auto answer = command(counting);
  if (!answer) return tl::unexpected(answer.error());
  return static_cast<std::size_t>(Reader(*answer).integer("n"));
}

Result<std::vector<Document>> Database::aggregate(const char* collection, const Array& stages) {
  if (auto there = check_reachable(); !there) return tl::unexpected(std::move(there.error()));
  Connection connection(*this);
  const auto target = connection.collection(collection);
  return read_all(
      mongoc_collection_aggregate(target.get(), MONGOC_QUERY_NONE, &stages.values().bson(), nullptr, nullptr));
}

tl::expected<void, FailedInsert> Database::insert(const char* collection, std::span<const Document> documents) {
  if (auto there = check_reachable(); !there) return tl::unexpected(FailedInsert{.error = std::move(there.error())});
  Connection connection(*this);
  const auto target = connection.collection(collection);
  auto pointers = pointers_to(documents);
  Reply reply;
  bson_error_t error;
  if (mongoc_collection_insert_many(target.get(), pointers.data(), pointers.size(), nullptr, reply.target(), &error)) {
    return {};
  }
  return tl::unexpected(FailedInsert{
      .error = explain(error), .inserted = static_cast<std::size_t>(Reader(reply.bson()).integer("insertedCount"))});
}

Result<void> Database::insert_absent(const char* collection, std::span<const Document> documents) {
  if (auto there = check_reachable(); !there) return there;
  Connection connection(*this);
  const auto target = connection.collection(collection);
  auto pointers = pointers_to(documents);
  Reply reply;
  bson_error_t error;
  const Document options = std::move(Document().boolean("ordered", false));
  if (mongoc_collection_insert_many(target.get(), pointers.data(), pointers.size(), &options.bson(), reply.target(),
                                    &error)) {
    return {};
  }
  const auto codes = write_error_codes(reply.bson());
  const bool all_there = !codes.empty() && std::all_of(codes.begin(), codes.end(),
                                                       [](std::int64_t code) { return code == kDuplicateKey; });
  if (all_there && error.code == kDuplicateKey) return {};
  return tl::unexpected(explain(error));
}

Result<bool> Database::update(const char* collection, const Document& filter, const Document& update) {
  if (auto there = check_reachable(); !there) return tl::unexpected(std::move(there.error()));
  Connection connection(*this);
  const auto target = connection.collection(collection);
  Reply reply;
  bson_error_t error;
  if (!mongoc_collection_update_one(target.get(), &filter.bson(), &update.bson(), nullptr, reply.target(), &error)) {
    return tl::unexpected(explain(error));
  }
  return Reader(reply.bson()).integer("matchedCount") > 0;
}

Result<bool> Database::replace(const char* collection, const Document& filter, const Document& replacement) {
  if (auto there = check_reachable(); !there) return tl::unexpected(std::move(there.error()));
  Connection connection(*this);
  const auto target = connection.collection(collection);
  Reply reply;
  bson_error_t error;
  if (!mongoc_collection_replace_one(target.get(), &filter.bson(), &replacement.bson(), nullptr, reply.target(),
                                     &error)) {
    return tl::unexpected(explain(error));
  }
  return Reader(reply.bson()).integer("matchedCount") > 0;
}

Result<std::size_t> Database::erase(const char* collection, const Document& filter) {
  if (auto there = check_reachable(); !there) return tl::unexpected(std::move(there.error()));
  Connection connection(*this);
  const auto target = connection.collection(collection);
  Reply reply;
  bson_error_t error;
  if (!mongoc_collection_delete_many(target.get(), &filter.bson(), nullptr, reply.target(), &error)) {
    return tl::unexpected(explain(error));
  }
  return static_cast<std::size_t>(Reader(reply.bson()).integer("deletedCount"));
}

Result<std::int64_t> Database::add_to_counter(std::string_view name, std::int64_t amount) {
  if (auto there = check_reachable(); !there) return tl::unexpected(std::move(there.error()));
  const auto lock = change_lock();
  Connection connection(*this);
  const auto target = connection.collection(kCounters);
  mongoc_find_and_modify_opts_t* const options = mongoc_find_and_modify_opts_new();
  mongoc_find_and_modify_opts_set_update(options, &with("$inc", Document().integer(kLast, amount)).bson());
  mongoc_find_and_modify_opts_set_flags(
      options,
      static_cast<mongoc_find_and_modify_flags_t>(MONGOC_FIND_AND_MODIFY_UPSERT | MONGOC_FIND_AND_MODIFY_RETURN_NEW));
  Reply reply;
  bson_error_t error;
  const bool done = mongoc_collection_find_and_modify_with_opts(target.get(), &where("_id", name).bson(), options,
                                                                reply.target(), &error);
  mongoc_find_and_modify_opts_destroy(options);
  if (!done) return tl::unexpected(explain(error));
  const auto value = Reader(reply.bson()).inner("value");
  if (!value) return fail(ErrorCode::corrupt, fmt::format("the counter {} of {} has no value", name, place_));
  return Reader(*value).integer(kLast);
}

Result<void> Database::raise_counter(std::string_view name, std::int64_t least) {
  auto there = add_to_counter(name, 0);
  if (!there) return tl::unexpected(std::move(there.error()));
  const auto lock = change_lock();
  return update(kCounters, where("_id", name), with("$max", Document().integer(kLast, least))).map([](bool) {});
}

Result<std::int64_t> Database::counter(std::string_view name) {
  const auto found = find_one(kCounters, where("_id", name));
  if (!found) return tl::unexpected(found.error());
  return *found ? Reader(**found).integer(kLast) : 0;
}

Result<void> Database::make_index(const char* collection, const Index& index, bool may_expire) {
  Document description;
  description.document("key", index.keys).text("name", name_of(index));
  if (index.unique) description.boolean("unique", true);
  if (index.sparse) description.boolean("sparse", true);
  if (index.expires && may_expire) description.small_integer("expireAfterSeconds", 0);
  Document making;
  making.text("createIndexes", collection).array("indexes", Array().document(description).values());
  if (auto there = check_reachable(); !there) return there;
  Connection connection(*this);
  Reply reply;
  bson_error_t error;
  const bool done = mongoc_client_write_command_with_opts(*connection, name_.c_str(), &making.bson(), nullptr,
                                                          reply.target(), &error);
  if (done) return {};
  if (index.expires && may_expire && error.code == kNotImplemented) return make_index(collection, index, false);
  return tl::unexpected(explain(error));
}

Result<void> Database::make_indexes(const char* collection, std::span<const Index> indexes) {
  for (const Index& index : indexes) {
    if (auto made = make_index(collection, index, true); !made) return made;
  }
  return {};
}

Result<void> Database::check() {
  if (auto there = check_reachable(); !there) return there;
  return ping();
}

Result<void> Database::ping() {
  Connection connection(*this);
  bson_error_t error;
  const Document ping = std::move(Document().small_integer("ping", 1));
  if (mongoc_client_command_simple(*connection, name_.c_str(), &ping.bson(), nullptr, nullptr, &error)) return {};
  return tl::unexpected(explain(error));
}

Result<void> Database::drop() {
  return command(Document().small_integer("dropDatabase", 1)).map([](const Document&) {});
}

}  // namespace topoforge::mongo
