#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "topoforge/adapters/host/host_sampler.hpp"
#include "topoforge/codec/json/analysis_json.hpp"
#include "topoforge/commands.hpp"
#include "topoforge/core/pipeline/pipeline.hpp"
#include "topoforge/pipeline_options.hpp"
#include "topoforge/stop_request.hpp"
#include "topoforge/threat_rules_option.hpp"
#include "topoforge/watch_text.hpp"

namespace topoforge {
namespace {

using std::chrono::steady_clock;

constexpr double kMaxDurationSeconds = 366.0 * 24 * 3600;

struct WatchOptions {
  double rate_hz = 10.0;
  double duration_seconds = 0.0;  ///< 0: until Ctrl-C
  PipelineOptions pipeline;
  std::string format = "text";
  std::string threat_rules;
};

/// Standard output of the command. On a terminal the live line is written over; elsewhere each is a line.
class WatchPrinter {
 public:
  WatchPrinter(bool is_ndjson, double rate_hz, std::size_t window)
      : is_ndjson_(is_ndjson), rate_hz_(rate_hz), window_(window), is_terminal_(isatty(STDOUT_FILENO) == 1) {}

  void show(const Event& event, const PushOutcome& outcome, std::size_t buffered) {
    if (is_ndjson_) {
      write((outcome.analysis ? live_message(view_of(*outcome.analysis), event)
                              : live_message(NoAnalysis{.count = buffered}, event)) +
            "\n");
      return;
    }
    const std::string episode = outcome.analysis ? watch_episode(*outcome.analysis, rate_hz_) : std::string{};
    if (!episode.empty()) write(clear() + episode);
    const auto now = steady_clock::now();
    if (now < next_line_) return;
    next_line_ = now + line_period();
    const std::string line = watch_line(event, outcome, window_);
    write(is_terminal_ ? clear() + line.substr(0, terminal_width()) : line + "\n");
  }

  void finish(const WatchSummary& summary) { write(is_ndjson_ ? to_json_line(summary) : clear() + to_text(summary)); }

 private:
  /// A second less half a sample, so that a reading a little early does not halve the lines.
  [[nodiscard]] steady_clock::duration line_period() const {
    return std::chrono::duration_cast<steady_clock::duration>(
        std::chrono::duration<double>(1.0 - 0.5 / std::max(rate_hz_, 1.0)));
  }
  [[nodiscard]] std::string clear() const { return is_terminal_ ? "\r\x1b[K" : ""; }
  static std::size_t terminal_width() {
    winsize size{};
    const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col - 1U : 79U;
  }
  static void write(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
  }

  bool is_ndjson_;
  double rate_hz_;
  std::size_t window_;
  bool is_terminal_;
  steady_clock::time_point next_line_{};
};

void count(const PushOutcome& outcome, WatchSummary& summary) {
  ++summary.events;
  if (!outcome.analysis) return;
  const Analysis& analysis = *outcome.analysis;
  ++summary.analyses;
  summary.alarms += analysis.is_anomaly ? 1 : 0;
  summary.episodes += analysis.episode_change == EpisodeChange::opened ? 1 : 0;
  summary.episode_open = analysis.episode && analysis.episode->open;
}

/// The reading that falls on the end counts: the time runs on for half a period, or a moment.
std::optional<steady_clock::duration> running_time(const WatchOptions& options) {
  if (options.duration_seconds == 0.0) return std::nullopt;
  const double grace_seconds = std::min(0.5 / options.rate_hz, 0.05);
  return std::chrono::duration_cast<steady_clock::duration>(
      std::chrono::duration<double>(options.duration_seconds + grace_seconds));
}

Result<void> watch(WatchOptions options) {
  if (!(options.duration_seconds >= 0.0 && options.duration_seconds <= kMaxDurationSeconds)) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("--duration {} is outside 0 to {} seconds", options.duration_seconds, kMaxDurationSeconds));
  }
  auto rules = load_threat_rules(options.threat_rules);
  if (!rules) return tl::unexpected(rules.error());
  options.pipeline.threat_rules = std::move(*rules);
  if (auto valid = validate(options.pipeline); !valid) return valid;

  const StopRequest stop(running_time(options));
  auto sampler = HostSampler::open({.rate_hz = options.rate_hz}, std::make_unique<SystemSamplerClock>(stop.token()));
  if (!sampler) return tl::unexpected(sampler.error());
  for (const std::string& notice : (*sampler)->notices()) fmt::print(stderr, "topoforge: {}\n", notice);

  Pipeline pipeline(options.pipeline);
  WatchPrinter printer(options.format == "ndjson", options.rate_hz, options.pipeline.window);
  WatchSummary summary;
  const auto begin = steady_clock::now();
  while (true) {
    auto event = (*sampler)->next();
    if (!event) return tl::unexpected(event.error());
    if (!*event) break;
    const auto outcome = pipeline.push(**event);
    if (!outcome) return tl::unexpected(outcome.error());
    count(*outcome, summary);
    printer.show(**event, *outcome, pipeline.buffered());
    if (std::ferror(stdout) != 0) return fail(ErrorCode::io, "cannot write to standard output");
  }
  summary.skipped = (*sampler)->skipped();
  summary.seconds = std::chrono::duration<double>(steady_clock::now() - begin).count();
  printer.finish(summary);
  return {};
}

}  // namespace

void add_watch_command(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("watch", "Watch this host: sample /proc and say when its shape changes");
  const auto options = std::make_shared<WatchOptions>();
  command->add_option("--rate", options->rate_hz, "Samples per second, 0.1 to 100")->capture_default_str();
  command->add_option("--duration", options->duration_seconds, "Seconds to watch; 0: until Ctrl-C")
      ->capture_default_str();
  add_pipeline_options(*command, options->pipeline);
  command->add_option("--format", options->format, "What is printed: a live line a second, or a message an event")
      ->check(CLI::IsMember({"text", "ndjson"}))
      ->capture_default_str();
  add_threat_rules_option(*command, options->threat_rules);
  command->footer(
      "Examples:\n"
      "  topoforge watch\n"
      "  topoforge watch --duration 120 --format ndjson > host.ndjson");
  command->callback([&action, options] { action = [options] { return watch(*options); }; });
}

}  // namespace topoforge
