#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "topoforge/ports/anomaly_store.hpp"

/// Purpose: a store of anomalies that gives ids before it keeps what they are for, so that what cannot be written now
/// may be written later, and twice without harm. Thread safety: as AnomalyStore.
namespace topoforge {

struct IdentifiedAnomaly {
  std::string id;
  Timestamp stored_at;
  NewAnomaly anomaly;
};

class ReservingAnomalyStore : public AnomalyStore {
 public:
  /// Ids in their order, greater than all that were given before; they need not be used. While the database is away
  /// they come from a stock. Errors: unavailable when that is used up.
  virtual Result<std::vector<std::string>> reserve(std::size_t count) = 0;
  /// Keeps those that are not there yet. An error may leave the first of them kept: to be called again with the same.
  /// Errors: as add().
  virtual Result<void> put(std::span<const IdentifiedAnomaly> anomalies) = 0;
  /// What add() would refuse. Errors: invalid_argument.
  [[nodiscard]] virtual Result<void> check_new(const NewAnomaly& anomaly) const = 0;
};

}  // namespace topoforge
