#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

/// Purpose: the cheapest assignment of rows to columns. Reused, so that its memory is asked for once.
/// Source: Jonker and Volgenant, "A shortest augmenting path algorithm for dense and sparse linear assignment
/// problems" (1987). Thread safety: one owner at a time.
namespace topoforge {

/// A row that is matched to nothing is reached by no path, so that "nothing" needs no column.
class Assignment {
 public:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  /// Forgets the rows of before. columns: at most 2^32 - 1.
  void start(std::size_t columns);

  /// Adds to the row that is being described a column that it may take; an edge that is not added is not allowed.
  void add_edge(std::size_t column, double cost) { edges_.push_back({cost, static_cast<std::uint32_t>(column)}); }
  /// Ends this row. alone: what it costs if it takes no column.
  void end_row(double alone) {
    row_ends_.push_back(edges_.size());
    alone_.push_back(alone);
  }

  /// The row of each column, or kNone, such that the sum of all costs is least: O(rows * edges) time.
  std::span<const std::size_t> solve();

 private:
  struct Edge {
    double cost;
    std::uint32_t column;
  };

  [[nodiscard]] std::span<const Edge> edges_of(std::size_t row) const {
    const std::size_t begin = row == 0 ? 0 : row_ends_[row - 1];
    return {edges_.data() + begin, edges_.data() + row_ends_[row]};
  }
  void assign(std::size_t start);
  void relax(std::size_t row, double reached, std::size_t last_column);
  std::size_t take_nearest();

  std::vector<Edge> edges_;
  std::vector<std::size_t> row_ends_;
  std::vector<double> alone_;
  std::vector<double> row_potential_;
  std::vector<double> column_potential_;
  std::vector<std::size_t> owner_;

  double bound_ = 0.0;             ///< the shortest complete path that is known: nothing longer is of use
  std::vector<double> slack_;      ///< length of the shortest path to each column; +inf for one that is not met
  std::vector<std::size_t> from_;  ///< the column before on this path, kNone for the start
  std::vector<std::size_t> open_;  ///< columns that are met and not visited
  std::vector<std::size_t> visited_;
  std::vector<char> is_visited_;
};

}  // namespace topoforge
