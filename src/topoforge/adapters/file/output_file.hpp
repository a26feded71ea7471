#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "topoforge/base/result.hpp"

/// Purpose: text to a file that is there whole or not at all, or to standard output.
/// A regular file is written beside its place and moved there by commit(); what stood there stays until then, and an
/// OutputFile that is destroyed without commit() leaves nothing. A device or pipe is written as it comes.
/// Thread safety: one owner at a time.
namespace topoforge {

class OutputFile {
 public:
  /// path "-" is standard output. Errors: io.
  static Result<OutputFile> create(const std::string& path);
  ~OutputFile();
  OutputFile(OutputFile&&) noexcept;
  OutputFile& operator=(OutputFile&&) noexcept;

  /// Errors of all three: io, naming the file. SIGPIPE must be ignored.
  Result<void> write(std::string_view text);
  /// Hands what is written so far to the system.
  Result<void> flush();
  /// The end: the file is on the disk, at its place.
  Result<void> commit();

  /// The reader of the pipe has closed it, as `head` does: no failure of ours.
  [[nodiscard]] bool reader_gone() const;
  [[nodiscard]] bool is_terminal() const;

 private:
  struct State;
  explicit OutputFile(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace topoforge
