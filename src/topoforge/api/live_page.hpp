#pragma once

#include <string_view>

#include "topoforge/adapters/http/router.hpp"

/// Purpose: the page that a browser finds at `/`: what runs here, how to post an event, and the last analyses as they
/// come. Served from memory, without anything from outside and without inline code, under a strict content policy.
/// Thread safety: pure.
namespace topoforge::api {

http::Response live_page();
/// /assets/live.js and /assets/live.css.
void add_live_assets(http::Router& router);

}  // namespace topoforge::api
