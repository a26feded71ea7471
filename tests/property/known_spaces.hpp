#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <set>
#include <utility>
#include <vector>

#include "topoforge/core/cloud/distance_matrix.hpp"
#include "topoforge/core/cloud/point_cloud.hpp"

/// Purpose: finite metric spaces whose homology or persistence is a theorem. Equal distances are equal doubles.
namespace topoforge::property {

using Simplices = std::vector<std::vector<std::size_t>>;

template <class Distance>
DistanceMatrix distances_between(std::size_t points, Distance&& distance) {
  std::vector<double> lower;
  for (std::size_t i = 1; i < points; ++i) {
    for (std::size_t j = 0; j < i; ++j) lower.push_back(distance(i, j));
  }
  return DistanceMatrix::trusted(points, std::move(lower));
}

/// n points on the unit circle, by the chord over so many steps.
inline double chord(std::size_t points, std::size_t steps) {
  return 2 * std::sin(std::numbers::pi * static_cast<double>(steps) / static_cast<double>(points));
}
inline DistanceMatrix regular_polygon(std::size_t points) {
  return distances_between(
      points, [&](std::size_t i, std::size_t j) { return chord(points, std::min(i - j, points - (i - j))); });
}

/// The vertices of the cube, by the number of coordinates in which they differ.
inline DistanceMatrix hypercube(std::size_t dimension) {
  return distances_between(std::size_t{1} << dimension,
                           [](std::size_t i, std::size_t j) { return static_cast<double>(std::popcount(i ^ j)); });
}

/// Distances of points, each replaced by the one of `values` that it is next to.
inline DistanceMatrix with_values(const PointCloud& cloud, const std::vector<double>& values) {
  const DistanceMatrix rounded = pairwise_distances(cloud);
  return distances_between(cloud.size(), [&](std::size_t i, std::size_t j) {
    return *std::ranges::min_element(values, {}, [&](double value) { return std::abs(value - rounded(i, j)); });
  });
}

/// Of side 1: distances 1, the golden ratio, and between opposite vertices its product with the side of a pentagon.
inline DistanceMatrix icosahedron() {
  const double golden = std::numbers::phi;
  PointCloud cloud{3, {}};
  for (const double a : {0.5, -0.5}) {
    for (const double b : {golden / 2, -golden / 2})
      cloud.coordinates.insert(cloud.coordinates.end(), {0, a, b, a, b, 0, b, 0, a});
  }
  return with_values(cloud, {1.0, golden, std::sqrt(golden + 2)});
}

/// All points that have two coordinates of +-1 and two of 0, side the square root of 2.
inline PointCloud cell_24() {
  PointCloud cloud{4, {}};
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      for (const double a : {1.0, -1.0}) {
        for (const double b : {1.0, -1.0}) {
          std::array<double, 4> point{};
          point[i] = a;
          point[j] = b;
          cloud.coordinates.insert(cloud.coordinates.end(), point.begin(), point.end());
        }
      }
    }
  }
  return cloud;
}

/// The 120 vertices on the unit sphere of R^4, of side 1 / golden ratio.
inline PointCloud cell_600() {
  const double golden = std::numbers::phi;
  std::set<std::array<double, 4>> points;
  for (std::size_t signs = 0; signs < 16; ++signs) {
    const auto sign = [&](std::size_t bit) { return (signs >> bit & 1) == 0 ? 0.5 : -0.5; };
    points.insert({sign(0), sign(1), sign(2), sign(3)});
    for (std::size_t axis = 0; axis < 4; ++axis) {
      std::array<double, 4> point{};
      point[axis] = 2 * sign(0);
      points.insert(point);
    }
    // The even permutations.
    const std::array<double, 4> values{sign(0) * golden, sign(1), sign(2) / golden, 0.0};
    std::array<std::size_t, 4> order{0, 1, 2, 3};
    do {
      std::size_t inversions = 0;
      for (std::size_t i = 0; i < 4; ++i) {
        for (std::size_t j = 0; j < i; ++j) inversions += order[j] > order[i] ? 1 : 0;
      }
      if (inversions % 2 == 0) points.insert({values[order[0]], values[order[1]], values[order[2]], values[order[3]]});
    } while (std::ranges::next_permutation(order).found);
  }
  PointCloud cloud{4, {}};
  for (const auto& point : points) cloud.coordinates.insert(cloud.coordinates.end(), point.begin(), point.end());
  return cloud;
}

/// All faces of these simplices.
inline std::set<std::vector<std::size_t>> faces_of(const Simplices& facets) {
  std::set<std::vector<std::size_t>> faces;
  for (std::vector<std::size_t> facet : facets) {
    std::ranges::sort(facet);
    for (std::size_t set = 1; set < std::size_t{1} << facet.size(); ++set) {
      std::vector<std::size_t> face;
      for (std::size_t i = 0; i < facet.size(); ++i) {
        if ((set >> i & 1) != 0) face.push_back(facet[i]);
      }
      faces.insert(face);
    }
  }
  return faces;
}

/// The barycentric subdivision of a triangulated space is its flag complex: 1 for faces of which one contains the
/// other, 2 for others. The Vietoris-Rips complex at 1 is the space.
inline DistanceMatrix subdivision(const Simplices& facets) {
  const auto set = faces_of(facets);
  const Simplices faces(set.begin(), set.end());
  return distances_between(faces.size(), [&](std::size_t i, std::size_t j) {
    return std::ranges::includes(faces[i], faces[j]) || std::ranges::includes(faces[j], faces[i]) ? 1.0 : 2.0;
  });
}

/// The torus of Moebius, of 7 vertices.
inline Simplices torus_7() {
  Simplices triangles;
  for (std::size_t i = 0; i < 7; ++i) {
    triangles.push_back({i, (i + 1) % 7, (i + 3) % 7});
    triangles.push_back({i, (i + 2) % 7, (i + 3) % 7});
  }
  return triangles;
}

/// The projective plane of 6 vertices, half of an icosahedron.
inline Simplices projective_plane_6() {
  Simplices triangles;
  for (std::size_t i = 0; i < 5; ++i) {
    triangles.push_back({5, i, (i + 1) % 5});
    triangles.push_back({i, (i + 1) % 5, (i + 3) % 5});
  }
  return triangles;
}

/// The squares of side x side points, each cut into two triangles, on a torus or a Klein bottle.
inline Simplices grid_triangles(std::size_t side, bool klein_bottle) {
  const auto at = [&](std::size_t x, std::size_t y) {
    y %= side;
    return x < side ? x * side + y : klein_bottle ? (side - y) % side : y;
  };
  Simplices triangles;
  for (std::size_t x = 0; x < side; ++x) {
    for (std::size_t y = 0; y < side; ++y) {
      triangles.push_back({at(x, y), at(x + 1, y), at(x + 1, y + 1)});
      triangles.push_back({at(x, y), at(x, y + 1), at(x + 1, y + 1)});
    }
  }
  return triangles;
}

/// Real projective space of dimension d - 1: the faces of the cross-polytope in R^d, vectors of signs, up to their
/// sign. 1 for faces of which one contains the other, else 2; at 1 it is the quotient of the subdivided sphere, where
/// opposite points are four edges apart, so that it is a flag complex.
inline DistanceMatrix projective_space(std::size_t signs) {
  std::vector<std::vector<int>> faces;
  std::size_t all = 1;
  for (std::size_t i = 0; i < signs; ++i) all *= 3;
  for (std::size_t code = 1; code < all; ++code) {
    std::vector<int> face;
    for (std::size_t rest = code, i = 0; i < signs; ++i, rest /= 3) face.push_back(static_cast<int>(rest % 3) - 1);
    const auto first = std::ranges::find_if(face, [](int sign) { return sign != 0; });
    if (first != face.end() && *first == 1) faces.push_back(face);
  }
  const auto contains = [&](const std::vector<int>& large, const std::vector<int>& small, int sign) {
    return std::ranges::equal(large, small, [&](int a, int b) { return b == 0 || a == sign * b; });
  };
  return distances_between(faces.size(), [&](std::size_t i, std::size_t j) {
    for (const int sign : {1, -1}) {
      if (contains(faces[i], faces[j], sign) || contains(faces[j], faces[i], sign)) return 1.0;
    }
    return 2.0;
  });
}

/// The grid of side x side points on a flat torus, or on a flat Klein bottle, of that side.
inline DistanceMatrix flat_grid(std::size_t side, bool klein_bottle) {
  const auto length = static_cast<int>(side);
  return distances_between(side * side, [&](std::size_t i, std::size_t j) {
    const auto x = static_cast<int>(i / side);
    const auto y = static_cast<int>(i % side);
    int least = 4 * length * length;
    for (int turn = -1; turn <= 1; ++turn) {
      for (int shift = -1; shift <= 2; ++shift) {
        const int row = static_cast<int>(j % side);
        const int dx = x - static_cast<int>(j / side) - turn * length;
        const int dy = y - (klein_bottle && turn != 0 ? -row : row) - shift * length;
        least = std::min(least, dx * dx + dy * dy);
      }
    }
    return std::sqrt(static_cast<double>(least));
  });
}

using Direction = std::array<double, 3>;

inline double dot(const Direction& a, const Direction& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

/// Points of the unit sphere, or of the half of it above a plane, spread on a spiral.
inline std::vector<Direction> spiral(std::size_t points, double lowest) {
  std::vector<Direction> directions;
  for (std::size_t i = 0; i < points; ++i) {
    const double z = 1 - (1 - lowest) * (static_cast<double>(i) + 0.5) / static_cast<double>(points);
    const double angle = 2 * std::numbers::pi * std::numbers::phi * static_cast<double>(i);
    const double radius = std::sqrt(1 - z * z);
    directions.push_back({radius * std::cos(angle), radius * std::sin(angle), z});
  }
  return directions;
}

/// How far a point of the unit sphere can be from all of these: the greatest radius of a cap that has three of them on
/// its rim and none inside.
inline double covering_radius(const std::vector<Direction>& points) {
  double least_cosine = 1.0;
  const auto minus = [](const Direction& a, const Direction& b) {
    return Direction{a[0] - b[0], a[1] - b[1], a[2] - b[2]};
  };
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const Direction a = minus(points[i], points[j]);
      for (std::size_t k = 0; k < j; ++k) {
        const Direction b = minus(points[k], points[j]);
        Direction centre{a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
        const double norm = std::sqrt(dot(centre, centre));
        for (double& x : centre) x /= norm;
        for (int side = 0; side < 2; ++side) {
          const double cosine = dot(centre, points[i]);
          const auto inside = [&](const Direction& p) { return dot(centre, p) > cosine + 1e-12; };
          if (cosine < least_cosine && std::ranges::none_of(points, inside)) least_cosine = cosine;
          for (double& x : centre) x = -x;
        }
      }
    }
  }
  return std::acos(least_cosine);
}

}  // namespace topoforge::property
