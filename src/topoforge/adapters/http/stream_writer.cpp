#include "topoforge/adapters/http/stream_writer.hpp"

#include <exception>
#include <optional>
#include <string>
#include <utility>

#include <spdlog/spdlog.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/write.hpp>

namespace topoforge::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace field = boost::beast::http;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kWatchBytes = 4096;

}  // namespace

Task<bool> StreamWriter::write(Response response, Framing framing) {
  const bool chunked = framing.version >= 11;
  if (!chunked) framing.keep_alive = false;  // the end of the connection is that of the body
  auto head = make_head(response, framing);
  head.chunked(chunked);
  field::response_serializer<field::empty_body> serializer(head);
  stream_.expires_after(context_.limits.write_timeout);
  const auto [error, bytes] = co_await field::async_write_header(stream_, serializer, kAwait);
  if (error) co_return false;
  if (framing.head) co_return framing.keep_alive;

  source_ = std::move(response.stream);
  if (context_.draining) source_->stop();
  begin_watch();
  const bool whole = co_await write_pieces(chunked);
  co_await end_watch();
  source_.reset();
  if (!whole) {
    // A reset, since to a client of HTTP/1.0 an orderly end would say that it has everything.
    beast::error_code ignored;
    stream_.socket().set_option(asio::socket_base::linger(true, 0), ignored);
    stream_.close();
  }
  co_return whole&& framing.keep_alive && !context_.draining;
}

void StreamWriter::stop() {
  if (source_) source_->stop();
}

Task<bool> StreamWriter::write_pieces(bool chunked) {
  try {
    while (true) {
      Result<std::optional<std::string>> piece = co_await source_->next();
      if (gone_) co_return false;
      if (!piece) {
        spdlog::warn("a streamed response was cut: {}", piece.error().message);
        if (piece.error().code == ErrorCode::limit_exceeded) ++context_.slow_readers;
        co_return false;
      }
      if (!*piece) break;
      if ((*piece)->empty()) continue;  // an empty chunk would be the last
      const bool written = co_await write_piece(std::move(**piece), chunked);
      if (!written) co_return false;
    }
    if (!chunked) co_return true;
    stream_.expires_after(context_.limits.write_timeout);
    const auto [error, bytes] = co_await asio::async_write(stream_, field::make_chunk_last(), kAwait);
    co_return !error;
  } catch (const std::exception& error) {
    spdlog::error("a streamed response failed: {}", error.what());
  }
  co_return false;
}

Task<bool> StreamWriter::write_piece(std::string piece, bool chunked) {
  stream_.expires_after(context_.limits.write_timeout);
  beast::error_code error;
  if (chunked) {
    std::tie(error, std::ignore) = co_await asio::async_write(stream_, field::make_chunk(asio::buffer(piece)), kAwait);
  } else {
    std::tie(error, std::ignore) = co_await asio::async_write(stream_, asio::buffer(piece), kAwait);
  }
  if (error == beast::error::timeout) ++context_.slow_readers;
  co_return !error;
}

/// One read, so that its time limit (none) and those of the writes do not meet. When it brings bytes, a client that
/// goes is noticed by the next write.
void StreamWriter::begin_watch() {
  if (buffer_.size() > 0) return;
  watching_ = true;
  stream_.expires_never();
  stream_.async_read_some(buffer_.prepare(kWatchBytes), [this](beast::error_code error, std::size_t bytes) {
    watching_ = false;
    buffer_.commit(bytes);
    if (error && error != asio::error::operation_aborted) gone_ = true;
    if (gone_) stop();
    watched_.notify();
  });
}

Task<void> StreamWriter::end_watch() {
  if (watching_) stream_.cancel();
  while (watching_) co_await watched_.wait();
}

}  // namespace topoforge::http
