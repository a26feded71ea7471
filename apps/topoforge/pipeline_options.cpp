#include "topoforge/pipeline_options.hpp"

#include <string>

#include <fmt/format.h>

namespace topoforge {

CLI::Validator whole_number() {
  const auto check = [](const std::string& text) -> std::string {
    if (!text.empty() && text.find_first_not_of("0123456789") == std::string::npos) return {};
    return fmt::format("{} is no whole number of 0 or more", text);
  };
  return {check, ""};
}

namespace {

/// What validate() says of the options with this value alone.
template <class Value>
CLI::Validator validated(Value PipelineOptions::*member) {
  const auto check = [member](const std::string& text) -> std::string {
    PipelineOptions options;
    if (!CLI::detail::lexical_cast(text, options.*member)) return {};  // which is said when it is converted
    const auto valid = validate(options);
    return valid ? std::string() : valid.error().message;
  };
  return {check, ""};
}

}  // namespace

void add_pipeline_options(CLI::App& command, PipelineOptions& options) {
  command.add_option("--window", options.window, "Events in a window")
      ->check(CLI::Range(kMinWindow, kMaxWindow))
      ->capture_default_str();
  command.add_option("--stride", options.stride, "Events from one analysis of a stream to the next")
      ->check(whole_number())
      ->check(validated(&PipelineOptions::stride))
      ->capture_default_str();
  command.add_option("--max-dimension", options.max_dimension, "Highest dimension of homology")
      ->check(CLI::Range(0, 2))
      ->capture_default_str();
  command.add_option("--threshold", options.threshold, "Anomaly score above which an event is an anomaly, in (0, 1)")
      ->check(validated(&PipelineOptions::threshold))
      ->capture_default_str();
  command.add_option("--seed", options.seed, "Seed of the learning: the same input and seed give the same output")
      ->check(whole_number())
      ->capture_default_str();
}

}  // namespace topoforge
