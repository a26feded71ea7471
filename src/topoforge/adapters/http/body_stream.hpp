#pragma once

#include <optional>
#include <string>

#include "topoforge/adapters/http/task.hpp"
#include "topoforge/base/result.hpp"

/// Purpose: a response body that is made while it is sent, so that an export of any length needs the memory of one
/// piece, and live events can follow each other for as long as the client stays. A route answers with
///   co_return Response{.content_type = "text/csv", .stream = std::make_unique<CsvExport>(...)};
/// It is sent in chunks (to an HTTP/1.0 client: until the connection closes). For server-sent events see
/// server_sent_events.hpp. Thread safety: the I/O thread alone; a piece that takes long to make is made by run_on().
namespace topoforge::http {

/// Destroyed when its connection ends or it has ended; until then the request lives too.
class BodyStream {
 public:
  virtual ~BodyStream() = default;

  /// The next piece; nothing at the end. Asked for when the piece before was taken by the client's system, so a slow
  /// client slows the source down; one that takes no piece within ServerLimits::write_timeout is cut off.
  /// Errors: the connection is cut, so that the client sees that its answer is not whole, and the message is logged.
  /// limit_exceeded says that the client reads too slowly, and is counted in ServerStatus::slow_readers.
  virtual Task<Result<std::optional<std::string>>> next() = 0;

  /// The client has gone (half a close counts as such), or the server stops: a next() that waits for something to
  /// happen returns soon. At a stop what it still gives is sent, within ServerLimits::drain_timeout.
  virtual void stop() {}
};

}  // namespace topoforge::http
