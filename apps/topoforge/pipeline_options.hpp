#pragma once

#include <CLI/CLI.hpp>

#include "topoforge/core/pipeline/pipeline.hpp"

/// Purpose: the options of the analysis, as every command that gives verdicts has them. Thread safety: one owner.
namespace topoforge {

/// Takes digits alone: CLI11 2.1 reads "-1" as the greatest unsigned number.
CLI::Validator whole_number();

/// --window, --stride, --max-dimension, --threshold and --seed. options must live as long as the command.
void add_pipeline_options(CLI::App& command, PipelineOptions& options);

}  // namespace topoforge
