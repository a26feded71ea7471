#include "topoforge/codec/text/nearest_name.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "topoforge/codec/text/lower_case.hpp"

namespace topoforge {
namespace {

std::string folded(std::string_view name) {
  std::string text = lower_case(name);
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

std::size_t slips(const std::string& a, const std::string& b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        cost[i][j] = i + j;
        continue;
      }
      const std::size_t replaced = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({replaced, cost[i - 1][j] + 1, cost[i][j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

std::optional<std::string> nearest_name(std::string_view typed, std::span<const std::string> names) {
  std::optional<std::string> nearest;
  std::size_t fewest = 0;
  for (const std::string& name : names) {
    const std::size_t allowed = std::max<std::size_t>(1, name.size() / 3);
    // Before the table is made: the typed name comes from outside and may be long.
    if (typed.size() > name.size() + allowed) continue;
    const std::size_t found = slips(folded(typed), folded(name));
    if (found > allowed || (nearest && found >= fewest)) continue;
    nearest = name;
    fewest = found;
  }
  return nearest;
}

}  // namespace topoforge
