#pragma once

#include "topoforge/adapters/http/router.hpp"

/// Purpose: the pages about the API, which read /openapi.json: GET /docs is Swagger UI, where calls can be tried with
/// and without a token, GET /redoc is ReDoc. They are served from memory, load nothing from outside and have no inline
/// scripts, under a strict content policy. A build with TOPOFORGE_API_DOCS=OFF has no such pages.
/// Thread safety: pure.
namespace topoforge::api {

void add_docs_pages(http::Router& router);

}  // namespace topoforge::api
