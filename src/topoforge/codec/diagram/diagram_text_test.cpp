#include "topoforge/codec/diagram/diagram_text.hpp"

#include <limits>

#include <gtest/gtest.h>
#include <boost/json.hpp>

namespace topoforge {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
const RepresentedDiagram kDiagram{
    .diagram = {.pairs = {{{0.0, 1.5}, {0.0, kInfinity}}, {{0.1, 1.0 / 3.0}}, {}}}, .simplices = {}, .loops = {}};
/// Of the corners of a square, in their order around it.
const RepresentedDiagram kSquare{
    .diagram = {.pairs = {{{0.0, 1.0}, {0.0, kInfinity}}, {{1.0, 1.5}}}},
    .simplices = {{{{1}, {0, 1}}, {{0}, {}}}, {{{2, 3}, {0, 1, 2}}}},
    .loops = {{.pair = 0, .cycle = {3, 0, 1, 2}, .exact = true, .cocycle = {{3, 2}}}},
};
const RepresentedDiagram kCutShort{
    .diagram = {.pairs = {{{0.0, kInfinity}}, {{1.0, 2.5}}}, .approximation = Approximation{2.0, 0.5}},
    .simplices = {},
    .loops = {},
};

TEST(DiagramJson, HoldsEveryPairWithNullForAnEssentialDeath) {
  EXPECT_EQ(diagram_to_json(kDiagram),
            "{\"max_dimension\": 2, \"pairs\": [\n"
            "  {\"dimension\": 0, \"birth\": 0, \"death\": 1.5},\n"
            "  {\"dimension\": 0, \"birth\": 0, \"death\": null},\n"
            "  {\"dimension\": 1, \"birth\": 0.1, \"death\": 0.3333333333333333}\n"
            "]}\n");
}

TEST(DiagramJson, ReadsBackAsTheSameNumbers) {
  for (const double value : {0.1, 1.0 / 3.0, 1e-300, 1.7976931348623157e308, 123456789.123456789, 5e-324}) {
    const RepresentedDiagram diagram{.diagram = {.pairs = {{{-value, value}}}}, .simplices = {}, .loops = {}};
    const auto json = boost::json::parse(diagram_to_json(diagram));
    const auto& pair = json.at("pairs").at(0);
    // Boost.JSON 1.81 may be off by an ulp; strtod is the judge of the printed digits.
    EXPECT_NEAR(pair.at("death").to_number<double>() / value, 1.0, 1e-15);
    const std::string csv = diagram_to_csv(diagram, {});
    const std::string line = csv.substr(csv.find('\n') + 1);
    EXPECT_EQ(std::strtod(line.c_str() + line.rfind(',') + 1, nullptr), value) << line;
  }
}

TEST(DiagramJson, ADiagramWithoutDimensionsIsStillJson) {
  const auto json = boost::json::parse(diagram_to_json(RepresentedDiagram{}));
  EXPECT_TRUE(json.at("max_dimension").is_null());
  EXPECT_TRUE(json.at("pairs").as_array().empty());
}

TEST(DiagramCsv, HasAHeaderAndInfForAnEssentialDeath) {
  EXPECT_EQ(diagram_to_csv(kDiagram, {}), "dimension,birth,death\n0,0,1.5\n0,0,inf\n1,0.1,0.3333333333333333\n");
}

TEST(DiagramText, ListsIntervalsByDimension) {
  EXPECT_EQ(diagram_to_text(kDiagram),
            "H0, connected components: 2 classes, 1 of them essential\n"
            "  [0, 1.5)\n"
            "  [0, inf)\n"
            "H1, loops: 1 class\n"
            "  [0.1, 0.3333333333333333)\n"
            "H2, voids: 0 classes\n");
}

TEST(DiagramText, NamesThePointsThatMakeTheClasses) {
  EXPECT_EQ(
      diagram_to_json(kSquare),
      "{\"max_dimension\": 1, \"pairs\": [\n"
      "  {\"dimension\": 0, \"birth\": 0, \"death\": 1, \"birth_points\": [1], \"death_points\": [0, 1]},\n"
      "  {\"dimension\": 0, \"birth\": 0, \"death\": null, \"birth_points\": [0], \"death_points\": null},\n"
      "  {\"dimension\": 1, \"birth\": 1, \"death\": 1.5, \"birth_points\": [2, 3], \"death_points\": [0, 1, 2]}\n"
      "], \"loops\": [\n"
      "  {\"birth\": 1, \"death\": 1.5, \"cycle\": [3, 0, 1, 2], \"exact\": true, \"cocycle\": [[3, 2]]}\n"
      "]}\n");
  EXPECT_EQ(diagram_to_csv(kSquare, {.points = true}),
            "dimension,birth,death,birth_points,death_points,cycle,cycle_exact\n"
            "0,0,1,1,0 1,,\n0,0,inf,0,,,\n1,1,1.5,2 3,0 1 2,3 0 1 2,true\n");
  EXPECT_EQ(diagram_to_text(kSquare),
            "H0, connected components: 2 classes, 1 of them essential\n"
            "  [0, 1)  born with point 1, dies with points 0 1\n"
            "  [0, inf)  born with point 0\n"
            "H1, loops: 1 class\n"
            "  [1, 1.5)  born with points 2 3, dies with points 0 1 2\n"
            "The longest loops, by the points along them\n"
            "  [1, 1.5): 3 0 1 2\n");
}

TEST(DiagramText, ADiagramThatWasCutShortSaysSo) {
  EXPECT_EQ(diagram_to_json(kCutShort),
            "{\"max_dimension\": 1, \"approximation\": {\"exact_below\": 2, \"bottleneck_bound\": 0.5}, \"pairs\": [\n"
            "  {\"dimension\": 0, \"birth\": 0, \"death\": null},\n"
            "  {\"dimension\": 1, \"birth\": 1, \"death\": 2.5}\n"
            "]}\n");
  const DiagramColumns columns{.approximation = true};
  EXPECT_EQ(diagram_to_csv(kCutShort, columns),
            "dimension,birth,death,exact_below,bottleneck_bound\n0,0,inf,2,0.5\n1,1,2.5,2,0.5\n");
  EXPECT_TRUE(diagram_to_csv(kDiagram, columns)
                  .starts_with("dimension,birth,death,exact_below,bottleneck_bound\n0,0,1.5,,\n0,0,inf,,\n"));
  EXPECT_TRUE(diagram_to_text(kCutShort).starts_with(
      "approximate: " + approximation_text(*kCutShort.diagram.approximation) + "\n"));
  EXPECT_EQ(approximation_text({1.0, kInfinity}),
            "the budget is spent: exact for edges shorter than 1; the bottleneck distance to the exact diagram has no "
            "bound, as classes may never die");
}

TEST(WindowText, CountsPointsInRowsOfTheInput) {
  const DiagramWindow window{.window = 3, .first_row = 30, .rows = 4};
  EXPECT_EQ(window_csv_header({.points = true}),
            "window,dimension,birth,death,birth_points,death_points,cycle,cycle_exact\n");
  EXPECT_EQ(window_to_csv(window, kSquare, {.points = true}),
            "3,0,0,1,31,30 31,,\n3,0,0,inf,30,,,\n3,1,1,1.5,32 33,30 31 32,33 30 31 32,true\n");
  const auto json = boost::json::parse(window_to_json(window, kSquare));
  EXPECT_EQ(json.at("loops").at(0).at("cycle"), boost::json::value({33, 30, 31, 32}));
  EXPECT_EQ(json.at("loops").at(0).at("cocycle").at(0), boost::json::value({33, 32}));
  EXPECT_NE(window_to_text(window, kSquare).find("    [1, 1.5): 33 30 31 32\n"), std::string::npos);
}

TEST(WindowText, NamesTheWindowAndItsRows) {
  const RepresentedDiagram diagram{
      .diagram = {.pairs = {{{0, 1.5}, {0, kInfinity}}, {}}}, .simplices = {}, .loops = {}};
  const DiagramWindow window{.window = 3, .first_row = 30, .rows = 2};
  EXPECT_EQ(window_to_json(window, diagram),
            R"({"window": 3, "first_row": 30, "rows": 2, "max_dimension": 1, "pairs": )"
            R"([{"dimension": 0, "birth": 0, "death": 1.5}, {"dimension": 0, "birth": 0, "death": null}]})");
  EXPECT_EQ(window_to_csv(window, diagram, {}), "3,0,0,1.5\n3,0,0,inf\n");
  EXPECT_EQ(window_to_text(window, diagram),
            "window 3, rows 30 to 31\n  H0, connected components: 2 classes, 1 of them essential\n    [0, 1.5)\n"
            "    [0, inf)\n  H1, loops: 0 classes\n");
}

}  // namespace
}  // namespace topoforge
