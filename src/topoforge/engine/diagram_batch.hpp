#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include "topoforge/base/result.hpp"
#include "topoforge/core/cloud/distance_matrix.hpp"
#include "topoforge/core/diagram/representatives.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"
#include "topoforge/engine/window_runs.hpp"

/// Purpose: the diagrams of the windows of a stream on several threads, one engine each. They come in the order of the
/// windows and are those of each window from scratch, at any number of threads.
/// Method: windows that share three quarters of their points or more slide: a thread takes a run of windows that follow
/// each other, pushes the points that each one adds and reads its diagram; see sliding_vietoris_rips.hpp. With a budget
/// or with loops, and where windows share less, each is computed from scratch.
/// Memory: the engines, and kRunsPerThread runs and their diagrams for each; a run is of at most kMostWindowsInRun
/// windows. Thread safety: calls are independent of each other.
namespace topoforge {

inline constexpr std::size_t kMaxBatchThreads = 256;
/// Runs that are read and not yet taken: one that is computed and one that waits, so that no thread idles.
inline constexpr std::size_t kRunsPerThread = 2;
inline constexpr std::size_t kMostWindowsInRun = 128;

struct DiagramBatchOptions {
  std::size_t window = 50;  ///< points, 1 to kMaxDiagramPoints
  std::size_t stride = 1;   ///< points from the start of a window to the start of the next, at least 1
  std::size_t threads = 0;  ///< 0: one a processor; at most kMaxBatchThreads. One computes on the caller's thread
  Metric metric = Metric::euclidean;
  VietorisRipsOptions rips;
  /// With a number, which may be 0, diagrams are represented, see VietorisRips::represent().
  std::optional<std::size_t> most_loops = std::nullopt;
};

/// Of window 0, 1, 2, ...; without simplices and loops if they were not asked for.
using TakeDiagram = std::function<Result<void>(std::size_t window, const RepresentedDiagram& diagram)>;

/// Calls next and take on the caller's thread; of one thread, each diagram is taken before a point beyond its window is
/// asked for. Returns the number of windows.
/// Errors: invalid_argument for an option outside its range; the engine's, beginning with "window 7: "; those of
/// WindowRunReader, which are those of next among others, and of take. The first in the order of the windows ends the
/// batch, after the diagrams of the windows before it were taken. A window near max_stored_simplices may need less
/// memory when it slides: there alone it depends on the number of threads whether it is refused. What next or take
/// throw passes through.
Result<std::size_t> compute_diagrams(const NextPoint& next, const TakeDiagram& take,
                                     const DiagramBatchOptions& options = {});

}  // namespace topoforge
