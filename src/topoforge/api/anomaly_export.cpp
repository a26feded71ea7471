#include "topoforge/api/anomaly_export.hpp"

#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "topoforge/codec/model/write_model.hpp"
#include "topoforge/codec/text/timestamp.hpp"

namespace topoforge::api {
namespace {

constexpr std::string_view kCsvHead =
    "id,time,stored_at,source,entity,anomaly_score,p_value,confidence,is_anomaly,risk_level,h0,h1,h2,techniques,"
    "explanation,origin,created_by,label,acknowledged_by,acknowledged_at,note\r\n";

std::string csv_row(const StoredAnomaly& anomaly) {
  const Analysis& analysis = anomaly.analysis;
  std::vector<std::string_view> techniques;
  for (const ThreatCandidate& threat : analysis.security.threats) techniques.push_back(threat.technique_id);
  const AnomalyReview& review = anomaly.review;
  return fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\r\n", anomaly.id,
                     format_timestamp(anomaly.time), format_timestamp(anomaly.stored_at),
                     csv_cell(analysis.stream.source), csv_cell(analysis.stream.entity), analysis.anomaly_score,
                     analysis.p_value, analysis.confidence, analysis.is_anomaly, to_string(analysis.risk_level),
                     analysis.betti_numbers.h0, analysis.betti_numbers.h1, analysis.betti_numbers.h2,
                     csv_cell(fmt::format("{}", fmt::join(techniques, " "))), csv_cell(analysis.explanation),
                     enum_text(anomaly.origin), csv_cell(anomaly.created_by), enum_text(review.label),
                     csv_cell(review.acknowledged_by),
                     review.acknowledged_at ? format_timestamp(*review.acknowledged_at) : "", csv_cell(review.note));
}

}  // namespace

std::string csv_cell(std::string_view text) {
  std::string cell;
  const bool formula = !text.empty() && (std::string_view("=+-@").find(text.front()) != std::string_view::npos ||
                                         static_cast<unsigned char>(text.front()) < 0x20);
  if (formula) cell.push_back('\'');
  cell += text;
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  return quoted + "\"";
}

std::string AnomalyExportStream::row(const StoredAnomaly& anomaly, bool first) const {
  if (format_ == ExportFormat::csv) return csv_row(anomaly);
  const std::string json = print_model(view_of(anomaly));
  if (format_ == ExportFormat::ndjson) return json + "\n";
  return (first ? "\n" : ",\n") + json;
}

Result<std::optional<std::string>> AnomalyExportStream::next_part() {
  std::string text;
  if (part_ == Part::head) {
    part_ = Part::rows;
    if (format_ == ExportFormat::csv) text = kCsvHead;
    if (format_ == ExportFormat::json) text = "[";
    if (!text.empty()) return text;
  }
  if (part_ == Part::rows) {
    auto batch = anomalies_.next();
    if (!batch) return tl::unexpected(std::move(batch.error()));
    for (const StoredAnomaly& anomaly : *batch) {
      text += row(anomaly, first_);
      first_ = false;
    }
    if (!text.empty()) return text;
    part_ = Part::end;
    if (format_ == ExportFormat::json) return "\n]\n";
  }
  return std::nullopt;
}

http::Task<Result<std::optional<std::string>>> AnomalyExportStream::next() {
  auto part = [this] { return next_part(); };
  co_return co_await http::run_on(storage_pool_, std::move(part));
}

}  // namespace topoforge::api
