#include "topoforge/adapters/file/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace topoforge {
namespace {

constexpr std::size_t kBufferBytes = 64 << 10;

/// Mode of a new file as open() would give it; mkstemp() gives 0600.
mode_t new_file_mode() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

/// Where a symbolic link leads; the path itself when it is none or leads nowhere yet.
std::string followed(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
  return real ? std::string(real.get()) : path;
}

}  // namespace

struct OutputFile::State {
  std::string name;
  std::string path;       // to which commit() moves; empty: written in place
  std::string temporary;  // empty: none
  int descriptor = -1;
  bool owns_descriptor = false;
  bool reader_gone = false;
  std::string buffer;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (owns_descriptor) ::close(descriptor);
    if (!temporary.empty()) ::unlink(temporary.c_str());
  }

  [[nodiscard]] tl::unexpected<Error> failed(std::string_view what) const {
    return fail(ErrorCode::io, fmt::format("{}: cannot {}: {}", name, what, std::strerror(errno)));
  }

  Result<void> open_temporary(const std::string& target) {
    path = followed(target);
    temporary = path + ".XXXXXX";
    descriptor = ::mkstemp(temporary.data());
    if (descriptor < 0) {
      temporary.clear();
      return failed("write");
    }
    owns_descriptor = true;
    struct stat old {};
    const mode_t mode = ::stat(path.c_str(), &old) == 0 ? old.st_mode & 07777 : new_file_mode();
    if (::fchmod(descriptor, mode) != 0) return failed("set the mode");
    return {};
  }

  Result<void> flush() {
    std::string_view rest = buffer;
    while (!rest.empty()) {
      const ssize_t written = ::write(descriptor, rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) {
        reader_gone = errno == EPIPE;
        return failed("write");
      }
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
    buffer.clear();
    return {};
  }
};

Result<OutputFile> OutputFile::create(const std::string& path) {
  auto state = std::make_unique<State>();
  state->name = path == "-" ? "standard output" : path;
  struct stat status {};
  if (path == "-") {
    state->descriptor = STDOUT_FILENO;
  } else if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    state->descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (state->descriptor < 0) return state->failed("write");
    state->owns_descriptor = true;
  } else if (const auto opened = state->open_temporary(path); !opened) {
    return tl::unexpected(opened.error());
  }
  return OutputFile(std::move(state));
}

OutputFile::OutputFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
OutputFile::~OutputFile() = default;
OutputFile::OutputFile(OutputFile&&) noexcept = default;
OutputFile& OutputFile::operator=(OutputFile&&) noexcept = default;

Result<void> OutputFile::write(std::string_view text) {
  state_->buffer += text;
  if (state_->buffer.size() < kBufferBytes) return {};
  return state_->flush();
}

Result<void> OutputFile::flush() { return state_->flush(); }

Result<void> OutputFile::commit() {
  if (const auto flushed = state_->flush(); !flushed) return flushed;
  if (state_->temporary.empty()) return {};
  if (::fsync(state_->descriptor) != 0) return state_->failed("write");
  if (std::rename(state_->temporary.c_str(), state_->path.c_str()) != 0) return state_->failed("write");
  state_->temporary.clear();
  return {};
}

bool OutputFile::reader_gone() const { return state_->reader_gone; }
bool OutputFile::is_terminal() const { return ::isatty(state_->descriptor) == 1; }

}  // namespace topoforge
