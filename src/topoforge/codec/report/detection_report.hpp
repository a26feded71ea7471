#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "topoforge/base/matrix.hpp"
#include "topoforge/codec/report/series_reducer.hpp"
#include "topoforge/core/diagram/persistence_diagram.hpp"
#include "topoforge/core/pipeline/analysis.hpp"

/// Purpose: what a run over a file found, as one HTML page for people. The page is self-contained: it asks for nothing
/// from anywhere (a content security policy says so), has no script, is light or dark as the reader's system is, and
/// can be read from 360 pixels of width on. Every text from outside is escaped. Rows count from 0.
/// Thread safety: values and pure functions.
namespace topoforge {

struct ReportPlace {
  std::uint64_t row = 0;
  std::string timestamp;  ///< as it stands in the file; empty: none
};

struct ReportChannel {
  std::string name;
  ReducedSeries series;
};

struct ReportEpisode {
  std::string stream;  ///< empty where the file has one stream
  ReportPlace start;
  ReportPlace peak;
  ReportPlace end;         ///< of the last alarm
  std::size_t alarms = 0;  ///< analyses that were anomalies
  bool open = false;       ///< it had not ended when the file did
  double peak_score = 0.0;
  RiskLevel risk_level = RiskLevel::low;
};

/// One analysis with all that is needed to see why it fell as it did.
struct ReportWindow {
  ReportPlace newest;  ///< the window's last row
  std::string stream;  ///< empty where the file has one stream
  Analysis analysis;
  PersistenceDiagram diagram;
  std::vector<std::string> channels;
  Matrix values;  ///< the window, a row for each event, a column for each channel; may be empty
};

struct DetectionReport {
  std::string file_name;
  std::vector<std::pair<std::string, std::string>> options;  ///< in words: {"Window", "50 rows"}
  std::vector<std::string> notes;                            ///< how the input was taken, one sentence each
  std::uint64_t rows = 0;
  std::uint64_t analyses = 0;
  std::uint64_t anomalies = 0;  ///< analyses that were anomalies
  double threshold = 0.5;
  ReportPlace first;
  ReportPlace last;
  ReducedSeries score;
  std::vector<ReportChannel> channels;  ///< those drawn
  std::size_t channels_left_out = 0;    ///< of the channels
  std::vector<ReportEpisode> episodes;  ///< in order of their start
  std::size_t episodes_left_out = 0;    ///< of the episodes, the weakest
  std::vector<ReportWindow> windows;    ///< the worst first
};

/// Bounds of a page; what is beyond them is left out and said to be.
inline constexpr std::size_t kMaxReportChannels = 24;
inline constexpr std::size_t kMaxReportEpisodes = 200;
inline constexpr std::size_t kMaxReportWindows = 5;

/// O(size of the report).
std::string detection_report_html(const DetectionReport& report);

}  // namespace topoforge
