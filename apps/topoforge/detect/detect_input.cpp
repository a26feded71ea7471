#include "topoforge/detect/detect_input.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "topoforge/codec/csv/csv_event_reader.hpp"
#include "topoforge/codec/json/ndjson_event_reader.hpp"
#include "topoforge/codec/text/number.hpp"
#include "topoforge/codec/text/quote.hpp"

namespace topoforge {
namespace {

std::filesystem::path without_gz(std::filesystem::path path) {
  return path.extension() == ".gz" ? path.replace_extension() : path;
}

InputFormat format_by_name(const std::string& path) {
  const std::string extension = without_gz(path).extension().string();
  if (extension == ".csv" || extension == ".tsv" || extension == ".txt") return InputFormat::csv;
  if (extension == ".ndjson" || extension == ".jsonl") return InputFormat::ndjson;
  return InputFormat::by_name_or_content;
}

/// Lines of the reader, behind one that was read already.
NextLine continued(LineReader& lines, std::optional<std::string> first) {
  return [&lines, pending = std::move(first), given = std::string()]() mutable {
    if (!pending) return lines.next();
    given = std::move(*pending);
    pending.reset();
    return Result<std::optional<std::string_view>>(std::optional<std::string_view>(given));
  };
}

/// The first option that says something of columns.
std::optional<std::string_view> csv_option(const CsvOptions& options) {
  if (!options.timestamp_column.empty()) return "--timestamp-column";
  if (!options.channels.empty()) return "--channel";
  if (!options.label_column.empty()) return "--label-column";
  if (options.invalid_values != InvalidValues::error) return "--invalid-values";
  return std::nullopt;
}

}  // namespace

std::string default_source(const std::string& path) {
  if (path == "-") return "stdin";
  const std::string stem = without_gz(std::filesystem::path(path).filename()).stem().string();
  return std::string(utf8_prefix(stem, kMaxNameBytes));
}

Result<DetectInput> open_input(const DetectOptions& options) {
  auto opened = LineReader::open(options.input);
  if (!opened) return tl::unexpected(opened.error());
  DetectInput input;
  input.lines = std::make_unique<LineReader>(std::move(*opened));

  InputFormat format = options.input_format;
  if (format == InputFormat::by_name_or_content) format = format_by_name(options.input);
  std::optional<std::string> first;
  if (format == InputFormat::by_name_or_content) {
    const auto line = input.lines->next();
    if (!line) return tl::unexpected(line.error());
    if (*line) first = std::string(**line);
    format = first && trimmed(*first).substr(0, 1) == "{" ? InputFormat::ndjson : InputFormat::csv;
  }

  NextLine next = continued(*input.lines, std::move(first));
  const std::string source = default_source(options.input);
  if (format == InputFormat::ndjson) {
    if (const auto option = csv_option(options.csv)) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("{} is for CSV, and {} is NDJSON", *option, input.lines->name()));
    }
    input.events = std::make_unique<NdjsonEventReader>(input.lines->name(), std::move(next), source);
  } else {
    CsvOptions csv = options.csv;
    csv.source = source;
    input.events = std::make_unique<CsvEventReader>(input.lines->name(), std::move(next), std::move(csv));
  }
  return input;
}

}  // namespace topoforge
