#include "topoforge/adapters/http/request_ids.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace topoforge::http {
namespace {

bool is_id_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

}  // namespace

std::string RequestIds::choose(std::string_view given) {
  if (!given.empty() && given.size() <= kMaxRequestIdBytes && std::all_of(given.begin(), given.end(), is_id_character))
    return std::string(given);
  return fmt::format("{:016x}-{:x}", seed_, ++count_);
}

}  // namespace topoforge::http
