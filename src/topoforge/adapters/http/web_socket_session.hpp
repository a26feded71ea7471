#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "topoforge/adapters/http/connection.hpp"
#include "topoforge/adapters/http/transport.hpp"

/// Purpose: takes over a connection that asked for a WebSocket. Thread safety: the I/O thread.
namespace topoforge::http {

Task<void> run_web_socket(ServerContext& context, Transport& stream,
                          boost::beast::http::request<boost::beast::http::string_body> upgrade, Request request,
                          WebSocketAdmission admission);

}  // namespace topoforge::http
