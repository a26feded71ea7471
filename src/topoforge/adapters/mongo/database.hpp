#pragma once

#include <mongoc/mongoc.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "topoforge/adapters/mongo/bson.hpp"
#include "topoforge/base/result.hpp"

/// Purpose: one database of a MongoDB server, and the few commands that the stores need of it. What was acknowledged is
/// on the disk of a majority (write concern majority with journal, unless the URI says otherwise). While the server
/// cannot be reached calls fail at once; a thread of the library looks for it again, once a second.
/// Errors of every call: unavailable when the server cannot be reached or is changing its primary; conflict for a value
/// of a unique index that is taken; io for what else it refuses. No message has the password of the URI.
/// Thread safety: any thread; each call takes a connection out of the pool.
namespace topoforge::mongo {

struct DatabaseOptions {
  std::string uri;  ///< mongodb:// or mongodb+srv://, with all options that libmongoc knows
  std::string name = "topoforge";
};

struct FindOptions {
  Document sort = {};
  Document projection = {};
  std::size_t skip = 0;
  std::size_t limit = 0;  ///< 0: all
};

struct Index {
  Document keys;  ///< field: 1 or -1, in their order
  bool unique = false;
  bool sparse = false;   ///< documents without the field are not in it, and so share its absence
  bool expires = false;  ///< documents go when the date in the field is past, where the server does that
};

struct FailedInsert {
  Error error;
  std::size_t inserted = 0;  ///< the first so many are in; when the server went away it may have more of them
};

class Database {
 public:
  /// Waits for the server, as long as the URI says (serverSelectionTimeoutMS), else kSelectionTimeout.
  /// Errors: invalid_argument for a URI or name that is none; unavailable, naming the hosts.
  static Result<std::shared_ptr<Database>> open(const DatabaseOptions& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Where the data are, for people: "mongodb://host:27017/name".
  [[nodiscard]] const std::string& place() const { return place_; }
  [[nodiscard]] bool reachable() const { return reachable_; }

  Result<std::vector<Document>> find(const char* collection, const Document& filter, const FindOptions& options = {});
  Result<std::optional<Document>> find_one(const char* collection, const Document& filter);
  /// limit: where counting ends; 0: nowhere. All documents are counted at once when the filter is empty.
  Result<std::size_t> count(const char* collection, const Document& filter, std::size_t limit = 0);
  Result<std::vector<Document>> aggregate(const char* collection, const Array& stages);
  /// In their order.
  tl::expected<void, FailedInsert> insert(const char* collection, std::span<const Document> documents);
  /// Those whose _id is not there yet.
  Result<void> insert_absent(const char* collection, std::span<const Document> documents);
  /// The first that matches; false when none does.
  Result<bool> update(const char* collection, const Document& filter, const Document& update);
  Result<bool> replace(const char* collection, const Document& filter, const Document& replacement);
  /// All that match. Returns how many.
  Result<std::size_t> erase(const char* collection, const Document& filter);
  /// Adds to a counter that is kept under the name, and begins at 0. Returns what it is then.
  Result<std::int64_t> add_to_counter(std::string_view name, std::int64_t amount);
  /// Makes the counter at least this.
  Result<void> raise_counter(std::string_view name, std::int64_t least);
  /// What the counter is now.
  Result<std::int64_t> counter(std::string_view name);
  /// Makes what is not there yet.
  Result<void> make_indexes(const char* collection, std::span<const Index> indexes);
  /// Quick: asks the server whether it is there.
  Result<void> check();
  /// With everything in it.
  Result<void> drop();

  /// Held while a document is changed depending on what it was. MongoDB needs no such lock; FerretDB reads and writes
  /// in two steps, between which another call may come.
  [[nodiscard]] std::unique_lock<std::mutex> change_lock() { return std::unique_lock(change_); }

 private:
  class Connection;

  Database(std::string name, std::string hosts, std::string place);
  static void watch(const mongoc_apm_topology_changed_t* event);
  [[nodiscard]] Error explain(const bson_error_t& error) const;
  [[nodiscard]] Result<void> check_reachable() const;
  Result<void> ping();
  Result<Document> command(const Document& command);
  Result<std::vector<Document>> read_all(mongoc_cursor_t* started) const;
  Result<void> make_index(const char* collection, const Index& index, bool may_expire);

  std::string name_;
  std::string hosts_;
  std::string place_;
  mongoc_client_pool_t* pool_ = nullptr;
  std::atomic<bool> reachable_ = true;
  std::mutex change_;
};

}  // namespace topoforge::mongo
