#include "topoforge/core/cloud/normalised_clouds.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>
#include <vector>

#include <Eigen/Dense>

namespace topoforge {

Matrix delayed_rows(const Trail& trail, std::size_t rows, std::size_t lag) {
  const std::size_t channels = trail.channels;
  assert(trail.rows() >= rows + lag);
  Matrix result(rows, channels * (lag > 0 ? 2 : 1));
  for (std::size_t i = 0; i < rows; ++i) {
    const auto now = trail.row(rows - 1 - i);
    const auto out = result.row(i);
    std::copy(now.begin(), now.end(), out.begin());
    if (lag == 0) continue;
    const auto before = trail.row(rows - 1 - i + lag);
    std::copy(before.begin(), before.end(), out.begin() + static_cast<std::ptrdiff_t>(channels));
  }
  return result;
}

PointCloud rank_cloud(const Matrix& rows) {
  const std::size_t n = rows.rows;
  const std::size_t d = rows.columns;
  PointCloud cloud{.dimension = d, .coordinates = std::vector<double>(n * d, 0.5)};
  if (n < 2) return cloud;
  std::vector<std::pair<double, std::size_t>> order(n);
  for (std::size_t column = 0; column < d; ++column) {
    for (std::size_t i = 0; i < n; ++i) order[i] = {rows(i, column), i};
    std::sort(order.begin(), order.end());
    for (std::size_t first = 0; first < n;) {
      std::size_t last = first;
      while (last + 1 < n && order[last + 1].first == order[first].first) ++last;
      const double rank = static_cast<double>(first + last) / 2.0 / static_cast<double>(n - 1);
      for (std::size_t k = first; k <= last; ++k) cloud.coordinates[order[k].second * d + column] = rank;
      first = last + 1;
    }
  }
  return cloud;
}

PointCloud whitened_cloud(const Matrix& rows) {
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  constexpr double kLeastShare = 1e-3;
  constexpr double kRounding = 1e-24;
  const auto n = static_cast<Eigen::Index>(rows.rows);
  const auto d = static_cast<Eigen::Index>(rows.columns);
  const Eigen::Map<const RowMajor> data(rows.values.data(), n, d);
  const RowMajor centred = data.rowwise() - data.colwise().mean();
  const Eigen::MatrixXd covariance = centred.transpose() * centred / static_cast<double>(n);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(covariance);
  const double greatest = solver.eigenvalues().maxCoeff();
  PointCloud cloud{.dimension = rows.columns, .coordinates = std::vector<double>(rows.values.size(), 0.0)};
  // What rounding leaves of equal rows is no spread.
  const double size = data.squaredNorm() / static_cast<double>(n);
  if (!(greatest > kRounding * size)) return cloud;
  const Eigen::VectorXd scale =
      (solver.eigenvalues().array().max(0.0) + kLeastShare * greatest).sqrt().inverse().matrix();
  Eigen::Map<RowMajor>(cloud.coordinates.data(), n, d) = centred * solver.eigenvectors() * scale.asDiagonal();
  return cloud;
}

DistanceMatrix weighted_distances(const DistanceMatrix& distances, double share) {
  const std::size_t n = distances.size();
  if (n < 3) return distances;
  const std::size_t nearest =
      std::clamp<std::size_t>(static_cast<std::size_t>(share * static_cast<double>(n)), 2, n - 1);
  std::vector<double> weights(n);
  std::vector<double> others;
  for (std::size_t i = 0; i < n; ++i) {
    others.clear();
    for (std::size_t j = 0; j < n; ++j) {
      if (j != i) others.push_back(distances(i, j));
    }
    std::nth_element(others.begin(), others.begin() + static_cast<std::ptrdiff_t>(nearest - 1), others.end());
    double squares = 0.0;
    for (std::size_t k = 0; k < nearest; ++k) squares += others[k] * others[k];
    weights[i] = std::sqrt(squares / static_cast<double>(nearest));
  }
  std::vector<double> lower = distances.lower();
  std::size_t place = 0;
  for (std::size_t i = 1; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) lower[place++] += weights[i] + weights[j];
  }
  return DistanceMatrix::trusted(n, std::move(lower));
}

}  // namespace topoforge
