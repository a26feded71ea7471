#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "topoforge/base/result.hpp"
#include "topoforge/ports/reserving_anomaly_store.hpp"

/// Purpose: anomalies that wait in a file, in their order, until they can be written where they belong. What append()
/// took survives a kill of the process and of the machine. The file:
///   "topoforge spool 1 OFFSET\n"   where the first batch that waits begins: 16 hexadecimal digits
///   a batch a line, as JSON: {"stored_at": microseconds, "anomalies": [{id, analysis, event, origin, created_by}]}
/// A line that a kill cut off, which nobody was told is kept, is cut away when the file is opened.
/// Thread safety: one caller at a time.
namespace topoforge::spool {

class AnomalySpool {
 public:
  /// Makes the file with mode 0600 when it is not there. Errors: io; corrupt for a file that is no spool, or damaged.
  static Result<AnomalySpool> open(const std::filesystem::path& file, std::uint64_t max_bytes);
  AnomalySpool(AnomalySpool&& other) noexcept;
  AnomalySpool& operator=(AnomalySpool&&) = delete;
  ~AnomalySpool();

  /// All or none. Errors: unavailable when the file would become larger than max_bytes; io.
  Result<void> append(std::span<const IdentifiedAnomaly> batch);

  /// The first batches that wait, and their number.
  struct Front {
    std::vector<IdentifiedAnomaly> anomalies;
    std::size_t batches = 0;
  };
  /// Whole batches, at least one, until there are `enough` anomalies. Errors: io, corrupt.
  [[nodiscard]] Result<Front> front(std::size_t enough) const;
  /// Forgets the first batches. Errors: io.
  Result<void> drop(std::size_t batches);

  [[nodiscard]] bool empty() const { return batches_.empty(); }
  /// Anomalies that wait.
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  struct Batch {
    std::uint64_t bytes;
    std::size_t anomalies;
  };

  AnomalySpool(std::filesystem::path file, int descriptor, std::uint64_t max_bytes)
      : file_(std::move(file)), descriptor_(descriptor), max_bytes_(max_bytes) {}
  Result<void> recover();
  Result<void> write_head();
  [[nodiscard]] tl::unexpected<Error> failed(std::string_view what) const;

  std::filesystem::path file_;
  int descriptor_;
  std::uint64_t max_bytes_;
  std::uint64_t first_ = 0;  ///< offset of the first batch that waits
  std::uint64_t end_ = 0;    ///< of the file
  std::deque<Batch> batches_;
  std::size_t size_ = 0;
};

}  // namespace topoforge::spool
