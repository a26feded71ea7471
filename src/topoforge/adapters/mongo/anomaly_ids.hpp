#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "topoforge/adapters/mongo/database.hpp"
#include "topoforge/base/result.hpp"

/// Purpose: the ids of anomalies, out of a block of numbers that is reserved in the database, so that there are ids
/// while it is away. Before ids are given the database is asked whether another process has reserved a block since; if
/// so, a new one is reserved, so that ids go on growing in the order of insertion. Thread safety: one caller at a time.
namespace topoforge::mongo {

class AnomalyIds {
 public:
  /// Reserves the first block. Errors: those of the database.
  static Result<AnomalyIds> open(std::shared_ptr<Database> database);
  /// Errors: unavailable when the database is away and the block used up.
  Result<std::vector<std::string>> take(std::size_t count);
  /// What is given from now on is greater than these. Errors: those of the database.
  Result<void> go_beyond(const std::vector<std::string>& ids);

 private:
  explicit AnomalyIds(std::shared_ptr<Database> database) : database_(std::move(database)) {}
  Result<void> reserve_block();

  std::shared_ptr<Database> database_;
  std::int64_t next_ = 1;
  std::int64_t last_ = 0;
};

}  // namespace topoforge::mongo
