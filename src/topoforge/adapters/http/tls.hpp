#pragma once

#include <memory>

#include <boost/asio/ssl/context.hpp>

#include "topoforge/adapters/http/server.hpp"
#include "topoforge/base/result.hpp"

/// Purpose: what a server needs to speak TLS. Thread safety: set up before the server runs.
namespace topoforge::http {

/// TLS 1.2 with forward secrecy, and 1.3. Errors: invalid_argument for a file that cannot be read or is none, and for a
/// key that is not that of the certificate.
Result<std::shared_ptr<boost::asio::ssl::context>> load_tls(const TlsFiles& files);

}  // namespace topoforge::http
