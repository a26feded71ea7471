#include "topoforge/open_files.hpp"

#include <sys/resource.h>

#include <algorithm>

#include <spdlog/spdlog.h>

namespace topoforge {
namespace {

/// Databases, pipes, the sockets of alerts and of MongoDB.
constexpr rlim_t kOtherFiles = 256;

}  // namespace

void allow_open_files(std::size_t connections) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = connections + kOtherFiles;
  if (limit.rlim_cur >= wanted) return;
  const rlimit raised{.rlim_cur = std::min(wanted, limit.rlim_max), .rlim_max = limit.rlim_max};
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  if (limit.rlim_cur < wanted) {
    spdlog::warn(
        "{} connections are allowed, for which {} open files are wanted, but the system allows {} (ulimit -Hn)",
        connections, wanted, limit.rlim_cur);
  }
}

}  // namespace topoforge
