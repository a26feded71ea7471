#include "topoforge/core/pipeline/pipeline.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <deque>
#include <numeric>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "topoforge/core/event/channel_schema.hpp"
#include "topoforge/core/features/landscape.hpp"
#include "topoforge/core/features/persistence_statistics.hpp"
#include "topoforge/core/score/evidence.hpp"
#include "topoforge/core/score/sliding_shape.hpp"
#include "topoforge/core/score/stream_model.hpp"
#include "topoforge/core/verdict/evidence_share.hpp"
#include "topoforge/core/window/row_history.hpp"

namespace topoforge {
namespace {

/// Rows from which a stream that learns as it goes is calibrated again.
constexpr std::size_t kHistoryRows = 4096;
/// At most so many of the first calibration_events rows are learned from: the newest of them.
constexpr std::size_t kMaxCalibrationRows = 20'000;
constexpr std::size_t kRememberedIds = 4096;
/// A model is used so many events after its fit began for each row that it learns from, wherever and whenever that was
/// done: verdicts do not depend on it.
constexpr double kEventsOfAFit = 0.75;
/// A fit to few rows is quick, and waited for: to so many, half of that share.
constexpr double kRowsOfHalfThat = 1000.0;
/// A state that fills most of so many windows is the new normal.
constexpr std::size_t kAdoptionWindows = 10;

Result<void> check_range(std::string_view option, std::size_t value, std::size_t least, std::size_t most) {
  if (value >= least && value <= most) return {};
  return fail(ErrorCode::invalid_argument, fmt::format("{} is {}; wanted {} to {}", option, value, least, most));
}

/// They must be what an event could have.
Result<void> check_channels(const std::vector<std::string>& channels) {
  if (channels.empty()) return {};
  Event event;
  for (const std::string& channel : channels) event.values.push_back({.channel = channel, .value = 0.0});
  if (auto valid = validate(event); !valid)
    return fail(ErrorCode::invalid_argument, "channels: " + valid.error().message);
  return {};
}

/// Ids seen lately, so that a repeated event is not counted twice.
class RecentIds {
 public:
  /// False when the id was there already. An empty id is always new.
  bool insert(const std::string& id) {
    if (id.empty()) return true;
    if (!known_.insert(id).second) return false;
    order_.push_back(id);
    if (order_.size() > kRememberedIds) {
      known_.erase(order_.front());
      order_.pop_front();
    }
    return true;
  }
  [[nodiscard]] bool contains(const std::string& id) const { return !id.empty() && known_.contains(id); }

 private:
  std::deque<std::string> order_;
  std::unordered_set<std::string> known_;
};

/// Events per second over the newest `count` rows, where their timestamps tell.
std::optional<double> event_rate(const RowHistory& history, std::size_t count) {
  if (count < 2 || count > history.size()) return std::nullopt;
  const auto newest = history.timestamp(0);
  const auto oldest = history.timestamp(count - 1);
  if (!newest || !oldest || *newest <= *oldest) return std::nullopt;
  return static_cast<double>(count - 1) / std::chrono::duration<double>(*newest - *oldest).count();
}

TopologySummary summarise(const PersistenceDiagram& diagram) {
  TopologySummary summary;
  summary.approximation = diagram.approximation;
  for (const auto& pairs : diagram.pairs) {
    const PersistenceStatistics statistics = persistence_statistics(pairs);
    summary.entropy += statistics.entropy;
    summary.total_lifetime += statistics.total;
  }
  if (diagram.dimensions() > 1) {
    Landscape landscape = *persistence_landscape(diagram.pairs[1]);
    summary.landscape_x = std::move(landscape.grid);
    summary.landscape_y = std::move(landscape.layers.values);
  }
  return summary;
}

}  // namespace

Result<void> validate(const PipelineOptions& options) {
  constexpr std::size_t kMost = 100'000'000;
  if (auto checked = check_range("window", options.window, kMinWindow, kMaxWindow); !checked) return checked;
  if (auto checked = check_range("stride", options.stride, 1, kMost); !checked) return checked;
  if (auto checked = check_range("max_dimension", options.max_dimension, 0, 2); !checked) return checked;
  if (options.calibration_events != 0) {
    if (auto checked = check_range("calibration_events", options.calibration_events, options.window, kMost); !checked) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("calibration_events is {}; wanted 0 (learn as events come) or at least one window ({})",
                              options.calibration_events, options.window));
    }
  }
  if (!(options.threshold > 0.0 && options.threshold < 1.0)) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("threshold is {}; wanted a number above 0 and below 1", options.threshold));
  }
  if (auto checked = check_range("embedding_dimension", options.embedding_dimension, 1, kMaxEmbeddingDimension);
      !checked)
    return checked;
  if (auto checked = check_range("embedding_lag", options.embedding_lag, 0, options.window - 1); !checked)
    return checked;
  if (auto checked = check_channels(options.channels); !checked) return checked;
  return validate(options.threat_rules);
}

struct Pipeline::State {
  explicit State(PipelineOptions chosen)
      : options(std::move(chosen)), classifier(options.threat_rules), episodes(options.window) {}

  PipelineOptions options;
  ThreatClassifier classifier;
  EpisodeTracker episodes;
  ChannelSchema schema;
  RecentIds ids;
  std::optional<RowHistory> history;
  std::vector<double> row;
  Workspace workspace;
  SlidingShape shapes;
  std::uint64_t analysed = 0;  ///< events pushed by the last analysis
  std::optional<StreamModel> model;
  StreamScorer scorer;
  std::shared_ptr<Stepwise<StreamModel>> fitting;   ///< the next model; nullptr: none
  std::unique_ptr<BackgroundWork> background_work;  ///< that fits it; nullptr: it is fitted between events
  std::size_t steps_an_event = 0;                   ///< of a fit between events
  std::uint64_t fitted_at = 0;                      ///< events pushed when the model is to be there
  std::optional<double> usual_rate;
  PersistenceDiagram diagram;
  std::chrono::nanoseconds diagram_time{0};  ///< of the newest one
  std::size_t clean_rows = 0;                ///< judged clean since the start
  std::size_t next_fit = 0;                  ///< clean_rows at which the model begins to be fitted again

  [[nodiscard]] bool learns() const { return options.calibration_events == 0; }
  [[nodiscard]] std::size_t needed() const { return learns() ? options.window : options.calibration_events; }

  void begin(ChannelSchema channels) {
    schema = std::move(channels);
    const std::size_t capacity =
        learns() ? std::max(kHistoryRows, 2 * adoption_rows())
                 : std::min(options.calibration_events, std::max(kMaxCalibrationRows, options.window));
    history.emplace(capacity, schema.size());
    row.assign(schema.size(), 0.0);
    next_fit = options.window;
  }

  /// Returns how many channels the event lacks.
  Result<std::size_t> fill_row(const Event& event) {
    if (!options.channels.empty()) return fill_chosen(event);
    if (!history) begin(ChannelSchema(event));
    return schema.fill(event, row);
  }

  Result<std::size_t> fill_chosen(const Event& event) {
    if (!history) {
      ChannelSchema chosen(options.channels);
      std::vector<double> first(chosen.size());
      if (const std::size_t known = chosen.fill_known(event, first); known < chosen.size())
        return lacks_channels(known, "all of them in the first event");
      begin(std::move(chosen));
      row = std::move(first);
      return std::size_t{0};
    }
    const std::size_t known = schema.fill_known(event, row);
    if (known == 0) return lacks_channels(known, "one or more");
    return schema.size() - known;
  }

  [[nodiscard]] tl::unexpected<Error> lacks_channels(std::size_t known, std::string_view wanted) const {
    return fail(ErrorCode::invalid_data,
                fmt::format("the event has {} of the {} channels that are looked at ({}); wanted {}", known,
                            options.channels.size(), fmt::join(options.channels, ", "), wanted));
  }

  [[nodiscard]] CalibrationRows calibration_rows() const {
    CalibrationRows calibration;
    calibration.rows.values.reserve(history->size() * schema.size());
    calibration.rows.columns = schema.size();
    bool running = false;
    for (std::size_t age = history->size(); age-- > 0;) {
      if (history->clean(age)) {
        if (!running) calibration.run_starts.push_back(calibration.rows.rows);
        const auto values = history->row(age);
        calibration.rows.values.insert(calibration.rows.values.end(), values.begin(), values.end());
        ++calibration.rows.rows;
      }
      running = history->clean(age);
    }
    return calibration;
  }

  void begin_fit() {
    CalibrationRows calibration = calibration_rows();
    const std::size_t rows = calibration.rows.rows;
    if (rows == 0) return;
    const auto learned_from = static_cast<double>(rows);
    const double events = std::ceil(kEventsOfAFit * learned_from * learned_from / (learned_from + kRowsOfHalfThat));
    const auto steps = static_cast<double>(StreamModel::most_fitting_steps(rows, schema.size()));
    steps_an_event = static_cast<std::size_t>(std::ceil(steps / events));
    fitted_at = history->pushed() + static_cast<std::uint64_t>(events);
    fitting = std::make_shared<Stepwise<StreamModel>>(
        StreamModel::fitting(std::move(calibration), {.window = options.window,
                                                      .seed = options.seed,
                                                      .view = {.max_dimension = options.max_dimension,
                                                               .embedding_dimension = options.embedding_dimension,
                                                               .embedding_lag = options.embedding_lag}}));
  }

  void begin_background_fit() {
    begin_fit();
    if (!fitting || !options.start_background_work) return;
    background_work = options.start_background_work([fit = fitting] {
      while (!fit->advance()) {
      }
    });
  }

  /// The part of the fit that is an event's.
  void continue_fit() {
    if (!fitting) return;
    if (history->pushed() >= fitted_at) {
      if (background_work) background_work->finish();
      background_work.reset();
      finish_fit();
      return;
    }
    if (background_work) return;
    for (std::size_t step = 0; step < steps_an_event && !fitting->advance(); ++step) {
    }
  }

  void finish_fit() {
    if (!fitting) return;
    StreamModel fitted = std::move(*fitting).finish();
    fitting.reset();
    if (!model || fitted.view() != model->view()) shapes.begin_anew();
    model = std::move(fitted);
    scorer.begin(*model, history->last(std::min(history->size(), model->trail_rows())));
    usual_rate = event_rate(*history, history->size());
    if (!learns()) history->shrink(std::max(options.window, model->trail_rows()));
  }

  /// Marks what may be learned from, and begins to learn when enough of it is new.
  void learn(bool alarm) {
    const std::size_t judged = std::min(options.stride, history->size());
    if (alarm) {
      for (std::size_t age = 0; age < judged; ++age) history->set_clean(age, false);
    } else {
      clean_rows += judged;
    }
    if (fitting) return;
    const bool adopt = alarm && lasting_alarm();
    if (adopt) {
      // What came before is no longer how the stream is.
      for (std::size_t age = 0; age < history->size(); ++age) history->set_clean(age, age < adoption_rows());
      clean_rows = adoption_rows();
    }
    if (!adopt && clean_rows < next_fit) return;
    begin_background_fit();
    next_fit = clean_rows + std::min(clean_rows, kHistoryRows);
  }

  [[nodiscard]] std::size_t adoption_rows() const { return kAdoptionWindows * options.window; }

  /// Whether most of the newest adoption_rows() were alarmed.
  [[nodiscard]] bool lasting_alarm() const {
    const std::size_t rows = adoption_rows();
    if (history->size() < rows) return false;
    std::size_t alarmed = 0;
    for (std::size_t age = 0; age < rows; ++age) alarmed += history->clean(age) ? 0 : 1;
    return 2 * alarmed > rows;
  }

  [[nodiscard]] std::chrono::nanoseconds now() const {
    return options.stopwatch != nullptr ? options.stopwatch() : std::chrono::nanoseconds(0);
  }

  [[nodiscard]] Analysis analyse(const Event& event) {
    const Matrix window = history->last(options.window);
    const auto entered = static_cast<std::size_t>(history->pushed() - std::exchange(analysed, history->pushed()));
    const auto began = now();
    diagram = shapes.diagram(model->view(), window, entered, workspace.engine);
    diagram_time = now() - began;
    const StreamScore score = scorer.score(*model, workspace);

    Analysis analysis;
    analysis.sequence = history->pushed() - 1;
    analysis.stream = event.stream;
    analysis.timestamp = event.timestamp;
    analysis.window_size = options.window;
    analysis.p_value = score.p_value;
    analysis.anomaly_score = anomaly_score(score.p_value);
    analysis.confidence = model->confidence();
    analysis.threshold = options.threshold;
    attribute(score, analysis);
    analysis.is_anomaly = analysis.anomaly_score > options.threshold && goes_our_way(analysis);
    analysis.risk_level = risk_level(analysis.anomaly_score);
    analysis.betti_numbers = adaptive_betti_numbers(diagram);
    analysis.topology = summarise(diagram);
    contribute(score, analysis);
    analysis.episode_change = episodes.update(analysis.sequence, analysis.anomaly_score, analysis.is_anomaly);
    analysis.episode = episodes.current();
    const std::optional<double> rate = event_rate(*history, options.window);
    analysis.security = classifier.classify(
        {.anomaly_score = analysis.anomaly_score,
         .betti_numbers = analysis.betti_numbers,
         .event_rate_hz = rate,
         .event_rate_ratio = rate && usual_rate ? std::optional(*rate / *usual_rate) : std::nullopt});
    analysis.explanation = explain({.anomaly_score = analysis.anomaly_score,
                                    .p_value = analysis.p_value,
                                    .confidence = analysis.confidence,
                                    .is_anomaly = analysis.is_anomaly,
                                    .betti_numbers = analysis.betti_numbers,
                                    .contributions = analysis.contributions,
                                    .attribution = analysis.attribution});
    return analysis;
  }

  [[nodiscard]] bool goes_our_way(const Analysis& analysis) const {
    if (options.direction == Direction::both) return true;
    const double deviation = analysis.attribution.front().deviation;
    return options.direction == Direction::above ? deviation > 0.0 : deviation < 0.0;
  }

  static void contribute(const StreamScore& score, Analysis& analysis) {
    for (const DetectorEvidence& evidence : score.detectors) {
      analysis.contributions.push_back(
          {.detector = std::string(evidence.detector), .share = 0.0, .p_value = evidence.p_value});
    }
    share_evidence(analysis.contributions);
  }

  void attribute(const StreamScore& score, Analysis& analysis) const {
    const auto newest = history->row(0);
    for (std::size_t channel = 0; channel < schema.size(); ++channel) {
      analysis.attribution.push_back({.channel = schema.names()[channel],
                                      .share = score.channel_shares[channel],
                                      .value = newest[channel],
                                      .expected = model->scaler().centre()[channel],
                                      .deviation = model->scaler().scaled(newest[channel], channel)});
    }
    std::stable_sort(analysis.attribution.begin(), analysis.attribution.end(),
                     [](const Attribution& a, const Attribution& b) { return a.share > b.share; });
  }
};

Pipeline::Pipeline(PipelineOptions options) : state_(std::make_unique<State>(std::move(options))) {
  assert(validate(state_->options));
}
Pipeline::~Pipeline() = default;
Pipeline::Pipeline(Pipeline&&) noexcept = default;
Pipeline& Pipeline::operator=(Pipeline&&) noexcept = default;

Result<PushOutcome> Pipeline::push(const Event& event) {
  if (const auto valid = validate(event); !valid) return tl::unexpected(valid.error());
  State& state = *state_;
  PushOutcome outcome;
  if (state.ids.contains(event.id)) {
    outcome.sequence = state.history->pushed() - 1;
    outcome.duplicate = true;
    outcome.events_until_verdict = events_until_verdict();
    return outcome;
  }
  const Result<std::size_t> missing = state.fill_row(event);
  if (!missing) return tl::unexpected(missing.error());
  state.ids.insert(event.id);
  outcome.late = event.timestamp && state.history->size() > 0 && *event.timestamp < state.history->timestamp(0);
  state.history->push(state.row, event.timestamp);
  if (state.model) state.scorer.push(*state.model, state.row);

  const std::uint64_t pushed = state.history->pushed();
  outcome.sequence = pushed - 1;
  outcome.imputed = *missing;
  if (pushed < state.needed()) {
    outcome.events_until_verdict = state.needed() - pushed;
    return outcome;
  }
  if (pushed == state.needed()) {
    state.clean_rows = pushed;
    state.begin_fit();
    state.finish_fit();
    state.next_fit = 2 * state.clean_rows;
  }
  if ((pushed - state.needed()) % state.options.stride == 0) {
    outcome.analysis = state.analyse(event);
    outcome.diagram_time = state.diagram_time;
    if (state.learns() && pushed > state.needed()) state.learn(outcome.analysis->is_anomaly);
  }
  state.continue_fit();
  return outcome;
}

std::size_t Pipeline::events_until_verdict() const {
  if (state_->model) return 0;
  return state_->needed() - (state_->history ? state_->history->pushed() : 0);
}

double Pipeline::confidence() const { return state_->model ? state_->model->confidence() : 0.0; }

std::size_t Pipeline::buffered() const {
  return state_->history ? std::min(state_->history->size(), state_->options.window) : 0;
}

const std::vector<std::string>& Pipeline::channels() const { return state_->schema.names(); }
const PersistenceDiagram& Pipeline::diagram() const { return state_->diagram; }
Matrix Pipeline::window() const { return state_->history ? state_->history->last(buffered()) : Matrix(); }

void Pipeline::set_threshold(double threshold) {
  assert(threshold > 0.0 && threshold < 1.0);
  state_->options.threshold = threshold;
}

const PipelineOptions& Pipeline::options() const { return state_->options; }

std::size_t Pipeline::memory_bytes() const {
  return sizeof(State) + (state_->history ? state_->history->memory_bytes() : 0) +
         (state_->model ? state_->model->memory_bytes() + state_->scorer.memory_bytes() : 0);
}

}  // namespace topoforge
