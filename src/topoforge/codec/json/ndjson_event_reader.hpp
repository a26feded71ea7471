#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "topoforge/codec/text/event_reader.hpp"

/// Purpose: one JSON event a line (https://github.com/ndjson/ndjson-spec); event_json.hpp says what an event is.
/// Thread safety: one owner at a time.
///
/// Blank lines are skipped and counted. An event of a stream may lack channels of the stream's first one (a missing
/// value, which the pipeline carries forward) and must not bring new ones, which the pipeline refuses.
namespace topoforge {

class NdjsonEventReader final : public EventReader {
 public:
  /// name: of the file, for messages. default_source: of events that name none.
  NdjsonEventReader(std::string name, NextLine next_line, std::string default_source);

  Result<const InputRow*> next() override;
  [[nodiscard]] const InputSummary& summary() const override { return summary_; }

 private:
  Result<const InputRow*> convert(std::string_view text);
  void count_order();

  std::string name_;
  NextLine next_line_;
  std::string default_source_;
  std::size_t line_ = 0;
  std::optional<Timestamp> previous_;
  InputRow row_;
  InputSummary summary_;
};

}  // namespace topoforge
