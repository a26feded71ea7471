#include "topoforge/adapters/prometheus/stream_gauges.hpp"

#include <string>
#include <utility>

namespace topoforge::prometheus {

void StreamGauges::set(const StreamKey& stream, const BettiNumbers& numbers) {
  const std::lock_guard lock(mutex_);
  const std::array<std::size_t, 3> values{numbers.h0, numbers.h1, numbers.h2};
  Stream& found = stream_of(stream);
  for (std::size_t dimension = 0; dimension < values.size(); ++dimension)
    found.gauges[dimension]->Set(static_cast<double>(values[dimension]));
}

StreamGauges::Stream& StreamGauges::stream_of(const StreamKey& key) {
  if (const auto found = index_.find(key); found != index_.end()) {
    streams_.splice(streams_.begin(), streams_, found->second);
    return streams_.front();
  }
  if (streams_.size() >= capacity_) {
    for (::prometheus::Gauge* const gauge : streams_.back().gauges) family_.Remove(gauge);
    index_.erase(streams_.back().key);
    streams_.pop_back();
  }
  Stream stream{.key = key};
  for (std::size_t dimension = 0; dimension < stream.gauges.size(); ++dimension) {
    stream.gauges[dimension] =
        &family_.Add({{"source", key.source}, {"entity", key.entity}, {"dimension", std::to_string(dimension)}});
  }
  streams_.push_front(std::move(stream));
  index_.emplace(key, streams_.begin());
  return streams_.front();
}

}  // namespace topoforge::prometheus
