#pragma once

#include <utility>
#include <variant>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "topoforge/adapters/http/router.hpp"

/// Purpose: what tests of routes share.
namespace topoforge::api {

/// Runs a task to its end.
template <class T>
T run_task(http::Task<T> task) {
  boost::asio::io_context io;
  auto result = boost::asio::co_spawn(io, std::move(task), boost::asio::use_future);
  io.run();
  return result.get();
}

/// The answer of the router's route, or of the router where there is none.
inline http::Response call_route(const http::Router& router, http::Request request) {
  auto found = router.find(request);
  if (auto* const response = std::get_if<http::Response>(&found)) return std::move(*response);
  return run_task(std::get<const http::Route*>(found)->handler(request));
}

}  // namespace topoforge::api
