#include "topoforge/codec/csv/csv_schema.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "topoforge/codec/csv/time_column.hpp"
#include "topoforge/codec/text/number.hpp"
#include "topoforge/codec/text/quote.hpp"

namespace topoforge {
namespace {

constexpr std::size_t kMaxListedColumns = 40;

std::string lowered(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string list_of(std::span<const std::string> names) {
  std::vector<std::string> shown;
  for (const std::string& name : names.first(std::min(names.size(), kMaxListedColumns))) {
    shown.push_back(quote_text(name));
  }
  const std::string more =
      names.size() > kMaxListedColumns ? fmt::format(" and {} more", names.size() - kMaxListedColumns) : std::string();
  return fmt::format("{}{}", fmt::join(shown, ", "), more);
}

Result<void> check_names(std::span<const std::string> names) {
  std::unordered_map<std::string_view, std::size_t> seen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string& name = names[i];
    if (valid_utf8_prefix(name) != name.size()) {
      return fail(ErrorCode::invalid_data,
                  fmt::format("the name of column {}, {}, is no UTF-8; wanted a UTF-8 file", i + 1, quote_text(name)));
    }
    if (name.size() > kMaxNameBytes) {
      return fail(ErrorCode::limit_exceeded, fmt::format("the name of column {}, {}, is {} bytes long; at most {} are "
                                                         "allowed",
                                                         i + 1, quote_text(name), name.size(), kMaxNameBytes));
    }
    if (const auto [at, added] = seen.emplace(name, i); !added) {
      return fail(ErrorCode::invalid_data, fmt::format("the name {} stands twice in the header, in columns {} and {}; "
                                                       "wanted names that differ",
                                                       quote_text(name), at->second + 1, i + 1));
    }
  }
  return {};
}

/// What the first cell of a column that is not missing shows.
enum class Kind { number, time, text, empty };

/// One run of choose_columns.
class Chooser {
 public:
  Chooser(std::vector<std::string> columns, std::span<const CsvRecord> samples, const CsvOptions& options)
      : options_(options), samples_(samples) {
    schema_.columns = std::move(columns);
  }

  Result<CsvSchema> choose(bool unnamed_first) {
    if (const auto done = choose_timestamp(unnamed_first); !done) return tl::unexpected(done.error());
    if (const auto done = options_.channels.empty() ? find_channels() : name_channels(); !done) {
      return tl::unexpected(done.error());
    }
    if (left_out_ > kMaxListedColumns) {
      schema_.notes.push_back(fmt::format("{} more columns are left out alike", left_out_ - kMaxListedColumns));
    }
    if (schema_.channels.size() > kMaxChannels) {
      return fail(ErrorCode::limit_exceeded, fmt::format("{} channels; at most {} are allowed (choose some by option)",
                                                         schema_.channels.size(), kMaxChannels));
    }
    return std::move(schema_);
  }

 private:
  [[nodiscard]] std::string_view first_cell(std::size_t column) const {
    for (const CsvRecord& record : samples_) {
      if (!is_missing_cell(record[column], options_.invalid_values)) return trimmed(record[column]);
    }
    return {};
  }

  [[nodiscard]] Kind kind(std::size_t column) const {
    const std::string_view cell = first_cell(column);
    if (cell.empty()) return Kind::empty;
    if (parse_number(cell) || is_broken_number(cell) || looks_too_large(cell)) return Kind::number;
    return is_iso_timestamp(cell) ? Kind::time : Kind::text;
  }

  /// "1e400": meant as a number, so the reader is to refuse it.
  static bool looks_too_large(std::string_view cell) {
    return cell.find_first_of("0123456789") != std::string_view::npos &&
           cell.find_first_not_of("0123456789+-.eE") == std::string_view::npos && !is_date_like(cell);
  }
  static bool is_date_like(std::string_view cell) { return std::count(cell.begin(), cell.end(), '-') > 1; }

  Result<std::size_t> find(std::string_view name) const {
    const auto at = std::find(schema_.columns.begin(), schema_.columns.end(), name);
    if (at == schema_.columns.end()) {
      return fail(ErrorCode::not_found,
                  fmt::format("there is no column {}; the columns are {}", quote_text(name), list_of(schema_.columns)));
    }
    return static_cast<std::size_t>(at - schema_.columns.begin());
  }

  Result<void> choose_timestamp(bool unnamed_first) {
    if (options_.timestamp_column == kNoColumn) return {};
    if (!options_.timestamp_column.empty()) {
      const auto column = find(options_.timestamp_column);
      if (!column) return tl::unexpected(column.error());
      schema_.timestamp = *column;
      return {};
    }
    for (std::size_t i = 0; i < schema_.columns.size() && !schema_.timestamp; ++i) {
      if (is_timestamp_name(schema_.columns[i]) && !is_channel_by_option(i)) schema_.timestamp = i;
    }
    if (schema_.timestamp || is_channel_by_option(0)) return {};
    if (kind(0) == Kind::time || (unnamed_first && schema_.columns.size() > 1)) schema_.timestamp = 0;
    return {};
  }

  [[nodiscard]] bool is_channel_by_option(std::size_t column) const {
    const auto& named = options_.channels;
    return std::find(named.begin(), named.end(), schema_.columns[column]) != named.end();
  }

  Result<void> name_channels() {
    for (const std::string& name : options_.channels) {
      const auto column = find(name);
      if (!column) return tl::unexpected(column.error());
      if (std::find(schema_.channels.begin(), schema_.channels.end(), *column) != schema_.channels.end()) {
        return fail(ErrorCode::invalid_argument, fmt::format("the channel {} is asked for twice", quote_text(name)));
      }
      schema_.channels.push_back(*column);
    }
    if (options_.label_column.empty()) return {};
    const auto label = find(options_.label_column);
    if (!label) return tl::unexpected(label.error());
    return {};
  }

  Result<void> find_channels() {
    std::optional<std::size_t> label;
    if (!options_.label_column.empty()) {
      const auto column = find(options_.label_column);
      if (!column) return tl::unexpected(column.error());
      label = *column;
    }
    for (std::size_t i = 0; i < schema_.columns.size(); ++i) {
      if (schema_.timestamp == i || label == i) continue;
      consider(i, !label);
    }
    if (!schema_.channels.empty()) return {};
    return fail(ErrorCode::invalid_data, fmt::format("no column of numbers is left for a channel; the columns are {}",
                                                     list_of(schema_.columns)));
  }

  void consider(std::size_t column, bool labels_by_name) {
    const std::string name = quote_text(schema_.columns[column]);
    if (labels_by_name && is_label_name(schema_.columns[column])) {
      note("column {} is left out: by its name it is a label", name);
      return;
    }
    switch (kind(column)) {
      case Kind::number: schema_.channels.push_back(column); return;
      case Kind::time: note("column {} is left out: it shows times", name); return;
      case Kind::text:
        note("column {} is left out: its first value is text, {}", name, quote_text(first_cell(column)));
        return;
      case Kind::empty: note("column {} is left out: it is empty in the first {} rows", name, samples_.size()); return;
    }
  }

  template <class... Args>
  void note(fmt::format_string<Args...> text, Args&&... args) {
    if (left_out_++ < kMaxListedColumns) schema_.notes.push_back(fmt::format(text, std::forward<Args>(args)...));
  }

  const CsvOptions& options_;
  std::span<const CsvRecord> samples_;
  CsvSchema schema_;
  std::size_t left_out_ = 0;
};

}  // namespace

bool is_timestamp_name(std::string_view name) {
  constexpr std::array<std::string_view, 12> kNames = {"timestamp", "time",      "datetime",   "date",
                                                       "ts",        "epoch",     "date_time",  "time_stamp",
                                                       "unixtime",  "unix_time", "@timestamp", "event_time"};
  return std::find(kNames.begin(), kNames.end(), lowered(name)) != kNames.end();
}

bool is_label_name(std::string_view name) {
  constexpr std::array<std::string_view, 4> kNames = {"label", "labels", "anomaly", "is_anomaly"};
  return std::find(kNames.begin(), kNames.end(), lowered(name)) != kNames.end();
}

bool is_missing_cell(std::string_view cell, InvalidValues invalid_values) {
  return trimmed(cell).empty() || (invalid_values == InvalidValues::missing && is_broken_number(cell));
}

std::vector<std::string> numbered_columns(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back(fmt::format("c{}", i));
  return names;
}

Result<std::optional<std::vector<std::string>>> read_header(std::span<const std::string> first_record) {
  bool has_number = false;
  bool all_data = true;
  std::vector<std::string> names;
  for (const std::string& cell : first_record) {
    const std::string_view text = trimmed(cell);
    const bool number = parse_number(text).has_value();
    has_number = has_number || number;
    all_data = all_data && (text.empty() || number || is_iso_timestamp(text));
    names.push_back(text.empty() ? fmt::format("c{}", names.size()) : std::string(text));
  }
  if (all_data && has_number) return std::optional<std::vector<std::string>>{};
  if (const auto checked = check_names(names); !checked) return tl::unexpected(checked.error());
  return names;
}

Result<CsvSchema> choose_columns(std::vector<std::string> columns, bool unnamed_first,
                                 std::span<const CsvRecord> samples, const CsvOptions& options) {
  return Chooser(std::move(columns), samples, options).choose(unnamed_first);
}

}  // namespace topoforge
