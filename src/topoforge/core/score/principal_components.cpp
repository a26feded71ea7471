#include "topoforge/core/score/principal_components.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include <Eigen/Dense>

#include "topoforge/core/score/vector_kernels.hpp"

namespace topoforge {

PrincipalComponents PrincipalComponents::fit(std::span<const float> samples, std::size_t dimension,
                                             const PrincipalComponentsOptions& options) {
  assert(dimension >= 1 && !samples.empty() && samples.size() % dimension == 0);
  using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto n = static_cast<Eigen::Index>(samples.size() / dimension);
  const auto d = static_cast<Eigen::Index>(dimension);
  const Eigen::Map<const RowMajor> data(samples.data(), n, d);
  const Eigen::RowVectorXf mean = data.cast<double>().colwise().mean().cast<float>();
  const RowMajor centred = data.rowwise() - mean;
  Eigen::MatrixXf covariance = Eigen::MatrixXf::Zero(d, d);
  covariance.selfadjointView<Eigen::Lower>().rankUpdate(centred.transpose(), 1.0F / static_cast<float>(n));
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXf> solver(covariance);
  const Eigen::VectorXf& variances = solver.eigenvalues();  // ascending
  const double total = variances.cast<double>().sum();
  constexpr double kLeastVariance = 1e-9;
  const std::size_t most = std::min(options.components, std::max<std::size_t>(1, dimension - 1));
  std::size_t count = 0;
  // Of samples without variance no direction is better than another: all that differs from them is a residual.
  for (double held = 0.0; count < most && total > kLeastVariance && (count == 0 || held < options.variance * total);
       ++count)
    held += static_cast<double>(variances(d - 1 - static_cast<Eigen::Index>(count)));

  PrincipalComponents result;
  result.mean_.assign(mean.data(), mean.data() + d);
  for (std::size_t k = 0; k < count; ++k) {
    const Eigen::VectorXf direction = solver.eigenvectors().col(d - 1 - static_cast<Eigen::Index>(k));
    result.directions_.insert(result.directions_.end(), direction.data(), direction.data() + d);
  }
  return result;
}

float PrincipalComponents::residual(std::span<const float> point, std::size_t count,
                                    std::vector<float>& scratch) const {
  const std::size_t d = mean_.size();
  assert(point.size() == d && count >= 1 && count <= d);
  scratch.resize(d + components());
  const auto left = std::span(scratch).first(d);
  const auto weights = std::span(scratch).last(components());
  for (std::size_t i = 0; i < d; ++i) left[i] = point[i] - mean_[i];
  inner_products(left, directions_.data(), d, weights);
  for (float& weight : weights) weight = -weight;
  add_weighted_rows(weights, directions_.data(), left);
  float sum = 0.0F;
  for (const float value : left.first(count)) sum += value * value;
  return std::sqrt(sum / static_cast<float>(count));
}

}  // namespace topoforge
