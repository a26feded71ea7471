#include "topoforge/adapters/http/static_asset.hpp"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

namespace topoforge::http {
namespace {

bool names_tag(std::string_view list, std::string_view etag) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view tag = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    while (!tag.empty() && tag.front() == ' ') tag.remove_prefix(1);
    while (!tag.empty() && tag.back() == ' ') tag.remove_suffix(1);
    if (tag.starts_with("W/")) tag.remove_prefix(2);  // what a proxy that compresses makes of it
    if (tag == etag || tag == "*") return true;
  }
  return false;
}

}  // namespace

std::string make_etag(std::string_view content) {
  std::uint64_t hash = 0xcbf29ce484222325U;  // FNV-1a
  for (const char c : content) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return fmt::format("\"{:016x}-{:x}\"", hash, content.size());
}

Response static_asset(const Request& request, const StaticAsset& asset) {
  Response response{.headers = {{"ETag", std::string(asset.etag)}, {"Cache-Control", "no-cache"}}};
  if (names_tag(request.header("If-None-Match"), asset.etag)) {
    response.status = 304;
  } else {
    response.body = asset.content;
    response.content_type = asset.content_type;
  }
  return response;
}

}  // namespace topoforge::http
