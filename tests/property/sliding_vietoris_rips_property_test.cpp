#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "property/random_inputs.hpp"
#include "topoforge/core/diagram/link_engine.hpp"
#include "topoforge/core/diagram/sliding_vietoris_rips.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"

/// A window that slides has the diagrams that it has from scratch, after every push, on streams of every kind.
namespace topoforge::property {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::size_t kManyPushes = 100'000;

/// A family of streams, which gives its points one after another.
struct Family {
  std::string name;
  std::size_t dimension;
  void (*next)(Random& random, std::size_t at, std::vector<double>& point);
};

double normal(Random& random) {
  return std::sqrt(-2 * std::log(1 - random.real())) * std::cos(2 * std::numbers::pi * random.real());
}
template <std::size_t kDimension>
void delay_embedding(Random& random, std::size_t at, std::vector<double>& point) {
  if (at == 0) {
    for (std::size_t k = 0; k < kDimension; ++k) point[k] = normal(random) * 0.1;
  }
  std::rotate(point.begin(), point.begin() + 1, point.end());
  point.back() = std::sin(2 * std::numbers::pi * static_cast<double>(at) / 20) + 0.1 * normal(random);
}
void uniform(Random& random, std::size_t, std::vector<double>& point) {
  for (double& x : point) x = random.real();
}
void circle_with_outliers(Random& random, std::size_t, std::vector<double>& point) {
  const double angle = 2 * std::numbers::pi * random.real();
  const double radius = 1 + 0.1 * normal(random);
  const bool outlier = random.below(10) == 0;
  point = outlier ? std::vector{4 * random.real() - 2, 4 * random.real() - 2}
                  : std::vector{radius * std::cos(angle), radius * std::sin(angle)};
}
void walk(Random& random, std::size_t, std::vector<double>& point) {
  for (double& x : point) x += normal(random);
}
template <std::size_t kSide>
void grid(Random& random, std::size_t, std::vector<double>& point) {
  for (double& x : point) x = static_cast<double>(random.below(kSide));
}
void sphere(Random& random, std::size_t, std::vector<double>& point) {
  double squares = 0;
  for (double& x : point) {
    x = normal(random);
    squares += x * x;
  }
  for (double& x : point) x /= std::sqrt(squares) * (1 + 0.05 * normal(random));
}
void polygon(Random&, std::size_t at, std::vector<double>& point) {
  const double angle = 2 * std::numbers::pi * static_cast<double>(at % 64) / 64;
  point = {std::cos(angle), std::sin(angle)};
}
void two_clusters(Random& random, std::size_t, std::vector<double>& point) {
  const double centre = random.below(2) == 0 ? 0 : 5;
  for (double& x : point) x = centre + normal(random);
}
void normal_points(Random& random, std::size_t, std::vector<double>& point) {
  for (double& x : point) x = normal(random);
}
void repeated_points(Random& random, std::size_t, std::vector<double>& point) {
  if (random.below(2) == 0) uniform(random, 0, point);
}
void collinear(Random& random, std::size_t, std::vector<double>& point) {
  std::ranges::fill(point, static_cast<double>(random.below(50)));
}

const std::vector<Family> kFamilies{
    {"delay_embedding_3", 3, delay_embedding<3>},
    {"delay_embedding_6", 6, delay_embedding<6>},
    {"uniform_3", 3, uniform},
    {"uniform_8", 8, uniform},
    {"circle_with_outliers", 2, circle_with_outliers},
    {"walk_8", 8, walk},
    {"grid_2", 2, grid<6>},
    {"grid_3", 3, grid<3>},
    {"sphere", 3, sphere},
    {"polygon", 2, polygon},
    {"two_clusters", 3, two_clusters},
    {"normal_5", 5, normal_points},
    {"repeated_points", 4, repeated_points},
    {"collinear", 2, collinear},
};

class Stream {
 public:
  Stream(const Family& family, std::uint64_t seed) : family_(family), random_(seed), point_(family.dimension) {}
  const std::vector<double>& next() {
    family_.next(random_, at_++, point_);
    return point_;
  }

 private:
  const Family& family_;
  Random random_;
  std::size_t at_ = 0;
  std::vector<double> point_;
};

/// A window as an engine holds it, which slides whether that pays or not: slot by slot.
class Slots {
 public:
  Slots(Stream& stream, std::size_t window) : stream_(stream), points_(window), lower_(window * (window - 1) / 2) {
    for (std::size_t slot = 0; slot < window; ++slot) replace(slot);
  }
  void replace(std::size_t slot) {
    points_[slot] = stream_.next();
    for (std::size_t x = 0; x < points_.size(); ++x) {
      if (x != slot && !points_[x].empty())
        lower_[EdgeEnds::between(x, slot).index()] = prepared_distance(points_[x], points_[slot], Metric::euclidean);
    }
  }
  [[nodiscard]] const std::vector<double>& lower() const { return lower_; }
  [[nodiscard]] std::size_t size() const { return points_.size(); }

 private:
  Stream& stream_;
  std::vector<std::vector<double>> points_;
  std::vector<double> lower_;
};

void sort_all(LinkEngine::Pairs& pairs) {
  for (auto& list : pairs) std::ranges::sort(list);
}

/// The engine itself, which never falls back, after each of `pushes` points that take the slots in turn.
void expect_engine_slides(const Family& family, std::size_t window, std::size_t max_dimension, std::size_t pushes) {
  SCOPED_TRACE(::testing::Message() << family.name << ", window " << window << ", max_dimension " << max_dimension);
  Stream stream(family, window);
  Slots slots(stream, window);
  const LinkEngine::Limits limits{kInfinity, max_dimension, std::size_t{1} << 28};
  const auto sliding = make_link_engine(window);
  const auto scratch = make_link_engine(window);
  EdgeOrder order;
  const EnclosingBall ball = order.enclosing_ball(slots.lower(), window);
  const EdgeLengths lengths{slots.lower().data()};
  ASSERT_TRUE(sliding->start(lengths, window, order.sort(slots.lower(), window, ball.radius),
                             {.hub = ball.hub, .youngest = window - 1}, limits));
  LinkEngine::Pairs slid(max_dimension + 1);
  LinkEngine::Pairs expected(max_dimension + 1);
  for (std::size_t push = 0; push < pushes; ++push) {
    slots.replace(push % window);
    sliding->replace(push % window);
    for (auto* pairs : {&slid, &expected}) {
      for (auto& list : *pairs) list.clear();
    }
    ASSERT_TRUE(sliding->solve(limits, slid));
    const auto edges = order.sort(slots.lower(), window, order.enclosing_ball(slots.lower(), window).radius);
    ASSERT_TRUE(scratch->compute(lengths, window, edges, limits, expected));
    sort_all(slid);
    sort_all(expected);
    ASSERT_EQ(slid, expected) << "push " << push;
  }
}

class SlidingProperty : public ::testing::TestWithParam<std::size_t> {
 protected:
  [[nodiscard]] static const Family& family() { return kFamilies[GetParam()]; }
};

TEST_P(SlidingProperty, EqualsFromScratchAfterEachOfManyPushes) { expect_engine_slides(family(), 16, 2, kManyPushes); }

TEST_P(SlidingProperty, EqualsFromScratchInWindowsOfEveryWidth) {
  expect_engine_slides(family(), 2, 2, 1000);
  expect_engine_slides(family(), 3, 2, 1000);
  expect_engine_slides(family(), 40, 1, 4000);
  expect_engine_slides(family(), 64, 2, 300);
  expect_engine_slides(family(), 65, 1, 1000);
  expect_engine_slides(family(), 100, 2, 60);
  expect_engine_slides(family(), 190, 1, 100);
  expect_engine_slides(family(), 300, 1, 20);
}

/// The window of the last of these points has their diagram from scratch.
void expect_diagram_of_last(const PointCloud& points, const VietorisRipsOptions& options, std::size_t window,
                            SlidingVietorisRips& sliding, VietorisRips& scratch) {
  const std::size_t size = std::min(points.size(), window);
  ASSERT_EQ(sliding.size(), size);
  const auto first = points.coordinates.end() - static_cast<std::ptrdiff_t>(size * points.dimension);
  const auto expected = scratch.compute(PointCloud{points.dimension, {first, points.coordinates.end()}}, options);
  ASSERT_EQ(**sliding.diagram(), expected.value()) << "after " << points.size() << " points";
}

/// What users call: it slides where that pays, with limits on the length of edges and more than one push at a time.
TEST_P(SlidingProperty, WindowsOfAStreamEqualTheSamePointsFromScratch) {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    Random random(seed);
    const std::size_t window = 1 + random.below(80);
    const std::size_t most_pushes = 1 + random.below(6);
    VietorisRipsOptions options{.max_dimension = random.below(3)};
    Stream stream(family(), seed);
    if (random.below(2) == 0) options.max_edge_length = random.real() * 2;
    SCOPED_TRACE(::testing::Message() << family().name << ", seed " << seed << ", window " << window << ", degree "
                                      << options.max_dimension << ", longest " << options.max_edge_length);
    SlidingVietorisRips sliding = SlidingVietorisRips::make({window, Metric::euclidean, options}).value();
    VietorisRips scratch;
    PointCloud points{family().dimension, {}};
    while (points.size() < 5 * window) {
      for (std::size_t pushes = 1 + random.below(most_pushes); pushes-- > 0;) {
        const auto& point = stream.next();
        points.coordinates.insert(points.coordinates.end(), point.begin(), point.end());
        ASSERT_TRUE(sliding.push(point));
      }
      ASSERT_NO_FATAL_FAILURE(expect_diagram_of_last(points, options, window, sliding, scratch));
    }
  }
}

TEST_P(SlidingProperty, WindowsAfterAClearEqualTheSamePointsFromScratch) {
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    Random random(seed);
    const std::size_t window = 1 + random.below(60);
    const VietorisRipsOptions options{.max_dimension = 1 + random.below(2)};
    Stream stream(family(), seed);
    SlidingVietorisRips sliding = SlidingVietorisRips::make({window, Metric::euclidean, options}).value();
    VietorisRips scratch;
    for (std::size_t round = 0; round < 4; ++round) {
      SCOPED_TRACE(::testing::Message() << family().name << ", seed " << seed << ", window " << window << ", round "
                                        << round);
      sliding.clear();
      PointCloud points{family().dimension, {}};
      for (std::size_t pushes = window / 2 + random.below(2 * window); pushes > 0; --pushes) {
        const auto& point = stream.next();
        points.coordinates.insert(points.coordinates.end(), point.begin(), point.end());
        ASSERT_TRUE(sliding.push(point));
        ASSERT_NO_FATAL_FAILURE(expect_diagram_of_last(points, options, window, sliding, scratch));
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Families, SlidingProperty, ::testing::Range(std::size_t{0}, kFamilies.size()),
                         [](const auto& tested) { return kFamilies[tested.param].name; });

TEST(SlidingDistancesProperty, WindowsThatAreNoMetricEqualTheSameDistancesFromScratch) {
  constexpr std::size_t kPushes = 20'000;
  for (const std::size_t values : {2u, 5u, 1000u}) {
    SCOPED_TRACE(::testing::Message() << values << " values");
    Random random(values);
    constexpr std::size_t kWindow = 14;
    SlidingVietorisRips sliding = SlidingVietorisRips::make({kWindow, Metric::euclidean, {}}).value();
    VietorisRips scratch;
    std::vector<std::vector<double>> rows;  // of the points in the window, oldest first
    std::vector<double> distances;
    for (std::size_t push = 0; push < kPushes; ++push) {
      if (rows.size() == kWindow) {
        rows.erase(rows.begin());
        for (auto& row : rows) row.erase(row.begin());
      }
      distances.clear();
      for (std::vector<double>& row : rows) {
        const auto distance = static_cast<double>(random.below(values));
        distances.push_back(distance);
        row.push_back(distance);
      }
      rows.push_back(distances);
      rows.back().push_back(0.0);
      ASSERT_TRUE(sliding.push_distances(distances));
      std::vector<double> lower;
      for (std::size_t i = 1; i < rows.size(); ++i)
        lower.insert(lower.end(), rows[i].begin(), rows[i].begin() + static_cast<std::ptrdiff_t>(i));
      ASSERT_EQ(**sliding.diagram(), scratch.compute(DistanceMatrix::trusted(rows.size(), lower)).value())
          << "push " << push;
    }
  }
}

}  // namespace
}  // namespace topoforge::property
