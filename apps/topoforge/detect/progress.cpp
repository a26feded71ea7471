#include "topoforge/detect/progress.hpp"

#include <algorithm>
#include <cstdio>
#include <string>

#include <fmt/format.h>

#include "topoforge/detect/figures.hpp"

namespace topoforge {
namespace {

constexpr std::chrono::milliseconds kBetweenDraws{200};
constexpr std::size_t kBarCells = 24;
constexpr const char* kWipe = "\r\x1b[K";

}  // namespace

Progress::Progress(const LineReader& lines) : lines_(lines), began_(Clock::now()), drawn_(began_) {}

Progress::~Progress() { wipe(); }

void Progress::wipe() {
  if (shown_) fmt::print(stderr, "{}", kWipe);
  shown_ = false;
}

Result<void> Progress::take(const JudgedRow& row) {
  if (const auto now = Clock::now(); now - drawn_ >= kBetweenDraws) draw(row.row + 1, now);
  return {};
}

Result<void> Progress::finish(const RunSummary&) {
  wipe();
  return {};
}

void Progress::draw(std::uint64_t rows, Clock::time_point now) {
  drawn_ = now;
  shown_ = true;
  const double seconds = std::chrono::duration<double>(now - began_).count();
  std::string bar;
  if (const auto size = lines_.size_bytes(); size && *size > 0) {
    const double share = std::min(1.0, static_cast<double>(lines_.position_bytes()) / static_cast<double>(*size));
    const auto full = static_cast<std::size_t>(share * kBarCells);
    bar = fmt::format("[{}{}] {:3.0f} %  ", std::string(full, '#'), std::string(kBarCells - full, '.'), 100.0 * share);
  }
  fmt::print(stderr, "{}{}{} rows, {} rows/s", kWipe, bar, with_commas(rows),
             with_commas(static_cast<std::uint64_t>(static_cast<double>(rows) / seconds)));
  std::fflush(stderr);
}

}  // namespace topoforge
