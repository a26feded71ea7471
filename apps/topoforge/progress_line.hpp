#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

/// Purpose: a line on standard error that shows how far a command has come, drawn over and over, wiped at the end.
/// For a terminal alone: whoever makes it looks whether there is one. Thread safety: one owner at a time.
namespace topoforge {

/// Of what is read; nothing where the size is not known.
std::optional<double> share_read(std::uint64_t position_bytes, std::optional<std::uint64_t> size_bytes);

class ProgressLine {
 public:
  enum class Shown { no, yes };
  explicit ProgressLine(Shown shown);
  /// Wipes the line.
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Whether it is shown and the last drawing, or the beginning, is a while ago: a short run draws nothing.
  [[nodiscard]] bool due() const;
  /// share: from 0 to 1, as a bar; without one the words stand alone.
  void draw(std::optional<double> share, std::string_view words);
  void wipe();

  [[nodiscard]] bool shown() const { return shown_ == Shown::yes; }
  [[nodiscard]] double seconds() const;  ///< since it was made

 private:
  using Clock = std::chrono::steady_clock;
  Shown shown_;
  bool drawn_ = false;
  Clock::time_point began_;
  Clock::time_point last_;
};

/// Work that does not say how far it has come: its name, and the seconds since it began, drawn by a thread of its own.
/// Nothing else may use the line while it lives.
class TimedStage {
 public:
  TimedStage(ProgressLine& line, std::string words);
  /// Wipes the line.
  ~TimedStage();
  TimedStage(const TimedStage&) = delete;
  TimedStage& operator=(const TimedStage&) = delete;

 private:
  void run();

  ProgressLine& line_;
  std::string words_;
  std::mutex mutex_;  // guards over_
  bool over_ = false;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace topoforge
