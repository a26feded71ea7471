#include "topoforge/codec/report/diagram_chart.hpp"

#include <limits>
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using testing::HasSubstr;
using testing::Not;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
const PersistenceDiagram kDiagram{.pairs = {{{0.0, 1.0}, {0.0, 2.0}, {0.0, kInfinity}}, {{1.0, 1.75}}, {}}};
const ChartBox kBox{.x = 0.0, .y = 0.0, .width = 340.0, .height = 300.0};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

/// Every opened element is closed in its order; enough for markup that has no comments or CDATA.
void expect_balanced(const std::string& svg) {
  std::vector<std::string> open;
  const std::regex tag("<(/?)([a-zA-Z]+)[^<>]*?(/?)>");
  for (auto it = std::sregex_iterator(svg.begin(), svg.end(), tag); it != std::sregex_iterator(); ++it) {
    if ((*it)[3].length() > 0) continue;
    if ((*it)[1].length() == 0) {
      open.push_back((*it)[2]);
      continue;
    }
    ASSERT_FALSE(open.empty()) << (*it)[0];
    EXPECT_EQ(open.back(), (*it)[2].str());
    open.pop_back();
  }
  EXPECT_TRUE(open.empty());
}

TEST(BarcodeChart, DrawsOneBarAClassAndAnArrowForEachEssentialOne) {
  const std::string svg = barcode_chart(kDiagram, kBox);
  expect_balanced(svg);
  EXPECT_EQ(count(svg, "<rect"), 4U);
  EXPECT_EQ(count(svg, "<path"), 1U) << "the head of the arrow";
  EXPECT_EQ(count(svg, "never dies"), 1U);
  EXPECT_THAT(svg, HasSubstr("H1: born at 1, dies at 1.75, lives 0.75"));
  EXPECT_THAT(svg, HasSubstr("class=\"d1\""));
  EXPECT_THAT(svg, Not(HasSubstr("class=\"d2\""))) << "a dimension without classes takes no room";
}

TEST(BarcodeChart, KeepsTheLongestBarsOfManyClasses) {
  PersistenceDiagram diagram{.pairs = {{}}};
  for (int i = 1; i <= 1000; ++i) diagram.pairs[0].push_back({0.0, static_cast<double>(i)});
  const std::string svg = barcode_chart(diagram, kBox);
  EXPECT_EQ(count(svg, "<rect"), kMaxBarsPerDimension);
  EXPECT_THAT(svg, HasSubstr("dies at 1000,"));
  EXPECT_THAT(svg, Not(HasSubstr("dies at 920,")));
  EXPECT_THAT(diagram_svg(diagram, "x"), HasSubstr("H0 connected components: 1,000 (80 longest as bars)"));
}

TEST(BirthDeathChart, DrawsAShapeForEachDimension) {
  const std::string svg = birth_death_chart(kDiagram, kBox);
  expect_balanced(svg);
  EXPECT_EQ(count(svg, "<circle"), 3U);
  EXPECT_EQ(count(svg, "class=\"mark\""), 4U);
  EXPECT_THAT(svg, HasSubstr(">∞<"));
}

TEST(DiagramCharts, AnEmptyDiagramAndASinglePointAreDrawn) {
  for (const PersistenceDiagram& diagram : {PersistenceDiagram{}, PersistenceDiagram{.pairs = {{}, {}}},
                                            PersistenceDiagram{.pairs = {{{0.0, kInfinity}}}}}) {
    for (const std::string& svg :
         {barcode_chart(diagram, kBox), birth_death_chart(diagram, kBox), diagram_svg(diagram, "none")}) {
      expect_balanced(svg);
      EXPECT_THAT(svg, Not(HasSubstr("nan")));
      EXPECT_THAT(svg, Not(HasSubstr("inf")));
    }
  }
}

TEST(LandscapeChart, DrawsOneLineALayerAndSurvivesZeros) {
  const auto landscape = persistence_landscape(kDiagram.pairs[0], {.layers = 2, .resolution = 9});
  ASSERT_TRUE(landscape);
  const std::string svg = landscape_chart(*landscape, 0, kBox);
  expect_balanced(svg);
  EXPECT_EQ(count(svg, "<path"), 2U);
  const auto empty = persistence_landscape(kDiagram.pairs[2], {.resolution = 9});
  ASSERT_TRUE(empty);
  EXPECT_THAT(landscape_chart(*empty, 2, kBox), Not(HasSubstr("nan")));
}

TEST(DiagramSvg, ATitleCannotBreakOutOfTheDocument) {
  const std::string svg = diagram_svg(kDiagram, "\"><script>alert(1)</script>");
  expect_balanced(svg);
  EXPECT_THAT(svg, Not(HasSubstr("<script")));
  EXPECT_THAT(svg, HasSubstr("&lt;script&gt;"));
}

}  // namespace
}  // namespace topoforge
