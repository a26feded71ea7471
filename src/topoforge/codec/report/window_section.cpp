#include "topoforge/codec/report/window_section.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "topoforge/codec/report/axis.hpp"
#include "topoforge/codec/report/diagram_chart.hpp"
#include "topoforge/codec/report/markup.hpp"
#include "topoforge/codec/report/markup_writer.hpp"
#include "topoforge/codec/report/series_plot.hpp"

namespace topoforge {
namespace {

constexpr std::size_t kShownAttributions = 8;
constexpr std::size_t kShownChannels = 4;
constexpr double kChartWidth = 340.0;
constexpr double kChartHeight = 290.0;
constexpr ChartBox kChartBox{.x = 0.0, .y = 4.0, .width = kChartWidth, .height = kChartHeight - 6.0};

std::string share_cell(double share) {
  const double percent = 100.0 * std::clamp(share, 0.0, 1.0);
  return fmt::format(R"(<span class="share" aria-hidden="true"><i style="width:{:.0f}%"></i></span>{:.0f}&nbsp;%)",
                     percent, percent);
}

/// The loops where there are any that die, else the components.
std::size_t landscape_dimension(const PersistenceDiagram& diagram) {
  if (diagram.dimensions() < 2) return 0;
  const auto& loops = diagram.pairs[1];
  return std::any_of(loops.begin(), loops.end(), [](const auto& pair) { return !pair.essential(); }) ? 1 : 0;
}

void add_charts(MarkupWriter& html, const PersistenceDiagram& diagram) {
  html.add(R"(<div class="charts">)");
  html.add("<div><h4>Barcode</h4>{}</div>",
           chart_svg(barcode_chart(diagram, kChartBox), kChartWidth, kChartHeight, "Barcode of the window"));
  html.add("<div><h4>Persistence diagram</h4>{}</div>", chart_svg(birth_death_chart(diagram, kChartBox), kChartWidth,
                                                                  kChartHeight, "Persistence diagram of the window"));
  if (diagram.dimensions() > 0) {
    const std::size_t dimension = landscape_dimension(diagram);
    const auto landscape = persistence_landscape(diagram.pairs[dimension], {.layers = 3, .resolution = 100});
    if (landscape) {
      html.add("<div><h4>Landscape of H{}</h4>{}</div>", dimension,
               chart_svg(landscape_chart(*landscape, dimension, kChartBox), kChartWidth, kChartHeight,
                         fmt::format("Landscape of H{}, three layers", dimension)));
    }
  }
  html.add("</div>");
}

/// The channels that the verdict leans on, as they ran through the window.
void add_channels(MarkupWriter& html, const ReportWindow& window) {
  html.add("<div><h4>Values in the window</h4>");
  std::size_t shown = 0;
  for (const Attribution& attribution : window.analysis.attribution) {
    const auto at = std::find(window.channels.begin(), window.channels.end(), attribution.channel);
    if (at == window.channels.end() || shown == kShownChannels) continue;
    const auto column = static_cast<std::size_t>(at - window.channels.begin());
    SeriesReducer values;
    for (std::size_t row = 0; row < window.values.rows; ++row) values.add(row, window.values(row, column));
    const bool last = ++shown == kShownChannels || &attribution == &window.analysis.attribution.back();
    const std::uint64_t before = window.values.rows - 1;
    html.add_text(series_plot({.name = attribution.channel,
                               .extra = fmt::format("usual {}", short_number(attribution.expected)),
                               .series = values.series(),
                               .first_row = window.newest.row >= before ? window.newest.row - before : 0,
                               .rows = window.values.rows,
                               .low = std::nullopt,
                               .high = std::nullopt,
                               .line = attribution.expected,
                               .line_name = "",
                               .bands = nullptr,
                               .tall = false,
                               .row_axis = last}));
  }
  html.add("</div>");
}

void add_contributions(MarkupWriter& html, const std::vector<Contribution>& contributions) {
  html.add(R"(<div><h4>Which detector says so</h4><div class="scroll" tabindex="0" role="region" )"
           R"(aria-label="Contributions of the detectors"><table><thead><tr><th>Detector</th><th>Share</th>)"
           R"(<th class="number">p-value</th></tr></thead><tbody>)");
  for (const Contribution& contribution : contributions) {
    std::string name = contribution.detector;
    std::replace(name.begin(), name.end(), '_', ' ');
    html.add(R"(<tr><td class="name">{}</td><td class="share-cell">{}</td><td class="number">{}</td></tr>)",
             escape_markup(name), share_cell(contribution.share), short_number(contribution.p_value, 2));
  }
  html.add("</tbody></table></div></div>");
}

void add_attribution(MarkupWriter& html, const std::vector<Attribution>& attributions) {
  html.add(
      R"(<div><h4>Which channels it comes from</h4><div class="scroll" tabindex="0" role="region" )"
      R"(aria-label="Attribution to channels"><table><thead><tr><th>Channel</th><th>Share</th>)"
      R"(<th class="number">Newest</th><th class="number">Usual</th><th class="number">Off by</th></tr></thead><tbody>)");
  const std::size_t shown = std::min(attributions.size(), kShownAttributions);
  for (std::size_t i = 0; i < shown; ++i) {
    const Attribution& attribution = attributions[i];
    html.add(
        R"(<tr><td class="name">{}</td><td class="share-cell">{}</td><td class="number">{}</td><td class="number">{}</td>)"
        R"(<td class="number">{:+.1f}&nbsp;σ</td></tr>)",
        escape_markup(attribution.channel), share_cell(attribution.share), short_number(attribution.value),
        short_number(attribution.expected), attribution.deviation);
  }
  html.add("</tbody></table></div>");
  if (attributions.size() > shown) {
    html.add(R"(<p class="note">{} more channels with smaller shares.</p>)", attributions.size() - shown);
  }
  html.add("</div>");
}

/// The page of a technique at MITRE; a sub-technique stands below its technique.
std::string technique_link(const std::string& id) {
  std::string path = id;
  std::replace(path.begin(), path.end(), '.', '/');
  return fmt::format(R"(<a href="https://attack.mitre.org/techniques/{}/" rel="noreferrer">{}</a>)",
                     escape_markup(path), escape_markup(id));
}

void add_threats(MarkupWriter& html, const SecurityAnalysis& security) {
  html.add("<div><h4>What it may mean (MITRE ATT&amp;CK candidates)</h4>");
  for (const ThreatCandidate& threat : security.threats) {
    html.add(
        R"(<div class="threat"><p><strong>{} {}</strong> <span class="soft">{}, confidence {:.0f}&nbsp;%</span></p>)",
        technique_link(threat.technique_id), escape_markup(threat.technique), escape_markup(threat.tactic),
        100.0 * threat.confidence);
    html.add("<p>{}</p>", escape_markup(threat.evidence));
    html.add(R"(<p class="soft">{}</p></div>)", escape_markup(threat.mitigation));
  }
  if (security.threats.empty()) {
    html.add(R"(<p class="soft">None. {}</p>)", escape_markup(security.mitigation));
  }
  html.add("</div>");
}

void add_measures(MarkupWriter& html, const Analysis& analysis) {
  html.add(R"(<dl class="facts">)");
  const auto fact = [&](std::string_view name, const std::string& value) {
    html.add("<div><dt>{}</dt><dd>{}</dd></div>", name, value);
  };
  fact("Anomaly score", fmt::format("{:.3f}", analysis.anomaly_score));
  fact("p-value", short_number(analysis.p_value, 2));
  fact("Confidence", fmt::format("{:.0f} %", 100.0 * analysis.confidence));
  fact("Betti H0, H1, H2",
       fmt::format("{}, {}, {}", analysis.betti_numbers.h0, analysis.betti_numbers.h1, analysis.betti_numbers.h2));
  fact("Persistent entropy", short_number(analysis.topology.entropy, 3));
  fact("Total lifetime", short_number(analysis.topology.total_lifetime, 3));
  html.add("</dl>");
}

}  // namespace

std::string time_text(const ReportPlace& place) {
  // Files that have no time often number their rows; that says nothing twice.
  return place.timestamp == fmt::format("{}", place.row) ? "" : escape_markup(place.timestamp);
}

std::string place_text(const ReportPlace& place) {
  const std::string row = fmt::format("row {}", grouped_number(place.row));
  const std::string time = time_text(place);
  return time.empty() ? row : fmt::format("{} ({})", row, time);
}

std::string risk_badge(RiskLevel level) {
  return fmt::format(R"(<span class="badge {0}">{0}</span>)", to_string(level));
}

std::string window_section(const ReportWindow& window, std::size_t number) {
  const Analysis& analysis = window.analysis;
  MarkupWriter html;
  html.add(
      R"(<section class="card window" aria-labelledby="window-{0}"><header><h3 id="window-{0}">Window of {1} rows )"
      R"(ending at {2}</h3>{3}{4}</header>)",
      number, analysis.window_size, place_text(window.newest), risk_badge(analysis.risk_level),
      window.stream.empty() ? "" : fmt::format(R"(<span class="soft">{}</span>)", escape_markup(window.stream)));
  html.add(R"(<p class="explanation">{}</p>)", escape_markup(analysis.explanation));
  add_measures(html, analysis);
  add_charts(html, window.diagram);
  html.add(R"(<div class="two">)");
  if (window.values.rows > 0) add_channels(html, window);
  add_attribution(html, analysis.attribution);
  add_contributions(html, analysis.contributions);
  add_threats(html, analysis.security);
  html.add("</div></section>");
  return html.text();
}

}  // namespace topoforge
