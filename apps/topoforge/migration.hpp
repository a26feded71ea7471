#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "topoforge/base/result.hpp"
#include "topoforge/stores.hpp"

/// Purpose: copies the store in the data folder into a MongoDB database, ids and all. It may be run again: what is
/// there already stays. Calls block. Thread safety: one caller, while no server uses either store.
namespace topoforge {

struct CopiedCollection {
  std::string name;
  std::size_t read = 0;
  std::size_t written = 0;  ///< the others were there already
};

/// Errors: not_found when there is no SQLite file; invalid_argument without a MongoDB URI; conflict when the database
/// has something else with an id or a unique value; those of the stores.
Result<std::vector<CopiedCollection>> copy_sqlite_to_mongo(const StoreOptions& options);

}  // namespace topoforge
