#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "topoforge/adapters/file/output_file.hpp"
#include "topoforge/commands.hpp"
#include "topoforge/detect/detect_input.hpp"
#include "topoforge/detect/detect_options.hpp"
#include "topoforge/detect/detect_run.hpp"
#include "topoforge/detect/progress.hpp"
#include "topoforge/detect/report_sink.hpp"
#include "topoforge/detect/result_writers.hpp"
#include "topoforge/pipeline_options.hpp"
#include "topoforge/threat_rules_option.hpp"

namespace topoforge {
namespace {

struct DetectArguments {
  DetectOptions options;
  std::string threat_rules;
};

Result<void> check(const DetectOptions& options) {
  const PipelineOptions& pipeline = options.pipeline;
  if (pipeline.calibration_events != 0 && pipeline.calibration_events < pipeline.window) {
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("--train-rows {} is below --window {}; wanted at least one window, or 0 to learn as rows come",
                    pipeline.calibration_events, pipeline.window));
  }
  if (options.report == "-" && options.output == "-") {
    return fail(ErrorCode::invalid_argument, "--report - and --output -: wanted a file for one of them");
  }
  return validate(pipeline);
}

/// Formats whose output is rows say on standard error what the others say in their result.
void print_summary(const RunSummary& summary) {
  for (const std::string& note : input_notes(summary)) fmt::print(stderr, "topoforge: note: {}\n", note);
  fmt::print(stderr, "topoforge: {}\n", one_line_summary(summary));
}

Result<void> detect(DetectArguments arguments) {
  DetectOptions& options = arguments.options;
  if (auto checked = check(options); !checked) return checked;
  auto rules = load_threat_rules(arguments.threat_rules);
  if (!rules) return tl::unexpected(rules.error());
  options.pipeline.threat_rules = std::move(*rules);

  auto input = open_input(options);
  if (!input) return tl::unexpected(input.error());
  // A reader that goes away is told by write(), so that a temporary file is not left behind.
  std::signal(SIGPIPE, SIG_IGN);
  auto output = OutputFile::create(options.output);
  if (!output) return tl::unexpected(output.error());

  const bool rows_as_they_come = options.format == ResultFormat::csv || options.format == ResultFormat::ndjson;
  const bool colour = output->is_terminal() && std::getenv("NO_COLOR") == nullptr;
  const auto writer = make_result_writer(
      *output, {.format = options.format, .at_once = !input->lines->regular_file(), .colour = colour});
  std::vector<RunSink*> sinks = {writer.get()};
  std::optional<OutputFile> report_file;
  std::unique_ptr<RunSink> report;
  if (!options.report.empty()) {
    auto created = OutputFile::create(options.report);
    if (!created) return tl::unexpected(created.error());
    report = make_report_sink(report_file.emplace(std::move(*created)));
    sinks.push_back(report.get());
  }
  std::unique_ptr<Progress> progress;
  const bool terminal_is_free = isatty(STDERR_FILENO) == 1 && !(rows_as_they_come && output->is_terminal());
  if (terminal_is_free && !options.quiet) {
    progress = std::make_unique<Progress>(*input->lines);
    sinks.insert(sinks.begin(), progress.get());
  }

  const auto summary = run_detection(*input->events, input->lines->name(), options.pipeline, sinks);
  progress.reset();
  Result<void> done = summary ? output->commit() : Result<void>(tl::unexpected(summary.error()));
  if (done && report_file) done = report_file->commit();
  if (!done) return output->reader_gone() ? Result<void>{} : done;
  if (rows_as_they_come && !options.quiet) print_summary(*summary);
  return {};
}

/// An option of a closed list of words.
template <class Value>
void add_choice(CLI::App& command, const std::string& name, Value& chosen, std::map<std::string, Value> words,
                const std::string& help, const std::string& default_word) {
  std::vector<std::string> names;
  for (const auto& [word, value] : words) names.push_back(word);
  command
      .add_option_function<std::string>(
          name, [&chosen, words = std::move(words)](const std::string& word) { chosen = words.at(word); }, help)
      ->check(CLI::IsMember(std::move(names)))
      ->default_str(default_word);
}

void add_input_options(CLI::App& command, DetectOptions& options) {
  command.add_option("FILE", options.input, "CSV or NDJSON, plain or gzip; - is standard input")->required();
  add_choice<InputFormat>(
      command, "--input-format", options.input_format,
      {{"auto", InputFormat::by_name_or_content}, {"csv", InputFormat::csv}, {"ndjson", InputFormat::ndjson}},
      "auto goes by the name, else by the first line", "auto");
  command
      .add_option("--timestamp-column", options.csv.timestamp_column,
                  "Column of the time; found by name or content when not given; 'none' for none")
      ->type_name("NAME");
  command
      .add_option("--channel", options.csv.channels,
                  "Column to analyse, given once for each; every column of numbers when not given")
      ->type_name("NAME")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command
      .add_option("--label-column", options.csv.label_column,
                  "Column left out of the channels; by default columns named label, labels, anomaly, is_anomaly")
      ->type_name("NAME");
  add_choice<InvalidValues>(
      command, "--invalid-values", options.csv.invalid_values,
      {{"error", InvalidValues::error}, {"missing", InvalidValues::missing}},
      "What a CSV cell that is no finite number is: an error, or a missing value (the one before it stands in)",
      "error");
}

void add_detection_options(CLI::App& command, PipelineOptions& options) {
  add_pipeline_options(command, options);
  command
      .add_option("--train-rows", options.calibration_events,
                  "Calibrate on the first N rows only; 0: on the first window and on clean rows after it")
      ->type_name("N")
      ->check(whole_number())
      ->capture_default_str();
}

void add_output_options(CLI::App& command, DetectOptions& options) {
  add_choice<ResultFormat>(command, "--format", options.format,
                           {{"table", ResultFormat::table},
                            {"csv", ResultFormat::csv},
                            {"ndjson", ResultFormat::ndjson},
                            {"json", ResultFormat::json}},
                           "table: the episodes, for people; csv: a row for each row of the file; ndjson: an object "
                           "for each analysis; json: "
                           "summary and episodes",
                           "table");
  command.add_option("-o,--output", options.output, "File to write, whole or not at all; - is standard output")
      ->type_name("FILE")
      ->capture_default_str();
  command
      .add_option("--report", options.report,
                  "Write one HTML page too: series, score, episodes and the worst windows with their shapes and why")
      ->type_name("FILE.html");
  command.add_flag("-q,--quiet", options.quiet, "No progress and no summary on standard error");
}

constexpr const char* kFooter =
    "With --format csv the output is row,timestamp,anomaly_score,p_value,is_anomaly,risk_level: rows count from 0,\n"
    "the timestamp is as in the file, rows before the first verdict have 0,1,0,Low, and with --stride the rows "
    "between\n"
    "two analyses repeat the verdict of the first.\n"
    "\n"
    "Examples:\n"
    "  topoforge detect metrics.csv\n"
    "  topoforge detect metrics.csv.gz --train-rows 400 --format csv --output scores.csv\n"
    "  topoforge detect metrics.csv --report report.html\n"
    "  topoforge detect metrics.csv --timestamp-column when --channel cpu --channel memory\n"
    "  tail -f events.ndjson | topoforge detect - --format ndjson";

}  // namespace

void add_detect_command(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("detect", "Find anomalies in a file of events, or on standard input");
  const auto arguments = std::make_shared<DetectArguments>();
  add_input_options(*command, arguments->options);
  add_detection_options(*command, arguments->options.pipeline);
  add_threat_rules_option(*command, arguments->threat_rules);
  add_output_options(*command, arguments->options);
  command->footer(kFooter);
  command->callback([&action, arguments] { action = [arguments] { return detect(*arguments); }; });
}

}  // namespace topoforge
