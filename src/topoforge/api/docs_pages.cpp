#include "topoforge/api/docs_pages.hpp"

#include <string>
#include <string_view>
#include <utility>

#include "topoforge/adapters/http/static_asset.hpp"
#include "topoforge/api/embedded_file.hpp"

namespace topoforge::api {
namespace {

constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; ";
constexpr std::string_view kSwaggerPolicy = "style-src 'self'";
/// ReDoc writes its styles as it draws, and searches in a worker that it makes itself.
constexpr std::string_view kRedocPolicy = "style-src 'self' 'unsafe-inline'; worker-src blob:";

std::string_view content_type(std::string_view path) {
  static constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".txt", "text/plain; charset=utf-8"},
  };
  for (const auto& [extension, type] : kTypes) {
    if (path.ends_with(extension)) return type;
  }
  return "text/html; charset=utf-8";
}

http::Response respond(const EmbeddedFile& file, const http::Request& request) {
  const std::string tag = '"' + std::string(file.sha256.substr(0, 32)) + '"';
  const std::string_view type = content_type(file.path);
  http::Response response = http::static_asset(request, {.content = file.content, .content_type = type, .etag = tag});
  if (type.starts_with("text/html")) {
    const std::string_view styles = file.path == "/redoc" ? kRedocPolicy : kSwaggerPolicy;
    response.headers.emplace_back("Content-Security-Policy", std::string(kPolicy) + std::string(styles));
  }
  return response;
}

}  // namespace

void add_docs_pages(http::Router& router) {
  for (const EmbeddedFile& file : docs_files()) {
    const http::Handler handler = [&file](const http::Request& request) -> http::Task<http::Response> {
      co_return respond(file, request);
    };
    router.add("GET", file.path, handler);
    if (content_type(file.path).starts_with("text/html")) router.add("GET", std::string(file.path) + "/", handler);
  }
}

}  // namespace topoforge::api
