#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe.hpp>

#include "topoforge/base/result.hpp"
#include "topoforge/core/event/event.hpp"

/// Purpose: where the small collections are kept: accounts, sessions, sources, detectors, alert configurations, what is
/// to be sent. One contract suite (tests/contract) runs against every implementation. When a change returns without an
/// error, it survives a kill of the process and of the machine.
/// Thread safety: an implementation may be called from any thread; calls block, so they run on the storage pool.
namespace topoforge {

inline constexpr std::size_t kMaxRecordLimit = 1000;

/// What every record begins with. The store sets id and revision.
struct RecordHead {
  std::string id;              ///< texts of equal length that sort in the order of insertion
  std::uint64_t revision = 0;  ///< grows with each change
};
BOOST_DESCRIBE_STRUCT(RecordHead, (), (id, revision))

/// How a type of records is kept; specialised beside the type:
///   static constexpr std::string_view kCollection = "users";
///   static constexpr std::array<std::string_view, N> kUniqueFields{...};   texts that no two records share
///   static constexpr std::array<std::string_view, N> kIndexedFields{...};  texts that records are found by
/// A record with a member `Timestamp expires_at` can be erased when it has expired. A unique or indexed member is text
/// or an optional text, of which an absent one is shared and found by nobody.
template <class T>
struct RecordTraits;

struct RecordQuery {
  std::string_view field = {};  ///< one of the unique or indexed fields; empty: all records
  std::string value = {};       ///< which it must have
  std::size_t page = 1;
  std::size_t limit = 100;  ///< 1 to kMaxRecordLimit
};

template <class T>
struct RecordPage {
  std::vector<T> data;  ///< in the order of insertion
  std::size_t total = 0;
};

template <class T>
class Records {
 public:
  virtual ~Records() = default;
  /// Gives the record an id, and the revision 1. Errors: conflict, with the name of the unique field whose value is
  /// taken, and nothing else, as the message.
  virtual Result<T> insert(T record) = 0;
  /// Errors: not_found.
  virtual Result<T> get(const std::string& id) = 0;
  /// The first with the value in a unique or indexed field (asserted); nothing when there is none.
  virtual Result<std::optional<T>> find(std::string_view field, const std::string& value) = 0;
  /// Errors: invalid_argument for a page or limit outside its range.
  virtual Result<RecordPage<T>> list(const RecordQuery& query) = 0;
  /// Returns the record with its new revision. Errors: not_found; conflict, with the field as above, or with an empty
  /// message when the revision is not the newest.
  virtual Result<T> replace(T record) = 0;
  /// Errors: not_found.
  virtual Result<void> erase(const std::string& id) = 0;
  /// All with the value in a unique or indexed field (asserted). Returns how many.
  virtual Result<std::size_t> erase_all(std::string_view field, const std::string& value) = 0;
  /// Those whose expires_at is not after now. Returns how many.
  virtual Result<std::size_t> erase_expired(Timestamp now) = 0;
};

}  // namespace topoforge
