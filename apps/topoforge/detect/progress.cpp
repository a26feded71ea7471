#include "topoforge/detect/progress.hpp"

#include <fmt/format.h>

#include "topoforge/detect/figures.hpp"

namespace topoforge {

Result<void> Progress::take(const JudgedRow& row) {
  if (!line_.due()) return {};
  const std::uint64_t rows = row.row + 1;
  line_.draw(share_read(lines_.position_bytes(), lines_.size_bytes()),
             fmt::format("{} rows, {} rows/s", with_commas(rows),
                         with_commas(static_cast<std::uint64_t>(static_cast<double>(rows) / line_.seconds()))));
  return {};
}

Result<void> Progress::finish(const RunSummary&) {
  line_.wipe();
  return {};
}

}  // namespace topoforge
