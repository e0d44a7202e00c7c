#include "net/web_server.hpp"

#include <atomic>
#include <mutex>
#include <utility>

#include <boost/asio/steady_timer.hpp>

#include "base/assert.hpp"
#include "net/detail/tls_context.hpp"
#include "net/detail/web_stream.hpp"

namespace cord::net {

using namespace detail;

namespace {

constexpr auto accept_retry = std::chrono::milliseconds(100);  // When out of file descriptors.
constexpr auto stop_grace = std::chrono::seconds(10);

using detail::TlsContext;

/// None for a plain listener.
Result<TlsContext> load_tls(const WebServerOptions& options) {
  if (options.tls_certificate_file.empty()) return TlsContext{};
  return detail::make_tls_context(asio::ssl::context::tls_server, options.tls_certificate_file,
                                  options.tls_key_file)
      .map_error([](Error error) {
        error.where = "net.tls";
        return error;
      });
}

}  // namespace

Result<void> WebServerOptions::validate() const {
  const auto bad = [](std::string_view what) {
    return refuse(Errc::malformed, "net.web_server_options", what);
  };
  if (tls_certificate_file.empty() != tls_key_file.empty()) {
    return bad("tls_certificate_file and tls_key_file: give both or none");
  }
  if (!websocket_path.empty() && websocket_path[0] != '/') {
    return bad("websocket_path must begin with /");
  }
  if (connections_max == 0) return bad("connections_max must be at least 1");
  if (connections_per_address_max == 0) {
    return bad("connections_per_address_max must be at least 1");
  }
  if (http_header_bytes_max < 256 || http_header_bytes_max > 1024 * 1024) {
    return bad("http_header_bytes_max must be from 256 to 1,048,576");
  }
  if (message_bytes_max == 0) return bad("message_bytes_max must be at least 1");
  if (queued_messages_max == 0) return bad("queued_messages_max must be at least 1");
  if (queued_bytes_max == 0) return bad("queued_bytes_max must be at least 1");
  if (pong_timeout <= Duration::zero() || pong_timeout > ping_interval) {
    return bad("pong_timeout must be above 0 and at most ping_interval");
  }
  if (handshake_timeout <= Duration::zero() || http_idle_timeout <= Duration::zero() ||
      close_timeout <= Duration::zero() || answer_timeout <= Duration::zero()) {
    return bad(
        "handshake_timeout, http_idle_timeout, answer_timeout and close_timeout must be above 0");
  }
  return {};
}

struct WebServer::Impl : std::enable_shared_from_this<Impl> {
  Impl(IoThreads& threads, TcpAcceptor listener, std::shared_ptr<WebShared> all, TlsContext context)
      : io(threads),
        acceptor(std::move(listener)),
        retry(acceptor.get_executor()),
        shared(std::move(all)),
        tls(std::move(context)) {}

  void accept() {
    acceptor.async_accept(
        [self = shared_from_this()](const boost::system::error_code& error, Socket socket) {
          self->on_accept(error, std::move(socket));
        });
  }

  void on_accept(const boost::system::error_code& error, Socket socket) {
    if (!acceptor.is_open()) return;
    if (error) return accept_later();
    serve(move_to_next_thread(io, std::move(socket)));
    accept();
  }

  void accept_later() {
    shared->metrics.accept_failed.add();
    retry.expires_after(accept_retry);
    retry.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (!error && self->acceptor.is_open()) self->accept();
    });
  }

  void serve(Socket socket) {
    ConnectionId id;
    boost::system::error_code ignored;
    const Address peer = to_address(socket.remote_endpoint(ignored));
    const WebShared::Admission admission = shared->admit(id, peer.ip);
    if (admission == WebShared::Admission::no) return;
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    const bool is_full = admission == WebShared::Admission::full;
    if (const TlsContext context = current_tls()) {
      return serve_tls(shared, std::move(socket), id, is_full, context);
    }
    serve_plain(shared, std::move(socket), id, is_full);
  }

  TlsContext current_tls() {
    const std::lock_guard lock(tls_mutex);
    return tls;
  }

  IoThreads& io;
  TcpAcceptor acceptor;
  asio::steady_timer retry;
  std::shared_ptr<WebShared> shared;
  std::mutex tls_mutex;
  TlsContext tls;
  Address local;
  bool is_started = false;
  std::atomic<bool> is_stopped{false};
};

Result<std::unique_ptr<WebServer>> WebServer::bind(IoThreads& io, WebServerOptions options,
                                                   Metrics& metrics) {
  if (Result<void> valid = options.validate(); !valid) return tl::make_unexpected(valid.error());
  Result<TlsContext> tls = load_tls(options);
  if (!tls) return tl::make_unexpected(tls.error());
  Result<TcpAcceptor> acceptor = listen_on(io, options.listen);
  if (!acceptor) return tl::make_unexpected(acceptor.error());
  auto shared = std::make_shared<WebShared>(std::move(options), metrics);
  auto impl = std::make_shared<Impl>(io, std::move(*acceptor), std::move(shared), std::move(*tls));
  impl->local = to_address(impl->acceptor.local_endpoint());
  return std::unique_ptr<WebServer>(new WebServer(std::move(impl)));
}

WebServer::WebServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

WebServer::~WebServer() {
  stop();
}

void WebServer::start(WebCallbacks callbacks) {
  CORD_ASSERT(!impl_->is_started);
  impl_->is_started = true;
  impl_->shared->callbacks = std::move(callbacks);
  asio::post(impl_->acceptor.get_executor(), [impl = impl_] {
    if (impl->acceptor.is_open()) impl->accept();
  });
}

Address WebServer::local() const {
  return impl_->local;
}

Result<void> WebServer::reload_certificate() {
  Result<TlsContext> fresh = load_tls(impl_->shared->options);
  if (!fresh) return tl::make_unexpected(fresh.error());
  const std::lock_guard lock(impl_->tls_mutex);
  impl_->tls = std::move(*fresh);
  return {};
}

bool WebServer::send(ConnectionId connection, std::string text) {
  const std::shared_ptr<WebPeer> peer = impl_->shared->find(connection);
  return peer && peer->send(std::move(text));
}

void WebServer::post(ConnectionId connection, std::function<void()> work) {
  const std::shared_ptr<WebPeer> peer = impl_->shared->find(connection);
  if (peer) peer->post(std::move(work));
}

bool WebServer::when_drained(ConnectionId connection, std::function<void()> then) {
  const std::shared_ptr<WebPeer> peer = impl_->shared->find(connection);
  return peer && peer->when_drained(std::move(then));
}

void WebServer::close(ConnectionId connection, std::uint16_t code, std::string reason) {
  const std::shared_ptr<WebPeer> peer = impl_->shared->find(connection);
  if (peer) peer->close(code, std::move(reason));
}

void WebServer::stop_accepting() {
  asio::post(impl_->acceptor.get_executor(), [impl = impl_] {
    boost::system::error_code ignored;
    impl->acceptor.close(ignored);
    impl->retry.cancel();
  });
}

void WebServer::stop() {
  if (impl_->is_stopped.exchange(true)) return;
  run_and_wait(impl_->io, impl_->acceptor.get_executor(), [this] {
    boost::system::error_code ignored;
    impl_->acceptor.close(ignored);
    impl_->retry.cancel();
  });
  for (const auto& peer : impl_->shared->stop()) {
    peer->close(close_code::going_away, "the server is stopping");
  }
  if (impl_->io.stopped()) return impl_->shared->forget();
  // Each connection has its own deadline; one that is still here has been forgotten by us.
  CORD_ASSERT(impl_->shared->wait_until_empty(impl_->shared->options.close_timeout + stop_grace));
}

std::size_t WebServer::connections() const {
  return static_cast<std::size_t>(impl_->shared->metrics.connections.value());
}

}  // namespace cord::net
