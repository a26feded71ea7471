#include "topoforge/codec/diagram/diagram_text.hpp"

#include <limits>

#include <gtest/gtest.h>
#include <boost/json.hpp>

namespace topoforge {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
const PersistenceDiagram kDiagram{.pairs = {{{0.0, 1.5}, {0.0, kInfinity}}, {{0.1, 1.0 / 3.0}}, {}}};

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
    const PersistenceDiagram diagram{.pairs = {{{-value, value}}}};
    const auto json = boost::json::parse(diagram_to_json(diagram));
    const auto& pair = json.at("pairs").at(0);
    // Boost.JSON 1.81 may be off by an ulp; strtod is the judge of the printed digits.
    EXPECT_NEAR(pair.at("death").to_number<double>() / value, 1.0, 1e-15);
    const std::string csv = diagram_to_csv(diagram);
    const std::string line = csv.substr(csv.find('\n') + 1);
    EXPECT_EQ(std::strtod(line.c_str() + line.rfind(',') + 1, nullptr), value) << line;
  }
}

TEST(DiagramJson, ADiagramWithoutDimensionsIsStillJson) {
  const auto json = boost::json::parse(diagram_to_json(PersistenceDiagram{}));
  EXPECT_TRUE(json.at("max_dimension").is_null());
  EXPECT_TRUE(json.at("pairs").as_array().empty());
}

TEST(DiagramCsv, HasAHeaderAndInfForAnEssentialDeath) {
  EXPECT_EQ(diagram_to_csv(kDiagram), "dimension,birth,death\n0,0,1.5\n0,0,inf\n1,0.1,0.3333333333333333\n");
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

TEST(WindowText, NamesTheWindowAndItsRows) {
  const PersistenceDiagram diagram{.pairs = {{{0, 1.5}, {0, std::numeric_limits<double>::infinity()}}, {}}};
  const DiagramWindow window{.window = 3, .first_row = 30, .rows = 2};
  EXPECT_EQ(window_to_json(window, diagram),
            R"({"window": 3, "first_row": 30, "rows": 2, "max_dimension": 1, "pairs": )"
            R"([{"dimension": 0, "birth": 0, "death": 1.5}, {"dimension": 0, "birth": 0, "death": null}]})");
  EXPECT_EQ(window_to_csv(window, diagram), "3,0,0,1.5\n3,0,0,inf\n");
  EXPECT_EQ(window_to_text(window, diagram),
            "window 3, rows 30 to 31\n  H0, connected components: 2 classes, 1 of them essential\n    [0, 1.5)\n"
            "    [0, inf)\n  H1, loops: 0 classes\n");
}

}  // namespace
}  // namespace topoforge
