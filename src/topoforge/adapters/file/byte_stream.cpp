#include "topoforge/adapters/file/byte_stream.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace topoforge {
namespace {

constexpr std::size_t kChunkBytes = 64 << 10;
constexpr unsigned char kGzipMagic[] = {0x1F, 0x8B};
constexpr int kGzipWindowBits = 15 + 16;  // the largest window, gzip header wanted

std::string system_message() { return std::strerror(errno); }

bool named_gzip(const std::string& path) { return path.size() > 3 && path.compare(path.size() - 3, 3, ".gz") == 0; }

}  // namespace

struct ByteStream::State {
  std::string path;
  int descriptor = -1;
  bool owns_descriptor = false;
  std::optional<std::uint64_t> size_bytes;
  std::uint64_t position_bytes = 0;

  std::array<unsigned char, kChunkBytes> chunk{};  // bytes of the file that are not used yet
  std::size_t begin = 0;
  std::size_t end = 0;
  bool at_end = false;
  bool started = false;

  z_stream inflater{};
  bool is_gzip = false;
  bool in_member = false;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (is_gzip) inflateEnd(&inflater);
    if (owns_descriptor) ::close(descriptor);
  }

  [[nodiscard]] std::size_t available() const { return end - begin; }

  /// Appends to the chunk, after moving what is left to its front.
  Result<void> fill() {
    std::memmove(chunk.data(), chunk.data() + begin, available());
    end -= begin;
    begin = 0;
    ssize_t got = 0;
    do {
      got = ::read(descriptor, chunk.data() + end, chunk.size() - end);
    } while (got < 0 && errno == EINTR);
    if (got < 0) return fail(ErrorCode::io, "cannot read: " + system_message());
    at_end = got == 0;
    end += static_cast<std::size_t>(got);
    position_bytes += static_cast<std::uint64_t>(got);
    return {};
  }

  /// Looks at the first bytes: gzip or plain.
  Result<void> start() {
    started = true;
    while (available() < sizeof kGzipMagic && !at_end) {
      if (const auto filled = fill(); !filled) return filled;
    }
    const bool magic = available() >= sizeof kGzipMagic && std::equal(kGzipMagic, kGzipMagic + 2, chunk.data() + begin);
    if (!magic && available() > 0 && named_gzip(path)) {
      return fail(ErrorCode::invalid_data, "is named .gz but does not begin as gzip data");
    }
    if (!magic) return {};
    if (inflateInit2(&inflater, kGzipWindowBits) != Z_OK) return fail(ErrorCode::io, "zlib cannot start");
    is_gzip = true;
    in_member = true;
    return {};
  }

  Result<std::size_t> read_plain(std::span<char> buffer) {
    if (available() == 0 && !at_end) {
      if (const auto filled = fill(); !filled) return tl::unexpected(filled.error());
    }
    const std::size_t count = std::min(buffer.size(), available());
    std::memcpy(buffer.data(), chunk.data() + begin, count);
    begin += count;
    return count;
  }

  /// Between members: true at the start of another one, false at the end. Zeros are padding (tapes, block devices).
  Result<bool> next_member() {
    for (;;) {
      while (available() > 0 && chunk[begin] == 0) ++begin;
      if (available() >= sizeof kGzipMagic || at_end) break;
      if (const auto filled = fill(); !filled) return tl::unexpected(filled.error());
    }
    if (available() == 0) return false;
    if (available() < sizeof kGzipMagic || !std::equal(kGzipMagic, kGzipMagic + 2, chunk.data() + begin)) {
      return fail(ErrorCode::invalid_data, "damaged gzip data: other bytes follow the compressed text");
    }
    inflateReset(&inflater);
    in_member = true;
    return true;
  }

  Result<std::size_t> read_gzip(std::span<char> buffer) {
    inflater.next_out = reinterpret_cast<unsigned char*>(buffer.data());
    inflater.avail_out = static_cast<unsigned>(std::min<std::size_t>(buffer.size(), kChunkBytes));
    const unsigned wanted = inflater.avail_out;
    while (inflater.avail_out == wanted) {
      if (!in_member) {
        const auto more = next_member();
        if (!more) return tl::unexpected(more.error());
        if (!*more) return 0;
      }
      if (available() == 0) {
        if (const auto filled = fill(); !filled) return tl::unexpected(filled.error());
        if (at_end) return fail(ErrorCode::invalid_data, "the gzip data end too early; the file is truncated");
      }
      inflater.next_in = chunk.data() + begin;
      inflater.avail_in = static_cast<unsigned>(available());
      const int status = inflate(&inflater, Z_NO_FLUSH);
      begin = end - inflater.avail_in;
      if (status == Z_STREAM_END) {
        in_member = false;
      } else if (status != Z_OK) {
        return fail(ErrorCode::invalid_data,
                    fmt::format("damaged gzip data: {}", inflater.msg == nullptr ? zError(status) : inflater.msg));
      }
    }
    return wanted - inflater.avail_out;
  }
};

Result<ByteStream> ByteStream::open(const std::string& path) {
  auto state = std::make_unique<State>();
  state->path = path;
  if (path == "-") {
    state->descriptor = STDIN_FILENO;
  } else {
    state->descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (state->descriptor < 0) {
      const ErrorCode code = errno == ENOENT ? ErrorCode::not_found : ErrorCode::io;
      return fail(code, fmt::format("{}: cannot open: {}", path, system_message()));
    }
    state->owns_descriptor = true;
  }
  struct stat status {};
  if (::fstat(state->descriptor, &status) == 0) {
    if (S_ISDIR(status.st_mode)) return fail(ErrorCode::io, fmt::format("{}: is a folder; wanted a file", path));
    if (S_ISREG(status.st_mode)) state->size_bytes = static_cast<std::uint64_t>(status.st_size);
  }
  return ByteStream(std::move(state));
}

ByteStream::ByteStream(std::unique_ptr<State> state) : state_(std::move(state)) {}
ByteStream::~ByteStream() = default;
ByteStream::ByteStream(ByteStream&&) noexcept = default;
ByteStream& ByteStream::operator=(ByteStream&&) noexcept = default;

Result<std::size_t> ByteStream::read(std::span<char> buffer) {
  if (!state_->started) {
    if (const auto started = state_->start(); !started) return tl::unexpected(started.error());
  }
  return state_->is_gzip ? state_->read_gzip(buffer) : state_->read_plain(buffer);
}

std::uint64_t ByteStream::position_bytes() const { return state_->position_bytes - state_->available(); }
bool ByteStream::is_compressed() const { return state_->is_gzip; }
std::optional<std::uint64_t> ByteStream::size_bytes() const { return state_->size_bytes; }

}  // namespace topoforge
