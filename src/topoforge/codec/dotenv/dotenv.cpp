#include "topoforge/codec/dotenv/dotenv.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "topoforge/codec/text/bounded_text.hpp"
#include "topoforge/codec/text/quote.hpp"

namespace topoforge {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
/// A line may end with \r\n.
constexpr std::string_view kBlanks = " \t\r";
constexpr std::string_view kEndsKey = "=#'\" \t\r\n";

std::string unescaped(char c) {
  switch (c) {
    case 'n': return "\n";
    case 'r': return "\r";
    case 't': return "\t";
    case '\\':
    case '"':
    case '\'':
    case '$': return {c};
    default: return {'\\', c};
  }
}

class DotenvReader {
 public:
  DotenvReader(std::string_view text, std::string_view name) : rest_(text), name_(name) {}

  Result<std::vector<SettingEntry>> read() {
    std::vector<SettingEntry> entries;
    while (true) {
      skip_blanks();
      if (rest_.empty()) return entries;
      if (at('\n') || at('#')) {
        skip_line();
        continue;
      }
      auto entry = read_entry();
      if (!entry) return tl::unexpected(std::move(entry.error()));
      entries.push_back(std::move(*entry));
    }
  }

 private:
  [[nodiscard]] bool at(char c) const { return !rest_.empty() && rest_.front() == c; }
  void skip(std::size_t count) { rest_.remove_prefix(std::min(count, rest_.size())); }
  void skip_blanks() { skip(std::min(rest_.find_first_not_of(kBlanks), rest_.size())); }
  void skip_line() {
    const std::size_t end = rest_.find('\n');
    if (end != std::string_view::npos) ++line_;
    skip(end == std::string_view::npos ? rest_.size() : end + 1);
  }
  [[nodiscard]] tl::unexpected<Error> wrong(std::size_t line, const std::string& what) const {
    return fail(ErrorCode::invalid_data, fmt::format("{}:{}: {}", name_, line, what));
  }

  std::string_view read_word() {
    const std::string_view word = rest_.substr(0, rest_.find_first_of(kEndsKey));
    skip(word.size());
    skip_blanks();
    return word;
  }

  Result<SettingEntry> read_entry() {
    std::string_view key = read_word();
    if (key == "export" && !at('=')) key = read_word();
    if (key.empty() || !at('=')) {
      return wrong(line_, key.empty() ? "wanted KEY=VALUE"
                                      : fmt::format("{} is not followed by =; wanted KEY=VALUE", quote_text(key)));
    }
    skip(1);
    skip_blanks();
    SettingEntry entry{.key = std::string(key), .value = {}, .line = line_};
    if (!at('"') && !at('\'')) {
      entry.value = read_bare();
      return entry;
    }
    auto quoted = read_quoted(rest_.front());
    if (!quoted) return tl::unexpected(std::move(quoted.error()));
    entry.value = std::move(*quoted);
    return entry;
  }

  std::string read_bare() {
    std::string_view value = rest_.substr(0, rest_.find('\n'));
    skip_line();
    for (std::size_t i = 0; i < value.size(); ++i) {
      const bool begins_word = i == 0 || kBlanks.find(value[i - 1]) != std::string_view::npos;
      if (value[i] == '#' && begins_word) value = value.substr(0, i);
    }
    return std::string(value.substr(0, value.find_last_not_of(kBlanks) + 1));
  }

  Result<std::string> read_quoted(char quote) {
    const std::size_t opened = line_;
    std::string value;
    skip(1);
    while (!at(quote)) {
      if (rest_.empty()) return wrong(opened, fmt::format("the quote {} is not closed", quote));
      const char c = rest_.front();
      const bool escape = c == '\\' && quote == '"' && rest_.size() > 1;
      value += escape ? unescaped(rest_[1]) : std::string{c};
      line_ += rest_[escape ? 1 : 0] == '\n' ? 1 : 0;
      skip(escape ? 2 : 1);
    }
    skip(1);
    skip_blanks();
    if (!rest_.empty() && !at('\n') && !at('#')) return wrong(line_, "there is text behind the closing quote");
    skip_line();
    return value;
  }

  std::string_view rest_;
  std::string_view name_;
  std::size_t line_ = 1;
};

}  // namespace

Result<std::vector<SettingEntry>> read_dotenv(std::string_view text, std::string_view name) {
  if (auto checked = check_text(text, name, kMaxDotenvBytes); !checked) return tl::unexpected(checked.error());
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return DotenvReader(text, name).read();
}

}  // namespace topoforge
