#include "topoforge/core/score/autoencoder.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include "topoforge/base/random.hpp"

namespace topoforge {
namespace {

constexpr std::size_t kLayers = 4;
constexpr std::size_t kBatch = Autoencoder::kBatch;
constexpr float kDecay1 = 0.9F;
constexpr float kDecay2 = 0.999F;

/// A value of each sample of a batch.
using Lanes = Eigen::Array<float, kBatch, 1>;
using Values = Eigen::Map<Eigen::ArrayXf>;

/// Lambert's continued fraction of tanh, cut after x^2 / 13: to 1e-4, and straight arithmetic.
template <class Array>
void bend(Array& values) {
  constexpr float kMost = 4.97F;
  values = values.max(-kMost).min(kMost);
  const typename Array::PlainObject s = values.square();
  values *= (135135.0F + s * (17325.0F + s * (378.0F + s))) / (135135.0F + s * (62370.0F + s * (3150.0F + 28.0F * s)));
}

bool bends(std::size_t layer) { return layer == 0 || layer == 2; }

/// One dense layer.
struct Layer {
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  std::vector<float> weights;  ///< row-major, outputs x (inputs + 1); the last column is the bias

  Layer() = default;
  Layer(std::size_t output_count, std::size_t input_count, Random& random)
      : inputs(input_count), outputs(output_count), weights(outputs * (inputs + 1)) {
    const double spread = std::sqrt(6.0 / static_cast<double>(inputs + outputs));  // Glorot & Bengio (2010)
    for (std::size_t i = 0; i < outputs; ++i) {
      for (std::size_t j = 0; j < inputs; ++j) {
        weights[i * (inputs + 1) + j] = static_cast<float>((2.0 * random.uniform() - 1.0) * spread);
      }
    }
  }

  [[nodiscard]] const float* row(std::size_t output) const { return weights.data() + output * (inputs + 1); }

  void forward(const std::vector<Lanes>& in, std::vector<Lanes>& out) const {
    for (std::size_t i = 0; i < outputs; ++i) {
      const float* const weight = row(i);
      Lanes sum = Lanes::Constant(weight[inputs]);
      for (std::size_t j = 0; j < inputs; ++j) sum += weight[j] * in[j];
      out[i] = sum;
    }
  }

  /// From the derivatives of the loss by the outputs those by the inputs.
  void backward(const std::vector<Lanes>& by_outputs, std::vector<Lanes>& by_inputs) const {
    for (std::size_t j = 0; j < inputs; ++j) {
      Lanes sum = Lanes::Zero();
      for (std::size_t i = 0; i < outputs; ++i) sum += row(i)[j] * by_outputs[i];
      by_inputs[j] = sum;
    }
  }

  void add_gradient(const std::vector<Lanes>& in, const std::vector<Lanes>& by_outputs,
                    std::vector<float>& gradient) const {
    for (std::size_t i = 0; i < outputs; ++i) {
      float* const out = gradient.data() + i * (inputs + 1);
      for (std::size_t j = 0; j < inputs; ++j) out[j] = (by_outputs[i] * in[j]).sum();
      out[inputs] = by_outputs[i].sum();
    }
  }
};

struct Rates {
  float learning = 0.0F;
  float correction1 = 1.0F;
  float correction2 = 1.0F;
};

/// Kingma & Ba (2015).
struct Adam {
  std::vector<float> first_moments;
  std::vector<float> second_moments;

  void step(std::vector<float>& weights, std::vector<float>& gradient, const Rates& rates) {
    constexpr float kEpsilon = 1e-8F;
    const auto count = static_cast<Eigen::Index>(gradient.size());
    const Values by_weights(gradient.data(), count);
    Values first(first_moments.data(), count);
    Values second(second_moments.data(), count);
    first = kDecay1 * first + (1.0F - kDecay1) * by_weights;
    second = kDecay2 * second + (1.0F - kDecay2) * by_weights.square();
    Values(weights.data(), count) -=
        rates.learning / rates.correction1 * first / ((second / rates.correction2).sqrt() + kEpsilon);
  }
};

}  // namespace

/// input - tanh - bottleneck (linear) - tanh - output (linear).
struct Autoencoder::Network {
  std::array<Layer, kLayers> layers;
  std::vector<double> mean;
  std::vector<double> deviation;

  /// How a point is seen.
  [[nodiscard]] std::vector<float> standard(std::span<const double> point) const {
    std::vector<float> result(point.size());
    for (std::size_t j = 0; j < point.size(); ++j) {
      result[j] = static_cast<float>((point[j] - mean[j]) / deviation[j]);
    }
    return result;
  }

  [[nodiscard]] std::vector<float> restored(std::vector<float> values) const {
    for (std::size_t k = 0; k < kLayers; ++k) {
      const Layer& layer = layers[k];
      std::vector<float> next(layer.outputs);
      for (std::size_t i = 0; i < layer.outputs; ++i) {
        const float* const weight = layer.row(i);
        float sum = weight[layer.inputs];
        for (std::size_t j = 0; j < layer.inputs; ++j) sum += weight[j] * values[j];
        next[i] = sum;
      }
      if (bends(k)) {
        Values bent(next.data(), static_cast<Eigen::Index>(next.size()));
        bend(bent);
      }
      values = std::move(next);
    }
    return values;
  }
};

namespace {

/// What training steps need, kept so that none of them allocates.
class Training {
 public:
  explicit Training(std::array<Layer, kLayers>& layers) : layers_(layers), batch_(layers.front().inputs) {
    for (std::size_t k = 0; k < kLayers; ++k) {
      outputs_[k].resize(layers[k].outputs);
      by_outputs_[k].resize(layers[k].outputs);
      gradients_[k].resize(layers[k].weights.size());
      adam_[k] = {.first_moments = std::vector<float>(gradients_[k].size()),
                  .second_moments = std::vector<float>(gradients_[k].size())};
    }
  }

  /// By input, then by lane: to be filled before a step.
  std::vector<Lanes>& batch() { return batch_; }

  void step(const Rates& rates) {
    for (std::size_t k = 0; k < kLayers; ++k) {
      layers_[k].forward(input_of(k), outputs_[k]);
      if (bends(k)) {
        for (Lanes& lanes : outputs_[k]) bend(lanes);
      }
    }
    set_loss();
    for (std::size_t k = kLayers; k-- > 0;) {
      if (bends(k)) unbend(outputs_[k], by_outputs_[k]);
      layers_[k].add_gradient(input_of(k), by_outputs_[k], gradients_[k]);
      if (k > 0) layers_[k].backward(by_outputs_[k], by_outputs_[k - 1]);
      adam_[k].step(layers_[k].weights, gradients_[k], rates);
    }
  }

 private:
  [[nodiscard]] const std::vector<Lanes>& input_of(std::size_t layer) const {
    return layer == 0 ? batch_ : outputs_[layer - 1];
  }

  /// Times the derivative of the bend, by what came out of it.
  static void unbend(const std::vector<Lanes>& outputs, std::vector<Lanes>& derivatives) {
    for (std::size_t i = 0; i < outputs.size(); ++i) derivatives[i] *= 1.0F - outputs[i].square();
  }
  /// Mean square of what was not restored.
  void set_loss() {
    const float scale = 2.0F / static_cast<float>(batch_.size() * kBatch);
    for (std::size_t j = 0; j < batch_.size(); ++j) {
      by_outputs_.back()[j] = (outputs_.back()[j] - batch_[j]) * scale;
    }
  }

  std::array<Layer, kLayers>& layers_;
  std::vector<Lanes> batch_;
  std::array<std::vector<Lanes>, kLayers> outputs_;
  std::array<std::vector<Lanes>, kLayers> by_outputs_;  ///< derivatives of the loss
  std::array<std::vector<float>, kLayers> gradients_;
  std::array<Adam, kLayers> adam_;
};

/// Mean and deviation of each column.
void measure_spread(const Matrix& samples, std::vector<double>& mean, std::vector<double>& deviation) {
  constexpr double kLeastDeviation = 0.05;  // of inputs of order 1: a constant input must not be blown up
  const auto count = static_cast<double>(samples.rows);
  mean.assign(samples.columns, 0.0);
  deviation.assign(samples.columns, 0.0);
  for (std::size_t i = 0; i < samples.rows; ++i) {
    for (std::size_t j = 0; j < samples.columns; ++j) mean[j] += samples(i, j) / count;
  }
  for (std::size_t i = 0; i < samples.rows; ++i) {
    for (std::size_t j = 0; j < samples.columns; ++j) {
      deviation[j] += (samples(i, j) - mean[j]) * (samples(i, j) - mean[j]) / count;
    }
  }
  for (double& value : deviation) value = std::max(std::sqrt(value), kLeastDeviation);
}

}  // namespace

Autoencoder::Autoencoder() = default;
Autoencoder::~Autoencoder() = default;
Autoencoder::Autoencoder(Autoencoder&&) noexcept = default;
Autoencoder& Autoencoder::operator=(Autoencoder&&) noexcept = default;

Autoencoder Autoencoder::fit(const Matrix& samples, const AutoencoderOptions& options) {
  return fitting(samples, options).finish();
}

Stepwise<Autoencoder> Autoencoder::fitting(const Matrix& samples, AutoencoderOptions options) {
  assert(samples.rows >= 1 && samples.columns >= 1);
  const std::size_t inputs = samples.columns;
  Autoencoder result;
  result.network_ = std::make_unique<Network>();
  Network& network = *result.network_;
  measure_spread(samples, network.mean, network.deviation);
  std::vector<std::vector<float>> standard;
  standard.reserve(samples.rows);
  for (std::size_t i = 0; i < samples.rows; ++i) standard.push_back(network.standard(samples.row(i)));

  const std::size_t bottleneck =
      options.bottleneck > 0 ? options.bottleneck : std::clamp<std::size_t>(inputs / 4, 2, 8);
  const std::size_t hidden = std::max(bottleneck, std::clamp<std::size_t>(inputs / 2, 4, 24));
  Random random(options.seed);
  network.layers = {Layer(hidden, inputs, random), Layer(bottleneck, hidden, random), Layer(hidden, bottleneck, random),
                    Layer(inputs, hidden, random)};
  Training training(network.layers);
  double power1 = 1.0;
  double power2 = 1.0;
  for (std::size_t step = 0; step < options.steps; ++step) {
    if (step > 0 && step % kTrainingStepsAtOnce == 0) co_await next_step();
    for (std::size_t lane = 0; lane < kBatch; ++lane) {
      const std::vector<float>& sample = standard[random.below(samples.rows)];
      for (std::size_t j = 0; j < inputs; ++j) training.batch()[j][static_cast<Eigen::Index>(lane)] = sample[j];
    }
    power1 *= kDecay1;
    power2 *= kDecay2;
    const double progress = static_cast<double>(step) / static_cast<double>(options.steps);
    training.step({.learning = static_cast<float>(options.learning_rate * std::pow(0.1, progress)),
                   .correction1 = static_cast<float>(1.0 - power1),
                   .correction2 = static_cast<float>(1.0 - power2)});
  }
  co_return result;
}

double Autoencoder::reconstruction_error(std::span<const double> point, std::span<double> residual) const {
  assert(network_ && point.size() == network_->mean.size() && residual.size() == point.size());
  const std::vector<float> standard = network_->standard(point);
  const std::vector<float> restored = network_->restored(standard);
  double squares = 0.0;
  for (std::size_t j = 0; j < residual.size(); ++j) {
    residual[j] = static_cast<double>(restored[j]) - static_cast<double>(standard[j]);
    squares += residual[j] * residual[j];
  }
  return std::sqrt(squares / static_cast<double>(residual.size()));
}

double Autoencoder::reconstruction_error(std::span<const double> point) const {
  std::vector<double> residual(point.size());
  return reconstruction_error(point, residual);
}

std::size_t Autoencoder::memory_bytes() const {
  std::size_t values = 0;
  if (network_) {
    for (const Layer& layer : network_->layers) values += layer.weights.size();
  }
  return values * sizeof(float);
}

}  // namespace topoforge
