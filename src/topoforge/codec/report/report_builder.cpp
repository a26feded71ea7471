#include "topoforge/codec/report/report_builder.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

namespace topoforge {
namespace {

/// Buckets of a channel: half of those of the score, since its chart is smaller.
constexpr std::size_t kChannelBuckets = kMaxSeriesBuckets / 2;

bool worse(const Analysis& left, const Analysis& right) {
  if (left.anomaly_score != right.anomaly_score) return left.anomaly_score > right.anomaly_score;
  return left.p_value < right.p_value;
}

}  // namespace

std::optional<std::size_t> WorstWindows::same_episode(const Analysis& analysis) const {
  if (!analysis.episode) return std::nullopt;
  for (std::size_t i = 0; i < windows_.size(); ++i) {
    const Analysis& held = windows_[i].analysis;
    if (held.is_anomaly && held.stream == analysis.stream && held.episode &&
        held.episode->start == analysis.episode->start) {
      return i;
    }
  }
  return std::nullopt;
}

bool WorstWindows::wants(const Analysis& analysis) const {
  if (windows_.empty()) return true;
  if (!analysis.is_anomaly) return !windows_.front().analysis.is_anomaly && worse(analysis, windows_.front().analysis);
  if (!windows_.front().analysis.is_anomaly) return true;
  if (const auto held = same_episode(analysis)) return worse(analysis, windows_[*held].analysis);
  return windows_.size() < kMaxReportWindows || worse(analysis, windows_.back().analysis);
}

void WorstWindows::add(ReportWindow window) {
  if (!wants(window.analysis)) return;
  if (!windows_.empty() && !windows_.front().analysis.is_anomaly) windows_.clear();
  if (const auto held = same_episode(window.analysis)) {
    windows_.erase(windows_.begin() + static_cast<std::ptrdiff_t>(*held));
  }
  const auto place = std::upper_bound(
      windows_.begin(), windows_.end(), window,
      [](const ReportWindow& left, const ReportWindow& right) { return worse(left.analysis, right.analysis); });
  windows_.insert(place, std::move(window));
  if (windows_.size() > kMaxReportWindows) windows_.pop_back();
}

ReportBuilder::Channel* ReportBuilder::channel(const std::string& name, std::size_t likely_index) {
  if (likely_index < channels_.size() && channels_[likely_index].name == name) return &channels_[likely_index];
  if (const auto known = index_of_.find(name); known != index_of_.end()) return &channels_[known->second];
  if (channels_.size() == kMaxChannels) return nullptr;
  index_of_.emplace(name, channels_.size());
  channels_.push_back({.name = name, .values = SeriesReducer(kChannelBuckets)});
  return &channels_.back();
}

void ReportBuilder::add_row(const ReportPlace& place, const Event& event, const Analysis* analysis) {
  if (counts_.rows++ == 0) counts_.first = place;
  counts_.last = place;
  for (std::size_t i = 0; i < event.values.size(); ++i) {
    if (Channel* known = channel(event.values[i].channel, i)) known->values.add(place.row, event.values[i].value);
  }
  if (analysis == nullptr) return;
  ++counts_.analyses;
  if (analysis->is_anomaly) ++counts_.anomalies;
  score_.add(place.row, analysis->anomaly_score);
}

DetectionReport ReportBuilder::report() const {
  DetectionReport report = counts_;
  report.score = score_.series();
  report.windows = worst_.windows();

  std::map<std::string, double> shares;
  for (const ReportWindow& window : report.windows) {
    for (const Attribution& attribution : window.analysis.attribution) shares[attribution.channel] += attribution.share;
  }
  std::vector<std::size_t> order(channels_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto share = [&](std::size_t index) {
    const auto found = shares.find(channels_[index].name);
    return found == shares.end() ? 0.0 : found->second;
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t left, std::size_t right) { return share(left) > share(right); });
  order.resize(std::min(order.size(), kMaxReportChannels));
  report.channels_left_out = channels_.size() - order.size();
  for (const std::size_t index : order) {
    report.channels.push_back({.name = channels_[index].name, .series = channels_[index].values.series()});
  }
  return report;
}

}  // namespace topoforge
