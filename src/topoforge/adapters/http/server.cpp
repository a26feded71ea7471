#include "topoforge/adapters/http/server.hpp"

#include <csignal>
#include <exception>
#include <random>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>

#include "topoforge/adapters/http/connection.hpp"
#include "topoforge/adapters/http/tls.hpp"

namespace topoforge::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace asio::experimental::awaitable_operators;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
/// Beside connections; refusals are short-lived but not free.
constexpr std::size_t kRefusalsAtOnce = 64;
constexpr std::chrono::milliseconds kAcceptPause{100};

Error listen_error(const boost::system::error_code& error, const ServerOptions& options) {
  const std::string where = fmt::format("{}:{}", options.host, options.port);
  if (error == asio::error::address_in_use) {
    return {ErrorCode::unavailable,
            fmt::format("cannot listen on {}: the port is in use; stop the other program or choose another with --port",
                        where)};
  }
  if (error == asio::error::access_denied) {
    return {ErrorCode::io, fmt::format("cannot listen on {}: ports below 1024 need privileges; choose another with "
                                       "--port",
                                       where)};
  }
  if (error == boost::system::errc::address_not_available) {
    return {ErrorCode::io,
            fmt::format("cannot listen on {}: this machine has no such address; try --host 127.0.0.1", where)};
  }
  return {ErrorCode::io, fmt::format("cannot listen on {}: {}", where, error.message())};
}

std::uint64_t random_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

}  // namespace

struct Server::State {
  explicit State(ServerOptions given)
      : options(std::move(given)),
        acceptor(io),
        signals(io),
        stop_signal(io.get_executor()),
        context(options, random_seed()),
        children(io.get_executor()),
        refusals(io.get_executor()) {}

  Task<void> serve();
  Task<void> accept_loop();
  Task<void> run_connection(tcp::socket socket);
  Task<void> watch_signals();
  Task<void> cut_off();

  ServerOptions options;
  asio::io_context io{1};
  tcp::acceptor acceptor;
  asio::signal_set signals;
  Signal stop_signal;
  ServerContext context;
  TaskGroup children;
  TaskGroup refusals;
  std::vector<std::function<Task<void>()>> tasks;
  std::stop_source drain_source;
  bool stopping = false;
};

Result<std::unique_ptr<Server>> Server::listen(ServerOptions options) {
  auto state = std::make_unique<State>(std::move(options));
  const ServerOptions& given = state->options;
  if (given.tls) {
    auto tls = load_tls(*given.tls);
    if (!tls) return tl::unexpected(std::move(tls.error()));
    state->context.tls = std::move(*tls);
  }
  boost::system::error_code error;
  tcp::resolver resolver(state->io);
  const auto found = resolver.resolve(given.host, std::to_string(given.port), tcp::resolver::passive, error);
  if (error || found.empty()) {
    return fail(ErrorCode::io, fmt::format("host '{}' is not known ({}); try --host 127.0.0.1", given.host,
                                           error ? error.message() : "no address"));
  }
  const tcp::endpoint endpoint = found.begin()->endpoint();
  state->acceptor.open(endpoint.protocol(), error);
  if (!error) state->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) state->acceptor.bind(endpoint, error);
  if (!error) state->acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return tl::unexpected(listen_error(error, given));
  if (given.stop_on_signals) {  // now, so that one that comes before run() is not lost
    state->signals.add(SIGINT, error);
    if (!error) state->signals.add(SIGTERM, error);
    if (error) return fail(ErrorCode::io, fmt::format("cannot wait for signals: {}", error.message()));
  }
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::~Server() = default;

std::uint16_t Server::port() const {
  boost::system::error_code ignored;
  return state_->acceptor.local_endpoint(ignored).port();
}

bool Server::is_loopback() const {
  boost::system::error_code ignored;
  return state_->acceptor.local_endpoint(ignored).address().is_loopback();
}

void Server::spawn(std::function<Task<void>()> task) { state_->tasks.push_back(std::move(task)); }

void Server::run(Router router) {
  state_->context.router = std::move(router);
  TaskGroup root(state_->io.get_executor());
  root.spawn(state_->serve());
  state_->io.run();
}

void Server::stop() {
  asio::post(state_->io, [state = state_.get()] {
    state->stopping = true;
    state->stop_signal.notify();
  });
}

std::stop_token Server::stop_token() const { return state_->drain_source.get_token(); }

ServerStatus Server::status() const {
  const ServerContext& context = state_->context;
  return {.connections = context.connection_count,
          .requests = context.requests,
          .refused_connections = context.refused_connections,
          .slow_readers = context.slow_readers};
}

Task<void> Server::State::serve() {
  TaskGroup helpers(io.get_executor());
  if (options.stop_on_signals) helpers.spawn(watch_signals());
  helpers.spawn(accept_loop());
  for (const auto& task : tasks) children.spawn(task());
  while (!stopping) co_await stop_signal.wait();

  context.draining = true;
  drain_source.request_stop();
  boost::system::error_code ignored;
  acceptor.close(ignored);
  signals.cancel(ignored);
  const std::set<Connection*> connections = context.connections;
  for (Connection* const connection : connections) connection->drain();
  co_await (children.join() || cut_off());
  co_await children.join();
  co_await refusals.join();
  co_await helpers.join();
}

Task<void> Server::State::cut_off() {
  asio::steady_timer timer(io, options.limits.drain_timeout);
  const auto [error] = co_await timer.async_wait(kAwait);
  if (error) co_return;
  spdlog::warn("{} connections did not end in {} s and are cut", context.connections.size(),
               std::chrono::duration_cast<std::chrono::seconds>(options.limits.drain_timeout).count());
  const std::set<Connection*> connections = context.connections;
  for (Connection* const connection : connections) connection->abort();
}

Task<void> Server::State::watch_signals() {
  const auto [error, number] = co_await signals.async_wait(kAwait);
  if (error) co_return;
  spdlog::info("signal {}: finishing what runs, then stopping", number);
  stopping = true;
  stop_signal.notify();
}

Task<void> Server::State::accept_loop() {
  while (!context.draining) {
    tcp::socket socket(io);
    const auto [error] = co_await acceptor.async_accept(socket, kAwait);
    if (context.draining) co_return;
    if (error) {
      // Out of descriptors, in the main: wait for some to be closed instead of spinning.
      spdlog::warn("cannot accept a connection: {}", error.message());
      asio::steady_timer pause(io, kAcceptPause);
      co_await pause.async_wait(kAwait);
    } else if (context.connection_count < options.limits.connections) {
      ++context.connection_count;
      children.spawn(run_connection(std::move(socket)));
    } else {
      ++context.refused_connections;
      if (refusals.size() < kRefusalsAtOnce) refusals.spawn(refuse_connection(context, std::move(socket)));
    }
  }
}

Task<void> Server::State::run_connection(tcp::socket socket) {
  try {
    co_await run_session(context, std::move(socket));
  } catch (const std::exception& error) {
    spdlog::error("a connection failed: {}", error.what());
  }
  --context.connection_count;
}

}  // namespace topoforge::http
