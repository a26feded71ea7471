#pragma once

#include <array>
#include <cstddef>
#include <list>
#include <map>
#include <mutex>

#include <prometheus/family.h>
#include <prometheus/gauge.h>

#include "topoforge/core/event/event.hpp"
#include "topoforge/core/features/betti.hpp"

/// Purpose: the Betti numbers of the streams that were analysed last, so that many streams make no endless list of
/// series. Thread safety: any thread.
namespace topoforge::prometheus {

class StreamGauges {
 public:
  StreamGauges(::prometheus::Family<::prometheus::Gauge>& family, std::size_t capacity)
      : family_(family), capacity_(capacity) {}

  void set(const StreamKey& stream, const BettiNumbers& numbers);

 private:
  struct Stream {
    StreamKey key;
    std::array<::prometheus::Gauge*, 3> gauges{};
  };

  Stream& stream_of(const StreamKey& key);

  ::prometheus::Family<::prometheus::Gauge>& family_;
  std::size_t capacity_;
  std::mutex mutex_;           ///< owns the rest
  std::list<Stream> streams_;  ///< analysed last first
  std::map<StreamKey, std::list<Stream>::iterator> index_;
};

}  // namespace topoforge::prometheus
