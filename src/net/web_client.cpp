#include "net/web_client.hpp"

#include <deque>
#include <functional>
#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>

#include "net/detail/client_side.hpp"
#include "net/detail/web_stream.hpp"

namespace cord::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using beast::error_code;
using tcp = asio::ip::tcp;
using Steady = std::chrono::steady_clock;
using OnDone = std::function<void(error_code)>;

constexpr std::size_t response_bytes_max = 64 * 1024 * 1024;

/// An event loop that runs only while somebody waits for one operation.
class Loop {
 public:
  asio::io_context context{1};

  /// Starts an operation and runs until it is done. False if it is not by the deadline: it goes on.
  template <class Start>
  bool run(Steady::time_point deadline, error_code& error, Start start) {
    const auto done = std::make_shared<std::optional<error_code>>();
    start([done](error_code result) { *done = result; });
    if (!run_until(deadline, [&] { return done->has_value(); })) return false;
    error = **done;
    return true;
  }

  template <class IsDone>
  bool run_until(Steady::time_point deadline, IsDone is_done) {
    context.restart();
    while (!is_done()) {
      if (context.run_one_until(deadline) == 0) return is_done();
    }
    return true;
  }
};

tl::unexpected<Error> timed_out(std::string_view doing) {
  return refuse(Errc::timeout, "net.web_client", fmt::format("{}: timed out", doing));
}

tl::unexpected<Error> failed(std::string_view doing, const error_code& error) {
  return refuse(Errc::io_failed, "net.web_client",
                fmt::format("{}: {}", doing, detail::words_of(error)));
}

/// A stream to one server, plain or TLS.
class Transport {
 public:
  using Plain = tcp::socket;
  using Tls = beast::ssl_stream<tcp::socket>;

  explicit Transport(Loop& loop) : loop_(loop) {}

  Result<void> connect(const Address& to, const WebClientOptions& options) {
    const auto deadline = Steady::now() + options.timeout;
    const std::string doing = fmt::format("connecting to {}", to);
    tcp::socket socket(loop_.context);
    error_code error;
    const bool is_in_time = loop_.run(deadline, error, [&](OnDone done) {
      socket.async_connect(detail::to_endpoint<tcp::endpoint>(to), std::move(done));
    });
    if (!is_in_time) return timed_out(doing);
    if (error) return failed(doing, error);
    socket.set_option(tcp::no_delay(true));
    if (!options.tls) {
      plain.emplace(std::move(socket));
      return {};
    }
    return shake_hands(std::move(socket), deadline, doing, options);
  }

  std::optional<Plain> plain;
  std::optional<Tls> tls;

 private:
  Result<void> shake_hands(tcp::socket socket, Steady::time_point deadline,
                           const std::string& doing, const WebClientOptions& options) {
    Result<detail::TlsContext> context = detail::make_client_tls(options);
    if (!context) return tl::make_unexpected(context.error());
    context_ = std::move(*context);
    error_code error;
    const Address peer = detail::to_address(socket.remote_endpoint(error));
    tls.emplace(std::move(socket), *context_);
    detail::expect_server(tls->native_handle(), peer, options);
    const bool is_in_time = loop_.run(deadline, error, [&](OnDone done) {
      tls->async_handshake(asio::ssl::stream_base::client, std::move(done));
    });
    if (!is_in_time) return timed_out(doing + ", tls");
    if (error) return failed(doing + ", tls", error);
    return {};
  }

  Loop& loop_;
  detail::TlsContext context_;
};

/// A WebSocket on either kind of stream.
class Channel {
 public:
  virtual ~Channel() = default;
  virtual void handshake(const std::string& host, const std::string& path,
                         websocket::response_type& response, OnDone done) = 0;
  virtual void write(std::string_view bytes, bool is_binary, OnDone done) = 0;
  virtual void write_raw(std::string_view bytes, OnDone done) = 0;
  virtual void read(beast::flat_buffer& into, OnDone done) = 0;
  virtual void close(const websocket::close_reason& reason, OnDone done) = 0;
  [[nodiscard]] virtual websocket::close_reason reason() const = 0;
};

struct ChannelSetup {
  std::string subprotocol;
  std::string origin;
  std::function<void()> on_ping;
};

template <class Stream>
class ChannelOn final : public Channel {
 public:
  ChannelOn(Stream stream, const ChannelSetup& setup) : ws_(std::move(stream)) {
    ws_.set_option(websocket::stream_base::decorator([setup](websocket::request_type& request) {
      request.erase(http::field::user_agent);
      if (!setup.subprotocol.empty()) {
        request.set(http::field::sec_websocket_protocol, setup.subprotocol);
      }
      if (!setup.origin.empty()) request.set(http::field::origin, setup.origin);
    }));
    ws_.control_callback([setup](websocket::frame_type kind, beast::string_view) {
      if (kind == websocket::frame_type::ping) setup.on_ping();
    });
    ws_.auto_fragment(false);
  }

  void handshake(const std::string& host, const std::string& path,
                 websocket::response_type& response, OnDone done) override {
    ws_.async_handshake(response, host, path, std::move(done));
  }
  void write(std::string_view bytes, bool is_binary, OnDone done) override {
    ws_.binary(is_binary);
    ws_.async_write(asio::buffer(bytes), without_size(std::move(done)));
  }
  void write_raw(std::string_view bytes, OnDone done) override {
    asio::async_write(ws_.next_layer(), asio::buffer(bytes), without_size(std::move(done)));
  }
  void read(beast::flat_buffer& into, OnDone done) override {
    ws_.async_read(into, without_size(std::move(done)));
  }
  void close(const websocket::close_reason& reason, OnDone done) override {
    ws_.async_close(reason, std::move(done));
  }
  [[nodiscard]] websocket::close_reason reason() const override { return ws_.reason(); }

 private:
  static std::function<void(error_code, std::size_t)> without_size(OnDone done) {
    return [done = std::move(done)](error_code error, std::size_t) { done(error); };
  }

  websocket::stream<Stream> ws_;
};

}  // namespace

// What an unfinished operation refers to lives here, so that it may go on after a timeout.
struct WebClient::Impl {
  explicit Impl(WebClientOptions given) : options(std::move(given)) {}

  Steady::time_point deadline() const { return Steady::now() + options.timeout; }

  Result<void> open(Address to, const std::string& path) {
    if (Result<void> connected = transport.connect(to, options); !connected) return connected;
    const ChannelSetup setup{options.subprotocol, options.origin, [this] { ++pings; }};
    if (transport.tls) {
      channel = std::make_unique<ChannelOn<Transport::Tls>>(std::move(*transport.tls), setup);
    } else {
      channel = std::make_unique<ChannelOn<Transport::Plain>>(std::move(*transport.plain), setup);
    }
    error_code error;
    const bool is_in_time = loop.run(deadline(), error, [&](OnDone done) {
      channel->handshake(detail::host_of(to, options), path, response, std::move(done));
    });
    if (!is_in_time) return timed_out("upgrading");
    if (error == websocket::error::upgrade_declined) {
      return refuse(Errc::not_accepting, "net.web_client",
                    detail::words_of_refusal(error, response));
    }
    if (error) return failed("upgrading", error);
    return {};
  }

  Result<void> write(std::string_view doing, const std::function<void(OnDone)>& start) {
    error_code error;
    if (!loop.run(deadline(), error, start)) return timed_out(doing);
    if (error) return failed(doing, error);
    return {};
  }

  /// Keeps one read going; what it brings is queued.
  void read() {
    if (is_reading || code) return;
    is_reading = true;
    channel->read(in, [this](error_code error) {
      is_reading = false;
      if (error) return ended(error);
      messages.push_back(beast::buffers_to_string(in.data()));
      in.consume(in.size());
    });
  }

  void ended(error_code error) {
    if (code) return;
    const websocket::close_reason reason = channel->reason();
    const bool is_told = reason.code != websocket::close_code::none;
    code = is_told ? static_cast<std::uint16_t>(reason.code) : close_code::abnormal;
    why =
        is_told ? std::string(reason.reason.data(), reason.reason.size()) : detail::words_of(error);
  }

  WebClientOptions options;
  Loop loop;
  Transport transport{loop};
  websocket::response_type response;
  std::unique_ptr<Channel> channel;
  beast::flat_buffer in;
  std::string out;
  std::deque<std::string> messages;
  bool is_reading = false;
  std::optional<std::uint16_t> code;
  std::string why;
  std::uint64_t pings = 0;
};

WebClient::WebClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WebClient::~WebClient() = default;
WebClient::WebClient(WebClient&&) noexcept = default;
WebClient& WebClient::operator=(WebClient&&) noexcept = default;

Result<WebClient> WebClient::connect(Address to, std::string_view path, WebClientOptions options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  if (Result<void> opened = impl->open(to, std::string(path)); !opened) {
    return tl::make_unexpected(opened.error());
  }
  return WebClient(std::move(impl));
}

Result<void> WebClient::send(std::string_view text) {
  impl_->out = text;
  return impl_->write("sending", [this](OnDone done) {
    impl_->channel->write(impl_->out, false, std::move(done));
  });
}

Result<void> WebClient::send_binary(std::string_view bytes) {
  impl_->out = bytes;
  return impl_->write(
      "sending", [this](OnDone done) { impl_->channel->write(impl_->out, true, std::move(done)); });
}

Result<void> WebClient::send_raw(std::string_view bytes) {
  impl_->out = bytes;
  return impl_->write(
      "sending", [this](OnDone done) { impl_->channel->write_raw(impl_->out, std::move(done)); });
}

Result<std::string> WebClient::receive(Duration patience) {
  Impl& it = *impl_;
  if (it.messages.empty()) {
    it.read();
    it.loop.run_until(Steady::now() + patience,
                      [&] { return !it.messages.empty() || it.code.has_value(); });
  }
  if (!it.messages.empty()) {
    std::string text = std::move(it.messages.front());
    it.messages.pop_front();
    return text;
  }
  if (!it.code) return timed_out("receiving");
  return refuse(Errc::io_failed, "net.web_client", fmt::format("closed: {} {}", *it.code, it.why));
}

Result<void> WebClient::close(std::uint16_t code, std::string_view reason) {
  Impl& it = *impl_;
  if (it.code) return {};
  error_code error;
  const bool is_in_time = it.loop.run(it.deadline(), error, [&](OnDone done) {
    it.channel->close({static_cast<websocket::close_code>(code), {reason.data(), reason.size()}},
                      std::move(done));
  });
  if (!is_in_time) return timed_out("closing");
  it.ended(error);
  if (error) return failed("closing", error);
  return {};
}

std::optional<std::uint16_t> WebClient::close_code() const {
  return impl_->code;
}
std::string WebClient::close_reason() const {
  return impl_->why;
}
std::uint64_t WebClient::pings() const {
  return impl_->pings;
}

std::string WebClient::subprotocol() const {
  const beast::string_view selected = impl_->response[http::field::sec_websocket_protocol];
  return {selected.data(), selected.size()};
}

namespace {

struct Exchange {
  http::request<http::empty_body> request{http::verb::get, "/", 11};
  http::response_parser<http::string_body> parser;
  beast::flat_buffer in;
};

template <class Stream>
Result<void> exchange(Loop& loop, Stream& stream, Exchange& it, Steady::time_point deadline) {
  error_code error;
  bool is_in_time = loop.run(deadline, error, [&](OnDone done) {
    http::async_write(stream, it.request,
                      [done = std::move(done)](error_code result, std::size_t) { done(result); });
  });
  if (!is_in_time) return timed_out("sending the request");
  if (error) return failed("sending the request", error);
  is_in_time = loop.run(deadline, error, [&](OnDone done) {
    http::async_read(stream, it.in, it.parser,
                     [done = std::move(done)](error_code result, std::size_t) { done(result); });
  });
  if (!is_in_time) return timed_out("waiting for the response");
  if (error) return failed("reading the response", error);
  return {};
}

}  // namespace

Result<HttpResponse> http_get(Address to, std::string_view target, WebClientOptions options) {
  Exchange it;
  it.parser.body_limit(response_bytes_max);
  it.request.target({target.data(), target.size()});
  it.request.set(http::field::host, detail::host_of(to, options));
  it.request.set(http::field::connection, "close");
  if (!options.origin.empty()) it.request.set(http::field::origin, options.origin);
  Loop loop;
  Transport transport(loop);
  Result<void> done = transport.connect(to, options);
  const auto deadline = Steady::now() + options.timeout;
  if (done) {
    done = transport.tls ? exchange(loop, *transport.tls, it, deadline)
                         : exchange(loop, *transport.plain, it, deadline);
  }
  if (!done) return tl::make_unexpected(done.error());
  HttpResponse response{.status = it.parser.get().result_int(), .body = it.parser.get().body()};
  response.content_type.clear();
  for (const auto& field : it.parser.get()) {
    const std::string value(field.value().data(), field.value().size());
    if (field.name() == http::field::content_type) {
      response.content_type = value;
    } else {
      response.headers.emplace_back(
          std::string(field.name_string().data(), field.name_string().size()), value);
    }
  }
  return response;
}

}  // namespace cord::net
