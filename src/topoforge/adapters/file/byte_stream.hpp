#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "topoforge/base/result.hpp"

/// Purpose: the bytes of a file or of standard input, decompressed when they begin as gzip data.
/// Thread safety: one owner at a time.
namespace topoforge {

class ByteStream {
 public:
  /// path "-" is standard input. Errors: not_found, io.
  static Result<ByteStream> open(const std::string& path);
  ~ByteStream();
  ByteStream(ByteStream&&) noexcept;
  ByteStream& operator=(ByteStream&&) noexcept;

  /// Fills the front of `buffer` (not empty); 0 is the end. Errors: io, invalid_data for damaged gzip data.
  Result<std::size_t> read(std::span<char> buffer);

  /// Bytes of the file that were used for what read() gave.
  [[nodiscard]] std::uint64_t position_bytes() const;
  [[nodiscard]] bool is_compressed() const;
  [[nodiscard]] std::optional<std::uint64_t> size_bytes() const;

 private:
  struct State;
  explicit ByteStream(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace topoforge
