#include "topoforge/adapters/mongo/anomaly_ids.hpp"

#include <algorithm>
#include <string_view>

#include "topoforge/codec/text/record_id.hpp"

namespace topoforge::mongo {
namespace {

constexpr std::string_view kCounter = "anomalies";
constexpr std::int64_t kBlock = 1 << 20;
/// With fewer left a new block is reserved while that is possible.
constexpr std::int64_t kLow = kBlock / 2;

}  // namespace

Result<AnomalyIds> AnomalyIds::open(std::shared_ptr<Database> database) {
  AnomalyIds ids(std::move(database));
  if (auto reserved = ids.reserve_block(); !reserved) return tl::unexpected(std::move(reserved.error()));
  return ids;
}

Result<void> AnomalyIds::reserve_block() {
  const auto last = database_->add_to_counter(kCounter, kBlock);
  if (!last) return tl::unexpected(last.error());
  last_ = *last;
  next_ = last_ - kBlock + 1;
  return {};
}

Result<void> AnomalyIds::go_beyond(const std::vector<std::string>& ids) {
  const std::string greatest = ids.empty() ? std::string() : *std::max_element(ids.begin(), ids.end());
  const std::int64_t number = number_of_id(greatest).value_or(0);
  if (number < next_) return {};
  if (auto raised = database_->raise_counter(kCounter, number); !raised) return raised;
  return reserve_block();
}

Result<std::vector<std::string>> AnomalyIds::take(std::size_t count) {
  const auto wanted = static_cast<std::int64_t>(count);
  const auto newest = database_->counter(kCounter);
  const bool is_ours = newest && *newest == last_;
  if (newest && (!is_ours || last_ - next_ < std::max(kLow, wanted))) {
    if (auto reserved = reserve_block(); !reserved && !is_ours) return tl::unexpected(std::move(reserved.error()));
  }
  if (last_ - next_ + 1 < wanted) {
    return fail(ErrorCode::unavailable, "the ids that were reserved for anomalies are used up");
  }
  std::vector<std::string> ids;
  ids.reserve(count);
  for (; ids.size() < count; ++next_) ids.push_back(id_text(next_));
  return ids;
}

}  // namespace topoforge::mongo
