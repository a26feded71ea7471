#pragma once

#include <optional>
#include <string>

#include <boost/asio/thread_pool.hpp>

#include "topoforge/adapters/http/body_stream.hpp"
#include "topoforge/api/anomaly_models.hpp"
#include "topoforge/ports/anomaly_store.hpp"

/// Purpose: anomalies of any number as CSV, JSON or NDJSON, oldest first, a batch at a time. What is stored after the
/// start is not in it. Thread safety: the I/O thread; batches are read and written on the storage pool.
namespace topoforge::api {

/// A cell of a table (RFC 4180). Text that a spreadsheet would take for a formula (= + - @ or a control character at
/// its beginning) gets a ' before it.
std::string csv_cell(std::string_view text);

class AnomalyExportStream final : public http::BodyStream {
 public:
  AnomalyExportStream(AnomalyExport anomalies, ExportFormat format, boost::asio::thread_pool& storage_pool)
      : anomalies_(std::move(anomalies)), format_(format), storage_pool_(storage_pool) {}

  http::Task<Result<std::optional<std::string>>> next() override;

 private:
  enum class Part { head, rows, end };
  Result<std::optional<std::string>> next_part();
  [[nodiscard]] std::string row(const StoredAnomaly& anomaly, bool first) const;

  AnomalyExport anomalies_;
  ExportFormat format_;
  boost::asio::thread_pool& storage_pool_;
  Part part_ = Part::head;
  bool first_ = true;
};

}  // namespace topoforge::api
