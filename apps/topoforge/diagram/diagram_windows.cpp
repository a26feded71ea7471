#include "topoforge/diagram/diagram_windows.hpp"

#include <unistd.h>

#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "topoforge/adapters/file/line_reader.hpp"
#include "topoforge/adapters/file/output_file.hpp"
#include "topoforge/codec/diagram/diagram_text.hpp"
#include "topoforge/codec/diagram/point_reader.hpp"
#include "topoforge/detect/figures.hpp"
#include "topoforge/engine/diagram_batch.hpp"
#include "topoforge/progress_line.hpp"

namespace topoforge {
namespace {

Result<void> check(const DiagramOptions& options) {
  if (options.input != "auto" && options.input != "points" && options.input != "point-cloud") {
    return fail(ErrorCode::invalid_argument, fmt::format("--window {}: a window is made of points, not of --input {}",
                                                         options.window, options.input));
  }
  if (options.format == "svg") {
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("--window {}: wanted --format text, csv or json; a picture shows one diagram", options.window));
  }
  return {};
}

/// Diagrams one after another in the format that is asked for.
class WindowWriter {
 public:
  WindowWriter(const DiagramOptions& options, OutputFile& output) : options_(options), output_(output) {}

  Result<void> write(std::size_t window, const RepresentedDiagram& diagram) {
    const DiagramWindow place{.window = window, .first_row = window * options_.stride, .rows = options_.window};
    if (options_.format == "json") return output_.write((window == 0 ? "[\n" : ",\n") + window_to_json(place, diagram));
    if (options_.format == "csv") {
      const std::string header = window == 0 ? window_csv_header(options_.columns()) : "";
      return output_.write(header + window_to_csv(place, diagram, options_.columns()));
    }
    return output_.write(window_to_text(place, diagram));
  }

  Result<void> finish() {
    if (options_.format == "json") {
      if (auto written = output_.write("\n]\n"); !written) return written;
    }
    return output_.commit();
  }

 private:
  const DiagramOptions& options_;
  OutputFile& output_;
};

}  // namespace

Result<void> run_diagram_windows(const DiagramOptions& options) {
  if (auto checked = check(options); !checked) return checked;
  auto lines = LineReader::open(options.path);
  if (!lines) return tl::unexpected(lines.error());
  // A reader that goes away is told by write(), so that a temporary file is not left behind.
  std::signal(SIGPIPE, SIG_IGN);
  auto output = OutputFile::create(options.output);
  if (!output) return tl::unexpected(output.error());

  PointReader reader(lines->name());
  const NextPoint next = [&]() -> Result<std::optional<std::vector<double>>> {
    while (true) {
      const auto line = lines->next();
      if (!line) return tl::unexpected(line.error());
      if (!*line) return std::nullopt;
      auto point = reader.read_line(**line);
      if (!point || *point) return point;
    }
  };
  const bool terminal_is_free = isatty(STDERR_FILENO) == 1 && !output->is_terminal();
  ProgressLine progress(terminal_is_free && !options.quiet ? ProgressLine::Shown::yes : ProgressLine::Shown::no);
  WindowWriter writer(options, *output);
  const TakeDiagram take = [&](std::size_t window, const RepresentedDiagram& diagram) -> Result<void> {
    if (progress.due()) {
      progress.draw(share_read(lines->position_bytes(), lines->size_bytes()),
                    fmt::format("{} windows, {:.0f} windows/s", with_commas(window + 1),
                                static_cast<double>(window + 1) / progress.seconds()));
    }
    return writer.write(window, diagram);
  };

  const auto windows = compute_diagrams(next, take,
                                        {.window = options.window,
                                         .stride = options.stride,
                                         .threads = options.threads,
                                         .metric = options.metric,
                                         .rips = options.rips,
                                         .most_loops = options.loops});
  progress.wipe();
  Result<void> done;
  if (!windows) {
    done = tl::unexpected(windows.error());
  } else if (*windows == 0) {
    done = fail(ErrorCode::invalid_data,
                fmt::format("{}: {} {}; wanted at least {}, the rows of one window", lines->name(), reader.points(),
                            reader.points() == 1 ? "row" : "rows", options.window));
  } else {
    done = writer.finish();
  }
  return !done && output->reader_gone() ? Result<void>{} : done;
}

}  // namespace topoforge
