#include "topoforge/core/score/mahalanobis.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include <Eigen/Dense>

namespace topoforge {

Mahalanobis Mahalanobis::fit(const Matrix& samples, double shrinkage) {
  assert(samples.rows >= 1 && samples.columns >= 1 && shrinkage > 0.0 && shrinkage <= 1.0);
  constexpr double kLeastDeviation = 0.05;  // of log-scaled features: 5 % of their value
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto n = static_cast<Eigen::Index>(samples.rows);
  const auto d = static_cast<Eigen::Index>(samples.columns);
  const Eigen::Map<const RowMajor> data(samples.values.data(), n, d);
  const Eigen::RowVectorXd mean = data.colwise().mean();
  RowMajor standard = data.rowwise() - mean;
  const Eigen::RowVectorXd deviation =
      (standard.colwise().squaredNorm() / static_cast<double>(n)).cwiseSqrt().cwiseMax(kLeastDeviation);
  standard.array().rowwise() /= deviation.array();
  Eigen::MatrixXd covariance = standard.transpose() * standard / static_cast<double>(n);
  covariance = (1.0 - shrinkage) * covariance + shrinkage * Eigen::MatrixXd::Identity(d, d);
  const Eigen::MatrixXd factor = covariance.llt().matrixL();
  const RowMajor inverse = factor.triangularView<Eigen::Lower>().solve(Eigen::MatrixXd::Identity(d, d));

  Mahalanobis result;
  result.mean_.assign(mean.data(), mean.data() + d);
  result.deviation_.assign(deviation.data(), deviation.data() + d);
  result.inverse_factor_ =
      Matrix(samples.columns, samples.columns, std::vector<double>(inverse.data(), inverse.data() + d * d));
  return result;
}

double Mahalanobis::distance(std::span<const double> point) const {
  assert(point.size() == mean_.size());
  double total = 0.0;
  for (std::size_t i = 0; i < mean_.size(); ++i) {
    double whitened = 0.0;
    for (std::size_t j = 0; j <= i; ++j) {
      whitened += inverse_factor_(i, j) * (point[j] - mean_[j]) / deviation_[j];
    }
    total += whitened * whitened;
  }
  return std::sqrt(total / static_cast<double>(mean_.size()));
}

}  // namespace topoforge
