#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "topoforge/base/result.hpp"

/// Purpose: the lines of a text file, a gzip file (told by its first bytes; several members are one text) or standard
/// input, one at a time, in memory bounded by the longest line. Source of the format: RFC 1952.
/// Thread safety: one owner at a time.
namespace topoforge {

inline constexpr std::size_t kMaxLineBytes = 8 << 20;

class LineReader {
 public:
  /// path "-" is standard input. Errors: not_found, io.
  static Result<LineReader> open(const std::string& path);
  ~LineReader();
  LineReader(LineReader&&) noexcept;
  LineReader& operator=(LineReader&&) noexcept;

  /// The next line without its end (LF or CRLF) and, for the first, without a byte order mark; nothing at the end of
  /// the text. Valid until the next call. Errors begin with "NAME:LINE: ": invalid_data for a NUL byte, UTF-16 and
  /// damaged or truncated gzip data, limit_exceeded for a line above kMaxLineBytes, io. After an error: nothing more.
  Result<std::optional<std::string_view>> next();

  /// As messages name it: the path, or "standard input".
  [[nodiscard]] const std::string& name() const;
  /// Bytes of the file, before decompression, up to the line given out last; of a gzip file up to 16 KiB of text more.
  [[nodiscard]] std::uint64_t position_bytes() const;
  /// Size of the file; nothing for what has none, such as a pipe.
  [[nodiscard]] std::optional<std::uint64_t> size_bytes() const;
  /// False for what may bring its lines slowly: a pipe or a terminal.
  [[nodiscard]] bool regular_file() const;

 private:
  struct State;
  explicit LineReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace topoforge
