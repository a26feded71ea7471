#include "topoforge/adapters/crypt/bcrypt_password_hasher.hpp"

#include <crypt.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "topoforge/base/constant_time.hpp"

namespace topoforge::crypt {
namespace {

constexpr const char* kMethod = "$2b$";
constexpr std::size_t kSaltEnd = 29;     // $2b$NN$ and 22 characters of salt
constexpr std::size_t kHashLength = 60;  // and 31 of the hash

bool can_be_hashed(std::string_view password) {
  return password.size() <= kMaxPasswordBytes && password.find('\0') == std::string_view::npos;
}

/// libcrypt's work space, with the password in it; wiped at its end.
class Workspace {
 public:
  explicit Workspace(std::string_view password) : data_(std::make_unique<crypt_data>()) {
    std::memcpy(phrase_, password.data(), password.size());
  }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  ~Workspace() {
    explicit_bzero(data_.get(), sizeof(crypt_data));
    explicit_bzero(phrase_, sizeof phrase_);
  }

  /// Nothing with errno set when libcrypt refuses the setting.
  std::optional<std::string> run(const std::string& setting) {
    const char* const hash = ::crypt_rn(phrase_, setting.c_str(), data_.get(), sizeof(crypt_data));
    if (hash == nullptr || std::strlen(hash) != kHashLength) return std::nullopt;
    return hash;
  }

 private:
  std::unique_ptr<crypt_data> data_;
  char phrase_[kMaxPasswordBytes + 1] = {};
};

Result<std::string> new_salt(unsigned cost) {
  char salt[CRYPT_GENSALT_OUTPUT_SIZE] = {};
  // Without bytes of ours libcrypt takes the kernel's.
  if (::crypt_gensalt_rn(kMethod, cost, nullptr, 0, salt, sizeof salt) == nullptr) {
    return fail(ErrorCode::unavailable, fmt::format("libcrypt makes no bcrypt salt: {}", std::strerror(errno)));
  }
  return std::string(salt);
}

/// A whole `$2a$`, `$2b$` or `$2y$` hash of a cost that is tried. libcrypt itself checks the characters.
bool is_tried(std::string_view hash) {
  if (hash.size() != kHashLength || hash.find('\0') != std::string_view::npos) return false;
  if (!hash.starts_with("$2a$") && !hash.starts_with("$2b$") && !hash.starts_with("$2y$")) return false;
  const auto digit = [&](std::size_t place) { return static_cast<unsigned>(hash[place] - '0'); };
  if (digit(4) > 9 || digit(5) > 9) return false;
  const unsigned cost = digit(4) * 10 + digit(5);
  return cost >= kMinBcryptCost && cost <= kMaxBcryptCost;
}

}  // namespace

Result<std::unique_ptr<BcryptPasswordHasher>> BcryptPasswordHasher::create(BcryptOptions options) {
  if (options.cost < kMinBcryptCost || options.cost > kMaxBcryptCost) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("bcrypt cost {}; wanted {} to {}", options.cost, kMinBcryptCost, kMaxBcryptCost));
  }
  auto dummy = new_salt(options.cost);
  if (!dummy) return tl::unexpected(std::move(dummy.error()));
  return std::unique_ptr<BcryptPasswordHasher>(new BcryptPasswordHasher(options.cost, std::move(*dummy)));
}

Result<std::string> BcryptPasswordHasher::hash(std::string_view password) {
  if (password.size() > kMaxPasswordBytes) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("a password of {} bytes; wanted at most {}", password.size(), kMaxPasswordBytes));
  }
  if (!can_be_hashed(password)) return fail(ErrorCode::invalid_argument, "a password with a NUL byte");
  const auto salt = new_salt(cost_);
  if (!salt) return tl::unexpected(salt.error());
  auto hash = Workspace(password).run(*salt);
  if (!hash) return fail(ErrorCode::unavailable, fmt::format("libcrypt does not hash: {}", std::strerror(errno)));
  return std::move(*hash);
}

bool BcryptPasswordHasher::verify(std::string_view password, std::string_view hash) {
  if (!can_be_hashed(password)) return false;
  if (is_tried(hash)) {
    const auto found = Workspace(password).run(std::string(hash.substr(0, kSaltEnd)));
    if (found) return equal_in_constant_time(*found, hash);
  }
  verify_nothing(password);
  return false;
}

void BcryptPasswordHasher::verify_nothing(std::string_view password) {
  if (can_be_hashed(password)) Workspace(password).run(dummy_);
}

}  // namespace topoforge::crypt
