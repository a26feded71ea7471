#pragma once

#include <string>
#include <string_view>

#include "topoforge/adapters/http/message.hpp"

/// Purpose: files that belong to the program and change with it alone: a browser keeps them and asks whether they are
/// still the same. Thread safety: pure.
namespace topoforge::http {

struct StaticAsset {
  std::string_view content;
  std::string_view content_type;
  std::string_view etag;  ///< as make_etag() gives it
};

/// A strong entity tag of the content, with its quotes. O(bytes): made once for each asset.
std::string make_etag(std::string_view content);

/// 200 with the content, or 304 when If-None-Match names its tag.
Response static_asset(const Request& request, const StaticAsset& asset);

}  // namespace topoforge::http
