#include "topoforge/codec/report/detection_report.hpp"

#include <limits>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using testing::HasSubstr;
using testing::Not;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
const std::string kHostile = "</style></title><script>alert(\"1\")</script><img src=x onerror='alert(2)'>&";

DetectionReport report_with(const std::string& text) {
  DetectionReport report;
  report.file_name = text;
  report.options = {{text, text}};
  report.notes = {text};
  report.rows = 1000;
  report.analyses = 900;
  report.anomalies = 12;
  report.first = {.row = 0, .timestamp = text};
  report.last = {.row = 999, .timestamp = text};
  report.score = {.rows_per_bucket = 1, .buckets = {{}, {0.1, 0.2, 1}, {0.9, 0.9, 1}}};
  report.channels = {{.name = text, .series = {.rows_per_bucket = 500, .buckets = {{1.0, 2.0, 500}, {3.0, 4.0, 500}}}}};
  report.episodes = {{.stream = text,
                      .start = {.row = 500, .timestamp = text},
                      .peak = {.row = 510, .timestamp = text},
                      .end = {.row = 520, .timestamp = text},
                      .alarms = 12,
                      .open = true,
                      .peak_score = 0.9,
                      .risk_level = RiskLevel::critical}};
  ReportWindow window;
  window.newest = {.row = 510, .timestamp = text};
  window.stream = text;
  window.diagram = {.pairs = {{{0.0, 1.0}, {0.0, kInfinity}}, {{1.0, 1.5}}}};
  window.channels = {text};
  window.values = Matrix(3, 1, {1.0, 2.0, 3.0});
  window.analysis.anomaly_score = 0.9;
  window.analysis.is_anomaly = true;
  window.analysis.risk_level = RiskLevel::critical;
  window.analysis.window_size = 3;
  window.analysis.betti_numbers = {1, 1, 0};
  window.analysis.explanation = text;
  window.analysis.contributions = {{.detector = text, .share = 1.0, .p_value = 0.001}};
  window.analysis.attribution = {{.channel = text, .share = 1.0, .value = 3.0, .expected = 1.0, .deviation = 6.5}};
  window.analysis.security.threats = {{.technique_id = "T1071.001",
                                       .technique = text,
                                       .tactic_id = "TA0011",
                                       .tactic = text,
                                       .confidence = 0.5,
                                       .evidence = text,
                                       .mitigation = text}};
  report.windows = {window};
  return report;
}

/// Names of the elements; each that is opened is closed in its order.
std::set<std::string> elements_of(const std::string& html) {
  const std::set<std::string> void_elements = {"meta", "br"};
  std::set<std::string> names;
  std::vector<std::string> open;
  const std::regex tag("<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*?(/?)>");
  for (auto it = std::sregex_iterator(html.begin(), html.end(), tag); it != std::sregex_iterator(); ++it) {
    const std::string name = (*it)[2];
    names.insert(name);
    if ((*it)[3].length() > 0 || void_elements.count(name) > 0) continue;
    if ((*it)[1].length() == 0) {
      open.push_back(name);
      continue;
    }
    EXPECT_FALSE(open.empty()) << name;
    if (open.empty()) return names;
    EXPECT_EQ(open.back(), name);
    open.pop_back();
  }
  EXPECT_TRUE(open.empty());
  return names;
}

TEST(DetectionReport, IsWellFormedAndShowsWhatWasFound) {
  const std::string html = detection_report_html(report_with("plain"));
  elements_of(html);
  for (const char* part :
       {"1 anomalous episode in 1,000 rows", "The worst peaks at row 510 (plain) with a score of 0.900", "Barcode",
        "Persistence diagram", "Landscape of H1", "open at the end", "Critical", "+6.5&nbsp;σ", "1.33 % of all"}) {
    EXPECT_THAT(html, HasSubstr(part));
  }
}

TEST(DetectionReport, HostileTextStaysText) {
  const std::string html = detection_report_html(report_with(kHostile));
  const auto names = elements_of(html);
  EXPECT_EQ(names.count("script"), 0U);
  EXPECT_EQ(names.count("img"), 0U);
  EXPECT_THAT(html, Not(HasSubstr("onerror='")));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;"));
}

TEST(DetectionReport, ItsElementsDoNotDependOnTheTextsWithinIt) {
  EXPECT_EQ(elements_of(detection_report_html(report_with("plain"))),
            elements_of(detection_report_html(report_with(kHostile))));
}

TEST(DetectionReport, AsksForNothingFromAnywhere) {
  const std::string html = detection_report_html(report_with("plain"));
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  for (const char* part : {" src=", "url(", "@import", "<link", "<script", "<iframe", "xlink"}) {
    EXPECT_THAT(html, Not(HasSubstr(part)));
  }
  const std::regex address("https?://[^\"<> ]*");
  for (auto it = std::sregex_iterator(html.begin(), html.end(), address); it != std::sregex_iterator(); ++it) {
    EXPECT_EQ(it->str(), "https://attack.mitre.org/techniques/T1071/001/");
  }
  EXPECT_THAT(html, HasSubstr("<a href=\"https://attack.mitre.org/techniques/T1071/001/\""));
}

TEST(DetectionReport, ARunWithoutAnomaliesSaysSo) {
  DetectionReport report = report_with("plain");
  report.episodes.clear();
  report.anomalies = 0;
  const std::string html = detection_report_html(report);
  elements_of(html);
  EXPECT_THAT(html, HasSubstr("No anomaly in 1,000 rows: no window scored above the threshold of 0.5."));
}

TEST(DetectionReport, WhatIsLeftOutIsSaid) {
  DetectionReport report = report_with("plain");
  report.channels_left_out = 176;
  report.episodes_left_out = 1;
  const std::string html = detection_report_html(report);
  EXPECT_THAT(html, HasSubstr("176 channels are not drawn"));
  EXPECT_THAT(html, HasSubstr("1 episode with lower peaks left out"));
  EXPECT_THAT(html, HasSubstr("2 anomalous episodes in"));
}

TEST(DetectionReport, ConstantAndEmptySeriesAreDrawn) {
  DetectionReport report = report_with("plain");
  report.score = {};
  report.channels[0].series = {.rows_per_bucket = 1, .buckets = {{0.0, 0.0, 1}}};
  report.windows[0].values = Matrix{};
  report.windows[0].diagram = {};
  const std::string html = detection_report_html(report);
  elements_of(html);
  EXPECT_THAT(html, Not(HasSubstr("nan")));
}

}  // namespace
}  // namespace topoforge
