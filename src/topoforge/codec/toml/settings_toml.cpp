#include "topoforge/codec/toml/settings_toml.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "topoforge/codec/text/bounded_text.hpp"
#include "topoforge/codec/text/quote.hpp"
#include "topoforge/codec/toml/node_kind.hpp"

namespace topoforge {
namespace {

std::optional<std::string> text_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return fmt::format("{}", number->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* boolean = node.as_boolean()) return boolean->get() ? "true" : "false";
  return std::nullopt;
}

}  // namespace

Result<std::vector<SettingEntry>> read_settings_toml(std::string_view text, std::string_view name) {
  if (auto checked = check_text(text, name, kMaxSettingsBytes); !checked) return tl::unexpected(checked.error());
  const auto wrong = [name](const toml::source_region& where, const std::string& what) {
    return fail(ErrorCode::invalid_data, fmt::format("{}:{}: {}", name, where.begin.line, what));
  };
  try {
    std::vector<SettingEntry> entries;
    const toml::table document = toml::parse(text);
    for (const auto& [key, value] : document) {
      auto read = text_of(value);
      if (!read) {
        return wrong(key.source(), fmt::format("{} is {}; wanted a text, a number or a boolean", quote_text(key.str()),
                                               kind_of(value)));
      }
      entries.push_back({.key = std::string(key.str()), .value = std::move(*read), .line = key.source().begin.line});
    }
    std::stable_sort(entries.begin(), entries.end(),
                     [](const SettingEntry& a, const SettingEntry& b) { return a.line < b.line; });
    return entries;
  } catch (const toml::parse_error& error) {
    return wrong(error.source(), fmt::format("not TOML: {}", error.description()));
  }
}

}  // namespace topoforge
