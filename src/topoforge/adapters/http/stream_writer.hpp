#pragma once

#include <memory>

#include <boost/beast/core/flat_buffer.hpp>

#include "topoforge/adapters/http/connection.hpp"
#include "topoforge/adapters/http/response_head.hpp"
#include "topoforge/adapters/http/transport.hpp"

/// Purpose: sends one streamed response, and watches meanwhile whether the client stays. Thread safety: the I/O thread.
namespace topoforge::http {

class StreamWriter {
 public:
  /// What the client sends meanwhile (the begin of its next request) goes into the buffer.
  StreamWriter(ServerContext& context, Transport& stream, boost::beast::flat_buffer& buffer)
      : context_(context), stream_(stream), buffer_(buffer), watched_(stream.get_executor()) {}

  /// True when the response was sent whole, so that the connection can go on; else it is closed in a way that the
  /// client does not take for the end of the response.
  Task<bool> write(Response response, Framing framing);
  /// Tells the source, if there is one.
  void stop();

 private:
  Task<bool> write_pieces(bool chunked);
  Task<bool> write_piece(std::string piece, bool chunked);
  void begin_watch();
  Task<void> end_watch();

  ServerContext& context_;
  Transport& stream_;
  boost::beast::flat_buffer& buffer_;
  std::unique_ptr<BodyStream> source_;
  Signal watched_;  ///< the watch has ended
  bool watching_ = false;
  bool gone_ = false;  ///< the client is
};

}  // namespace topoforge::http
