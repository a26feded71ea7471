#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "topoforge/core/diagram/edge_order.hpp"
#include "topoforge/core/diagram/link_trace.hpp"
#include "topoforge/core/diagram/persistence_diagram.hpp"

/// Purpose: exact H0, H1 and H2 of a Vietoris-Rips filtration, edge by edge, from scratch or by sliding one point.
/// Method: adding the edge e = (u, v) glues in its star, so that homology can change only through the link of e, the
/// clique complex on the common neighbours C of u and v at that moment.
///   C is empty       e joins two components or gives birth to an H1 class.
///   the link is a cone   nothing changes; its apex, a vertex of C next to all others, is kept: a discrete gradient.
///   otherwise        the link is strong-collapsed to its core. A component of the core beyond the first is a critical
///                    triangle; an edge of the core outside its spanning forest that is the longest of no triangle of
///                    the core is a critical tetrahedron.
/// See link_gradient-inl.hpp and link_algebra-inl.hpp, its two halves, which are compiled for each instruction set.
/// Memory: 14 bytes for each pair of points, 4 more for each of n x 64 ceil(n / 64) to slide, 2 for each vertex of a
/// collapsed link and the annotations; kept between calls. Internal to core/diagram. Thread safety: none.
namespace topoforge {

class LinkEngine {
 public:
  using Pairs = std::vector<std::vector<PersistencePair>>;
  static constexpr std::size_t kMaxPoints = 2048;
  static constexpr std::size_t kMaxDimension = 2;

  struct Limits {
    double max_edge_length;
    std::size_t max_dimension;  ///< 1 or 2
    std::size_t max_words;      ///< of 64 bits, for collapsed links and annotations
    /// Steps of work on links, and words of annotations, after which the filtration is cut.
    std::size_t max_cells = std::numeric_limits<std::size_t>::max();
  };
  /// The pairs are those of the edges shorter than this: infinite when that is all of them. None when more than
  /// max_words would be needed; pairs are then incomplete.
  using ExactBelow = std::optional<double>;

  virtual ~LinkEngine() = default;

  /// lengths: of n points, at least 1; edges: of the filtration in their total order. Appends to pairs[k], for each k
  /// up to max_dimension, the classes of H_k, unordered.
  virtual ExactBelow compute(EdgeLengths lengths, std::size_t n, std::span<const EdgeEnds> edges, const Limits& limits,
                             Pairs& pairs) = 0;
  /// After a compute() that succeeded, of its edges: how its pairs came about.
  virtual void trace(std::span<const EdgeEnds> edges, LinkTrace& trace) = 0;

  /// Vertices of a window from which it slides.
  struct SlideFrom {
    std::size_t hub = 0;       ///< has no edge beyond the enclosing radius
    std::size_t youngest = 0;  ///< entered last; slots take their turns in ascending order, so the next is the oldest
  };
  /// Makes ready to slide; the same for each solve() until the next start. edges are all that are no longer than the
  /// enclosing radius and max_edge_length. The lengths must live as long as the engine is used. False when that needs
  /// more than max_words or max_cells.
  virtual bool start(EdgeLengths lengths, std::size_t n, std::span<const EdgeEnds> edges, SlideFrom from,
                     const Limits& limits) = 0;
  /// The point `slot` was replaced: the lengths hold its new edges. After a start() that succeeded.
  virtual void replace(std::size_t slot) = 0;
  /// The classes of the window as it is now; as compute().
  virtual ExactBelow solve(const Limits& limits, Pairs& pairs) = 0;
  /// Estimates, in nanoseconds of one machine, of the last replace() and of a build from scratch; without solve(),
  /// which both need.
  struct Effort {
    double slide = 0.0;
    double scratch = 0.0;
  };
  /// After a start() that succeeded.
  [[nodiscard]] virtual Effort effort() const = 0;
};

/// For up to n <= kMaxPoints points, with the best instruction set of this machine.
std::unique_ptr<LinkEngine> make_link_engine(std::size_t n);

}  // namespace topoforge
