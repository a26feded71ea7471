#include "topoforge/codec/diagram/distance_reader.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>
#include <vector>

#include "topoforge/codec/diagram/distance_format_reader.hpp"

namespace topoforge {
namespace {

constexpr std::array<std::pair<DistanceFormat, std::string_view>, 4> kNames = {{
    {DistanceFormat::lower_distance, "lower-distance"},
    {DistanceFormat::upper_distance, "upper-distance"},
    {DistanceFormat::sparse, "sparse"},
    {DistanceFormat::dipha, "dipha"},
}};

std::unique_ptr<DistanceFormatReader> make_reader(DistanceText text, DistanceFormat format) {
  switch (format) {
    case DistanceFormat::lower_distance: return make_lower_distance_reader(std::move(text));
    case DistanceFormat::upper_distance: return make_upper_distance_reader(std::move(text));
    case DistanceFormat::sparse: return make_sparse_reader(std::move(text));
    case DistanceFormat::dipha: break;
  }
  return make_dipha_reader(std::move(text));
}

}  // namespace

std::string_view to_string(DistanceFormat format) {
  return std::find_if(kNames.begin(), kNames.end(), [&](const auto& entry) { return entry.first == format; })->second;
}

std::optional<DistanceFormat> distance_format_from(std::string_view name) {
  const auto found =
      std::find_if(kNames.begin(), kNames.end(), [&](const auto& entry) { return entry.second == name; });
  if (found == kNames.end()) return std::nullopt;
  return found->first;
}

DistanceMatrix matrix_from_upper(const std::vector<double>& upper, std::size_t n) {
  assert(upper.size() == triangle_size(n));
  std::vector<double> lower;
  lower.reserve(upper.size());
  for (std::size_t i = 1; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) lower.push_back(upper[upper_index(j, i, n)]);
  }
  return DistanceMatrix::trusted(n, std::move(lower));
}

DistanceReader::DistanceReader(std::string name, DistanceFormat format, std::size_t max_points)
    : format_(make_reader({.name = std::move(name), .max_points = std::min(max_points, kMaxDiagramPoints)}, format)) {}

DistanceReader::~DistanceReader() = default;
DistanceReader::DistanceReader(DistanceReader&&) noexcept = default;
DistanceReader& DistanceReader::operator=(DistanceReader&&) noexcept = default;

Result<void> DistanceReader::add(std::string_view bytes) { return format_->add(bytes); }

Result<DistanceInput> DistanceReader::finish() && { return format_->finish(); }

}  // namespace topoforge
