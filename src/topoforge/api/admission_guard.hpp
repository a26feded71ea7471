#pragma once

#include <chrono>

#include "topoforge/adapters/http/message.hpp"
#include "topoforge/adapters/http/task.hpp"
#include "topoforge/api/route.hpp"

/// Purpose: whether whoever opened a connection that stays may still have it: an account that was deleted or signed out
/// since, or whose role was taken away, may not. Thread safety: the I/O thread alone.
namespace topoforge::api {

class AdmissionGuard {
 public:
  /// How long a connection may outlive the right to it.
  static constexpr std::chrono::seconds kPeriod{2};

  /// Of a request that was admitted. table must live as long.
  AdmissionGuard(const RouteTable& table, Access access, http::Request request);

  /// Asks again, though not more often than once a kPeriod. A store that cannot be asked takes no right away.
  http::Task<bool> admits();

 private:
  const RouteTable& table_;
  Access access_;
  http::Request request_;
  std::chrono::steady_clock::time_point asked_;
};

}  // namespace topoforge::api
