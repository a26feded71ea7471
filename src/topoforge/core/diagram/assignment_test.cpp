#include "topoforge/core/diagram/assignment.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <random>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace topoforge {
namespace {

using ::testing::ElementsAre;

struct Costs {
  std::vector<std::vector<std::optional<double>>> edges;  ///< a row for each row; none: not allowed
  std::vector<double> alone;
};

std::vector<std::size_t> solve(Assignment& assignment, const Costs& costs, std::size_t columns) {
  assignment.start(columns);
  for (std::size_t row = 0; row < costs.alone.size(); ++row) {
    for (std::size_t column = 0; column < columns; ++column) {
      if (const auto cost = costs.edges[row][column]) assignment.add_edge(column, *cost);
    }
    assignment.end_row(costs.alone[row]);
  }
  const auto owners = assignment.solve();
  return {owners.begin(), owners.end()};
}

/// Every choice for this row and those after it.
double least_cost(const Costs& costs, std::size_t row, std::vector<char>& taken) {
  if (row == costs.alone.size()) return 0.0;
  double least = costs.alone[row] + least_cost(costs, row + 1, taken);
  for (std::size_t column = 0; column < taken.size(); ++column) {
    if (taken[column] != 0 || !costs.edges[row][column]) continue;
    taken[column] = 1;
    least = std::min(least, *costs.edges[row][column] + least_cost(costs, row + 1, taken));
    taken[column] = 0;
  }
  return least;
}

double cost_of(const Costs& costs, const std::vector<std::size_t>& owners) {
  std::vector<char> matched(costs.alone.size(), 0);
  double sum = 0.0;
  for (std::size_t column = 0; column < owners.size(); ++column) {
    if (owners[column] == Assignment::kNone) continue;
    EXPECT_EQ(matched.at(owners[column])++, 0) << "row " << owners[column] << " has two columns";
    sum += costs.edges[owners[column]][column].value();
  }
  for (std::size_t row = 0; row < matched.size(); ++row) sum += matched[row] != 0 ? 0.0 : costs.alone[row];
  return sum;
}

TEST(Assignment, IsTheCheapestOfAll) {
  Assignment assignment;  // one for all: what it computed before must not matter
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    const std::size_t rows = random() % 7;
    const std::size_t columns = random() % 7;
    const std::size_t values = 2 + random() % 20;  // integers: sums are exact, and ties many
    const auto draw = [&] { return static_cast<double>(random() % values) - 5.0; };
    Costs costs{.edges = std::vector(rows, std::vector<std::optional<double>>(columns)), .alone = {}};
    for (auto& row : costs.edges) {
      for (auto& edge : row) {
        if (random() % 4 != 0) edge = draw();
      }
      costs.alone.push_back(draw());
    }
    std::vector<char> taken(columns, 0);
    EXPECT_EQ(cost_of(costs, solve(assignment, costs, columns)), least_cost(costs, 0, taken));
  }
}

TEST(Assignment, RowTakesNothingWhereThatIsCheaper) {
  Assignment assignment;
  EXPECT_THAT(solve(assignment, {.edges = {{3.0}, {1.0}}, .alone = {2.0, 2.0}}, 1), ElementsAre(1));
  EXPECT_THAT(solve(assignment, {.edges = {{3.0}}, .alone = {2.0}}, 1), ElementsAre(Assignment::kNone));
}

TEST(Assignment, RowGivesItsColumnUpForAnother) {
  Assignment assignment;
  EXPECT_THAT(solve(assignment, {.edges = {{0.0, 1.0}, {0.0, std::nullopt}}, .alone = {9.0, 9.0}}, 2),
              ElementsAre(1, 0));
}

}  // namespace
}  // namespace topoforge
