#include "topoforge/core/verdict/episode.hpp"

namespace topoforge {

EpisodeChange EpisodeTracker::update(std::uint64_t sequence, double score, bool alarm) {
  const bool running = episode_ && episode_->open;
  if (alarm && !running) {
    episode_ = Episode{.start = sequence, .peak = sequence, .last_alarm = sequence, .peak_score = score, .alarms = 1};
    return EpisodeChange::opened;
  }
  if (!running) {
    episode_.reset();
    return EpisodeChange::none;
  }
  if (alarm) {
    episode_->last_alarm = sequence;
    ++episode_->alarms;
    if (score > episode_->peak_score) {
      episode_->peak_score = score;
      episode_->peak = sequence;
    }
    return EpisodeChange::continued;
  }
  if (sequence - episode_->last_alarm < quiet_events_) return EpisodeChange::continued;
  episode_->open = false;
  return EpisodeChange::closed;
}

}  // namespace topoforge
