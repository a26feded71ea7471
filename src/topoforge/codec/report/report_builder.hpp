#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "topoforge/codec/report/detection_report.hpp"
#include "topoforge/core/event/event.hpp"

/// Purpose: gathers a report from the rows of a run as they go by. Memory: bounded, whatever the number of rows: few
/// buckets for each of the first kMaxChannels names of channels, kMaxReportWindows windows. Thread safety: one owner at
/// a time.
namespace topoforge {

/// Holds the worst windows, one for each episode. While there is no anomaly: the one of the highest score.
class WorstWindows {
 public:
  /// Whether add() would keep this analysis: then its diagram and window are worth copying. O(1).
  [[nodiscard]] bool wants(const Analysis& analysis) const;
  void add(ReportWindow window);
  /// The worst first: by score, then by p-value, then the earlier.
  [[nodiscard]] const std::vector<ReportWindow>& windows() const { return windows_; }

 private:
  [[nodiscard]] std::optional<std::size_t> same_episode(const Analysis& analysis) const;

  std::vector<ReportWindow> windows_;
};

class ReportBuilder {
 public:
  /// Rows in the order of the file. analysis: nullptr when there is none at this row.
  void add_row(const ReportPlace& place, const Event& event, const Analysis* analysis);
  [[nodiscard]] bool wants_window(const Analysis& analysis) const { return worst_.wants(analysis); }
  void add_window(ReportWindow window) { worst_.add(std::move(window)); }

  /// The report so far. Its channels are those of the greatest attribution in the worst windows, then the others, as
  /// they stand in the file. File name, options, notes, threshold and episodes are left to the caller.
  [[nodiscard]] DetectionReport report() const;

 private:
  struct Channel {
    std::string name;
    SeriesReducer values;
  };
  /// nullptr for a new name beyond kMaxChannels.
  Channel* channel(const std::string& name, std::size_t likely_index);

  DetectionReport counts_;
  SeriesReducer score_;
  std::vector<Channel> channels_;
  std::unordered_map<std::string, std::size_t> index_of_;
  WorstWindows worst_;
};

}  // namespace topoforge
