#include "topoforge/adapters/file/line_reader.hpp"

#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "topoforge/adapters/file/byte_stream.hpp"

namespace topoforge {
namespace {

constexpr std::size_t kReadBytes = 16 << 10;
constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

}  // namespace

struct LineReader::State {
  std::string name;
  ByteStream bytes;
  std::string buffer = {};  // text of buffer[begin, end) is not given out yet
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t scanned = 0;      // no line end before it
  std::size_t line_number = 0;  // of the line given out last
  bool at_end = false;
  bool failed = false;

  Error located(Error error) {
    failed = true;
    error.message = fmt::format("{}:{}: {}", name, line_number + 1, error.message);
    return error;
  }

  /// Reads more text behind what is there.
  Result<void> fill() {
    if (begin > 0) {
      std::memmove(buffer.data(), buffer.data() + begin, end - begin);
      end -= begin;
      scanned -= begin;
      begin = 0;
    }
    if (buffer.size() < end + kReadBytes) buffer.resize(end + kReadBytes);
    const auto got = bytes.read({buffer.data() + end, kReadBytes});
    if (!got) return tl::unexpected(got.error());
    at_end = *got == 0;
    end += *got;
    return {};
  }

  /// Place of the line end (or of the end of the text) from `begin` on.
  Result<std::size_t> find_line_end() {
    for (;;) {
      const char* found = static_cast<const char*>(std::memchr(buffer.data() + scanned, '\n', end - scanned));
      scanned = found == nullptr ? end : static_cast<std::size_t>(found - buffer.data());
      if (scanned - begin > kMaxLineBytes) {
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("the line is longer than {} bytes, the most that is allowed", kMaxLineBytes));
      }
      if (found != nullptr || at_end) return scanned;
      if (const auto filled = fill(); !filled) return tl::unexpected(filled.error());
    }
  }

  Result<void> check(std::string_view line) const {
    if (line_number == 0 && (line.substr(0, 2) == "\xFF\xFE" || line.substr(0, 2) == "\xFE\xFF")) {
      return fail(ErrorCode::invalid_data, "the text is UTF-16; wanted UTF-8");
    }
    const std::size_t nul = line.find('\0');
    if (nul == std::string_view::npos) return {};
    return fail(ErrorCode::invalid_data, fmt::format("byte {} of the line is NUL; wanted UTF-8 text", nul + 1));
  }
};

Result<LineReader> LineReader::open(const std::string& path) {
  auto bytes = ByteStream::open(path);
  if (!bytes) return tl::unexpected(bytes.error());
  return LineReader(std::make_unique<State>(State{path == "-" ? "standard input" : path, std::move(*bytes)}));
}

LineReader::LineReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
LineReader::~LineReader() = default;
LineReader::LineReader(LineReader&&) noexcept = default;
LineReader& LineReader::operator=(LineReader&&) noexcept = default;

Result<std::optional<std::string_view>> LineReader::next() {
  State& state = *state_;
  if (state.failed) return std::optional<std::string_view>{};
  const auto line_end = state.find_line_end();
  if (!line_end) return tl::unexpected(state.located(line_end.error()));
  if (*line_end == state.begin && state.at_end && *line_end == state.end) return std::optional<std::string_view>{};

  std::string_view line(state.buffer.data() + state.begin, *line_end - state.begin);
  if (const auto checked = state.check(line); !checked) return tl::unexpected(state.located(checked.error()));
  state.begin = state.scanned = *line_end < state.end ? *line_end + 1 : state.end;
  if (++state.line_number == 1 && line.substr(0, kUtf8Mark.size()) == kUtf8Mark) line.remove_prefix(kUtf8Mark.size());
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

const std::string& LineReader::name() const { return state_->name; }
std::uint64_t LineReader::position_bytes() const {
  const std::size_t waiting = state_->end - state_->begin;
  return state_->bytes.position_bytes() - (state_->bytes.is_compressed() ? 0 : waiting);
}
std::optional<std::uint64_t> LineReader::size_bytes() const { return state_->bytes.size_bytes(); }
bool LineReader::regular_file() const { return size_bytes().has_value(); }

}  // namespace topoforge
