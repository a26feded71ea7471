#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include "topoforge/base/result.hpp"
#include "topoforge/core/cloud/distance_matrix.hpp"
#include "topoforge/core/cloud/point_cloud.hpp"
#include "topoforge/core/diagram/representatives.hpp"
#include "topoforge/core/diagram/vietoris_rips.hpp"

/// Purpose: the diagrams of a stream of windows on several threads, one engine each. The diagrams come in the order of
/// the windows and are the same at any number of threads.
/// Memory: the engines, and kWindowsPerThread windows for each. Thread safety: calls are independent of each other.
namespace topoforge {

inline constexpr std::size_t kMaxBatchThreads = 256;
/// Windows that are read and not yet taken: one that is computed and one that waits, so that no thread idles.
inline constexpr std::size_t kWindowsPerThread = 2;

struct DiagramBatchOptions {
  std::size_t threads = 0;  ///< 0: one a processor; at most kMaxBatchThreads. One computes on the caller's thread
  Metric metric = Metric::euclidean;
  VietorisRipsOptions rips;
  /// With a number, which may be 0, diagrams are represented, see VietorisRips::represent().
  std::optional<std::size_t> most_loops = std::nullopt;
};

/// The next window; nothing at the end.
using NextWindow = std::function<Result<std::optional<PointCloud>>()>;
/// Of window 0, 1, 2, ...; without simplices and loops if they were not asked for.
using TakeDiagram = std::function<Result<void>(std::size_t window, const RepresentedDiagram& diagram)>;

/// Calls next and take on the caller's thread. Returns the number of windows.
/// Errors: invalid_argument for an option outside its range; the engine's, beginning with "window 7: "; those of next
/// and take. The first in the order of the windows ends the batch, after the diagrams of the windows before it were
/// taken. What next or take throw passes through. O(windows), divided by the threads.
Result<std::size_t> compute_diagrams(const NextWindow& next, const TakeDiagram& take,
                                     const DiagramBatchOptions& options = {});

}  // namespace topoforge
