#include <algorithm>
#include <array>
#include <iterator>

#include <fmt/format.h>

#include "topoforge/codec/text/quote.hpp"
#include "topoforge/detect/figures.hpp"
#include "topoforge/detect/result_writers.hpp"

namespace topoforge {
namespace {

constexpr std::size_t kMaxNamedChannels = 12;
constexpr std::size_t kColumns = 8;
using Line = std::array<std::string, kColumns>;
constexpr std::size_t kRiskColumn = 5;

std::string_view colour_of(RiskLevel level) {
  switch (level) {
    case RiskLevel::critical: return "\x1b[1;31m";
    case RiskLevel::high: return "\x1b[31m";
    case RiskLevel::medium: return "\x1b[33m";
    case RiskLevel::low: return "\x1b[32m";
  }
  return "";
}

/// A name without its quotes: control bytes of a file do not reach the terminal.
std::string shown(std::string_view text) {
  const std::string quoted = quote_text(text);
  return quoted.substr(1, quoted.size() - 2);
}

/// Characters, as far as each takes one cell of the terminal.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string channels_text(const std::vector<std::string>& channels) {
  std::string text;
  for (std::size_t i = 0; i < std::min(channels.size(), kMaxNamedChannels); ++i) {
    text += (i == 0 ? "" : ", ") + shown(channels[i]);
  }
  if (channels.size() > kMaxNamedChannels) {
    text += fmt::format(" and {} more", channels.size() - kMaxNamedChannels);
  }
  return text;
}

std::string calibration_text(const PipelineOptions& options) {
  if (options.calibration_events > 0) {
    return fmt::format("calibrated on the first {} rows, fixed after them", with_commas(options.calibration_events));
  }
  return fmt::format("calibrated on the first window ({} rows) and, after it, on rows that were clean", options.window);
}

Line line_of(const EpisodeRecord& episode, bool several_streams) {
  std::string channels;
  for (const Attribution& channel : episode.channels) {
    channels +=
        fmt::format("{}{} {:.0f}%", channels.empty() ? "" : ", ", shown(channel.channel), 100.0 * channel.share);
  }
  std::string threats;
  for (const ThreatCandidate& threat : episode.threats) {
    threats += fmt::format("{}{} {} ({:.2f})", threats.empty() ? "" : ", ", threat.technique_id, threat.technique,
                           threat.confidence);
  }
  std::string start_time = shown(episode.start.timestamp);
  if (several_streams) {
    const StreamKey& key = episode.stream;
    start_time =
        fmt::format("{}{}{} {}", shown(key.source), key.entity.empty() ? "" : "/", shown(key.entity), start_time);
  }
  return {std::to_string(episode.start.row),
          episode.open ? fmt::format("{}+", episode.end.row) : std::to_string(episode.end.row),
          std::to_string(episode.peak.row),
          std::move(start_time),
          fmt::format("{:.3f}", episode.score),
          std::string(to_string(episode.risk_level)),
          std::move(channels),
          threats.empty() ? std::string("-") : std::move(threats)};
}

std::string episodes_table(const RunSummary& summary, bool colour) {
  const auto& episodes = summary.episodes.listed();
  std::vector<Line> lines = {{"start", "end", "peak", summary.streams > 1 ? "stream, time of start" : "time of start",
                              "score", "risk", "main channels", "ATT&CK candidates"}};
  for (const EpisodeRecord& episode : episodes) lines.push_back(line_of(episode, summary.streams > 1));
  std::array<std::size_t, kColumns> widths{};
  for (const Line& line : lines) {
    for (std::size_t i = 0; i < kColumns; ++i) widths[i] = std::max(widths[i], width(line[i]));
  }
  std::string text;
  for (std::size_t row = 0; row < lines.size(); ++row) {
    text += " ";
    for (std::size_t i = 0; i < kColumns; ++i) {
      const bool last = i + 1 == kColumns;
      const bool coloured = colour && row > 0 && i == kRiskColumn;
      const std::string gap(last ? 0 : widths[i] - width(lines[row][i]), ' ');
      text += " ";
      if (i < 3) text += gap;
      if (coloured) text += colour_of(episodes[row - 1].risk_level);
      text += lines[row][i];
      if (coloured) text += "\x1b[0m";
      if (i >= 3) text += gap;
      if (!last) text += " ";
    }
    text += "\n";
  }
  return text;
}

}  // namespace

std::string table_text(const RunSummary& summary, bool colour) {
  const InputSummary& input = summary.input;
  std::string text = fmt::format("{}: {} rows, {} {}\n", shown(summary.name), with_commas(input.rows),
                                 input.channels.size(), input.channels.size() == 1 ? "channel" : "channels");
  fmt::format_to(std::back_inserter(text), "  channels: {}\n", channels_text(input.channels));
  if (!input.timestamp_column.empty()) {
    fmt::format_to(std::back_inserter(text), "  time: column {}, {} to {}\n", shown(input.timestamp_column),
                   shown(summary.first.timestamp), shown(summary.last.timestamp));
  }
  fmt::format_to(std::back_inserter(text), "  {}\n", calibration_text(summary.pipeline));
  for (const std::string& note : input_notes(summary)) fmt::format_to(std::back_inserter(text), "  note: {}\n", note);
  text += "\n";
  if (!summary.episodes.listed().empty()) {
    text += episodes_table(summary, colour);
    if (summary.episodes.left_out() > 0) {
      fmt::format_to(std::back_inserter(text), "  and {} episodes of lower scores\n",
                     with_commas(summary.episodes.left_out()));
    }
    const auto& listed = summary.episodes.listed();
    if (std::any_of(listed.begin(), listed.end(), [](const EpisodeRecord& episode) { return episode.open; })) {
      text += "  + the episode had not ended when the file did\n";
    }
    text += "\n";
  }
  return text + one_line_summary(summary) + "\n";
}

}  // namespace topoforge
