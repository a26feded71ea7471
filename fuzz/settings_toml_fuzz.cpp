#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "require.hpp"
#include "topoforge/codec/text/nearest_name.hpp"
#include "topoforge/codec/toml/settings_toml.hpp"

// A text is read as topoforge.toml or refused; a name that is not known is looked up among those that are.

namespace topoforge {
namespace {

void fuzz(std::string_view text) {
  static const std::vector<std::string> kNames = {"port", "host", "cors_origins", "log_level"};
  const auto entries = read_settings_toml(text, "topoforge.toml");
  if (!entries) {
    const ErrorCode code = entries.error().code;
    require(code == ErrorCode::invalid_data || code == ErrorCode::limit_exceeded, "an error has its code");
    require(entries.error().message.starts_with("topoforge.toml:"), "an error names the file");
    return;
  }
  std::size_t line = 0;
  for (const SettingEntry& entry : *entries) {
    require(entry.line >= line, "entries are in the order of their lines");
    line = entry.line;
    const auto nearest = nearest_name(entry.key, kNames);
    require(!nearest || entry.key.size() <= 2 * nearest->size(), "what was meant is near");
  }
}

}  // namespace
}  // namespace topoforge

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  topoforge::fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
