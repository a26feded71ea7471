#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "topoforge/base/result.hpp"
#include "topoforge/core/event/event.hpp"

/// Purpose: what the readers of a file of events (CSV, NDJSON) have in common. They read lines from a function, so that
/// the text may come from anywhere. Thread safety: one owner at a time.
namespace topoforge {

/// The next line without its end, or nothing at the end of the text; the text is valid until the next call.
using NextLine = std::function<Result<std::optional<std::string_view>>()>;

/// What becomes of a cell that should be a number and is text, NaN, infinite or too large.
enum class InvalidValues {
  error,    ///< reading ends with an error
  missing,  ///< it is as if the cell were empty
};

struct InputRow {
  Event event;
  std::string timestamp;  ///< as it stands in the file; empty: none
  std::size_t line = 0;   ///< on which the row begins, from 1
};

/// A count and the line where it began to rise.
struct LineCount {
  std::size_t count = 0;
  std::size_t first_line = 0;

  void add(std::size_t line) {
    if (count++ == 0) first_line = line;
  }
};

/// What was read so far and how it was taken.
struct InputSummary {
  std::size_t rows = 0;
  std::vector<std::string> channels;
  std::string timestamp_column;  ///< empty: none
  LineCount missing_values;      ///< empty cells, carried forward
  LineCount invalid_values;      ///< taken as missing under InvalidValues::missing
  LineCount missing_timestamps;  ///< rows without one where others have one
  LineCount out_of_order;        ///< rows earlier than the row before
  LineCount repeated_timestamps;
  LineCount blank_lines;
  std::vector<std::string> notes;  ///< choices that the reader made, one sentence each
};

class EventReader {
 public:
  virtual ~EventReader() = default;
  /// The next row, valid until the next call, or nullptr at the end. Errors begin with "NAME:LINE: " (or "NAME: " where
  /// no line is to blame): invalid_data, limit_exceeded, and those of the lines. After an error the reader is spent.
  virtual Result<const InputRow*> next() = 0;
  [[nodiscard]] virtual const InputSummary& summary() const = 0;
};

}  // namespace topoforge
