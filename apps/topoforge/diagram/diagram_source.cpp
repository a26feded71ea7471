#include "topoforge/diagram/diagram_source.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "topoforge/adapters/file/byte_stream.hpp"
#include "topoforge/adapters/file/line_reader.hpp"
#include "topoforge/codec/diagram/diagram_input.hpp"
#include "topoforge/codec/diagram/number_table.hpp"

namespace topoforge {
namespace {

constexpr std::size_t kReadBytes = 64 << 10;

template <class Stream>
void show_reading(const Stream& stream, ProgressLine& progress) {
  if (progress.due()) progress.draw(share_read(stream.position_bytes(), stream.size_bytes()), "reading");
}

Result<NumberTable> read_table(const std::string& path, ProgressLine& progress) {
  auto lines = LineReader::open(path);
  if (!lines) return tl::unexpected(lines.error());
  NumberTableReader reader(lines->name());
  while (true) {
    const auto line = lines->next();
    if (!line) return tl::unexpected(line.error());
    if (!*line) return std::move(reader).finish();
    if (auto added = reader.add_line(**line); !added) return tl::unexpected(added.error());
    show_reading(*lines, progress);
  }
}

Result<DistanceInput> read_distances(const std::string& path, DistanceFormat format, ProgressLine& progress) {
  auto bytes = ByteStream::open(path);
  if (!bytes) return tl::unexpected(bytes.error());
  const std::string name = path == "-" ? "standard input" : path;
  DistanceReader reader(name, format);
  std::vector<char> buffer(kReadBytes);
  while (true) {
    const auto count = bytes->read(buffer);
    if (!count) return fail(count.error().code, fmt::format("{}: {}", name, count.error().message));
    if (*count == 0) return std::move(reader).finish();
    if (auto added = reader.add({buffer.data(), *count}); !added) return tl::unexpected(added.error());
    show_reading(*bytes, progress);
  }
}

tl::unexpected<Error> metric_for_distances(std::string_view name) {
  return fail(ErrorCode::invalid_argument, fmt::format("--metric: {} holds distances; a metric is for points", name));
}

}  // namespace

Result<DistanceInput> read_diagram_input(const DiagramOptions& options, ProgressLine& progress) {
  if (const auto format = distance_format_from(options.input)) {
    if (options.metric_given) return metric_for_distances(options.path == "-" ? "standard input" : options.path);
    return read_distances(options.path, *format, progress);
  }
  const auto table = read_table(options.path, progress);
  if (!table) return tl::unexpected(table.error());
  auto input = diagram_input(*table, *diagram_input_kind_from(options.input));
  if (!input) return tl::unexpected(input.error());
  if (const auto* cloud = std::get_if<PointCloud>(&*input)) {
    return DistanceInput{.distances = pairwise_distances(*cloud, options.metric), .longest_edge = {}};
  }
  if (options.metric_given) return metric_for_distances(table->name);
  return DistanceInput{.distances = std::get<DistanceMatrix>(std::move(*input)), .longest_edge = {}};
}

}  // namespace topoforge
