#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "require.hpp"
#include "topoforge/codec/dotenv/dotenv.hpp"
#include "topoforge/codec/text/quote.hpp"

// A text is read as a .env file or refused. Variables that were read, written again in double quotes, read back as the
// same.

namespace topoforge {
namespace {

std::string quoted(std::string_view value) {
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}

void fuzz(std::string_view text) {
  const auto entries = read_dotenv(text, ".env");
  if (!entries) {
    const ErrorCode code = entries.error().code;
    require(code == ErrorCode::invalid_data || code == ErrorCode::limit_exceeded, "an error has its code");
    require(entries.error().message.starts_with(".env:"), "an error names the file");
    return;
  }
  std::string again;
  std::size_t line = 0;
  for (const SettingEntry& entry : *entries) {
    require(!entry.key.empty(), "a variable has a name");
    require(entry.line > line, "lines are in their order");
    line = entry.line;
    require(valid_utf8_prefix(entry.value) == entry.value.size(), "a value is UTF-8");
    again += "export " + entry.key + " = " + quoted(entry.value) + " # again\n";
  }
  if (again.size() > kMaxDotenvBytes) return;
  const auto reread = read_dotenv(again, ".env");
  require(reread && reread->size() == entries->size(), "what was written is read");
  for (std::size_t i = 0; i < reread->size(); ++i) {
    require((*reread)[i].key == (*entries)[i].key && (*reread)[i].value == (*entries)[i].value, "it reads back");
  }
}

}  // namespace
}  // namespace topoforge

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  topoforge::fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
