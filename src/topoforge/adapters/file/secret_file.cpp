#include "topoforge/adapters/file/secret_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace topoforge {
namespace {

constexpr std::size_t kRandomBytes = 32;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

tl::unexpected<Error> failed(const std::string& path, std::string_view what) {
  return fail(ErrorCode::io, fmt::format("{}: cannot {}: {}", path, what, std::strerror(errno)));
}

tl::unexpected<Error> refused(const std::string& path, std::string_view why) {
  return fail(ErrorCode::invalid_data, fmt::format("{}: {}", path, why));
}

Result<void> check_owner_and_mode(const std::string& path, const struct stat& status) {
  if (!S_ISREG(status.st_mode)) return refused(path, "a secret must be a regular file");
  if (status.st_uid != ::geteuid() && status.st_uid != 0) {
    return refused(path, fmt::format("the secret belongs to user {}; wanted user {}, who runs this program",
                                     status.st_uid, ::geteuid()));
  }
  if ((status.st_mode & 077U) != 0) {
    return refused(path, fmt::format("others may use the secret (mode {:04o}); wanted 0600: if nobody has read it, "
                                     "chmod 600 the file, else remove it, and a new secret is made",
                                     status.st_mode & 07777U));
  }
  return {};
}

/// Up to kMaxSecretBytes and a line end, and one byte more where there is one.
Result<std::string> read_text(const std::string& path, int descriptor) {
  std::string text(kMaxSecretBytes + 3, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(descriptor, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(path, "read the secret");
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

/// Nothing where there is no file.
Result<std::optional<std::string>> load(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open() && errno == ENOENT) return std::nullopt;
  if (!file.is_open()) return failed(path, "read the secret");
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) return failed(path, "read the secret");
  if (const auto checked = check_owner_and_mode(path, status); !checked) return tl::unexpected(checked.error());
  auto text = read_text(path, file.number());
  if (!text) return tl::unexpected(std::move(text.error()));
  if (text->size() < kMinSecretBytes || text->size() > kMaxSecretBytes) {
    return refused(path, fmt::format("a secret of {} bytes; wanted {} to {}: write one there with "
                                     "`openssl rand -base64 48`, or remove the file, and a new secret is made",
                                     text->size() > kMaxSecretBytes ? fmt::format("more than {}", kMaxSecretBytes)
                                                                    : fmt::format("{}", text->size()),
                                     kMinSecretBytes, kMaxSecretBytes));
  }
  return std::move(*text);
}

/// A name that is there until the end of the block.
struct Temporary {
  std::string path;
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  explicit Temporary(std::string name) : path(std::move(name)) {}
  ~Temporary() { ::unlink(path.c_str()); }
};

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// So that the name of the file survives a power failure.
bool sync_folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string name = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Descriptor folder(::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return folder.is_open() && ::fsync(folder.number()) == 0;
}

/// False when somebody else was first.
Result<bool> publish(const std::string& path, std::string_view secret) {
  std::string name = path + ".XXXXXX";
  const Descriptor file(::mkostemp(name.data(), O_CLOEXEC));  // O_EXCL, mode 0600
  if (!file.is_open()) return failed(path, "make the secret");
  const Temporary temporary(std::move(name));
  if (!write_all(file.number(), fmt::format("{}\n", secret)) || ::fsync(file.number()) != 0) {
    return failed(path, "make the secret");
  }
  // Unlike a rename, a link never replaces what is there.
  if (::link(temporary.path.c_str(), path.c_str()) != 0) {
    if (errno == EEXIST) return false;
    return failed(path, "make the secret");
  }
  if (!sync_folder_of(path)) return failed(path, "make the secret");
  return true;
}

}  // namespace

Result<std::string> load_or_make_secret(const std::string& path, SecureRandom& random) {
  auto found = load(path);
  if (!found) return tl::unexpected(std::move(found.error()));
  if (*found) return std::move(**found);
  auto made = random.url_safe_token(kRandomBytes);
  if (!made) return made;
  const auto published = publish(path, *made);
  if (!published) return tl::unexpected(published.error());
  if (*published) return made;
  found = load(path);
  if (!found) return tl::unexpected(std::move(found.error()));
  if (*found) return std::move(**found);
  return fail(ErrorCode::io,
              fmt::format("{}: a link that leads nowhere, or a secret that was removed meanwhile", path));
}

}  // namespace topoforge
