// What a diagram can be made of: points, tables of distances and the formats of Ripser. Any bytes are read or refused
// with a message that names the text; in pieces they are read as in one; distances that were read are distances, and
// written again in each format they read back as the same.
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "fuzz_lines.hpp"
#include "topoforge/codec/diagram/diagram_input.hpp"
#include "topoforge/codec/diagram/distance_reader.hpp"
#include "topoforge/codec/diagram/number_table.hpp"
#include "topoforge/codec/diagram/point_reader.hpp"

namespace topoforge {
namespace {

constexpr std::size_t kMaxPoints = 40;
constexpr double kNoEdge = std::numeric_limits<double>::max();
constexpr DistanceFormat kFormats[] = {DistanceFormat::lower_distance, DistanceFormat::upper_distance,
                                       DistanceFormat::sparse, DistanceFormat::dipha};
constexpr DiagramInputKind kKinds[] = {DiagramInputKind::points, DiagramInputKind::distances, DiagramInputKind::lower,
                                       DiagramInputKind::automatic};

Result<DistanceInput> read(std::string_view bytes, DistanceFormat format, std::size_t piece) {
  DistanceReader reader("fuzz", format, kMaxPoints);
  while (!bytes.empty()) {
    if (auto added = reader.add(bytes.substr(0, piece)); !added) return tl::unexpected(added.error());
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  return std::move(reader).finish();
}

void append(std::string& bytes, std::uint64_t word) {
  for (int shift = 0; shift < 64; shift += 8) bytes += static_cast<char>(word >> shift & 0xFFU);
}

std::string written(const DistanceMatrix& distances, DistanceFormat format) {
  std::string text;
  const std::size_t n = distances.size();
  if (format == DistanceFormat::dipha) {
    for (const std::uint64_t word : {std::uint64_t{8067171840}, std::uint64_t{7}, std::uint64_t{n}}) append(text, word);
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      const double distance = distances(i, j);
      switch (format) {
        case DistanceFormat::lower_distance:
          if (j < i) text += fmt::format("{} ", distance);
          break;
        case DistanceFormat::upper_distance:
          if (j > i) text += fmt::format("{},\n", distance);
          break;
        case DistanceFormat::sparse:
          if (j < i && distance != kNoEdge) text += fmt::format("{},{},{}\n", i, j, distance);
          break;
        case DistanceFormat::dipha: append(text, std::bit_cast<std::uint64_t>(distance)); break;
      }
    }
  }
  return text;
}

void check(const DistanceInput& input, DistanceFormat format) {
  double longest = 0.0;
  bool whole = true;
  for (const double distance : input.distances.lower()) {
    const bool edge = distance != kNoEdge;
    whole = whole && edge;
    require(edge ? distance >= 0.0 && distance <= 1e150 && !std::signbit(distance) : input.longest_edge.has_value(),
            "a distance is from 0 to its limit");
    if (edge) longest = std::max(longest, distance);
  }
  require(input.distances.size() <= kMaxPoints, "points are bounded");
  require(input.longest_edge.has_value() == (format == DistanceFormat::sparse), "only sparse distances have gaps");
  if (input.longest_edge) require(*input.longest_edge == longest, "the longest edge is the longest");
  for (const DistanceFormat again : kFormats) {
    if (again == DistanceFormat::sparse ? input.distances.size() < 2 : !whole) continue;
    if (again != DistanceFormat::dipha && input.distances.size() < 2) continue;
    const auto copy = read(written(input.distances, again), again, 1000);
    require(copy.has_value(), "what is written is read");
    require(copy->distances.lower() == input.distances.lower(), "what is written reads back as the same");
  }
}

void fuzz_distances(std::string_view bytes, DistanceFormat format, std::size_t piece) {
  const auto input = read(bytes, format, bytes.size() + 1);
  const auto in_pieces = read(bytes, format, piece);
  require(input.has_value() == in_pieces.has_value(), "in pieces it is read as in one");
  if (!input) {
    require(input.error().message.starts_with("fuzz:"), "an error names the text");
    require(input.error() == in_pieces.error(), "in pieces it fails as in one");
    return;
  }
  require(input->distances.lower() == in_pieces->distances.lower(), "pieces change nothing");
  check(*input, format);
}

void fuzz_table(std::string_view text, DiagramInputKind kind) {
  NumberTableReader reader("fuzz");
  auto next = lines_of(text);
  for (auto line = next(); *line; line = next()) {
    if (const auto added = reader.add_line(**line); !added) {
      require(added.error().message.starts_with("fuzz:"), "an error names the text");
      return;
    }
  }
  const auto table = std::move(reader).finish();
  if (!table) return;
  const auto input = diagram_input(*table, kind);
  if (!input) {
    require(input.error().message.starts_with("fuzz:"), "an error names the text");
  } else if (const auto* cloud = std::get_if<PointCloud>(&*input)) {
    require(cloud->size() == table->rows.size(), "a row is a point");
  } else {
    for (const double distance : std::get<DistanceMatrix>(*input).lower())
      require(distance >= 0.0, "a distance is one");
  }
}

void fuzz_points(std::string_view text) {
  PointReader reader("fuzz");
  auto next = lines_of(text);
  std::size_t points = 0;
  std::size_t dimension = 0;
  for (auto line = next(); *line; line = next()) {
    const auto point = reader.read_line(**line);
    if (!point) {
      require(point.error().message.starts_with("fuzz:"), "an error names the text");
      return;
    }
    if (!*point) continue;
    if (points++ == 0) dimension = (*point)->size();
    require(!(*point)->empty() && (*point)->size() == dimension, "points have as many coordinates as the first");
    for (const double coordinate : **point) require(std::isfinite(coordinate), "a coordinate is finite");
  }
  require(points == reader.points(), "each point is counted");
}

void fuzz(std::string_view bytes) {
  if (bytes.size() < 2) return;
  const auto what = static_cast<unsigned char>(bytes[0]) % 9U;
  const std::size_t number = static_cast<unsigned char>(bytes[1]);
  bytes.remove_prefix(2);
  if (what < 4) {
    fuzz_distances(bytes, kFormats[what], number % 16 + 1);
  } else if (what < 8) {
    fuzz_table(bytes, kKinds[what - 4]);
  } else {
    fuzz_points(bytes);
  }
}

}  // namespace
}  // namespace topoforge

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  topoforge::fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
