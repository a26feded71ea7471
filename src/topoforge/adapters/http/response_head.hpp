#pragma once

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>

#include "topoforge/adapters/http/message.hpp"

/// Purpose: the head of an answer as the library writes it. Thread safety: pure.
namespace topoforge::http {

/// How the answer to a request is written.
struct Framing {
  bool keep_alive = false;
  bool head = false;      ///< the request was HEAD: no body
  unsigned version = 11;  ///< of the request: 10 or 11
};

/// Everything but the length of the body.
boost::beast::http::response<boost::beast::http::empty_body> make_head(const Response& response,
                                                                       const Framing& framing);

}  // namespace topoforge::http
