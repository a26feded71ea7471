#include "topoforge/codec/report/detection_report.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "topoforge/codec/report/axis.hpp"
#include "topoforge/codec/report/markup.hpp"
#include "topoforge/codec/report/markup_writer.hpp"
#include "topoforge/codec/report/report_style.hpp"
#include "topoforge/codec/report/series_plot.hpp"
#include "topoforge/codec/report/window_section.hpp"

namespace topoforge {
namespace {

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", grouped_number(count), count == 1 ? one : many);
}

std::size_t episode_count(const DetectionReport& report) { return report.episodes.size() + report.episodes_left_out; }

void add_head(MarkupWriter& html, const DetectionReport& report) {
  html.add("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">");
  html.add(R"(<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">)");
  html.add(R"(<meta name="viewport" content="width=device-width, initial-scale=1">)");
  html.add(R"(<meta name="color-scheme" content="light dark">)");
  html.add("<title>TopoForge: anomalies in {}</title>", escape_markup(report.file_name));
  html.add("<style>{}</style>\n</head>\n<body>\n<main>", report_style());
}

/// What a reader in a hurry needs: how many, and which is the worst.
std::string verdict_sentence(const DetectionReport& report) {
  const std::string rows = counted(report.rows, "row", "rows");
  if (report.episodes.empty()) {
    return fmt::format("No anomaly in {}: no window scored above the threshold of {}.", rows,
                       short_number(report.threshold));
  }
  const auto worst = std::max_element(
      report.episodes.begin(), report.episodes.end(),
      [](const ReportEpisode& left, const ReportEpisode& right) { return left.peak_score < right.peak_score; });
  return fmt::format("{} in {}. The worst peaks at {} with a score of {:.3f}.",
                     counted(episode_count(report), "anomalous episode", "anomalous episodes"), rows,
                     place_text(worst->peak), worst->peak_score);
}

void add_summary(MarkupWriter& html, const DetectionReport& report) {
  double highest = 0.0;
  for (const SeriesBucket& bucket : report.score.buckets) highest = std::max(highest, bucket.maximum);
  html.add(R"(<p class="kicker">TopoForge detection report</p><h1>{}</h1><p class="lead">{}</p>)",
           escape_markup(report.file_name), verdict_sentence(report));
  const auto tile = [&](std::string_view name, const std::string& value, const std::string& small) {
    html.add("<div><dt>{}</dt><dd>{}<small>{}</small></dd></div>", name, value, small);
  };
  html.add(R"(<dl class="tiles">)");
  const std::string first = time_text(report.first);
  const std::string last = time_text(report.last);
  tile("Rows", grouped_number(report.rows), first.empty() || last.empty() ? "" : fmt::format("{} to {}", first, last));
  tile("Windows analysed", grouped_number(report.analyses), "");
  tile("Anomalous windows", grouped_number(report.anomalies),
       report.anomalies == 0 ? ""
                             : fmt::format("{:.2f} % of all", 100.0 * static_cast<double>(report.anomalies) /
                                                                  static_cast<double>(report.analyses)));
  tile("Episodes", grouped_number(episode_count(report)), "");
  tile("Highest score", fmt::format("{:.3f}", highest), fmt::format("threshold {}", short_number(report.threshold)));
  html.add("</dl>");
}

std::vector<PlotBand> bands_of(const DetectionReport& report) {
  std::vector<PlotBand> bands;
  for (const ReportEpisode& episode : report.episodes) {
    bands.push_back({.first = episode.start.row, .last = episode.end.row, .risk_level = episode.risk_level});
  }
  return bands;
}

void add_score(MarkupWriter& html, const DetectionReport& report) {
  const std::vector<PlotBand> bands = bands_of(report);
  html.add(R"(<h2>Score</h2><div class="card">)");
  html.add_text(series_plot({.name = "Anomaly score",
                             .extra = "episodes shaded",
                             .series = report.score,
                             .first_row = 0,
                             .rows = report.last.row + 1,
                             .low = 0.0,
                             .high = 1.0,
                             .line = report.threshold,
                             .line_name = "threshold",
                             .bands = &bands,
                             .tall = true,
                             .row_axis = true}));
  html.add("</div>");
}

void add_channels(MarkupWriter& html, const DetectionReport& report) {
  const std::vector<PlotBand> bands = bands_of(report);
  html.add(R"(<h2>Channels</h2><div class="card">)");
  for (const ReportChannel& channel : report.channels) {
    html.add_text(series_plot({.name = channel.name,
                               .extra = "",
                               .series = channel.series,
                               .first_row = 0,
                               .rows = report.last.row + 1,
                               .low = std::nullopt,
                               .high = std::nullopt,
                               .line = std::nullopt,
                               .line_name = "",
                               .bands = &bands,
                               .tall = report.channels.size() == 1,
                               .row_axis = &channel == &report.channels.back()}));
  }
  if (report.channels_left_out > 0) {
    html.add(R"(<p class="note">{} not drawn: the worst windows lean less on them.</p>)",
             counted(report.channels_left_out, "channel is", "channels are"));
  }
  html.add("</div>");
}

void add_place_cell(MarkupWriter& html, const ReportPlace& place) {
  html.add(R"(<td>{}<small>{}</small></td>)", grouped_number(place.row), time_text(place));
}

void add_episodes(MarkupWriter& html, const DetectionReport& report) {
  html.add("<h2>Episodes</h2><div class=\"card\">");
  if (report.episodes.empty()) {
    html.add(R"(<p class="soft">None. Below is the window of the highest score.</p></div>)");
    return;
  }
  const bool streams = std::any_of(report.episodes.begin(), report.episodes.end(),
                                   [](const ReportEpisode& episode) { return !episode.stream.empty(); });
  html.add(R"(<div class="scroll" tabindex="0" role="region" aria-label="Episodes"><table><thead><tr><th>Risk</th>)"
           R"(<th class="number">Peak score</th><th>Peak row</th><th>First row</th><th>Last row</th>)"
           R"(<th class="number">Alarms</th>{}</tr></thead><tbody>)",
           streams ? "<th>Stream</th>" : "");
  for (const ReportEpisode& episode : report.episodes) {
    html.add(R"(<tr><td>{}{}</td><td class="number">{:.3f}</td>)", risk_badge(episode.risk_level),
             episode.open ? "<small>open at the end</small>" : "", episode.peak_score);
    add_place_cell(html, episode.peak);
    add_place_cell(html, episode.start);
    add_place_cell(html, episode.end);
    html.add(R"(<td class="number">{}</td>)", grouped_number(episode.alarms));
    if (streams) html.add(R"(<td class="name">{}</td>)", escape_markup(episode.stream));
    html.add("</tr>");
  }
  html.add("</tbody></table></div>");
  if (report.episodes_left_out > 0) {
    html.add(R"(<p class="note">{} with lower peaks left out.</p>)",
             counted(report.episodes_left_out, "episode", "episodes"));
  }
  html.add("</div>");
}

void add_options(MarkupWriter& html, const DetectionReport& report) {
  html.add(R"(<h2>How it was made</h2><div class="card"><dl class="facts">)");
  for (const auto& [name, value] : report.options) {
    html.add("<div><dt>{}</dt><dd>{}</dd></div>", escape_markup(name), escape_markup(value));
  }
  html.add("</dl>");
  for (const std::string& note : report.notes) html.add(R"(<p class="note">{}</p>)", escape_markup(note));
  html.add(
      R"(<p class="note">Rows count from 0. A window is scored against calibrated windows: the p-value is how often a )"
      "normal window looks as unusual, the score grows as it falls, and a score above the threshold is an alarm. "
      "Alarms close to each other are one episode. A bar of the barcode is a class of the shape of the window: a "
      "component (H0), a loop (H1) or a void (H2), from the distance at which it appears to that at which it is "
      "filled. ATT&amp;CK techniques are candidates for an analyst, not findings.</p></div>");
}

}  // namespace

std::string detection_report_html(const DetectionReport& report) {
  MarkupWriter html;
  add_head(html, report);
  add_summary(html, report);
  add_score(html, report);
  add_episodes(html, report);
  html.add("<h2>{}</h2>", report.windows.size() == 1 ? "Worst window" : "Worst windows, one for each episode");
  for (std::size_t i = 0; i < report.windows.size(); ++i) html.add_text(window_section(report.windows[i], i + 1));
  add_channels(html, report);
  add_options(html, report);
  html.add("</main>\n</body>\n</html>");
  return html.text();
}

}  // namespace topoforge
