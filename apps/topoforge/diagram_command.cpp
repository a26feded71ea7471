#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "topoforge/adapters/file/output_file.hpp"
#include "topoforge/codec/diagram/diagram_text.hpp"
#include "topoforge/codec/diagram/distance_reader.hpp"
#include "topoforge/codec/report/diagram_chart.hpp"
#include "topoforge/commands.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"
#include "topoforge/detect/figures.hpp"
#include "topoforge/diagram/diagram_options.hpp"
#include "topoforge/diagram/diagram_source.hpp"
#include "topoforge/diagram/diagram_windows.hpp"
#include "topoforge/engine/diagram_batch.hpp"
#include "topoforge/progress_line.hpp"

namespace topoforge {
namespace {

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

std::string print(const RepresentedDiagram& diagram, const DiagramOptions& options) {
  if (options.format == "json") return diagram_to_json(diagram);
  if (options.format == "csv") return diagram_to_csv(diagram, options.columns());
  if (options.format == "svg") {
    std::string title =
        options.path == "-" ? "standard input" : std::filesystem::path(options.path).filename().string();
    if (const auto& cut = diagram.diagram.approximation) {
      title += fmt::format(" (approximate, exact for edges shorter than {})", cut->exact_below);
    }
    return diagram_svg(diagram.diagram, title);
  }
  return diagram_to_text(diagram);
}

Result<RepresentedDiagram> compute(const DistanceMatrix& distances, const VietorisRipsOptions& rips,
                                   std::optional<std::size_t> loops) {
  VietorisRips engine;
  if (loops) return engine.represent(distances, rips, *loops);
  auto diagram = engine.compute(distances, rips);
  if (!diagram) return tl::unexpected(std::move(diagram.error()));
  return RepresentedDiagram{.diagram = std::move(*diagram), .simplices = {}, .loops = {}};
}

/// Before anything is read: a mistake in the options is told at once.
Result<void> check(const DiagramOptions& options) {
  if (!(options.rips.max_edge_length >= 0.0)) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("--max-edge-length {}: wanted a number, at least 0", options.rips.max_edge_length));
  }
  if (options.loops && options.format == "svg") {
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("--loops {}: wanted --format text, csv or json; a picture names no points", *options.loops));
  }
  // The engine checks the rest; no points are in each of its ranges.
  auto checked = compute(DistanceMatrix(), options.rips, options.loops);
  return checked ? Result<void>{} : tl::unexpected(std::move(checked.error()));
}

/// Rows are counted in 64 bits; so far apart there is a window in no file.
constexpr std::size_t kMaxStride = 1'000'000'000;

Result<void> run(const DiagramOptions& options) {
  if (auto checked = check(options); !checked) return checked;
  if (options.window > 0) return run_diagram_windows(options);
  const bool shown = isatty(STDERR_FILENO) == 1 && !options.quiet;
  ProgressLine progress(shown ? ProgressLine::Shown::yes : ProgressLine::Shown::no);
  const auto input = read_diagram_input(options, progress);
  if (!input) return tl::unexpected(input.error());
  VietorisRipsOptions rips = options.rips;
  if (input->longest_edge) rips.max_edge_length = std::min(rips.max_edge_length, *input->longest_edge);
  const auto diagram = [&] {
    const TimedStage stage(progress, fmt::format("diagram of {} points", with_commas(input->distances.size())));
    return compute(input->distances, rips, options.loops);
  }();
  if (!diagram) return tl::unexpected(diagram.error());
  auto output = OutputFile::create(options.output);
  if (!output) return tl::unexpected(output.error());
  if (auto written = output->write(print(*diagram, options)); !written) return written;
  return output->commit();
}

/// Of --format, a name of Ripser's, where it says what the input is.
std::string refuse_input_format(std::string& name) {
  const bool input = distance_format_from(name) || name == "point-cloud" || name == "distance";
  return input ? fmt::format("{} is a format of the input; wanted --input {}", name, name) : "";
}

void add_input_options(CLI::App& command, const std::shared_ptr<DiagramOptions>& options) {
  command
      .add_option("FILE", options->path, "Rows of numbers between commas or blanks, plain or gzip; - is standard input")
      ->required()
      ->type_name("");
  command
      .add_option(
          "--input", options->input,
          "What the file holds. points or point-cloud: a row is a point. distances or distance: the full matrix "
          "of distances. lower: its lower triangle, row by row, with or without the diagonal. auto: rows of 1, "
          "2, 3, ... numbers are a lower triangle, all else points, unless it could be a full matrix too. As "
          "Ripser reads them: lower-distance, upper-distance: a triangle without the diagonal, ends of lines "
          "mean nothing; sparse: lines `i j distance`, points from 0, no edge for other pairs; dipha: DIPHA's "
          "binary distance matrix")
      ->check(CLI::IsMember({"auto", "points", "distances", "lower", "point-cloud", "distance", "lower-distance",
                             "upper-distance", "sparse", "dipha"}))
      ->capture_default_str();
  command
      .add_option_function<std::string>(
          "--metric",
          [options](const std::string& name) {
            options->metric = metric_from(name);
            options->metric_given = true;
          },
          "Distance between points")
      ->check(CLI::IsMember({"euclidean", "manhattan", "chebyshev", "cosine"}))
      ->default_str("euclidean");
}

void add_engine_options(CLI::App& command, const std::shared_ptr<DiagramOptions>& options) {
  CLI::Option* loops =
      command
          .add_option_function<std::size_t>(
              "--loops", [options](std::size_t most) { options->loops = most; },
              "Say which points make the classes: by which simplices each is born and dies, and of so many longest "
              "loops a cycle and a cocycle. Points count from 0, in windows from the first row of the input")
          ->check(CLI::NonNegativeNumber)
          ->type_name("COUNT");
  command
      .add_option_function<std::size_t>(
          "--max-cells",
          [options](std::size_t cells) {
            options->rips.max_cells = cells;
            options->budget_given = true;
          },
          "A budget of work for each diagram, in cells of some nanoseconds. A diagram that would need more is cut "
          "short, and says up to which length it is exact and how far off it can be [no limit]")
      ->check(CLI::PositiveNumber)
      ->type_name("CELLS")
      ->excludes(loops);
}

void add_window_options(CLI::App& command, const std::shared_ptr<DiagramOptions>& options) {
  CLI::Option* window =
      command
          .add_option("--window", options->window, "A diagram for each window of so many rows [one of the whole input]")
          ->check(CLI::Range(std::size_t{1}, kMaxDiagramPoints))
          ->type_name("ROWS");
  command.add_option("--stride", options->stride, "Rows from one window to the next")
      ->check(CLI::Range(std::size_t{1}, kMaxStride))
      ->type_name("ROWS")
      ->needs(window)
      ->capture_default_str();
  command
      .add_option("--threads", options->threads,
                  "Threads that compute windows; 0: one a processor. The output is the same at any number")
      ->check(CLI::Range(std::size_t{0}, kMaxBatchThreads))
      ->needs(window)
      ->capture_default_str();
}

}  // namespace

void add_diagram_command(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("diagram", "Compute the persistence diagram of points or distances");
  const auto options = std::make_shared<DiagramOptions>();
  add_input_options(*command, options);
  command->add_option("--max-dimension", options->rips.max_dimension, "Highest dimension of the classes, 0 to 3")
      ->check(CLI::Range(std::size_t{0}, kMaxHomologyDimension))
      ->capture_default_str();
  command
      ->add_option("--max-edge-length", options->rips.max_edge_length,
                   "Leave out longer edges; classes alive at this length never die [all edges]")
      ->type_name("LENGTH");
  add_engine_options(*command, options);
  add_window_options(*command, options);
  command->add_option("--format", options->format, "json (an essential death is null), csv (inf), text or svg")
      ->check(CLI::Validator(refuse_input_format, ""))
      ->check(CLI::IsMember({"text", "csv", "json", "svg"}))
      ->capture_default_str();
  command->add_option("-o,--output", options->output, "Where to write; - is standard output")
      ->type_name("FILE")
      ->capture_default_str();
  command->add_flag("-q,--quiet", options->quiet, "No progress on standard error");
  command->footer(
      "Examples:\n"
      "  topoforge diagram points.csv\n"
      "  topoforge diagram points.csv --max-dimension 1 --format svg --output diagram.svg\n"
      "  topoforge diagram distances.txt --input distances --format csv\n"
      "  topoforge diagram edges.txt --input sparse\n"
      "  topoforge diagram points.csv --max-dimension 1 --loops 3\n"
      "  topoforge diagram points.csv --max-cells 1000000\n"
      "  topoforge diagram points.csv --window 50 --stride 10 --threads 2 --format json\n"
      "  seq 1 20 | topoforge diagram - --format json");
  command->callback([&action, options] { action = [options] { return run(*options); }; });
}

}  // namespace topoforge
