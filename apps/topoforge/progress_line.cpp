#include "topoforge/progress_line.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include <fmt/format.h>

namespace topoforge {
namespace {

constexpr std::chrono::milliseconds kBetweenDraws{200};
constexpr std::size_t kBarCells = 24;
constexpr const char* kWipe = "\r\x1b[K";

}  // namespace

std::optional<double> share_read(std::uint64_t position_bytes, std::optional<std::uint64_t> size_bytes) {
  if (!size_bytes || *size_bytes == 0) return std::nullopt;
  return std::min(1.0, static_cast<double>(position_bytes) / static_cast<double>(*size_bytes));
}

ProgressLine::ProgressLine(Shown shown) : shown_(shown), began_(Clock::now()), last_(began_) {}

ProgressLine::~ProgressLine() { wipe(); }

bool ProgressLine::due() const { return shown() && Clock::now() - last_ >= kBetweenDraws; }

double ProgressLine::seconds() const { return std::chrono::duration<double>(Clock::now() - began_).count(); }

void ProgressLine::draw(std::optional<double> share, std::string_view words) {
  if (!shown()) return;
  std::string bar;
  if (share) {
    const auto full = static_cast<std::size_t>(*share * kBarCells);
    bar = fmt::format("[{}{}] {:3.0f} %  ", std::string(full, '#'), std::string(kBarCells - full, '.'), 100.0 * *share);
  }
  fmt::print(stderr, "{}{}{}", kWipe, bar, words);
  std::fflush(stderr);
  drawn_ = true;
  last_ = Clock::now();
}

void ProgressLine::wipe() {
  if (std::exchange(drawn_, false)) fmt::print(stderr, "{}", kWipe);
}

TimedStage::TimedStage(ProgressLine& line, std::string words) : line_(line), words_(std::move(words)) {
  if (line_.shown()) thread_ = std::thread([this] { run(); });
}

TimedStage::~TimedStage() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  line_.wipe();
}

void TimedStage::run() {
  const auto began = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kBetweenDraws, [this] { return over_; })) {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - began;
    line_.draw({}, fmt::format("{}, {:.0f} s", words_, passed.count()));
  }
}

}  // namespace topoforge
