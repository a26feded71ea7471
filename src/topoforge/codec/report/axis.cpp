#include "topoforge/codec/report/axis.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace topoforge {
namespace {

/// The least of 1, 2, 5, 10 times a power of ten that is not below `raw`.
double round_step(double raw) {
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= raw * (1.0 - 1e-9)) return factor * power;
  }
  return 10.0 * power;
}

std::string tick_label(double value, double step, double greatest) {
  if (greatest >= 1e6 || step < 1e-4) {
    const double digits = std::ceil(std::log10(std::max(greatest / step, 1.0))) + 1.0;
    return short_number(value, static_cast<int>(std::clamp(digits, 1.0, 17.0)));
  }
  const double decimals = -std::floor(std::log10(step) + 1e-9);
  return fmt::format("{:.{}f}", value, static_cast<int>(std::max(0.0, decimals)));
}

}  // namespace

std::vector<AxisTick> axis_ticks(double low, double high, std::size_t wanted) {
  const auto parts = static_cast<double>(std::max<std::size_t>(wanted, 1));
  const double raw = high / parts - low / parts;  // in this order no difference of two large numbers overflows
  const double step = raw > 0.0 ? round_step(raw) : 0.0;
  const double first = std::ceil(low / step - 1e-9);
  const double last = std::floor(high / step + 1e-9);
  if (!(step > 0.0) || !std::isfinite(step) || !(last >= first && last - first <= 2.0 * parts)) {
    if (low == high) return {{.value = low, .label = short_number(low)}};
    return {{.value = low, .label = short_number(low)}, {.value = high, .label = short_number(high)}};
  }
  std::vector<AxisTick> ticks;
  const double greatest = std::max(std::abs(low), std::abs(high));
  const auto count = static_cast<std::size_t>(last - first) + 1;
  for (std::size_t i = 0; i < count; ++i) {
    const double multiple = first + static_cast<double>(i);
    const double value = multiple == 0.0 ? 0.0 : std::clamp(multiple * step, low, high);  // never "-0"
    if (i > 0 && value == ticks.back().value) continue;  // far from 0 two multiples may be one double
    ticks.push_back({.value = value, .label = tick_label(value, step, greatest)});
  }
  return ticks;
}

std::string short_number(double value, int digits) { return fmt::format("{:.{}g}", value + 0.0, digits); }

std::string grouped_number(std::size_t value) {
  const std::string digits = fmt::format("{}", value);
  std::string grouped;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) grouped += ',';
    grouped += digits[i];
  }
  return grouped;
}

}  // namespace topoforge
