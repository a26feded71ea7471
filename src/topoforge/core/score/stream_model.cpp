#include "topoforge/core/score/stream_model.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>
#include <utility>

namespace topoforge {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
/// A detector of values joins at so many of its spans; one of form, which changes slowly, at so many.
constexpr std::size_t kSpansForValues = 3;
constexpr std::size_t kSpansForShape = 10;
constexpr std::size_t kLeastLooks = 20;
/// Up to so many channels, raw values count by what they lately were.
constexpr std::size_t kMostLevelledChannels = 10;
/// Disjoint calibration windows that earn half of the confidence.
constexpr double kHalfConfidenceWindows = 20.0;
/// Disjoint calibration windows at which half of the evidence counts: a tail that was seen for a few seconds is no
/// proof of rarity.
constexpr double kHalfTrustWindows = 1.0;
/// Raw values may have any tail.
constexpr TailCalibrationOptions kRawTail{.least_scale = 1e-3, .prior_shape = 0.5};
constexpr TailCalibrationOptions kEvidenceTail{.least_scale = 0.2, .prior_shape = 0.0};
/// Of a fit, before the stream looks after its next event.
constexpr std::size_t kRowsAtOnce = 16;
/// Newest rows whose deviation shows which channels are behind a verdict.
constexpr std::size_t kRowsOfShares = 10;

bool suits(const DetectorKind& kind, const DetectorSettings& settings) {
  if (settings.channels < kind.least_channels || settings.channels > kind.most_channels) return false;
  const std::size_t spans = kind.group == DetectorGroup::values ? kSpansForValues : kSpansForShape;
  return settings.rows >= std::max(spans * kind.span(settings), kind.every * kLeastLooks);
}

float median_of(std::vector<float> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Of raw values that count by what they lately were.
float relative(float raw, float usual, float level) {
  const float base = std::max(usual, level);
  return base > 0.0F ? raw / base : raw;
}

}  // namespace

/// One fit: the scaled rows, and what each detector made of them.
class StreamModel::Fit {
 public:
  Fit(const CalibrationRows& calibration, StreamModel& model)
      : model_(model), rows_(calibration.rows.rows), run_starts_(calibration.run_starts) {
    values_.resize(calibration.rows.values.size());
    model.scaler_.scale(calibration.rows.values, values_);
  }

  Stepwise<bool> fit_detectors() {
    for (const DetectorKind& kind : detector_kinds()) {
      if (!suits(kind, model_.settings_)) continue;
      Looks looks = co_await look(kind);
      if (looks.ends.size() < kLeastLooks) continue;
      FittedDetector fitted{.kind = &kind};
      std::vector<float> held_out = co_await held_out_values(kind, looks);
      fitted.model = kind.fit(samples(looks, looks.starts), model_.settings_);
      co_await next_step();
      p_values_.push_back(calibrate(fitted, std::move(held_out)));
      model_.detectors_.push_back(std::move(fitted));
    }
    co_return true;
  }

  Stepwise<bool> combine() {
    std::vector<DetectorGroup> groups;
    std::size_t span = 1;
    for (const FittedDetector& detector : model_.detectors_) {
      groups.push_back(detector.kind->group);
      span = std::max(span, detector.kind->span(model_.settings_) + detector.kind->smoothing);
    }
    model_.trail_rows_ = span;
    if (groups.empty()) co_return true;
    model_.combination_ = Combination(groups, model_.settings_.channels == 1);
    std::vector<double> all;
    for (std::size_t row = 0; row < rows_; ++row) {
      const auto has_one = [&](const std::vector<double>& values) { return !std::isnan(values[row]); };
      if (!std::any_of(p_values_.begin(), p_values_.end(), has_one)) continue;
      for (const std::vector<double>& values : p_values_) all.push_back(values[row]);
    }
    model_.combination_.calibrate_shape(all);
    std::vector<double> evidence;
    for (std::size_t i = 0; i < all.size(); i += groups.size()) {
      if (i % (kRowsAtOnce * groups.size()) == 0) co_await next_step();
      evidence.push_back(model_.combination_.evidence(std::span(all).subspan(i, groups.size())));
    }
    model_.combined_ = TailCalibration::fit(evidence, kEvidenceTail);
    co_return true;
  }

 private:
  /// What a kind sees of the rows at which it looks.
  struct Looks {
    std::vector<std::size_t> ends = {};    ///< the rows, ascending
    std::vector<std::size_t> starts = {};  ///< of their features
    std::vector<float> features = {};      ///< empty: the scaled rows themselves
    std::size_t size = 0;
    std::size_t span = 0;
  };

  Stepwise<Looks> look(const DetectorKind& kind) {
    Looks looks{.size = kind.features(model_.settings_), .span = kind.span(model_.settings_)};
    for (std::size_t run = 0; run < run_starts_.size(); ++run) {
      const std::size_t stop = run + 1 < run_starts_.size() ? run_starts_[run + 1] : rows_;
      for (std::size_t end = run_starts_[run] + looks.span - 1; end < stop; ++end) {
        if (end % kind.every == 0) looks.ends.push_back(end);
      }
    }
    const std::size_t channels = model_.settings_.channels;
    if (kind.look != nullptr) looks.features.resize(looks.ends.size() * looks.size);
    for (std::size_t i = 0; i < looks.ends.size(); ++i) {
      const std::size_t first = (looks.ends[i] + 1 - looks.span) * channels;
      looks.starts.push_back(kind.look != nullptr ? i * looks.size : first);
      if (kind.look == nullptr) continue;
      if (i * kind.every % kRowsAtOnce < kind.every) co_await next_step();
      kind.look({std::span<const float>(values_).subspan(first, looks.span * channels), channels}, model_.settings_,
                workspace_, std::span(looks.features).subspan(i * looks.size, looks.size));
    }
    co_return looks;
  }

  [[nodiscard]] Samples samples(const Looks& looks, std::vector<std::size_t> starts) const {
    return {looks.features.empty() ? std::span<const float>(values_) : std::span<const float>(looks.features),
            std::move(starts), looks.size};
  }

  /// By look, the raw value by a model that saw neither its row nor what shares data with it.
  Stepwise<std::vector<float>> held_out_values(const DetectorKind& kind, const Looks& looks) {
    std::vector<float> raw(looks.ends.size());
    const Samples all = samples(looks, looks.starts);
    std::vector<float> scratch;
    for (std::size_t fold = 0; fold < kFolds; ++fold) {
      const std::size_t first = fold * rows_ / kFolds;
      const std::size_t last = (fold + 1) * rows_ / kFolds;
      std::vector<std::size_t> apart;   // from the fold
      std::vector<std::size_t> beside;  // what overlaps it as well
      for (std::size_t i = 0; i < looks.ends.size(); ++i) {
        const std::size_t end = looks.ends[i];
        if (end >= first && end < last) continue;
        beside.push_back(looks.starts[i]);
        if (end < first || end + 1 >= last + looks.span) apart.push_back(looks.starts[i]);
      }
      // With few rows the whole overlap cannot be spared.
      std::vector<std::size_t>& chosen = apart.size() >= kLeastLooks ? apart : beside;
      if (chosen.empty()) continue;
      co_await next_step();
      const std::unique_ptr<NoveltyModel> model = kind.fit(samples(looks, std::move(chosen)), model_.settings_);
      Carry carry;
      for (std::size_t i = 0; i < looks.ends.size(); ++i) {
        if (looks.ends[i] < first || looks.ends[i] >= last) continue;
        if (i * kind.every % kRowsAtOnce < kind.every) co_await next_step();
        if (i > 0 && looks.ends[i] > looks.ends[i - 1] + 1) carry = {};
        raw[i] = model->next(all[i], scratch, carry);
      }
    }
    std::vector<float> smooth(raw.size());
    for (std::size_t i = 0; i < raw.size(); ++i) {
      const std::size_t count = std::min(i + 1, kind.smoothing);
      for (std::size_t k = i + 1 - count; k <= i; ++k) smooth[i] += raw[k] / static_cast<float>(count);
    }
    // By row, held until the next look; NaN before the first one of its run.
    std::vector<float> by_row(rows_, std::numeric_limits<float>::quiet_NaN());
    for (std::size_t i = 0; i < smooth.size(); ++i) {
      const std::size_t stop = std::min(looks.ends[i] + kind.every, rows_);
      for (std::size_t row = looks.ends[i]; row < stop; ++row) by_row[row] = smooth[i];
    }
    co_return by_row;
  }

  /// Sets what a detector says of its raw values, and returns the p-values of the held-out ones, by row.
  std::vector<double> calibrate(FittedDetector& fitted, std::vector<float> held_out) {
    std::vector<float> known;
    std::copy_if(held_out.begin(), held_out.end(), std::back_inserter(known),
                 [](float raw) { return !std::isnan(raw); });
    fitted.usual = median_of(known);
    if (levelled(*fitted.kind)) {
      std::size_t count = 0;
      for (float& raw : held_out) {
        if (std::isnan(raw)) continue;
        if (count++ % kLevelEvery == 0) fitted.level.push(raw);
        raw = relative(raw, fitted.usual, fitted.level.median());
      }
    }
    std::vector<double> values;
    for (const float raw : held_out) {
      if (!std::isnan(raw)) values.push_back(static_cast<double>(raw));
    }
    fitted.tail = TailCalibration::fit(values, kRawTail);
    std::vector<double> p_values(rows_, kNothing);
    for (std::size_t row = 0; row < rows_; ++row) {
      if (!std::isnan(held_out[row])) p_values[row] = fitted.tail.p_value(static_cast<double>(held_out[row]));
    }
    return p_values;
  }

  [[nodiscard]] bool levelled(const DetectorKind& kind) const {
    return kind.group != DetectorGroup::shape && model_.settings_.channels <= kMostLevelledChannels;
  }

  StreamModel& model_;
  std::size_t rows_;
  std::vector<std::size_t> run_starts_;
  std::vector<float> values_;
  Workspace workspace_;
  std::vector<std::vector<double>> p_values_;  ///< by fitted detector, by row
};

StreamModel StreamModel::fit(CalibrationRows calibration, const StreamModelOptions& options) {
  return fitting(std::move(calibration), options).finish();
}

std::size_t StreamModel::most_fitting_steps(std::size_t rows, std::size_t channels) {
  std::size_t steps = rows / kRowsAtOnce + 2;
  for (const DetectorKind& kind : detector_kinds()) {
    if (suits(kind, {.channels = channels, .rows = rows})) steps += 2 * (rows / kRowsAtOnce + 1) + 2 * kFolds + 2;
  }
  return steps;
}

Stepwise<StreamModel> StreamModel::fitting(CalibrationRows calibration, StreamModelOptions options) {
  assert(calibration.rows.rows >= 1 && !calibration.run_starts.empty());
  const Matrix& rows = calibration.rows;
  StreamModel model;
  model.scaler_ = RobustScaler::fit(rows);
  model.view_ = ShapeView(rows, model.scaler_, options.view);
  model.settings_ = {.channels = rows.columns, .rows = rows.rows, .lag = model.view_.lag(), .seed = options.seed};
  const double windows = static_cast<double>(rows.rows) / static_cast<double>(options.window);
  model.confidence_ = windows / (windows + kHalfConfidenceWindows);
  model.trust_ = windows / (windows + kHalfTrustWindows);
  Fit fit(calibration, model);
  co_await fit.fit_detectors();
  co_await fit.combine();
  co_return model;
}

std::size_t StreamModel::memory_bytes() const {
  std::size_t total = combination_.memory_bytes() + combined_.memory_bytes();
  for (const FittedDetector& detector : detectors_) {
    total += sizeof(FittedDetector) + detector.model->memory_bytes() + detector.tail.memory_bytes() +
             detector.level.memory_bytes();
  }
  return total;
}

void StreamScorer::begin(const StreamModel& model, const Matrix& rows) {
  channels_ = rows.columns;
  trail_rows_ = model.trail_rows();
  values_.clear();
  pushed_ = 0;
  tracks_.clear();
  for (const StreamModel::FittedDetector& detector : model.detectors_) {
    tracks_.push_back({.level = detector.level});
  }
  for (std::size_t i = rows.rows - std::min(rows.rows, trail_rows_); i < rows.rows; ++i) push(model, rows.row(i));
}

void StreamScorer::push(const StreamModel& model, std::span<const double> row) {
  assert(row.size() == channels_);
  const std::size_t kept = trail_rows_ * channels_;
  if (values_.size() >= 2 * kept) values_.erase(values_.begin(), values_.end() - static_cast<std::ptrdiff_t>(kept));
  values_.resize(values_.size() + channels_);
  model.scaler_.scale(row, std::span(values_).last(channels_));
  ++pushed_;
}

/// The `span` rows that end `age` rows before the newest.
Trail StreamScorer::trail(std::size_t span, std::size_t age) const {
  return {std::span(values_).subspan(values_.size() - (age + span) * channels_, span * channels_), channels_};
}

std::optional<double> StreamScorer::raw_value(const StreamModel& model, std::size_t index, Workspace& workspace) {
  const StreamModel::FittedDetector& detector = model.detectors_[index];
  const DetectorKind& kind = *detector.kind;
  Track& track = tracks_[index];
  const std::size_t span = kind.span(model.settings_);
  const std::size_t held = values_.size() / channels_;
  if (held < span) return std::nullopt;
  const std::uint64_t since = pushed_ - track.looked;  // all rows where it never looked
  if (track.looked == 0 || since >= kind.every) {
    const std::size_t missing = std::min<std::size_t>({since, kind.smoothing, held - span + 1});
    if (missing < since) track.carry = {};  // rows between were not looked at
    for (std::size_t age = missing; age-- > 0;) {
      const Trail rows = trail(span, age);
      std::span<const float> features = rows.values;
      if (kind.look != nullptr) {
        workspace.features.resize(kind.features(model.settings_));
        kind.look(rows, model.settings_, workspace, workspace.features);
        features = workspace.features;
      }
      if (track.raw.size() == kind.smoothing) track.raw.erase(track.raw.begin());
      track.raw.push_back(detector.model->next(features, workspace.results, track.carry));
    }
    track.looked = pushed_;
  }
  float raw = 0.0F;
  for (const float value : track.raw) raw += value / static_cast<float>(track.raw.size());
  if (track.level.empty()) return static_cast<double>(raw);
  if (pushed_ - track.levelled >= StreamModel::kLevelEvery) {
    track.levelled = pushed_;
    track.level.push(raw);
  }
  return static_cast<double>(relative(raw, detector.usual, track.level.median()));
}

StreamScore StreamScorer::score(const StreamModel& model, Workspace& workspace) {
  StreamScore result;
  if (model.detectors_.empty()) {
    result.channel_shares.assign(channels_, 1.0 / static_cast<double>(channels_));
    return result;
  }
  std::vector<double> p_values;
  for (std::size_t k = 0; k < model.detectors_.size(); ++k) {
    const std::optional<double> raw = raw_value(model, k, workspace);
    p_values.push_back(raw ? rounded_p_value(model.detectors_[k].tail.p_value(*raw)) : kNothing);
    if (raw) {
      result.detectors.push_back({.detector = model.detectors_[k].kind->name, .raw = *raw, .p_value = p_values.back()});
    }
  }
  const double calibrated = model.combined_.p_value(model.combination_.evidence(p_values));
  result.p_value = std::pow(std::min(calibrated, model.combination_.agreed_p_value(p_values)), model.trust_);
  result.channel_shares = channel_shares(model);
  return result;
}

/// Half from how far the newest rows are from their usual values, half from what detectors could not account for.
std::vector<double> StreamScorer::channel_shares(const StreamModel& model) const {
  std::vector<float> deviation(channels_, 0.0F);
  const std::size_t held = values_.size() / channels_;
  const Trail newest = trail(std::min(held, kRowsOfShares), 0);
  for (std::size_t i = 0; i < newest.values.size(); ++i)
    deviation[i % channels_] += newest.values[i] * newest.values[i];
  std::vector<float> blame(channels_, 0.0F);
  for (const StreamModel::FittedDetector& detector : model.detectors_) {
    const std::size_t span = detector.kind->span(model.settings_);
    if (detector.kind->look != nullptr || held < span) continue;
    detector.model->blame(trail(span, 0).values, blame);
  }
  std::vector<double> shares(channels_, 0.0);
  for (const std::vector<float>* part : {&deviation, &blame}) {
    const double total = std::accumulate(part->begin(), part->end(), 0.0);
    for (std::size_t channel = 0; channel < channels_; ++channel) {
      shares[channel] +=
          0.5 * (total > 0.0 ? static_cast<double>((*part)[channel]) / total : 1.0 / static_cast<double>(channels_));
    }
  }
  return shares;
}

std::size_t StreamScorer::memory_bytes() const {
  std::size_t total = values_.capacity() * sizeof(float);
  for (const Track& track : tracks_) {
    total += sizeof(Track) + track.raw.capacity() * sizeof(float) + track.carry.numbers.capacity() * sizeof(double) +
             track.level.memory_bytes();
  }
  return total;
}

}  // namespace topoforge
