#include "topoforge/core/score/novelty_models.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>
#include <vector>

#include "topoforge/base/matrix.hpp"
#include "topoforge/core/score/autoencoder.hpp"
#include "topoforge/core/score/isolation_forest.hpp"
#include "topoforge/core/score/mahalanobis.hpp"
#include "topoforge/core/score/nearest_neighbours.hpp"
#include "topoforge/core/score/principal_components.hpp"
#include "topoforge/core/score/regression.hpp"
#include "topoforge/core/score/robust_scaler.hpp"
#include "topoforge/core/score/vector_kernels.hpp"

namespace topoforge {
namespace {

float root_mean_square(std::span<const float> values) {
  float sum = 0.0F;
  for (const float value : values) sum += value * value;
  return std::sqrt(sum / static_cast<float>(values.size()));
}

void add_squares(std::span<const float> errors, std::span<float> out) {
  for (std::size_t i = 0; i < errors.size(); ++i) out[i % out.size()] += errors[i] * errors[i];
}

Matrix matrix_of(const Samples& samples) {
  const std::vector<float> values = samples.copied();
  return {samples.count(), samples.size(), std::vector<double>(values.begin(), values.end())};
}

std::size_t references_of(std::size_t size) {
  return std::clamp<std::size_t>(kMostReferenceNumbers / size, 1, kMostReferences);
}

class Components final : public NoveltyModel {
 public:
  Components(PrincipalComponents components, std::size_t newest)
      : components_(std::move(components)), newest_(newest) {}
  float raw(std::span<const float> features, std::vector<float>& scratch) const override {
    return components_.residual(features, newest_, scratch);
  }
  [[nodiscard]] std::size_t memory_bytes() const override { return sizeof(*this) + components_.memory_bytes(); }

 private:
  PrincipalComponents components_;
  std::size_t newest_;
};

class Distance final : public NoveltyModel {
 public:
  explicit Distance(Mahalanobis distance) : distance_(std::move(distance)) {}
  float raw(std::span<const float> features, std::vector<float>& scratch) const override {
    return distance_.distance(features, scratch);
  }
  [[nodiscard]] std::size_t memory_bytes() const override { return sizeof(*this) + distance_.memory_bytes(); }

 private:
  Mahalanobis distance_;
};

class Neighbours final : public NoveltyModel {
 public:
  explicit Neighbours(const Samples& references) : neighbours_(references.copied(), references.size()) {}
  float raw(std::span<const float> features, std::vector<float>& scratch) const override {
    return neighbours_.distance(features, scratch);
  }
  [[nodiscard]] std::size_t memory_bytes() const override { return sizeof(*this) + neighbours_.memory_bytes(); }

 private:
  NearestNeighbours neighbours_;
};

class ScaledNeighbours final : public NoveltyModel {
 public:
  ScaledNeighbours(const Samples& samples, const Samples& references) : scaler_(RobustScaler::fit(matrix_of(samples))) {
    std::vector<float> values = references.copied();
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = scaled(values[i], i % references.size());
    neighbours_ = NearestNeighbours(values, references.size());
  }
  float raw(std::span<const float> features, std::vector<float>& scratch) const override {
    std::vector<float> point(features.size());
    for (std::size_t i = 0; i < point.size(); ++i) point[i] = scaled(features[i], i);
    return neighbours_.distance(point, scratch);
  }
  [[nodiscard]] std::size_t memory_bytes() const override {
    return sizeof(*this) + 2 * scaler_.scale().capacity() * sizeof(double) + neighbours_.memory_bytes();
  }

 private:
  [[nodiscard]] float scaled(float value, std::size_t feature) const {
    return static_cast<float>(scaler_.scaled(static_cast<double>(value), feature));
  }

  RobustScaler scaler_;
  NearestNeighbours neighbours_;
};

/// The stretches overlap, so that they are kept as runs of places in a series.
class Stretches final : public NoveltyModel {
 public:
  Stretches(const Samples& samples, bool centred) : length_(samples.size()), centred_(centred) {
    // Whole runs where all would be too many: single places would each need a stretch of their own.
    constexpr std::size_t kRun = 4 * kBlockSize;
    const auto starts = samples.starts();
    const std::size_t runs = (starts.size() + kRun - 1) / kRun;
    const std::size_t taken = std::min(runs, kMostStretches / kRun);
    for (std::size_t k = 0; k < taken; ++k) {
      const std::size_t run = (k + 1) * runs / taken - 1;
      for (std::size_t i = run * kRun; i < std::min((run + 1) * kRun, starts.size()); ++i) {
        add(samples[i], i > 0 && !runs_.empty() && starts[i] == last_start_ + 1);
        last_start_ = starts[i];
      }
    }
    tame_ = std::all_of(series_.begin(), series_.end(), [](float value) { return std::abs(value) <= kTame; });
    series_.resize(series_.size() + kBlockSize);
  }
  float next(std::span<const float> features, std::vector<float>& scratch, Carry& carry) const override {
    if (!tame_) return raw(features, scratch);
    const bool fresh = carry.numbers.empty() || carry.steps % kStepsOfACarry == 0 || std::abs(carry.left) > kTame;
    if (fresh) carry.numbers.resize(count());
    std::size_t first = 0;
    for (const Run& run : runs_) {
      const float* const series = series_.data() + run.start;
      const std::span<double> distances = std::span(carry.numbers).subspan(first, run.count);
      if (fresh) {
        for (std::size_t i = 0; i < run.count; ++i) distances[i] = squared_distance(features, series + i);
      } else {
        slide_squared_distances(features, series, carry.left, distances);
      }
      first += run.count;
    }
    carry.left = features.front();
    carry.steps = fresh ? 1 : carry.steps + 1;
    scratch.assign(carry.numbers.begin(), carry.numbers.end());
    return nearest(features, scratch);
  }
  float raw(std::span<const float> features, std::vector<float>& scratch) const override {
    scratch.clear();
    for (const Run& run : runs_) {
      const std::size_t first = scratch.size();
      scratch.resize(first + (run.count + kBlockSize - 1) / kBlockSize * kBlockSize);
      sliding_squared_distances(features, series_.data() + run.start, std::span(scratch).subspan(first));
      scratch.resize(first + run.count);
    }
    return nearest(features, scratch);
  }
  [[nodiscard]] std::size_t memory_bytes() const override {
    return sizeof(*this) + (series_.capacity() + means_.capacity()) * sizeof(float) + runs_.capacity() * sizeof(Run);
  }

 private:
  struct Run {
    std::size_t start = 0;  ///< in the series
    std::size_t count = 0;  ///< of stretches, one row apart
  };
  /// Beyond it the squares of doubles lose what small ones say: a carry is begun anew once such a value has left.
  static constexpr float kTame = 1e4F;
  static constexpr std::size_t kStepsOfACarry = 256;

  [[nodiscard]] std::size_t count() const {
    std::size_t count = 0;
    for (const Run& run : runs_) count += run.count;
    return count;
  }

  [[nodiscard]] float mean_of(std::span<const float> stretch) const {
    return std::accumulate(stretch.begin(), stretch.end(), 0.0F) / static_cast<float>(length_);
  }

  /// From the squared distances of all stretches.
  [[nodiscard]] float nearest(std::span<const float> features, std::vector<float>& squared) const {
    if (centred_) {
      const float mean = mean_of(features);
      for (std::size_t i = 0; i < squared.size(); ++i) {
        const float shift = mean - means_[i];
        squared[i] -= static_cast<float>(length_) * shift * shift;
      }
    }
    return neighbour_distance(squared);
  }

  void add(std::span<const float> stretch, bool continues) {
    if (continues) {
      series_.push_back(stretch.back());
      ++runs_.back().count;
    } else {
      runs_.push_back({.start = series_.size(), .count = 1});
      series_.insert(series_.end(), stretch.begin(), stretch.end());
    }
    if (centred_) means_.push_back(mean_of(stretch));
  }

  std::size_t length_;
  bool centred_;
  bool tame_ = true;
  std::vector<float> series_;  ///< and what the last block reads beyond it
  std::vector<Run> runs_;
  std::vector<float> means_;  ///< of each stretch, where they are centred
  std::size_t last_start_ = 0;
};

class Foresight final : public NoveltyModel {
 public:
  Foresight(Autoregression regression, std::size_t channels)
      : regression_(std::move(regression)), channels_(channels) {}
  float raw(std::span<const float> features, std::vector<float>& scratch) const override {
    scratch.resize(channels_);
    regression_.errors(features, scratch);
    return root_mean_square(scratch);
  }
  void blame(std::span<const float> features, std::span<float> out) const override {
    std::vector<float> errors(channels_);
    regression_.errors(features, errors);
    add_squares(errors, out);
  }
  [[nodiscard]] std::size_t memory_bytes() const override { return sizeof(*this) + regression_.memory_bytes(); }

 private:
  Autoregression regression_;
  std::size_t channels_;
};

class CrossForesight final : public NoveltyModel {
 public:
  CrossForesight(CrossRegression regression, std::size_t channels)
      : regression_(std::move(regression)), channels_(channels) {}
  float raw(std::span<const float> features, std::vector<float>& scratch) const override {
    constexpr std::size_t kGreatest = 3;
    std::vector<float> errors(channels_);
    regression_.errors(features, errors, scratch);
    for (float& error : errors) error = std::abs(error);
    const std::size_t count = std::min(kGreatest, errors.size());
    std::partial_sort(errors.begin(), errors.begin() + static_cast<std::ptrdiff_t>(count), errors.end(),
                      std::greater<>());
    float sum = 0.0F;
    for (std::size_t i = 0; i < count; ++i) sum += errors[i];
    return sum / static_cast<float>(count);
  }
  void blame(std::span<const float> features, std::span<float> out) const override {
    std::vector<float> errors(channels_);
    std::vector<float> scratch;
    regression_.errors(features, errors, scratch);
    add_squares(errors, out);
  }
  [[nodiscard]] std::size_t memory_bytes() const override { return sizeof(*this) + regression_.memory_bytes(); }

 private:
  CrossRegression regression_;
  std::size_t channels_;
};

class Forest final : public NoveltyModel {
 public:
  explicit Forest(IsolationForest forest) : forest_(std::move(forest)) {}
  float raw(std::span<const float> features, std::vector<float>& /*scratch*/) const override {
    const std::vector<double> point(features.begin(), features.end());
    return static_cast<float>(forest_.score(point));
  }
  [[nodiscard]] std::size_t memory_bytes() const override { return sizeof(*this) + forest_.memory_bytes(); }

 private:
  IsolationForest forest_;
};

class Reconstruction final : public NoveltyModel {
 public:
  Reconstruction(Autoencoder autoencoder, std::size_t newest) : autoencoder_(std::move(autoencoder)), newest_(newest) {}
  float raw(std::span<const float> features, std::vector<float>& scratch) const override {
    residual(features, scratch);
    return root_mean_square(std::span(scratch).first(newest_));
  }
  void blame(std::span<const float> features, std::span<float> out) const override {
    std::vector<float> errors;
    residual(features, errors);
    add_squares(std::span(errors).first(newest_), out);
  }
  [[nodiscard]] std::size_t memory_bytes() const override { return sizeof(*this) + autoencoder_.memory_bytes(); }

 private:
  void residual(std::span<const float> features, std::vector<float>& out) const {
    const std::vector<double> point(features.begin(), features.end());
    std::vector<double> errors(point.size());
    autoencoder_.reconstruction_error(point, errors);
    out.assign(errors.begin(), errors.end());
  }

  Autoencoder autoencoder_;
  std::size_t newest_;
};

class Itself final : public NoveltyModel {
 public:
  float raw(std::span<const float> features, std::vector<float>& /*scratch*/) const override {
    assert(features.size() == 1);
    return features.front();
  }
  [[nodiscard]] std::size_t memory_bytes() const override { return sizeof(*this); }
};

}  // namespace

std::unique_ptr<NoveltyModel> fit_components(const Samples& samples, const DetectorSettings& settings) {
  return std::make_unique<Components>(PrincipalComponents::fit(samples.thinned(kMostSamples).copied(), samples.size()),
                                      newest_features(settings));
}

std::unique_ptr<NoveltyModel> fit_mahalanobis(const Samples& samples, const DetectorSettings& /*settings*/) {
  return std::make_unique<Distance>(Mahalanobis::fit(samples.thinned(kMostSamples).copied(), samples.size()));
}

std::unique_ptr<NoveltyModel> fit_neighbours(const Samples& samples, const DetectorSettings& settings) {
  return std::make_unique<Neighbours>(samples.drawn(references_of(samples.size()), settings.seed));
}

std::unique_ptr<NoveltyModel> fit_scaled_neighbours(const Samples& samples, const DetectorSettings& settings) {
  return std::make_unique<ScaledNeighbours>(samples.thinned(kMostSamples),
                                            samples.drawn(references_of(samples.size()), settings.seed));
}

std::unique_ptr<NoveltyModel> fit_stretches(const Samples& samples, const DetectorSettings& /*settings*/) {
  return std::make_unique<Stretches>(samples, false);
}

std::unique_ptr<NoveltyModel> fit_centred_stretches(const Samples& samples, const DetectorSettings& /*settings*/) {
  return std::make_unique<Stretches>(samples, true);
}

std::unique_ptr<NoveltyModel> fit_autoregression(const Samples& samples, const DetectorSettings& settings) {
  return std::make_unique<Foresight>(Autoregression::fit(samples, settings.channels), settings.channels);
}

std::unique_ptr<NoveltyModel> fit_cross_regression(const Samples& samples, const DetectorSettings& settings) {
  return std::make_unique<CrossForesight>(CrossRegression::fit(samples, settings.channels), settings.channels);
}

std::unique_ptr<NoveltyModel> fit_isolation_forest(const Samples& samples, const DetectorSettings& settings) {
  return std::make_unique<Forest>(
      IsolationForest::fit(matrix_of(samples.thinned(kMostSamples)), {.seed = settings.seed}));
}

std::unique_ptr<NoveltyModel> fit_autoencoder(const Samples& samples, const DetectorSettings& settings) {
  return std::make_unique<Reconstruction>(
      Autoencoder::fit(matrix_of(samples.thinned(kMostSamples)), {.seed = settings.seed}),
      std::min(newest_features(settings), samples.size()));
}

std::unique_ptr<NoveltyModel> fit_nothing(const Samples& /*samples*/, const DetectorSettings& /*settings*/) {
  return std::make_unique<Itself>();
}

}  // namespace topoforge
