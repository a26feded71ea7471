#pragma once

#include <span>
#include <string_view>

/// Purpose: files that the build put into the program; topoforge_embed of cmake/embed.cmake defines these functions.
/// Thread safety: constants.
namespace topoforge::api {

struct EmbeddedFile {
  std::string_view path;  ///< under which it is served: "/docs/docs.js"
  std::string_view content;
  std::string_view sha256;  ///< of the content, hexadecimal
};

/// The pages about the API and all that they load; none in a build with TOPOFORGE_API_DOCS=OFF.
std::span<const EmbeddedFile> docs_files();

}  // namespace topoforge::api
