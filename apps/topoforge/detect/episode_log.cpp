#include "topoforge/detect/episode_log.hpp"

#include <algorithm>
#include <utility>

namespace topoforge {
namespace {

void set_peak(EpisodeRecord& record, const RowPlace& place, const Analysis& analysis) {
  record.peak = place;
  record.score = analysis.anomaly_score;
  record.p_value = analysis.p_value;
  record.risk_level = analysis.risk_level;
  const std::size_t count = std::min(analysis.attribution.size(), kMaxEpisodeChannels);
  record.channels.assign(analysis.attribution.begin(),
                         analysis.attribution.begin() + static_cast<std::ptrdiff_t>(count));
  record.threats = analysis.security.threats;
  record.explanation = analysis.explanation;
}

}  // namespace

void EpisodeLog::update(std::uint64_t row, const InputRow& input, const Analysis& analysis) {
  if (analysis.episode_change == EpisodeChange::closed) {
    if (auto closed = open_.extract(analysis.stream); !closed.empty()) {
      closed.mapped().open = false;
      list(std::move(closed.mapped()));
    }
    return;
  }
  if (!analysis.is_anomaly) return;
  const RowPlace place{row, input.timestamp};
  const auto [at, opened] = open_.try_emplace(analysis.stream);
  EpisodeRecord& record = at->second;
  if (opened) {
    ++total_;
    record.stream = analysis.stream;
    record.start = place;
  }
  if (opened || analysis.anomaly_score > record.score) set_peak(record, place, analysis);
  record.end = place;
  ++record.alarms;
}

void EpisodeLog::finish() {
  for (auto& [stream, record] : open_) list(std::move(record));
  open_.clear();
  std::sort(listed_.begin(), listed_.end(),
            [](const EpisodeRecord& a, const EpisodeRecord& b) { return a.start.row < b.start.row; });
}

void EpisodeLog::list(EpisodeRecord record) {
  listed_.push_back(std::move(record));
  if (listed_.size() <= kMaxListedEpisodes) return;
  const auto least = std::min_element(listed_.begin(), listed_.end(),
                                      [](const EpisodeRecord& a, const EpisodeRecord& b) { return a.score < b.score; });
  listed_.erase(least);
  ++left_out_;
}

}  // namespace topoforge
