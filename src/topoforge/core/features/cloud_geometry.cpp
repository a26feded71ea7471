#include "topoforge/core/features/cloud_geometry.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <vector>

namespace topoforge {
namespace {

constexpr std::size_t kNearest = 8;
constexpr std::size_t kGraph = 4;
/// In the unit of the others: graph statistics are shares, the rest are logarithms.
constexpr float kShareUnit = 4.0F;

struct Neighbour {
  double distance = std::numeric_limits<double>::infinity();
  std::size_t point = 0;
};
using Nearest = std::array<Neighbour, kNearest>;

float log_scaled(double value) { return static_cast<float>(std::log(0.01 + value)); }

/// By counting: an exact order of thousands of distances would cost more than all else.
void spread_of(std::span<const double> distances, std::span<float> out) {
  constexpr std::array kLevels = {0.02, 0.05, 0.1, 0.25, 0.75, 0.9, 0.95, 0.98};
  constexpr std::size_t kBins = 1024;
  assert(out.size() == kLevels.size());
  const double longest = *std::max_element(distances.begin(), distances.end());
  if (!(longest > 0.0)) {
    std::fill(out.begin(), out.end(), log_scaled(0.0));
    return;
  }
  std::array<std::size_t, kBins> counts{};
  const double factor = static_cast<double>(kBins - 1) / longest;
  for (const double distance : distances) ++counts[static_cast<std::size_t>(distance * factor)];
  std::size_t bin = 0;
  double below = 0.0;
  for (std::size_t k = 0; k < kLevels.size(); ++k) {
    const double rank = kLevels[k] * static_cast<double>(distances.size() - 1);
    while (below + static_cast<double>(counts[bin]) <= rank) below += static_cast<double>(counts[bin++]);
    const double inside = (rank - below + 0.5) / static_cast<double>(counts[bin]);
    out[k] = log_scaled((static_cast<double>(bin) + std::min(inside, 1.0)) / factor);
  }
}

std::vector<Nearest> nearest_of(const DistanceMatrix& distances) {
  const std::size_t n = distances.size();
  std::vector<Nearest> nearest(n);
  const auto offer = [&](std::size_t point, std::size_t other, double distance) {
    Nearest& list = nearest[point];
    if (distance >= list.back().distance) return;
    std::size_t place = kNearest - 1;
    for (; place > 0 && list[place - 1].distance > distance; --place) list[place] = list[place - 1];
    list[place] = {distance, other};
  };
  const double* entry = distances.lower().data();
  for (std::size_t i = 1; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j, ++entry) {
      offer(i, j, *entry);
      offer(j, i, *entry);
    }
  }
  return nearest;
}

void density_of(std::span<const Nearest> nearest, std::span<float> out) {
  std::vector<double> column(nearest.size());
  std::size_t place = 0;
  for (const std::size_t k : {std::size_t{1}, std::size_t{4}, kNearest}) {
    double mean = 0.0;
    for (std::size_t i = 0; i < nearest.size(); ++i) {
      column[i] = nearest[i][k - 1].distance;
      mean += column[i] / static_cast<double>(nearest.size());
    }
    std::sort(column.begin(), column.end());
    out[place++] = log_scaled(mean);
    out[place++] = log_scaled(column[column.size() / 10]);
    out[place++] = log_scaled(column[column.size() * 9 / 10]);
  }
}

void graph_of(std::span<const Nearest> nearest, std::span<float> out) {
  const std::size_t n = nearest.size();
  std::vector<std::size_t> degree(n, 0);
  const auto joined = [&](std::size_t from, std::size_t to) {
    return std::any_of(nearest[from].begin(), nearest[from].begin() + kGraph,
                       [&](const Neighbour& neighbour) { return neighbour.point == to; });
  };
  std::size_t mutual = 0;
  std::size_t closed = 0;
  std::size_t soon = 0;
  double apart = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < kGraph; ++k) {
      const std::size_t other = nearest[i][k].point;
      ++degree[other];
      mutual += joined(other, i) ? 1 : 0;
      const std::size_t time = other > i ? other - i : i - other;
      apart += std::log(static_cast<double>(time));
      soon += time <= 2 ? 1 : 0;
      for (std::size_t l = 0; l < k; ++l) {
        const std::size_t third = nearest[i][l].point;
        closed += joined(other, third) || joined(third, other) ? 1 : 0;
      }
    }
  }
  double variance = 0.0;
  for (const std::size_t in : degree) {
    const double off = static_cast<double>(in) - static_cast<double>(kGraph);
    variance += off * off / static_cast<double>(n);
  }
  const auto edges = static_cast<double>(n * kGraph);
  out[0] = static_cast<float>(std::sqrt(variance));
  out[1] = static_cast<float>(*std::max_element(degree.begin(), degree.end())) / kShareUnit;
  out[2] = kShareUnit * static_cast<float>(static_cast<double>(mutual) / edges);
  out[3] = kShareUnit * static_cast<float>(static_cast<double>(closed) * 2.0 / (edges * (kGraph - 1)));
  out[4] = static_cast<float>(apart / edges);
  out[5] = kShareUnit * static_cast<float>(static_cast<double>(soon) / edges);
}

}  // namespace

void cloud_geometry(const DistanceMatrix& distances, std::span<float> out) {
  assert(out.size() == kCloudGeometryFeatures && distances.size() > kNearest);
  spread_of(distances.lower(), out.first(8));
  const std::vector<Nearest> nearest = nearest_of(distances);
  density_of(nearest, out.subspan(8, 9));
  graph_of(nearest, out.subspan(17, 6));
}

}  // namespace topoforge
