#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Purpose: a name for each request, which its answer, the log and a client's report have in common.
/// Thread safety: the I/O thread alone.
namespace topoforge::http {

inline constexpr std::size_t kMaxRequestIdBytes = 64;

class RequestIds {
 public:
  /// seed: tells the ids of this run from those of others.
  explicit RequestIds(std::uint64_t seed) : seed_(seed) {}

  /// The one that the client or a proxy gave where it is well-formed ([A-Za-z0-9._-], 1 to kMaxRequestIdBytes), else a
  /// new one.
  std::string choose(std::string_view given);

 private:
  std::uint64_t seed_;
  std::uint64_t count_ = 0;
};

}  // namespace topoforge::http
