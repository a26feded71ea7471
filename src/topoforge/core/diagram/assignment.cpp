#include "topoforge/core/diagram/assignment.hpp"

#include <algorithm>
#include <limits>

namespace topoforge {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

void Assignment::start(std::size_t columns) {
  edges_.clear();
  row_ends_.clear();
  alone_.clear();
  column_potential_.assign(columns, 0.0);
  owner_.assign(columns, kNone);
  slack_.assign(columns, kInfinity);
  from_.resize(columns);
  is_visited_.assign(columns, 0);
}

std::span<const std::size_t> Assignment::solve() {
  row_potential_.assign(alone_.size(), 0.0);
  for (std::size_t row = 0; row < alone_.size(); ++row) assign(row);
  return owner_;
}

/// The paths that go on from a row.
void Assignment::relax(std::size_t row, double reached, std::size_t last_column) {
  const double so_far = reached - row_potential_[row];
  for (const Edge& edge : edges_of(row)) {
    const std::size_t column = edge.column;
    const double length = so_far + edge.cost - column_potential_[column];
    if (length >= bound_ || length >= slack_[column] || is_visited_[column] != 0) continue;
    if (slack_[column] == kInfinity) open_.push_back(column);
    slack_[column] = length;
    from_[column] = last_column;
    if (owner_[column] == kNone) bound_ = length;
  }
}

/// The open column with the shortest path, no longer open; kNone if none is of use.
std::size_t Assignment::take_nearest() {
  std::size_t nearest = kNone;
  double least = bound_;
  for (std::size_t k = 0; k < open_.size(); ++k) {
    const double length = slack_[open_[k]];
    if (length < least || (length == least && owner_[open_[k]] == kNone)) {
      least = length;
      nearest = k;
    }
  }
  if (nearest == kNone) return kNone;
  const std::size_t column = open_[nearest];
  visited_.push_back(column);
  is_visited_[column] = 1;
  open_[nearest] = open_.back();
  open_.pop_back();
  return column;
}

void Assignment::assign(std::size_t start) {
  double reached = 0.0;         // length of the shortest path to `row`
  double best_end = kInfinity;  // length of the shortest path that ends with a row matched to nothing
  std::size_t last_column = kNone;
  std::size_t end_column = kNone;  // the column at which the path ends; kNone: the start itself takes nothing
  bound_ = kInfinity;
  open_.clear();
  visited_.clear();
  for (std::size_t row = start;;) {
    if (const double end = reached + alone_[row] - row_potential_[row]; end < best_end) {
      best_end = end;
      bound_ = std::min(bound_, end);
      end_column = last_column;
    }
    relax(row, reached, last_column);
    const std::size_t nearest = take_nearest();
    if (nearest == kNone) {
      reached = best_end;
      break;
    }
    reached = slack_[nearest];
    last_column = nearest;
    if (owner_[nearest] == kNone) {
      end_column = nearest;
      break;
    }
    row = owner_[nearest];
  }

  row_potential_[start] += reached;
  for (const std::size_t column : visited_) {
    const double change = reached - slack_[column];
    if (owner_[column] != kNone) row_potential_[owner_[column]] += change;
    column_potential_[column] -= change;
    slack_[column] = kInfinity;
    is_visited_[column] = 0;
  }
  for (const std::size_t column : open_) slack_[column] = kInfinity;
  // Along the path each column passes to the row before it.
  for (std::size_t column = end_column; column != kNone;) {
    const std::size_t before = from_[column];
    owner_[column] = before == kNone ? start : owner_[before];
    column = before;
  }
}

}  // namespace topoforge
