// Diagrams of any few points, with ties everywhere: from scratch they equal the naive ones, and what is cut short or
// refused keeps what it promises; a window that slides has the diagrams that it has from scratch, whether sliding pays
// or not.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "oracle/naive_persistence.hpp"
#include "require.hpp"
#include "topoforge/core/diagram/diagram_distance.hpp"
#include "topoforge/core/diagram/link_engine.hpp"
#include "topoforge/core/diagram/sliding_vietoris_rips.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"

namespace topoforge {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::size_t kMostNaivePoints = 8;
constexpr std::size_t kMostWindow = 70;
constexpr std::size_t kMostPushes = 20;
constexpr std::size_t kMostWidePushes = 3;  // each compares diagrams of many points

/// The bytes of an input, over and over, so that few make many lengths.
class Bytes {
 public:
  explicit Bytes(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::size_t below(std::size_t bound) {
    const std::size_t byte = bytes_[at_ % bytes_.size()] + at_ / bytes_.size();
    ++at_;
    return byte % bound;
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

/// Lengths that are hard on comparisons: ties, -0, lengths that only doubles tell apart, least and greatest ones.
class Lengths {
 public:
  explicit Lengths(Bytes& bytes) : scale_(bytes.below(6)), values_(1 + bytes.below(255)) {}
  double next(Bytes& bytes) const {
    const auto level = static_cast<double>(bytes.below(values_));
    switch (scale_) {
      case 0: return level;
      case 1: return 1.0 + level * std::numeric_limits<double>::epsilon();
      case 2: return level * std::numeric_limits<double>::denorm_min();
      case 3: return level * 1e300;
      case 4: return level == 0.0 ? -0.0 : std::sqrt(level);
      default: return level * 0x1p-150;
    }
  }

 private:
  std::size_t scale_;
  std::size_t values_;
};

VietorisRipsOptions any_options(Bytes& bytes, const Lengths& lengths) {
  VietorisRipsOptions options{.max_dimension = bytes.below(kMaxHomologyDimension + 1)};
  if (bytes.below(3) == 0) options.max_edge_length = std::abs(lengths.next(bytes));
  return options;
}

/// A cell or a word more or less may be all that there is.
void tighten(VietorisRipsOptions& options, Bytes& bytes) {
  switch (bytes.below(3)) {
    case 0: options.max_cells = 1 + bytes.below(256) * (1 + bytes.below(16)); break;
    case 1: options.max_stored_simplices = bytes.below(256); break;
    default: break;
  }
}

std::vector<PersistencePair> dead_before(const std::vector<PersistencePair>& pairs, double length) {
  std::vector<PersistencePair> dead;
  std::ranges::copy_if(pairs, std::back_inserter(dead), [&](const PersistencePair& p) { return p.death < length; });
  return dead;
}

void check_approximation(const PersistenceDiagram& exact, const PersistenceDiagram& cut) {
  const auto [exact_below, bound] = *cut.approximation;
  require(cut.pairs[0] == exact.pairs[0], "components are exact");
  for (std::size_t degree = 1; degree < exact.dimensions(); ++degree) {
    require(dead_before(cut.pairs[degree], exact_below) == dead_before(exact.pairs[degree], exact_below),
            "what dies before the cut is exact");
    const auto distance = bottleneck_distance(cut.pairs[degree], exact.pairs[degree]);
    // The death that is given is rounded to one of the doubles near the lengths.
    const double rounding = bound * 1e-15 + 2 * std::numeric_limits<double>::denorm_min();
    require(distance.has_value() && (bound == kInfinity || *distance <= bound + rounding), "the bound holds");
  }
}

void check_limited(const PersistenceDiagram& exact, const Result<PersistenceDiagram>& limited) {
  if (!limited) {
    require(limited.error().code == ErrorCode::limit_exceeded, "only a limit is exceeded");
  } else if (limited->approximation) {
    check_approximation(exact, *limited);
  } else {
    require(*limited == exact, "what keeps within its limits is exact");
  }
}

double diameter(const DistanceMatrix& distances, const SimplexPoints& points) {
  double longest = 0.0;
  for (const std::size_t i : points) {
    for (const std::size_t j : points) longest = std::max(longest, distances(i, j));
  }
  return longest;
}

void check_representatives(const DistanceMatrix& distances, const RepresentedDiagram& represented) {
  for (std::size_t degree = 0; degree < represented.simplices.size(); ++degree) {
    for (std::size_t i = 0; i < represented.simplices[degree].size(); ++i) {
      const PersistencePair& pair = represented.diagram.pairs[degree][i];
      const auto& [birth, death] = represented.simplices[degree][i];
      require(birth.size() == degree + 1 && diameter(distances, birth) == pair.birth,
              "a class is born with its simplex");
      require(pair.essential() ? death.empty() : death.size() == degree + 2 && diameter(distances, death) == pair.death,
              "a class dies with its simplex");
    }
  }
}

void fuzz_scratch(Bytes& bytes) {
  const Lengths lengths(bytes);
  VietorisRipsOptions options = any_options(bytes, lengths);
  const std::size_t n = bytes.below(kMostNaivePoints + 1);
  std::vector<double> lower(n < 2 ? 0 : n * (n - 1) / 2);
  for (double& length : lower) length = lengths.next(bytes);
  const DistanceMatrix distances = DistanceMatrix::trusted(n, std::move(lower));

  VietorisRips engine;
  const PersistenceDiagram exact = engine.compute(distances, options).value();
  require(exact == oracle::naive_persistence(distances, options.max_dimension, options.max_edge_length),
          "the diagram is the naive one");
  if (options.max_dimension <= LinkEngine::kMaxDimension) {
    const auto represented = engine.represent(distances, options, 2);
    require(represented.has_value() && represented->diagram == exact, "represented it is the same");
    check_representatives(distances, *represented);
  }
  tighten(options, bytes);
  check_limited(exact, engine.compute(distances, options));
}

/// A window that slides, by what users call and by the engine below it that never falls back.
class Window {
 public:
  Window(std::size_t size, const VietorisRipsOptions& exact, const VietorisRipsOptions& limited)
      : exact_(exact),
        sliding_(SlidingVietorisRips::make({size, Metric::euclidean, limited}).value()),
        engine_(make_link_engine(size)),
        slots_(size),
        lower_(size * (size - 1) / 2) {}

  /// lengths: to all slots but the one that is taken.
  void push(Bytes& bytes, const Lengths& lengths) {
    const std::size_t slot = pushed_ % slots_;
    to_others_.clear();
    for (std::size_t i = 0; i < std::min(pushed_, slots_ - 1); ++i) {
      // Oldest first.
      const std::size_t other = pushed_ < slots_ ? i : (slot + 1 + i) % slots_;
      to_others_.push_back(lengths.next(bytes));
      lower_[EdgeEnds::between(slot, other).index()] = to_others_.back();
    }
    ++pushed_;
    require(sliding_.push_distances(to_others_).has_value(), "lengths are taken");
    if (started_) engine_->replace(slot);
  }

  void compare() {
    const std::size_t n = std::min(pushed_, slots_);
    const DistanceMatrix distances =
        DistanceMatrix::trusted(n, {lower_.begin(), lower_.begin() + static_cast<std::ptrdiff_t>(n * (n - 1) / 2)});
    const PersistenceDiagram exact = scratch_.compute(distances, exact_).value();
    if (n <= kMostNaivePoints)
      require(exact == oracle::naive_persistence(distances, exact_.max_dimension, exact_.max_edge_length),
              "the diagram of the window is the naive one");
    const auto slid = sliding_.diagram();
    check_limited(exact, slid ? Result<PersistenceDiagram>(**slid) : tl::unexpected(slid.error()));
    if (n == slots_ && n >= 2 && exact_.max_dimension >= 1 && exact_.max_dimension <= LinkEngine::kMaxDimension)
      compare_engine(exact);
  }

 private:
  void compare_engine(const PersistenceDiagram& exact) {
    const LinkEngine::Limits limits{exact_.max_edge_length, exact_.max_dimension, exact_.max_stored_simplices};
    if (!started_) {
      const EnclosingBall ball = order_.enclosing_ball(lower_, slots_);
      started_ = engine_->start({lower_.data()}, slots_,
                                order_.sort(lower_, slots_, std::min(ball.radius, limits.max_edge_length)),
                                {.hub = ball.hub, .youngest = slots_ - 1}, limits);
      require(started_, "a window without limits begins to slide");
    }
    PersistenceDiagram diagram;
    diagram.pairs.resize(exact_.max_dimension + 1);
    require(engine_->solve(limits, diagram.pairs) == kInfinity, "a window without limits slides");
    for (auto& pairs : diagram.pairs) std::ranges::sort(pairs);
    require(diagram == exact, "a window that slides has the diagram from scratch");
  }

  VietorisRipsOptions exact_;
  SlidingVietorisRips sliding_;
  VietorisRips scratch_;
  std::unique_ptr<LinkEngine> engine_;
  EdgeOrder order_;
  bool started_ = false;
  std::size_t slots_;
  std::size_t pushed_ = 0;
  std::vector<double> lower_;
  std::vector<double> to_others_;
};

void fuzz_window(Bytes& bytes, std::size_t most_points) {
  const Lengths lengths(bytes);
  VietorisRipsOptions options = any_options(bytes, lengths);
  // Degree 3 does not slide, and is slow.
  if (most_points > kMostNaivePoints) options.max_dimension = std::min<std::size_t>(options.max_dimension, 2);
  VietorisRipsOptions limited = options;
  tighten(limited, bytes);
  const std::size_t size = 1 + bytes.below(most_points);
  Window window(size, options, limited);
  for (std::size_t push = 0; push < size; ++push) {
    window.push(bytes, lengths);
    if (push < kMostNaivePoints) window.compare();
  }
  const std::size_t most = most_points > kMostNaivePoints ? kMostWidePushes : kMostPushes;
  for (std::size_t push = 0; push < most; ++push) {
    window.push(bytes, lengths);
    if (bytes.below(4) != 0) window.compare();
  }
}

void fuzz(std::span<const std::uint8_t> input) {
  if (input.size() < 8) return;
  Bytes bytes(input);
  switch (bytes.below(3)) {
    case 0: fuzz_scratch(bytes); break;
    case 1: fuzz_window(bytes, kMostNaivePoints); break;
    default: fuzz_window(bytes, kMostWindow); break;
  }
}

}  // namespace
}  // namespace topoforge

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  topoforge::fuzz({data, size});
  return 0;
}
