#include "net/web_clients.hpp"

#include <atomic>
#include <utility>

#include "base/assert.hpp"
#include "net/detail/client_side.hpp"
#include "net/detail/websocket_session.hpp"

namespace cord::net {

using namespace detail;

namespace {

constexpr auto stop_grace = std::chrono::seconds(10);

/// A connection that is not a WebSocket yet.
template <class Stream>
class Dialling final : public WebPeer, public std::enable_shared_from_this<Dialling<Stream>> {
 public:
  Dialling(std::shared_ptr<WebShared> shared, Stream stream, const WebClientOptions& options)
      : shared_(std::move(shared)), stream_(std::move(stream)), options_(options) {}

  struct Goal {
    ConnectionId id;
    Address to;
    std::string path;
  };

  /// False: there is no place for it any more.
  bool start(Goal goal) {
    goal_ = std::move(goal);
    if (!shared_->attach(goal_.id, this->shared_from_this())) return false;
    asio::post(lowest().get_executor(), [self = this->shared_from_this()] { self->connect(); });
    return true;
  }

  bool send(std::string) override { return false; }
  void close(std::uint16_t, std::string) override { drop(); }
  bool when_drained(std::function<void()>) override { return false; }
  void drop() override {
    asio::dispatch(lowest().get_executor(), [self = this->shared_from_this()] {
      if (!self->is_upgrading_) self->lowest().close();
    });
  }

 private:
  auto& lowest() { return beast::get_lowest_layer(stream_); }

  void connect() {
    lowest().expires_after(options_.timeout);
    lowest().async_connect(to_endpoint<asio::ip::tcp::endpoint>(goal_.to),
                           [self = this->shared_from_this()](beast::error_code error) {
                             if (error) return self->fail(error);
                             self->on_connected();
                           });
  }

  void on_connected() {
    beast::error_code ignored;
    lowest().socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      expect_server(stream_.native_handle(), goal_.to, options_);
      stream_.async_handshake(asio::ssl::stream_base::client,
                              [self = this->shared_from_this()](beast::error_code error) {
                                if (error) return self->fail(error);
                                self->upgrade();
                              });
    } else {
      upgrade();
    }
  }

  void upgrade() {
    is_upgrading_ = true;
    auto session =
        std::make_shared<WebSocketSession<Stream>>(shared_, std::move(stream_), goal_.id, goal_.to);
    // Nobody finds this object any more; it ends with this function.
    if (!shared_->attach(goal_.id, session)) {
      tell("closed by us");
      return shared_->remove(goal_.id);
    }
    session->connect({.host = host_of(goal_.to, options_),
                      .path = goal_.path,
                      .decorate = [subprotocol = options_.subprotocol,
                                   origin = options_.origin](websocket::request_type& request) {
                        request.erase(http::field::user_agent);
                        if (!subprotocol.empty()) {
                          request.set(http::field::sec_websocket_protocol, subprotocol);
                        }
                        if (!origin.empty()) request.set(http::field::origin, origin);
                      }});
  }

  void fail(beast::error_code error) {
    tell(fmt::format("connecting to {}: {}", goal_.to,
                     error == beast::error::timeout ? "timed out" : words_of(error)));
    shared_->remove(goal_.id);
  }

  void tell(std::string_view why) {
    if (shared_->on_not_opened) shared_->on_not_opened(goal_.id, why);
  }

  std::shared_ptr<WebShared> shared_;
  Stream stream_;
  const WebClientOptions& options_;  // Of WebClients::Impl, which waits for us.
  Goal goal_;
  bool is_upgrading_ = false;
};

WebServerOptions session_options(const WebClientsOptions& options) {
  WebServerOptions as_server;
  as_server.connections_max = options.connections_max;
  as_server.connections_per_address_max = options.connections_max;
  as_server.handshake_timeout = options.each.timeout;
  as_server.message_bytes_max = options.message_bytes_max;
  as_server.queued_messages_max = options.queued_messages_max;
  as_server.queued_bytes_max = options.queued_bytes_max;
  as_server.ping_interval = options.ping_interval;
  as_server.pong_timeout = options.pong_timeout;
  as_server.close_timeout = options.each.timeout;
  return as_server;
}

}  // namespace

struct WebClients::Impl {
  Impl(IoThreads& threads, WebClientsOptions given, TlsContext context)
      : io(threads),
        options(std::move(given)),
        tls(std::move(context)),
        shared(std::make_shared<WebShared>(session_options(options), metrics)) {}

  IoThreads& io;
  const WebClientsOptions options;
  TlsContext tls;
  Metrics metrics;  // Its own: a client's counters are not the server's.
  std::shared_ptr<WebShared> shared;
  std::atomic<bool> is_stopped{false};
};

Result<std::unique_ptr<WebClients>> WebClients::make(IoThreads& io, WebClientsOptions options,
                                                     WebClientsCallbacks callbacks) {
  if (auto valid = session_options(options).validate(); !valid) {
    return tl::make_unexpected(valid.error());
  }
  Result<TlsContext> tls = make_client_tls(options.each);
  if (!tls) return tl::make_unexpected(tls.error());
  auto impl = std::make_shared<Impl>(io, std::move(options), std::move(*tls));
  const auto on_end = callbacks.on_end ? callbacks.on_end : [](ConnectionId, const WebEnd&) {};
  impl->shared->callbacks = {
      .on_open =
          [on_open = callbacks.on_open](ConnectionId id, Address) {
            if (on_open) on_open(id);
          },
      .on_message = callbacks.on_message,
      .on_close =
          [on_end](ConnectionId id, std::uint16_t code, const std::string& reason) {
            on_end(id, {true, code, reason});
          }};
  impl->shared->on_not_opened = [on_end](ConnectionId id, std::string_view why) {
    on_end(id, {false, 0, std::string(why)});
  };
  return std::unique_ptr<WebClients>(new WebClients(std::move(impl)));
}

WebClients::WebClients(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

WebClients::~WebClients() {
  stop();
}

Result<ConnectionId> WebClients::connect(Address to, std::string_view path) {
  Impl& it = *impl_;
  ConnectionId id;
  const WebShared::Admission admission = it.shared->admit(id, to.ip);
  bool is_started = false;
  if (admission == WebShared::Admission::yes) {
    const auto dial = [&](auto stream) {
      using Dial = Dialling<decltype(stream)>;
      return std::make_shared<Dial>(it.shared, std::move(stream), it.options.each)
          ->start({id, to, std::string(path)});
    };
    auto strand = asio::make_strand(it.io.context());
    is_started = it.tls ? dial(TlsStream(PlainStream(strand), *it.tls)) : dial(PlainStream(strand));
  }
  if (is_started) return id;
  if (admission != WebShared::Admission::no) it.shared->remove(id);
  return refuse(Errc::full, "net.web_clients",
                fmt::format("stopped, or more than {} connections", it.options.connections_max));
}

bool WebClients::send(ConnectionId connection, std::string text) {
  const std::shared_ptr<WebPeer> peer = impl_->shared->find(connection);
  return peer && peer->send(std::move(text));
}

void WebClients::close(ConnectionId connection, std::uint16_t code, std::string reason) {
  const std::shared_ptr<WebPeer> peer = impl_->shared->find(connection);
  if (peer) peer->close(code, std::move(reason));
}

void WebClients::drop(ConnectionId connection) {
  const std::shared_ptr<WebPeer> peer = impl_->shared->find(connection);
  if (peer) peer->drop();
}

void WebClients::stop() {
  if (impl_->is_stopped.exchange(true)) return;
  for (const auto& peer : impl_->shared->stop()) peer->drop();
  if (impl_->io.stopped()) return impl_->shared->forget();
  CORD_ASSERT(impl_->shared->wait_until_empty(impl_->options.each.timeout + stop_grace));
}

std::size_t WebClients::connections() const {
  return static_cast<std::size_t>(impl_->shared->metrics.connections.value());
}

}  // namespace cord::net
