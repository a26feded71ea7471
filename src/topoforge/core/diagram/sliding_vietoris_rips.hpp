#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "topoforge/base/result.hpp"
#include "topoforge/core/cloud/distance_matrix.hpp"
#include "topoforge/core/diagram/persistence_diagram.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"

/// Purpose: exact persistent homology over Z/2 of the last points of a stream, kept up to date point by point.
/// Method: when the oldest point leaves and a new one enters, what is known of each edge is checked by one comparison,
/// and only the few edges that fail are looked at again; see link_gradient-inl.hpp. The diagram equals that of
/// VietorisRips on the same points. Where sliding does not pay - while the window grows, when many points enter between
/// two diagrams, where the topology of the window is too rich, in degrees 0 and 3 - the window is computed from
/// scratch. Memory: about 25 n^2 bytes for windows of n points, 18 n^2 more where sliding does not pay, and what the
/// topology of the data asks for. In the steady state of a stream nothing is allocated. Time: O(n^2) comparisons for
/// each point, up to 16 at once, and sets of n bits for the edges that are looked at again.
namespace topoforge {

struct SlidingVietorisRipsOptions {
  std::size_t window = 50;  ///< points, 1 to kMaxDiagramPoints
  Metric metric = Metric::euclidean;
  VietorisRipsOptions rips;
};

/// Not safe from two threads at once; any number may live side by side.
class SlidingVietorisRips {
 public:
  /// Errors: invalid_argument for an option outside its range.
  static Result<SlidingVietorisRips> make(const SlidingVietorisRipsOptions& options);
  ~SlidingVietorisRips();
  SlidingVietorisRips(SlidingVietorisRips&&) noexcept;
  SlidingVietorisRips& operator=(SlidingVietorisRips&&) noexcept;

  /// The point enters; of a full window the oldest point leaves. invalid_argument, and nothing changes, for a
  /// coordinate that is not finite or a number of coordinates that is not that of the first point.
  Result<void> push(std::span<const double> point);
  /// The same for a point that is known by its distances to the points of the window that stay, oldest first: size() of
  /// them, or window - 1 when the window is full. invalid_argument for another number of them, one that is negative or
  /// not finite, or after a push(), which would not know its distances.
  Result<void> push_distances(std::span<const double> distances);

  /// All points leave, and those that come may be known in the other way. Work memory stays, and what was learned of
  /// whether sliding pays.
  void clear();

  [[nodiscard]] std::size_t size() const;  ///< points in the window
  /// Between them, each pair once, in no order; good until the next call that is not const.
  [[nodiscard]] std::span<const double> distances() const;

  /// Of the points in the window; no points give an empty diagram. Never null, and good until the next call that is not
  /// const. Errors: limit_exceeded for more than max_stored_simplices; further points may be pushed then.
  Result<const PersistenceDiagram*> diagram();

 private:
  struct State;
  explicit SlidingVietorisRips(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace topoforge
