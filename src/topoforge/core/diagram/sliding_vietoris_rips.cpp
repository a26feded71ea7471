#include "topoforge/core/diagram/sliding_vietoris_rips.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "topoforge/core/diagram/edge_order.hpp"
#include "topoforge/core/diagram/link_engine.hpp"
#include "topoforge/core/diagram/link_engines.hpp"
#include "topoforge/core/diagram/rips_options.hpp"
#include "topoforge/core/diagram/sliding_edge_order.hpp"

namespace topoforge {
namespace {

// What sliding has saved may be lost again, up to this many diagrams from scratch; then it has stopped to pay. As much
// is lent at the start, for one event may need much more than the next.
constexpr double kMostCredit = 4.0;
// Diagrams from scratch after which sliding is tried again: at first, and after it has failed often.
constexpr std::size_t kFirstPatience = 64;
constexpr std::size_t kLastPatience = 1024;

}  // namespace

struct SlidingVietorisRips::State {
  SlidingVietorisRipsOptions options;

  enum class Points : std::uint8_t { none, coordinates, distances } known_by = Points::none;
  std::size_t size = 0;
  std::size_t next = 0;  ///< the slot that the next point takes: of a full window that of the oldest
  std::size_t dimension = 0;
  std::vector<double> coordinates;  ///< slot by slot
  std::vector<double> lower;        ///< between slots
  std::size_t unmeasured = 0;       ///< newest points whose distances are not in `lower` yet

  PersistenceDiagram diagram;
  bool current = false;  ///< the diagram is that of the window
  VietorisRips rips;
  LinkEngines engines;
  EdgeOrder order;
  SlidingEdgeOrder sliding_order;
  std::size_t ordered = 0;  ///< windows that sliding_order was asked for, each the one after
  std::size_t entered = 0;  ///< points since the last diagram
  std::unique_ptr<LinkEngine> engine;
  bool sliding = false;       ///< the engine knows the window
  double slide_effort = 0.0;  ///< since the last diagram
  double credit = 0.0;        ///< effort that sliding has saved
  std::size_t patience = kFirstPatience;
  std::size_t until_next_try = 0;

  [[nodiscard]] bool fast() const {
    return options.rips.max_dimension <= LinkEngine::kMaxDimension && options.window <= LinkEngine::kMaxPoints;
  }
  [[nodiscard]] bool may_slide() const {
    return fast() && options.rips.max_dimension >= 1 && size == options.window && size >= 2;
  }
  [[nodiscard]] LinkEngine::Limits limits() const {
    return {options.rips.max_edge_length, options.rips.max_dimension, options.rips.max_stored_simplices,
            options.rips.max_cells};
  }
  /// Slots of the points that stay when the next one enters, oldest first.
  [[nodiscard]] std::size_t staying() const { return std::min(size, options.window - 1); }
  [[nodiscard]] std::size_t staying_slot(std::size_t i) const {
    return size < options.window ? i : (next + 1 + i) % options.window;
  }

  [[nodiscard]] std::size_t newest_slot() const { return before(next); }
  [[nodiscard]] std::size_t before(std::size_t slot) const { return (slot == 0 ? options.window : slot) - 1; }

  double& distance(std::size_t a, std::size_t b) { return lower[EdgeEnds::between(a, b).index()]; }

  /// The point is in its slot, or its distances are in place.
  void enter() {
    size = std::min(size + 1, options.window);
    ++entered;
    next = (next + 1) % options.window;
    current = false;
    if (sliding) replace();
  }

  /// Each pair once, however many points entered: only an engine that slides wants to know them one by one.
  void measure() {
    std::size_t slot = newest_slot();
    for (std::size_t age = 0; age < unmeasured; ++age, slot = before(slot)) {
      std::size_t other = before(slot);
      for (std::size_t older = age + 1; older < size; ++older, other = before(other))
        distance(slot, other) = prepared_distance(coordinates_of(slot), coordinates_of(other), options.metric);
    }
    unmeasured = 0;
  }
  [[nodiscard]] std::span<double> coordinates_of(std::size_t slot) {
    return std::span(coordinates).subspan(slot * dimension, dimension);
  }

  void replace() {
    measure();
    engine->replace(newest_slot());
    const LinkEngine::Effort effort = engine->effort();
    slide_effort += effort.slide;
    if (slide_effort > effort.scratch + credit) stop_sliding();
  }
  void stop_sliding() {
    sliding = false;
    until_next_try = patience;
    patience = std::min(2 * patience, kLastPatience);
  }

  bool compute() {
    clear_diagram();
    diagram.approximation.reset();
    if (sliding ? slide() : may_slide() && until_next_try == 0 && start()) {
      ordered = 0;
      return true;
    }
    until_next_try -= std::min<std::size_t>(until_next_try, 1);
    if (may_slide()) return engines.compute(lower, size, edges_in_order(), limits(), diagram);
    return engines.compute({lower.data(), size * (size - 1) / 2}, size, limits(), diagram);
  }
  /// Of a full window, by what is known of the last one where that pays: windows that slide need no order of edges.
  std::span<const EdgeEnds> edges_in_order() {
    const double longest = std::min(order.enclosing_ball(lower, size).radius, options.rips.max_edge_length);
    ordered = entered == 1 ? ordered + 1 : 0;
    if (ordered < 2) return order.sort(lower, size, longest);
    if (ordered == 2) {
      sliding_order.start(lower, size, order);
    } else {
      sliding_order.replace(lower, newest_slot());
    }
    return sliding_order.edges(longest);
  }
  void clear_diagram() {
    for (std::vector<PersistencePair>& pairs : diagram.pairs) pairs.clear();
  }
  /// False when that would be too much work or memory; then from scratch there is the error, or an approximation.
  bool slide() {
    const double scratch_effort = engine->effort().scratch;
    credit += scratch_effort - std::exchange(slide_effort, 0.0);
    if (credit > kMostCredit * scratch_effort) {
      credit = kMostCredit * scratch_effort;
      patience = kFirstPatience;
    }
    return solve();
  }
  bool start() {
    if (!engine) engine = make_link_engine(size);
    const EnclosingBall ball = order.enclosing_ball(lower, size);
    const auto edges = order.sort(lower, size, std::min(ball.radius, options.rips.max_edge_length));
    sliding = engine->start({lower.data()}, size, edges, {.hub = ball.hub, .youngest = newest_slot()}, limits());
    if (!sliding) stop_sliding();
    slide_effort = 0.0;
    credit = kMostCredit * engine->effort().scratch;
    return sliding && solve();
  }
  bool solve() {
    const LinkEngine::ExactBelow exact_below = engine->solve(limits(), diagram.pairs);
    if (exact_below && std::isinf(*exact_below)) return true;
    stop_sliding();
    clear_diagram();
    return false;
  }
};

SlidingVietorisRips::SlidingVietorisRips(std::unique_ptr<State> state) : state_(std::move(state)) {}
SlidingVietorisRips::~SlidingVietorisRips() = default;
SlidingVietorisRips::SlidingVietorisRips(SlidingVietorisRips&&) noexcept = default;
SlidingVietorisRips& SlidingVietorisRips::operator=(SlidingVietorisRips&&) noexcept = default;

Result<SlidingVietorisRips> SlidingVietorisRips::make(const SlidingVietorisRipsOptions& options) {
  if (options.window < 1 || options.window > kMaxDiagramPoints) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("window is 1 to {} points, got {}", kMaxDiagramPoints, options.window));
  }
  const auto checked = check_rips_options(options.rips);
  if (!checked) return tl::unexpected(checked.error());
  auto state = std::make_unique<State>();
  state->options = options;
  state->lower.resize(options.window * (options.window - 1) / 2);
  state->diagram.pairs.resize(options.rips.max_dimension + 1);
  return SlidingVietorisRips(std::move(state));
}

void SlidingVietorisRips::clear() {
  State& state = *state_;
  state.known_by = State::Points::none;
  state.size = 0;
  state.next = 0;
  state.unmeasured = 0;
  state.current = false;
  state.sliding = false;
  state.ordered = 0;
}

std::size_t SlidingVietorisRips::size() const { return state_->size; }

std::span<const double> SlidingVietorisRips::distances() const {
  state_->measure();
  return std::span(state_->lower).first(state_->size * (state_->size - std::min<std::size_t>(state_->size, 1)) / 2);
}

Result<void> SlidingVietorisRips::push(std::span<const double> point) {
  State& state = *state_;
  if (state.known_by == State::Points::distances)
    return fail(ErrorCode::invalid_argument, "the points of this window are known by distances, not by coordinates");
  if (state.known_by == State::Points::coordinates && point.size() != state.dimension) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("a point of this window has {} coordinates, got {}", state.dimension, point.size()));
  }
  const auto bad = std::ranges::find_if_not(point, [](double value) { return std::isfinite(value); });
  if (bad != point.end()) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("coordinate {} of the point is {}; a coordinate is finite", bad - point.begin(), *bad));
  }
  if (state.known_by == State::Points::none) {
    state.known_by = State::Points::coordinates;
    state.dimension = point.size();
    state.coordinates.resize(state.options.window * point.size());
  }
  const std::span<double> slot = state.coordinates_of(state.next);
  std::ranges::copy(point, slot.begin());
  prepare_point(slot, state.options.metric);
  state.unmeasured = std::min(state.unmeasured + 1, state.options.window);
  state.enter();
  return {};
}

Result<void> SlidingVietorisRips::push_distances(std::span<const double> distances) {
  State& state = *state_;
  if (state.known_by == State::Points::coordinates)
    return fail(ErrorCode::invalid_argument, "the points of this window are known by coordinates, not by distances");
  if (distances.size() != state.staying()) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("the new point has a distance to each of the {} points that stay, got {}", state.staying(),
                            distances.size()));
  }
  const auto bad =
      std::ranges::find_if_not(distances, [](double value) { return std::isfinite(value) && value >= 0.0; });
  if (bad != distances.end()) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("distance {} is {}; a distance is finite and not negative", bad - distances.begin(), *bad));
  }
  state.known_by = State::Points::distances;
  for (std::size_t i = 0; i < distances.size(); ++i) state.distance(state.next, state.staying_slot(i)) = distances[i];
  state.enter();
  return {};
}

Result<const PersistenceDiagram*> SlidingVietorisRips::diagram() {
  State& state = *state_;
  if (state.current) return &state.diagram;
  state.measure();
  if (!state.fast()) {
    const auto end = state.lower.begin() + static_cast<std::ptrdiff_t>(state.size * (state.size - 1) / 2);
    auto computed =
        state.rips.compute(DistanceMatrix::trusted(state.size, {state.lower.begin(), end}), state.options.rips);
    if (!computed) return tl::unexpected(computed.error());
    state.diagram = *std::move(computed);
  } else {
    if (!state.compute()) return tl::unexpected(too_rich(state.size, state.options.rips));
    for (std::vector<PersistencePair>& pairs : state.diagram.pairs) std::ranges::sort(pairs);
  }
  state.current = true;
  state.entered = 0;
  return &state.diagram;
}

}  // namespace topoforge
