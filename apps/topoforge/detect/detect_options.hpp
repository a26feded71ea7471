#pragma once

#include <string>

#include "topoforge/codec/csv/csv_schema.hpp"
#include "topoforge/core/pipeline/pipeline.hpp"

/// Purpose: what the user asked of `topoforge detect`. Thread safety: values.
namespace topoforge {

enum class InputFormat { by_name_or_content, csv, ndjson };
enum class ResultFormat { table, csv, ndjson, json };

struct DetectOptions {
  std::string input;  ///< a path, or "-"
  InputFormat input_format = InputFormat::by_name_or_content;
  CsvOptions csv;
  PipelineOptions pipeline;
  ResultFormat format = ResultFormat::table;
  std::string output = "-";
  std::string report;  ///< HTML page to write; empty: none
  bool quiet = false;  ///< no progress and no summary on standard error
};

}  // namespace topoforge
