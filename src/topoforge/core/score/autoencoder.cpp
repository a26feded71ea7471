#include "topoforge/core/score/autoencoder.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <vector>

#include <Eigen/Dense>

#include "topoforge/base/random.hpp"

namespace topoforge {
namespace {

using Weights = Eigen::MatrixXd;

/// One dense layer with the moments of Adam.
struct Layer {
  Weights weight;  ///< outputs x (inputs + 1); the last column is the bias
  Weights first_moment;
  Weights second_moment;
};

Layer make_layer(Eigen::Index outputs, Eigen::Index inputs, Random& random) {
  Layer layer;
  layer.weight = Weights::Zero(outputs, inputs + 1);
  const double spread = std::sqrt(6.0 / static_cast<double>(inputs + outputs));  // Glorot & Bengio (2010)
  for (Eigen::Index i = 0; i < outputs; ++i) {
    for (Eigen::Index j = 0; j < inputs; ++j) layer.weight(i, j) = (2.0 * random.uniform() - 1.0) * spread;
  }
  layer.first_moment = Weights::Zero(outputs, inputs + 1);
  layer.second_moment = Weights::Zero(outputs, inputs + 1);
  return layer;
}

/// Columns are samples.
Weights apply(const Layer& layer, const Weights& input) {
  return (layer.weight.leftCols(input.rows()) * input).colwise() + layer.weight.rightCols<1>().col(0);
}

void adam(Layer& layer, const Weights& gradient, double rate, std::size_t step) {
  constexpr double kDecay1 = 0.9;
  constexpr double kDecay2 = 0.999;
  constexpr double kEpsilon = 1e-8;
  layer.first_moment = kDecay1 * layer.first_moment + (1.0 - kDecay1) * gradient;
  layer.second_moment = kDecay2 * layer.second_moment + (1.0 - kDecay2) * gradient.cwiseAbs2();
  const double correction1 = 1.0 - std::pow(kDecay1, static_cast<double>(step));
  const double correction2 = 1.0 - std::pow(kDecay2, static_cast<double>(step));
  layer.weight.array() -=
      rate / correction1 * layer.first_moment.array() / ((layer.second_moment.array() / correction2).sqrt() + kEpsilon);
}

}  // namespace

/// input - tanh - bottleneck (linear) - tanh - output (linear).
struct Autoencoder::Network {
  std::vector<Layer> layers;
  Eigen::VectorXd mean;
  Eigen::VectorXd deviation;

  static bool bends(std::size_t layer) { return layer == 0 || layer == 2; }

  [[nodiscard]] std::vector<Weights> forward(const Weights& input) const {
    std::vector<Weights> outputs{input};
    for (std::size_t k = 0; k < layers.size(); ++k) {
      Weights output = apply(layers[k], outputs.back());
      if (bends(k)) output = output.array().tanh();
      outputs.push_back(std::move(output));
    }
    return outputs;
  }

  void train_step(const Weights& batch, double rate, std::size_t step) {
    const std::vector<Weights> outputs = forward(batch);
    Weights delta = (outputs.back() - batch) * (2.0 / static_cast<double>(batch.size()));
    for (std::size_t k = layers.size(); k-- > 0;) {
      if (bends(k)) delta.array() *= 1.0 - outputs[k + 1].array().square();
      Weights gradient(layers[k].weight.rows(), layers[k].weight.cols());
      gradient.leftCols(gradient.cols() - 1) = delta * outputs[k].transpose();
      gradient.rightCols<1>() = delta.rowwise().sum();
      if (k > 0) delta = layers[k].weight.leftCols(gradient.cols() - 1).transpose() * delta;
      adam(layers[k], gradient, rate, step);
    }
  }
};

Autoencoder::Autoencoder() = default;
Autoencoder::~Autoencoder() = default;
Autoencoder::Autoencoder(Autoencoder&&) noexcept = default;
Autoencoder& Autoencoder::operator=(Autoencoder&&) noexcept = default;

Autoencoder Autoencoder::fit(const Matrix& samples, const AutoencoderOptions& options) {
  assert(samples.rows >= 1 && samples.columns >= 1 && options.batch >= 1);
  constexpr double kLeastDeviation = 0.05;  // of inputs of order 1: a constant input must not be blown up
  const auto inputs = static_cast<Eigen::Index>(samples.columns);
  const auto count = static_cast<Eigen::Index>(samples.rows);
  Autoencoder result;
  result.network_ = std::make_unique<Network>();
  Network& network = *result.network_;
  const Eigen::Map<const Weights> data(samples.values.data(), inputs, count);
  network.mean = data.rowwise().mean();
  const Weights centred = data.colwise() - network.mean;
  network.deviation = (centred.rowwise().squaredNorm() / static_cast<double>(count)).cwiseSqrt();
  network.deviation = network.deviation.cwiseMax(kLeastDeviation);
  const Weights standard = centred.array().colwise() / network.deviation.array();

  const auto bottleneck = static_cast<Eigen::Index>(
      options.bottleneck > 0 ? options.bottleneck : std::clamp<std::size_t>(samples.columns / 4, 2, 8));
  const Eigen::Index hidden = std::max<Eigen::Index>(bottleneck, std::clamp<Eigen::Index>(inputs / 2, 4, 24));
  Random random(options.seed);
  network.layers.push_back(make_layer(hidden, inputs, random));
  network.layers.push_back(make_layer(bottleneck, hidden, random));
  network.layers.push_back(make_layer(hidden, bottleneck, random));
  network.layers.push_back(make_layer(inputs, hidden, random));

  Weights batch(inputs, static_cast<Eigen::Index>(std::min(options.batch, samples.rows)));
  for (std::size_t step = 1; step <= options.steps; ++step) {
    for (Eigen::Index j = 0; j < batch.cols(); ++j) {
      batch.col(j) = standard.col(static_cast<Eigen::Index>(random.below(samples.rows)));
    }
    const double progress = static_cast<double>(step - 1) / static_cast<double>(options.steps);
    network.train_step(batch, options.learning_rate * std::pow(0.1, progress), step);
  }
  return result;
}

double Autoencoder::reconstruction_error(std::span<const double> point, std::span<double> residual) const {
  assert(network_ && point.size() == static_cast<std::size_t>(network_->mean.size()) &&
         residual.size() == point.size());
  const Eigen::Map<const Eigen::VectorXd> input(point.data(), network_->mean.size());
  const Weights standard = (input - network_->mean).cwiseQuotient(network_->deviation);
  const std::vector<Weights> outputs = network_->forward(standard);
  Eigen::Map<Eigen::VectorXd> difference(residual.data(), network_->mean.size());
  difference = outputs.back() - standard;
  return std::sqrt(difference.squaredNorm() / static_cast<double>(difference.size()));
}

double Autoencoder::reconstruction_error(std::span<const double> point) const {
  std::vector<double> residual(point.size());
  return reconstruction_error(point, residual);
}

std::size_t Autoencoder::memory_bytes() const {
  std::size_t values = 0;
  if (network_) {
    for (const Layer& layer : network_->layers) values += 3 * static_cast<std::size_t>(layer.weight.size());
  }
  return values * sizeof(double);
}

}  // namespace topoforge
