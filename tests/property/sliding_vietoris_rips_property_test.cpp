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
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kManyPushes = 10'000;  // each takes ten times as long
#else
constexpr std::size_t kManyPushes = 100'000;
#endif

/// A family of streams, which gives its points one after another.
struct Family {
  std::string name;
  std::size_t dimension;
  void (*next)(Random& random, std::size_t at, std::vector<double>& point);
  std::size_t highest;  ///< degree in which windows of 16 points have classes
  /// Of two points, drawn anew for each pair; nullptr: the Euclidean distance.
  double (*distance)(Random& random) = nullptr;
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
template <std::size_t kVertices>
void polygon(Random&, std::size_t at, std::vector<double>& point) {
  const double angle = 2 * std::numbers::pi * static_cast<double>(at % kVertices) / kVertices;
  point = {std::cos(angle), std::sin(angle)};
}
/// Vertices of the octahedron, the cube and the icosahedron in turn: all their edges are of few lengths.
void cross_polytope(Random& random, std::size_t, std::vector<double>& point) {
  std::ranges::fill(point, 0.0);
  point[random.below(point.size())] = random.below(2) == 0 ? -1 : 1;
}
void cube(Random& random, std::size_t, std::vector<double>& point) {
  for (double& x : point) x = random.below(2) == 0 ? -1 : 1;
}
void icosahedron(Random& random, std::size_t, std::vector<double>& point) {
  const std::size_t zero = random.below(3);
  point[zero] = 0;
  point[(zero + 1) % 3] = random.below(2) == 0 ? -1 : 1;
  point[(zero + 2) % 3] = random.below(2) == 0 ? -std::numbers::phi : std::numbers::phi;
}
void no_point(Random&, std::size_t, std::vector<double>&) {}
template <std::size_t kValues>
double any_of(Random& random) {
  return static_cast<double>(random.below(kValues));
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
    {"delay_embedding_3", 3, delay_embedding<3>, 1},
    {"delay_embedding_6", 6, delay_embedding<6>, 1},
    {"uniform_3", 3, uniform, 2},
    {"uniform_8", 8, uniform, 2},
    {"circle_with_outliers", 2, circle_with_outliers, 1},
    {"walk_8", 8, walk, 1},
    {"grid_2", 2, grid<6>, 1},
    {"grid_3", 3, grid<3>, 2},
    {"sphere", 3, sphere, 2},
    {"polygon_12", 2, polygon<12>, 1},
    {"polygon_64", 2, polygon<64>, 0},
    {"cross_polytope", 3, cross_polytope, 2},
    {"cube", 3, cube, 1},
    {"icosahedron", 3, icosahedron, 2},
    {"two_clusters", 3, two_clusters, 1},
    {"normal_5", 5, normal_points, 2},
    {"repeated_points", 4, repeated_points, 2},
    {"collinear", 2, collinear, 0},
    {"no_metric_2", 0, no_point, 2, any_of<2>},
    {"no_metric_5", 0, no_point, 2, any_of<5>},
    {"no_metric_1000", 0, no_point, 2, any_of<1000>},
};

class Stream {
 public:
  Stream(const Family& family, std::uint64_t seed) : family_(family), random_(seed), point_(family.dimension) {}
  const std::vector<double>& next() {
    family_.next(random_, at_++, point_);
    return point_;
  }
  double distance(const std::vector<double>& a, const std::vector<double>& b) {
    return family_.distance != nullptr ? family_.distance(random_) : prepared_distance(a, b, Metric::euclidean);
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
    for (std::size_t slot = 0; slot < window; ++slot) enter(slot, slot);
  }
  void replace(std::size_t slot) { enter(slot, points_.size()); }
  [[nodiscard]] const std::vector<double>& lower() const { return lower_; }

 private:
  /// With its distances to the points of the first `known` slots.
  void enter(std::size_t slot, std::size_t known) {
    points_[slot] = stream_.next();
    for (std::size_t x = 0; x < known; ++x) {
      if (x != slot) lower_[EdgeEnds::between(x, slot).index()] = stream_.distance(points_[x], points_[slot]);
    }
  }

  Stream& stream_;
  std::vector<std::vector<double>> points_;
  std::vector<double> lower_;
};

void sort_all(LinkEngine::Pairs& pairs) {
  for (auto& list : pairs) std::ranges::sort(list);
}

/// A length that `share` of them do not exceed; infinite for all of them.
double length_of(std::vector<double> lower, double share) {
  if (share >= 1) return kInfinity;
  const auto at = lower.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(lower.size()));
  std::ranges::nth_element(lower, at);
  return *at;
}

struct Sliding {
  std::size_t window;
  std::size_t max_dimension;
  std::size_t pushes;
  double share_of_edges = 1.0;  ///< those of the first window that the limit lets in
};

/// The engine itself, which never falls back, after each of `pushes` points that take the slots in turn. Returns how
/// many classes of each degree were compared.
std::vector<std::size_t> expect_engine_slides(const Family& family, const Sliding& sliding) {
  const auto& [window, max_dimension, pushes, share_of_edges] = sliding;
  SCOPED_TRACE(::testing::Message() << family.name << ", window " << window << ", max_dimension " << max_dimension
                                    << ", share of edges " << share_of_edges);
  Stream stream(family, window);
  Slots slots(stream, window);
  const double longest = length_of(slots.lower(), share_of_edges);
  const LinkEngine::Limits limits{longest, max_dimension, std::size_t{1} << 28};
  const auto engine = make_link_engine(window);
  const auto scratch = make_link_engine(window);
  EdgeOrder order;
  const EdgeLengths lengths{slots.lower().data()};
  const auto edges = [&] {
    return order.sort(slots.lower(), window, std::min(order.enclosing_ball(slots.lower(), window).radius, longest));
  };
  const EnclosingBall ball = order.enclosing_ball(slots.lower(), window);
  EXPECT_TRUE(engine->start(lengths, window, edges(), {.hub = ball.hub, .youngest = window - 1}, limits));
  std::vector<std::size_t> classes(max_dimension + 1);
  LinkEngine::Pairs slid(max_dimension + 1);
  LinkEngine::Pairs expected(max_dimension + 1);
  for (std::size_t push = 0; push < pushes && !::testing::Test::HasFailure(); ++push) {
    slots.replace(push % window);
    engine->replace(push % window);
    for (auto* pairs : {&slid, &expected}) {
      for (auto& list : *pairs) list.clear();
    }
    EXPECT_TRUE(engine->solve(limits, slid));
    EXPECT_TRUE(scratch->compute(lengths, window, edges(), limits, expected));
    sort_all(slid);
    sort_all(expected);
    EXPECT_EQ(slid, expected) << "push " << push;
    for (std::size_t degree = 0; degree <= max_dimension; ++degree) classes[degree] += expected[degree].size();
  }
  return classes;
}

class SlidingProperty : public ::testing::TestWithParam<std::size_t> {
 protected:
  [[nodiscard]] static const Family& family() { return kFamilies[GetParam()]; }
};

/// What users push points into.
class SlidingPointsProperty : public SlidingProperty {};

TEST_P(SlidingProperty, EqualsFromScratchAfterEachOfManyPushes) {
  const std::vector<std::size_t> classes =
      expect_engine_slides(family(), {.window = 16, .max_dimension = 2, .pushes = kManyPushes});
  for (std::size_t degree = 0; degree <= family().highest; ++degree)
    EXPECT_GT(classes[degree], kManyPushes / 1000) << "too few of degree " << degree << " to prove anything";
}

TEST_P(SlidingProperty, EqualsFromScratchAfterEachOfManyPushesInDegreeOne) {
  expect_engine_slides(family(), {.window = 16, .max_dimension = 1, .pushes = kManyPushes / 4});
}

TEST_P(SlidingProperty, EqualsFromScratchUnderALimitOnEdges) {
  for (const double share : {0.0, 0.1, 0.3, 0.6}) {
    for (const std::size_t max_dimension : {1u, 2u}) {
      expect_engine_slides(family(), {16, max_dimension, kManyPushes / 20, share});
      expect_engine_slides(family(), {80, max_dimension, 50, share});
    }
  }
}

TEST_P(SlidingProperty, EqualsFromScratchInWindowsOfEveryWidth) {
  expect_engine_slides(family(), {2, 2, 1000});
  expect_engine_slides(family(), {3, 2, 1000});
  if (family().distance != nullptr) {
    // As many classes as there can be: each push looks at most of the window again.
    expect_engine_slides(family(), {40, 2, 30});
    expect_engine_slides(family(), {65, 1, 30});
    return;
  }
  expect_engine_slides(family(), {40, 1, 4000});
  expect_engine_slides(family(), {64, 2, 300});
  expect_engine_slides(family(), {65, 1, 1000});
  expect_engine_slides(family(), {100, 2, 60});
  expect_engine_slides(family(), {190, 1, 100});
  expect_engine_slides(family(), {300, 1, 20});
}

TEST(WideSlidingProperty, EqualsFromScratchInWindowsOfManyWords) {
  const Family& uniform_points = kFamilies[2];
  const Family& delayed = kFamilies[0];
  for (const auto& sliding : {Sliding{513, 1, 6}, Sliding{1024, 1, 4}, Sliding{1025, 1, 4}, Sliding{2048, 1, 3}}) {
    const auto classes = expect_engine_slides(uniform_points, sliding);
    EXPECT_GT(classes[1], 100U);
  }
  for (const auto& sliding : {Sliding{200, 2, 20}, Sliding{300, 2, 10}, Sliding{600, 2, 4}})
    expect_engine_slides(delayed, sliding);
  // Few edges, so that the links of two thousand points are small: voids, and classes that never end.
  const auto classes = expect_engine_slides(uniform_points, {2000, 2, 6, 0.006});
  EXPECT_GT(classes[2], 10U);
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
TEST_P(SlidingPointsProperty, ManyWindowsOfAStreamEqualTheSamePointsFromScratch) {
  constexpr std::size_t kWindow = 24;
  const VietorisRipsOptions options{.max_dimension = 1};
  Stream stream(family(), 7);
  SlidingVietorisRips sliding = SlidingVietorisRips::make({kWindow, Metric::euclidean, options}).value();
  VietorisRips scratch;
  PointCloud points{family().dimension, {}};
  for (std::size_t push = 0; push < kManyPushes; ++push) {
    if (points.size() == kWindow) {
      const auto kept = points.coordinates.begin() + static_cast<std::ptrdiff_t>(points.dimension);
      points.coordinates.erase(points.coordinates.begin(), kept);
    }
    const auto& point = stream.next();
    points.coordinates.insert(points.coordinates.end(), point.begin(), point.end());
    ASSERT_TRUE(sliding.push(point));
    ASSERT_EQ(**sliding.diagram(), scratch.compute(points, options).value()) << "push " << push;
  }
}

TEST(WideSlidingProperty, WindowsOfMorePointsThanAnEngineHasEqualThemFromScratch) {
  constexpr std::size_t kWindow = LinkEngine::kMaxPoints + 1;
  const VietorisRipsOptions options{.max_dimension = 1, .max_edge_length = 0.06};
  Stream stream(kFamilies[2], kWindow);
  SlidingVietorisRips sliding = SlidingVietorisRips::make({kWindow, Metric::euclidean, options}).value();
  VietorisRips scratch;
  PointCloud points{kFamilies[2].dimension, {}};
  while (points.size() < kWindow + 3) {
    const auto& point = stream.next();
    points.coordinates.insert(points.coordinates.end(), point.begin(), point.end());
    ASSERT_TRUE(sliding.push(point));
    if (points.size() + 1 < kWindow) continue;
    ASSERT_NO_FATAL_FAILURE(expect_diagram_of_last(points, options, kWindow, sliding, scratch));
  }
  EXPECT_GT((**sliding.diagram()).pairs[1].size(), 10U);
}

TEST_P(SlidingPointsProperty, WindowsOfAStreamEqualTheSamePointsFromScratch) {
  for (std::uint64_t seed = 100 * GetParam(); seed < 100 * GetParam() + 8; ++seed) {
    Random random(seed);
    const bool wide = seed % 8 == 7;
    const std::size_t window = 1 + random.below(80) + (wide ? 64 + 64 * random.below(2) : 0);
    const std::size_t most_pushes = 1 + random.below(6);
    VietorisRipsOptions options{.max_dimension = random.below(wide ? 2 : 3)};
    Stream stream(family(), seed);
    if (random.below(2) == 0) options.max_edge_length = random.real() * 2;
    SCOPED_TRACE(::testing::Message() << family().name << ", seed " << seed << ", window " << window << ", degree "
                                      << options.max_dimension << ", longest " << options.max_edge_length);
    SlidingVietorisRips sliding = SlidingVietorisRips::make({window, Metric::euclidean, options}).value();
    VietorisRips scratch;
    PointCloud points{family().dimension, {}};
    while (points.size() < (wide ? 3 : 5) * window) {
      for (std::size_t pushes = 1 + random.below(most_pushes); pushes-- > 0;) {
        const auto& point = stream.next();
        points.coordinates.insert(points.coordinates.end(), point.begin(), point.end());
        ASSERT_TRUE(sliding.push(point));
      }
      ASSERT_NO_FATAL_FAILURE(expect_diagram_of_last(points, options, window, sliding, scratch));
    }
  }
}

TEST_P(SlidingPointsProperty, WindowsAfterAClearEqualTheSamePointsFromScratch) {
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

std::string name_of(const ::testing::TestParamInfo<std::size_t>& tested) { return kFamilies[tested.param].name; }
std::vector<std::size_t> families_of_points() {
  std::vector<std::size_t> families;
  for (std::size_t k = 0; k < kFamilies.size(); ++k) {
    if (kFamilies[k].distance == nullptr) families.push_back(k);
  }
  return families;
}
INSTANTIATE_TEST_SUITE_P(Families, SlidingProperty, ::testing::Range(std::size_t{0}, kFamilies.size()), name_of);
INSTANTIATE_TEST_SUITE_P(Families, SlidingPointsProperty, ::testing::ValuesIn(families_of_points()), name_of);

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
