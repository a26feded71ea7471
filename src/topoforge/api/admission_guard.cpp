#include "topoforge/api/admission_guard.hpp"

#include <utility>

namespace topoforge::api {

AdmissionGuard::AdmissionGuard(const RouteTable& table, Access access, http::Request request)
    : table_(table), access_(access), request_(std::move(request)), asked_(std::chrono::steady_clock::now()) {
  request_.body.clear();
}

http::Task<bool> AdmissionGuard::admits() {
  const auto now = std::chrono::steady_clock::now();
  if (now - asked_ < kPeriod) co_return true;
  const Reply<std::optional<Account>> account = co_await table_.admit(access_, request_);
  if (!account && account.error().status != 503) co_return false;
  asked_ = now;
  co_return true;
}

}  // namespace topoforge::api
