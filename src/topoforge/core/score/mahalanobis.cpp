#include "topoforge/core/score/mahalanobis.hpp"

#include <cassert>
#include <cmath>

#include <Eigen/Dense>

#include "topoforge/core/score/robust_scaler.hpp"
#include "topoforge/core/score/vector_kernels.hpp"

namespace topoforge {

Mahalanobis Mahalanobis::fit(std::span<const float> samples, std::size_t dimension, const MahalanobisOptions& options) {
  assert(dimension >= 1 && !samples.empty() && samples.size() % dimension == 0);
  assert(options.shrinkage > 0.0 && options.shrinkage <= 1.0 && options.least_deviation > 0.0);
  const auto n = static_cast<Eigen::Index>(samples.size() / dimension);
  const auto d = static_cast<Eigen::Index>(dimension);
  Mahalanobis result;
  Eigen::MatrixXf standard(n, d);
  std::vector<double> column(static_cast<std::size_t>(n));
  for (Eigen::Index j = 0; j < d; ++j) {
    double mean = 0.0;
    for (Eigen::Index i = 0; i < n; ++i) {
      column[static_cast<std::size_t>(i)] = static_cast<double>(samples[static_cast<std::size_t>(i * d + j)]);
      mean += column[static_cast<std::size_t>(i)] / static_cast<double>(n);
    }
    double variance = 0.0;
    for (const double value : column) variance += (value - mean) * (value - mean) / static_cast<double>(n);
    const double deviation = std::max(std::sqrt(variance), options.least_deviation);
    const auto centre = static_cast<float>(median(column));
    const auto scale = static_cast<float>(1.0 / deviation);
    result.centre_.push_back(centre);
    result.scale_.push_back(scale);
    for (Eigen::Index i = 0; i < n; ++i) {
      standard(i, j) = (samples[static_cast<std::size_t>(i * d + j)] - centre) * scale;
    }
  }
  const auto shrinkage = static_cast<float>(options.shrinkage);
  Eigen::MatrixXf covariance = Eigen::MatrixXf::Zero(d, d);
  covariance.selfadjointView<Eigen::Lower>().rankUpdate(standard.transpose(),
                                                        (1.0F - shrinkage) / static_cast<float>(n));
  covariance.diagonal().array() += shrinkage;
  const Eigen::MatrixXf factor = covariance.selfadjointView<Eigen::Lower>().llt().matrixL();
  const Eigen::MatrixXf inverse = factor.triangularView<Eigen::Lower>().solve(Eigen::MatrixXf::Identity(d, d));
  for (Eigen::Index i = 0; i < d; ++i) {
    for (Eigen::Index j = 0; j <= i; ++j) result.inverse_factor_.push_back(inverse(i, j));
  }
  return result;
}

float Mahalanobis::distance(std::span<const float> point, std::vector<float>& scratch) const {
  const std::size_t d = centre_.size();
  assert(point.size() == d);
  scratch.resize(d);
  for (std::size_t i = 0; i < d; ++i) scratch[i] = (point[i] - centre_[i]) * scale_[i];
  float total = 0.0F;
  const float* row = inverse_factor_.data();
  for (std::size_t i = 0; i < d; row += ++i) {
    float whitened = 0.0F;
    inner_products(std::span<const float>(scratch).first(i + 1), row, 0, {&whitened, 1});
    total += whitened * whitened;
  }
  return std::sqrt(total / static_cast<float>(d));
}

}  // namespace topoforge
