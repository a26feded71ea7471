#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <boost/beast/core/flat_buffer.hpp>
#include <tl/expected.hpp>

#include "topoforge/adapters/http/request_head.hpp"
#include "topoforge/adapters/http/server.hpp"
#include "topoforge/adapters/http/task.hpp"
#include "topoforge/adapters/http/transport.hpp"

/// Purpose: reads the requests of a connection, each within the limits of size and time. Thread safety: the I/O thread.
namespace topoforge::http {

/// Why there is no request: the answer to it, or nothing when the connection ended or was too slow.
using ReadFailure = std::optional<Refusal>;

class RequestReader {
 public:
  /// buffer: holds what was received and not yet read.
  RequestReader(const ServerLimits& limits, Transport& stream, boost::beast::flat_buffer& buffer)
      : limits_(limits), stream_(stream), buffer_(buffer) {}

  /// The most that the buffer has to hold.
  static std::size_t buffer_bytes(const ServerLimits& limits);

  /// Waits until something was received; false when the connection ended or the time passed.
  Task<bool> wait(std::chrono::milliseconds timeout);
  Task<tl::expected<RequestHead, ReadFailure>> read_head();
  /// The body that the head announces, after "100 Continue" where it is waited for.
  Task<tl::expected<std::string, ReadFailure>> read_body(const RequestHead& head);

 private:
  Task<bool> receive();

  const ServerLimits& limits_;
  Transport& stream_;
  boost::beast::flat_buffer& buffer_;
};

}  // namespace topoforge::http
