#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "topoforge/codec/text/event_reader.hpp"
#include "topoforge/core/pipeline/analysis.hpp"

/// Purpose: the episodes of a run, by rows of the file. Memory: at most kMaxListedEpisodes and one open one a stream.
/// Thread safety: one owner at a time.
namespace topoforge {

inline constexpr std::size_t kMaxListedEpisodes = 1000;
inline constexpr std::size_t kMaxEpisodeChannels = 3;

/// A row of the file, from 0, and its time as it stands there.
struct RowPlace {
  std::uint64_t row = 0;
  std::string timestamp;
};

struct EpisodeRecord {
  StreamKey stream;
  RowPlace start;
  RowPlace peak;
  RowPlace end;            ///< of the last alarm
  std::size_t alarms = 0;  ///< analyses that were anomalies
  bool open = true;        ///< at the end of the file it had not closed
  // At the peak:
  double score = 0.0;
  double p_value = 1.0;
  RiskLevel risk_level = RiskLevel::low;
  std::vector<Attribution> channels;  ///< those of the greatest shares, at most kMaxEpisodeChannels
  std::vector<ThreatCandidate> threats;
  std::string explanation;
};

class EpisodeLog {
 public:
  void update(std::uint64_t row, const InputRow& input, const Analysis& analysis);
  /// Ends the run: episodes that are open join the list.
  void finish();

  /// The worst kMaxListedEpisodes in the order in which they start; whole after finish().
  [[nodiscard]] const std::vector<EpisodeRecord>& listed() const { return listed_; }
  [[nodiscard]] std::size_t total() const { return total_; }
  [[nodiscard]] std::size_t left_out() const { return left_out_; }

 private:
  void list(EpisodeRecord record);

  std::map<StreamKey, EpisodeRecord> open_;
  std::vector<EpisodeRecord> listed_;
  std::size_t total_ = 0;
  std::size_t left_out_ = 0;
};

}  // namespace topoforge
