#include "topoforge/adapters/http/server_sent_events.hpp"

#include <utility>

#include <fmt/format.h>

namespace topoforge::http {
namespace {

/// Events are sent together up to about so much.
constexpr std::size_t kPieceBytes = 64U << 10U;

/// The lines of a text that may end them by CR, LF or both, each behind the prefix.
void append_lines(std::string& formatted, std::string_view prefix, std::string_view text) {
  while (true) {
    const std::size_t end = text.find_first_of("\r\n");
    formatted.append(prefix).append(text.substr(0, end)).push_back('\n');
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + (text.substr(end, 2) == "\r\n" ? 2 : 1));
  }
}

}  // namespace

Result<std::string> format_event(const ServerSentEvent& event) {
  constexpr std::string_view kBreaks("\r\n\0", 3);
  if (event.name.find_first_of(kBreaks.substr(0, 2)) != std::string::npos)
    return fail(ErrorCode::invalid_argument, "the name of an event has a line break");
  if (event.id.find_first_of(kBreaks) != std::string::npos)
    return fail(ErrorCode::invalid_argument, "the id of an event has a line break or a zero byte");
  if (event.retry && event.retry->count() < 0)
    return fail(ErrorCode::invalid_argument, "the retry time of an event is below zero");
  std::string formatted;
  formatted.reserve(event.data.size() + 64);
  if (!event.name.empty()) formatted.append("event: ").append(event.name).push_back('\n');
  if (!event.id.empty()) formatted.append("id: ").append(event.id).push_back('\n');
  if (event.retry) formatted += fmt::format("retry: {}\n", event.retry->count());
  append_lines(formatted, "data: ", event.data);
  formatted.push_back('\n');
  return formatted;
}

std::string format_comment(std::string_view text) {
  std::string formatted;
  append_lines(formatted, ": ", text);
  formatted.push_back('\n');
  return formatted;
}

Response event_stream(std::unique_ptr<BodyStream> events) {
  return {.status = 200,
          .body = {},
          .content_type = "text/event-stream; charset=utf-8",
          .headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}},
          .stream = std::move(events)};
}

ServerSentEvents::ServerSentEvents(const boost::asio::any_io_executor& executor, EventQueueLimits limits)
    : limits_(limits), changed_(executor) {}

void ServerSentEvents::send(std::shared_ptr<const std::string> formatted) {
  if (finished_ || !overflow_.empty()) return;
  if (queue_.size() >= limits_.events || queued_bytes_ + formatted->size() > limits_.bytes) {
    overflow_ =
        fmt::format("{} events ({} bytes) wait for a client that reads too slowly", queue_.size(), queued_bytes_);
    queue_.clear();
  } else {
    queued_bytes_ += formatted->size();
    queue_.push_back(std::move(formatted));
  }
  changed_.notify();
}

Result<void> ServerSentEvents::send(const ServerSentEvent& event) {
  auto formatted = format_event(event);
  if (!formatted) return tl::unexpected(std::move(formatted.error()));
  send(std::make_shared<const std::string>(std::move(*formatted)));
  return {};
}

void ServerSentEvents::finish() {
  finished_ = true;
  changed_.notify();
}

Task<Result<std::optional<std::string>>> ServerSentEvents::next() {
  while (overflow_.empty()) {
    if (!queue_.empty()) co_return take();
    if (finished_) co_return std::nullopt;
    const bool woken = co_await changed_.wait_for(limits_.heartbeat);
    if (!woken) co_return format_comment("");
  }
  co_return fail(ErrorCode::limit_exceeded, overflow_);
}

std::string ServerSentEvents::take() {
  std::string piece;
  do {
    piece += *queue_.front();
    queued_bytes_ -= queue_.front()->size();
    queue_.pop_front();
  } while (!queue_.empty() && piece.size() + queue_.front()->size() <= kPieceBytes);
  return piece;
}

}  // namespace topoforge::http
