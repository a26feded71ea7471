#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "topoforge/adapters/file/line_reader.hpp"
#include "topoforge/adapters/file/output_file.hpp"
#include "topoforge/codec/diagram/diagram_input.hpp"
#include "topoforge/codec/diagram/diagram_text.hpp"
#include "topoforge/codec/diagram/number_table.hpp"
#include "topoforge/codec/report/diagram_chart.hpp"
#include "topoforge/commands.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"

namespace topoforge {
namespace {

struct DiagramCommand {
  std::string path;
  std::string input = "auto";
  std::string metric = "euclidean";
  bool metric_given = false;
  std::size_t max_dimension = 2;
  std::optional<double> max_edge_length;
  std::string format = "text";
  std::string output = "-";
};

constexpr std::array<std::pair<std::string_view, Metric>, 4> kMetrics = {{
    {"euclidean", Metric::euclidean},
    {"manhattan", Metric::manhattan},
    {"chebyshev", Metric::chebyshev},
    {"cosine", Metric::cosine},
}};

Metric metric_from(std::string_view name) {
  for (const auto& [known, metric] : kMetrics) {
    if (known == name) return metric;
  }
  return Metric::euclidean;  // CLI11 lets no other name through
}

Result<NumberTable> read_table(const std::string& path) {
  auto lines = LineReader::open(path);
  if (!lines) return tl::unexpected(lines.error());
  NumberTableReader reader(lines->name());
  while (true) {
    const auto line = lines->next();
    if (!line) return tl::unexpected(line.error());
    if (!*line) return std::move(reader).finish();
    if (auto added = reader.add_line(**line); !added) return tl::unexpected(added.error());
  }
}

Result<DistanceMatrix> read_distances(const DiagramCommand& command) {
  const auto table = read_table(command.path);
  if (!table) return tl::unexpected(table.error());
  auto input = diagram_input(*table, *diagram_input_kind_from(command.input));
  if (!input) return tl::unexpected(input.error());
  if (const auto* cloud = std::get_if<PointCloud>(&*input)) {
    return pairwise_distances(*cloud, metric_from(command.metric));
  }
  if (command.metric_given) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("--metric {}: {} holds distances; a metric is for points", command.metric, table->name));
  }
  return std::get<DistanceMatrix>(std::move(*input));
}

std::string print(const PersistenceDiagram& diagram, const DiagramCommand& command) {
  if (command.format == "json") return diagram_to_json(diagram);
  if (command.format == "csv") return diagram_to_csv(diagram);
  if (command.format == "svg") {
    const std::string name = std::filesystem::path(command.path).filename().string();
    return diagram_svg(diagram, command.path == "-" ? "standard input" : name);
  }
  return diagram_to_text(diagram);
}

Result<void> run(const DiagramCommand& command) {
  // Before anything is read: a mistake in the options is told at once.
  VietorisRipsOptions options{.max_dimension = command.max_dimension};
  if (command.max_edge_length) {
    if (!(*command.max_edge_length >= 0.0)) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("--max-edge-length {}: wanted a number, at least 0", *command.max_edge_length));
    }
    options.max_edge_length = *command.max_edge_length;
  }
  const auto distances = read_distances(command);
  if (!distances) return tl::unexpected(distances.error());
  const auto diagram = VietorisRips().compute(*distances, options);
  if (!diagram) return tl::unexpected(diagram.error());
  auto output = OutputFile::create(command.output);
  if (!output) return tl::unexpected(output.error());
  if (auto written = output->write(print(*diagram, command)); !written) return written;
  return output->commit();
}

}  // namespace

void add_diagram_command(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("diagram", "Compute the persistence diagram of points or distances");
  const auto options = std::make_shared<DiagramCommand>();
  command
      ->add_option("FILE", options->path,
                   "Rows of numbers between commas or blanks, plain or gzip; - is standard input")
      ->required()
      ->type_name("");
  command
      ->add_option("--input", options->input,
                   "What a row is: a point, a row of a full distance matrix, or of its lower triangle. auto: rows of "
                   "1, 2, 3, ... numbers are a lower triangle, all else points, unless it could be a full matrix too")
      ->check(CLI::IsMember({"auto", "points", "distances", "lower"}))
      ->capture_default_str();
  const CLI::Option* metric = command->add_option("--metric", options->metric, "Distance between points")
                                  ->check(CLI::IsMember({"euclidean", "manhattan", "chebyshev", "cosine"}))
                                  ->capture_default_str();
  command->add_option("--max-dimension", options->max_dimension, "Highest dimension of the classes, 0 to 3")
      ->check(CLI::Range(std::size_t{0}, kMaxHomologyDimension))
      ->capture_default_str();
  command
      ->add_option("--max-edge-length", options->max_edge_length,
                   "Leave out longer edges; classes alive at this length never die [all edges]")
      ->type_name("LENGTH");
  command->add_option("--format", options->format, "json (an essential death is null), csv (inf), text or svg")
      ->check(CLI::IsMember({"text", "csv", "json", "svg"}))
      ->capture_default_str();
  command->add_option("-o,--output", options->output, "Where to write; - is standard output")
      ->type_name("FILE")
      ->capture_default_str();
  command->footer(
      "Examples:\n"
      "  topoforge diagram points.csv\n"
      "  topoforge diagram points.csv --max-dimension 1 --format svg --output diagram.svg\n"
      "  topoforge diagram distances.txt --input distances --format csv\n"
      "  seq 1 20 | topoforge diagram - --format json");
  command->callback([&action, options, metric] {
    options->metric_given = metric->count() > 0;
    action = [options] { return run(*options); };
  });
}

}  // namespace topoforge
