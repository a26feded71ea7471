#include "topoforge/api/detector_preview.hpp"

#include <chrono>
#include <utility>

#include "topoforge/api/detail.hpp"

namespace topoforge::api {
namespace {

tl::expected<Event, Details> read_row(const boost::json::object& row, std::size_t index) {
  auto event = read_event(boost::json::value(row));
  if (!event) return tl::unexpected(Details{event_detail({"body", "rows", index}, event.error())});
  event->stream = {};  // one stream, whatever they say
  return std::move(*event);
}

PreviewVerdict verdict_of(const Analysis& analysis, std::size_t row) {
  return {.row = row,
          .anomaly_score = analysis.anomaly_score,
          .p_value = analysis.p_value,
          .confidence = analysis.confidence,
          .is_anomaly = analysis.is_anomaly,
          .risk_level = analysis.risk_level,
          .betti_numbers = analysis.betti_numbers,
          .explanation = analysis.explanation};
}

}  // namespace

tl::expected<DetectorPreview, Details> preview(const DetectorSettings& settings,
                                               const std::vector<boost::json::object>& rows,
                                               const std::vector<ThreatRule>& threat_rules) {
  const auto end = std::chrono::steady_clock::now() + kPreviewTime;
  PipelineOptions options = pipeline_options_of(settings);
  options.threat_rules = threat_rules;
  Pipeline pipeline(std::move(options));
  DetectorPreview preview;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    auto event = read_row(rows[row], row);
    if (!event) return tl::unexpected(std::move(event.error()));
    const auto pushed = pipeline.push(*event);
    if (!pushed) {
      return tl::unexpected(
          Details{{.loc = {"body", "rows", row, "values"}, .message = pushed.error().message, .type = "value_error"}});
    }
    ++preview.rows;
    if (pushed->analysis) {
      ++preview.windows;
      preview.anomalies += pushed->analysis->is_anomaly ? 1 : 0;
      preview.verdicts.push_back(verdict_of(*pushed->analysis, row));
    }
    preview.cut_short = row + 1 < rows.size() && std::chrono::steady_clock::now() > end;
    if (preview.cut_short) break;
  }
  preview.events_until_verdict = pipeline.events_until_verdict();
  return preview;
}

}  // namespace topoforge::api
