#include "topoforge/core/pipeline/data_processor.hpp"

#include <utility>

#include <fmt/format.h>

namespace topoforge {

Result<void> DataProcessor::ingest(const Event& event) {
  Result<PushOutcome> outcome = pipeline_.push(event);
  if (!outcome) return tl::unexpected(std::move(outcome.error()));
  if (outcome->analysis) newest_ = std::move(outcome->analysis);
  return {};
}

Result<Analysis> DataProcessor::process_window() const {
  if (newest_) return *newest_;
  return fail(ErrorCode::unavailable, fmt::format("the first window is filling: {} of {} events", pipeline_.buffered(),
                                                  pipeline_.options().window));
}

}  // namespace topoforge
