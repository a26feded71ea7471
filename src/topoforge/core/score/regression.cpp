#include "topoforge/core/score/regression.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include <Eigen/Dense>

#include "topoforge/core/score/robust_scaler.hpp"
#include "topoforge/core/score/vector_kernels.hpp"

namespace topoforge {
namespace {

constexpr float kClip = 20.0F;

float spread_of(const Eigen::VectorXd& errors) {
  constexpr double kNormalConsistency = 1.4826;
  constexpr double kDeviationShare = 0.25;
  std::vector<double> sizes(errors.data(), errors.data() + errors.size());
  for (double& size : sizes) size = std::abs(size);
  const double deviation =
      std::sqrt((errors.array() - errors.mean()).square().sum() / static_cast<double>(errors.size()));
  return static_cast<float>(
      std::max({kNormalConsistency * median(sizes), kDeviationShare * deviation, kLeastErrorSpread}));
}

}  // namespace

Autoregression Autoregression::fit(const Samples& samples, std::size_t channels) {
  constexpr double kRidgeShare = 1e-3;  // of the number of samples
  constexpr double kRidge = 1e-3;
  const std::size_t order = samples.size() / channels - 1;
  assert(order >= 1 && samples.size() % channels == 0 && samples.count() >= 1);
  const auto n = static_cast<Eigen::Index>(samples.count());
  const auto p = static_cast<Eigen::Index>(order);
  Autoregression result;
  result.order_ = order;
  result.coefficients_.resize(order * channels);
  Eigen::MatrixXd past(n, p + 1);
  Eigen::VectorXd now(n);
  for (std::size_t channel = 0; channel < channels; ++channel) {
    for (Eigen::Index i = 0; i < n; ++i) {
      const Trail trail{samples[static_cast<std::size_t>(i)], channels};
      for (Eigen::Index age = 1; age <= p; ++age)
        past(i, age - 1) = static_cast<double>(trail.row(static_cast<std::size_t>(age))[channel]);
      past(i, p) = 1.0;
      now(i) = static_cast<double>(trail.row(0)[channel]);
    }
    Eigen::MatrixXd gram = past.transpose() * past;
    gram.diagonal().array() += kRidgeShare * static_cast<double>(n) + kRidge;
    const Eigen::VectorXd weights = gram.ldlt().solve(past.transpose() * now);
    for (std::size_t age = 0; age < order; ++age)
      result.coefficients_[age * channels + channel] = static_cast<float>(weights(static_cast<Eigen::Index>(age)));
    result.intercepts_.push_back(static_cast<float>(weights(p)));
    result.spreads_.push_back(spread_of(now - past * weights));
  }
  return result;
}

void Autoregression::errors(std::span<const float> rows, std::span<float> out) const {
  const std::size_t channels = intercepts_.size();
  const Trail trail{rows, channels};
  assert(out.size() == channels && trail.rows() == order_ + 1);
  const auto now = trail.row(0);
  for (std::size_t c = 0; c < channels; ++c) out[c] = now[c] - intercepts_[c];
  for (std::size_t age = 1; age <= order_; ++age) {
    const float* const row = trail.row(age).data();
    const float* const weights = coefficients_.data() + (age - 1) * channels;
    for (std::size_t c = 0; c < channels; ++c) out[c] -= weights[c] * row[c];
  }
  for (std::size_t c = 0; c < channels; ++c) out[c] = std::clamp(out[c] / spreads_[c], -kClip, kClip);
}

CrossRegression CrossRegression::fit(const Samples& samples, std::size_t channels) {
  constexpr double kRidge = 0.02;
  assert(samples.count() >= 1 && samples.size() == kSpan * channels);
  const auto inputs = static_cast<Eigen::Index>(samples.size() + 1);  // the newest row is the last but the constant
  const auto n = static_cast<Eigen::Index>(samples.count());
  Eigen::MatrixXd data(n, inputs);
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto sample = samples[static_cast<std::size_t>(i)];
    for (Eigen::Index k = 0; k + 1 < inputs; ++k) data(i, k) = static_cast<double>(sample[static_cast<std::size_t>(k)]);
    data(i, inputs - 1) = 1.0;
  }
  // With the inverse of the whole ridged Gram matrix, the regression of one input on all others is its row of it,
  // divided by the diagonal.
  Eigen::MatrixXd gram = data.transpose() * data / static_cast<double>(n);
  gram.diagonal().array() += kRidge;
  const Eigen::MatrixXd inverse = gram.ldlt().solve(Eigen::MatrixXd::Identity(inputs, inputs));
  CrossRegression result;
  result.coefficients_.reserve(channels * (samples.size() + 1));
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const auto own = static_cast<Eigen::Index>(samples.size() - channels + channel);
    const Eigen::VectorXd weights = inverse.row(own).transpose() / inverse(own, own);  // 1 at its own place
    for (const double weight : weights) result.coefficients_.push_back(static_cast<float>(weight));
    result.spreads_.push_back(spread_of(data * weights));
  }
  return result;
}

void CrossRegression::errors(std::span<const float> rows, std::span<float> out, std::vector<float>& scratch) const {
  assert(out.size() == spreads_.size() && rows.size() == kSpan * out.size());
  scratch.assign(rows.begin(), rows.end());
  scratch.push_back(1.0F);
  inner_products(scratch, coefficients_.data(), scratch.size(), out);
  for (std::size_t c = 0; c < out.size(); ++c) out[c] = std::clamp(out[c] / spreads_[c], -kClip, kClip);
}

}  // namespace topoforge
