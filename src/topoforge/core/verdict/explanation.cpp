#include "topoforge/core/verdict/explanation.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace topoforge {
namespace {

std::string rarity(double p_value) {
  constexpr double kBeyondCounting = 1e-9;
  if (p_value < kBeyondCounting) return "fewer than one clean window in a billion is";
  const double one_in = 1.0 / p_value;
  if (one_in < 10.0) return fmt::format("{:.0f} % of clean windows are", 100.0 * p_value);
  // Two digits: more would pretend to a precision that a tail estimate does not have.
  const double unit = std::pow(10.0, std::floor(std::log10(one_in)) - 1.0);
  return fmt::format("about one clean window in {:.0f} is", std::round(one_in / unit) * unit);
}

/// A detector's name as a reader says it.
std::string in_words(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

std::string channels_in_words(std::span<const Attribution> attribution) {
  constexpr std::size_t kNamed = 3;
  constexpr double kWorthNaming = 0.1;
  std::vector<std::string> parts;
  for (const Attribution& channel : attribution.first(std::min(kNamed, attribution.size()))) {
    if (!parts.empty() && channel.share < kWorthNaming) break;
    parts.push_back(fmt::format("{} is {:.4g} where {:.4g} is usual ({:+.1f} robust standard deviations)",
                                channel.channel, channel.value, channel.expected, channel.deviation));
  }
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace

std::string explain(const ExplanationInput& input) {
  std::string text = fmt::format("{} (score {:.2f}): {} this unusual.", input.is_anomaly ? "Anomaly" : "Normal",
                                 input.anomaly_score, rarity(input.p_value));
  const auto strongest =
      std::max_element(input.contributions.begin(), input.contributions.end(),
                       [](const Contribution& a, const Contribution& b) { return a.share < b.share; });
  if (strongest != input.contributions.end() && input.is_anomaly) {
    fmt::format_to(std::back_inserter(text), " {:.0f} % of the evidence comes from the {}", 100.0 * strongest->share,
                   in_words(strongest->detector));
    if (!input.attribution.empty())
      fmt::format_to(std::back_inserter(text), "; {}", channels_in_words(input.attribution));
    text += '.';
  }
  fmt::format_to(std::back_inserter(text), " Prominent features of the shape: {}, {}, {}.",
                 counted(input.betti_numbers.h0, "component"), counted(input.betti_numbers.h1, "loop"),
                 counted(input.betti_numbers.h2, "void"));
  if (input.is_anomaly && input.confidence < 0.2) text += " Little calibration data stands behind this verdict yet.";
  return text;
}

}  // namespace topoforge
