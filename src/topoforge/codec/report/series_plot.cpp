#include "topoforge/codec/report/series_plot.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "topoforge/codec/report/axis.hpp"
#include "topoforge/codec/report/markup.hpp"
#include "topoforge/codec/report/markup_writer.hpp"

namespace topoforge {
namespace {

/// The drawing is 1000 units wide and 100 high, whatever its size on the page.
constexpr double kWidth = 1000.0;
constexpr double kHeight = 100.0;

struct Frame {
  double low = 0.0;
  double high = 1.0;
  double rows = 1.0;

  [[nodiscard]] double x(double row) const { return std::clamp((row + 0.5) / rows, 0.0, 1.0) * kWidth; }
  [[nodiscard]] double y(double value) const {
    const double span = high - low;
    return (1.0 - std::clamp(value / span - low / span, 0.0, 1.0)) * kHeight;
  }
};

Frame frame_of(const SeriesPlot& plot) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const SeriesBucket& bucket : plot.series.buckets) {
    if (bucket.count == 0) continue;
    low = std::min(low, bucket.minimum);
    high = std::max(high, bucket.maximum);
  }
  if (plot.line) {
    low = std::min(low, *plot.line);
    high = std::max(high, *plot.line);
  }
  low = plot.low.value_or(std::isfinite(low) ? low : 0.0);
  high = plot.high.value_or(std::isfinite(high) ? high : 1.0);
  if (high <= low) {  // a constant runs through the middle
    const double room = low == 0.0 ? 1.0 : 0.5 * std::abs(low);
    low -= room;
    high = low + 2.0 * room;
  }
  return {.low = low, .high = high, .rows = static_cast<double>(std::max<std::uint64_t>(plot.rows, 1))};
}

/// Through the least and the greatest value of each bucket, first the one nearer to where the line stands.
std::string line_path(const ReducedSeries& series, const Frame& frame) {
  std::string path;
  double last = std::numeric_limits<double>::quiet_NaN();
  const auto width = static_cast<double>(series.rows_per_bucket);
  for (std::size_t i = 0; i < series.buckets.size(); ++i) {
    const SeriesBucket& bucket = series.buckets[i];
    if (bucket.count == 0) continue;
    const double x = frame.x((static_cast<double>(i) + 0.5) * width - 0.5);
    double first = frame.y(bucket.minimum);
    double second = frame.y(bucket.maximum);
    if (std::abs(second - last) < std::abs(first - last)) std::swap(first, second);
    path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", x, first);
    if (std::abs(first - second) >= 0.05) path += fmt::format("V{:.1f}", second);
    last = second;
  }
  // A line of one point has no length; a round cap makes a dot of it.
  if (!path.empty() && path.find_first_of("LV") == std::string::npos) path += "h0";
  return path;
}

void add_bands(MarkupWriter& html, const std::vector<PlotBand>& bands, const Frame& frame) {
  for (const PlotBand& band : bands) {
    const double left = frame.x(static_cast<double>(band.first) - 0.5);
    const double right = frame.x(static_cast<double>(band.last) + 0.5);
    const double width = std::max(right - left, 2.0);
    html.add(R"(<rect class="band {}" x="{:.1f}" y="0" width="{:.1f}" height="{}"><title>rows {} to {}</title></rect>)",
             to_string(band.risk_level), std::min(left, kWidth - width), width, kHeight, band.first, band.last);
  }
}

void add_value_labels(MarkupWriter& html, const SeriesPlot& plot, const Frame& frame) {
  const std::vector<AxisTick> ticks = axis_ticks(frame.low, frame.high, plot.tall ? 4 : 2);
  for (const AxisTick& tick : ticks) {
    html.add(R"(<span class="y" style="top:{:.1f}%">{}</span>)", frame.y(tick.value) * 100.0 / kHeight, tick.label);
  }
}

void add_row_labels(MarkupWriter& html, const SeriesPlot& plot, const Frame& frame) {
  html.add(R"(<div class="rows">)");
  const double first = static_cast<double>(plot.first_row);
  for (const AxisTick& tick : axis_ticks(first, first + std::max(frame.rows - 1.0, 1.0), 5)) {
    if (tick.value != std::floor(tick.value) || tick.value > first + frame.rows - 1.0) continue;
    html.add(R"(<span style="left:{:.2f}%">{}</span>)", frame.x(tick.value - first) * 100.0 / kWidth,
             grouped_number(static_cast<std::size_t>(tick.value)));
  }
  html.add("</div>");
}

}  // namespace

std::string series_plot(const SeriesPlot& plot) {
  const Frame frame = frame_of(plot);
  const std::string name = escape_markup(plot.name);
  MarkupWriter html;
  html.add(
      R"(<figure class="plot{}"><figcaption><span class="channel">{}</span><span class="extra">{}</span></figcaption>)",
      plot.tall ? " tall" : "", name, escape_markup(plot.extra));
  html.add(
      R"(<div class="area"><svg viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}: from {} )"
      R"(to {} over {} rows">)",
      kWidth, kHeight, name, short_number(frame.low), short_number(frame.high), grouped_number(plot.rows));
  if (plot.bands != nullptr) add_bands(html, *plot.bands, frame);
  for (const AxisTick& tick : axis_ticks(frame.low, frame.high, plot.tall ? 4 : 2)) {
    html.add(R"(<path class="grid" d="M0 {:.1f}H{}"/>)", frame.y(tick.value), kWidth);
  }
  if (plot.line) {
    html.add(R"(<path class="{}" d="M0 {:.1f}H{}"/>)", plot.line_name.empty() ? "usual" : "threshold",
             frame.y(*plot.line), kWidth);
  }
  html.add(R"(<path class="series" d="{}"/></svg>)", line_path(plot.series, frame));
  add_value_labels(html, plot, frame);
  if (plot.line && !plot.line_name.empty()) {
    html.add(R"(<span class="line-name" style="top:{:.1f}%">{}</span>)", frame.y(*plot.line) * 100.0 / kHeight,
             escape_markup(plot.line_name));
  }
  html.add("</div>");
  if (plot.row_axis) add_row_labels(html, plot, frame);
  html.add("</figure>");
  return html.text();
}

}  // namespace topoforge
