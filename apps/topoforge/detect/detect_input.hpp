#pragma once

#include <memory>

#include "topoforge/adapters/file/line_reader.hpp"
#include "topoforge/base/result.hpp"
#include "topoforge/codec/text/event_reader.hpp"
#include "topoforge/detect/detect_options.hpp"

/// Purpose: the file that detect reads and the reader of its format. Thread safety: one owner at a time.
namespace topoforge {

struct DetectInput {
  std::unique_ptr<LineReader> lines;
  std::unique_ptr<EventReader> events;  ///< reads `lines`
};

/// The format is the one asked for; else the name tells (.csv, .tsv, .txt, .ndjson, .jsonl, each with .gz); else the
/// first line: one that begins with '{' is NDJSON. Errors: those of LineReader;
/// invalid_argument for an option of columns with NDJSON.
Result<DetectInput> open_input(const DetectOptions& options);

/// The name of the file without folder and endings, or "stdin": the source of events that name none.
std::string default_source(const std::string& path);

}  // namespace topoforge
