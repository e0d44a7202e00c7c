// One connection of the server while it speaks HTTP/1.1: a request, a response, and again; until it
// upgrades, and the stream moves to a WebSocketSession.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/steady_timer.hpp>

#include "net/detail/websocket_session.hpp"

namespace cord::net::detail {

using HttpIn = http::request<http::string_body>;
using HttpOut = http::response<http::string_body>;

// In http_rules.cpp: pure decisions on one request.
/// The answer if the rules refuse this request before anybody is asked, or none.
std::optional<HttpResponse> refuse_request(const HttpIn& request, WebShared& shared);
/// How near it came to the bounds of a request.
void note_sizes(const HttpIn& request, WebMetrics& metrics);
/// The subprotocol to select, or empty.
std::string select_subprotocol(const HttpIn& request, const WebServerOptions& options);
HttpRequest to_request(HttpIn&& request, const Address& peer);
/// The answer of the handler, or 404.
HttpResponse route(const HttpRequest& request, const WebCallbacks& callbacks);
/// The answer to something that could not be read as a request, or none: the peer is gone.
std::optional<HttpResponse> refuse_unreadable(beast::error_code error, WebMetrics& metrics);
HttpOut to_beast(HttpResponse response, unsigned version, bool is_head, bool keeps_alive);

template <class Stream>
class HttpSession final : public WebPeer, public std::enable_shared_from_this<HttpSession<Stream>> {
 public:
  struct Place {
    ConnectionId id;
    Address peer;
    bool is_full;
  };

  HttpSession(std::shared_ptr<WebShared> shared, Stream stream, Place place)
      : shared_(std::move(shared)),
        stream_(std::move(stream)),
        place_(place),
        patience_(stream_.get_executor()) {}

  void start() {
    asio::dispatch(lowest().get_executor(), [self = this->shared_from_this()] {
      if (!self->shared_->attach(self->place_.id, self)) return self->ended();
      if constexpr (std::is_same_v<Stream, TlsStream>) {
        self->shake_hands();
      } else {
        self->read(self->options().handshake_timeout);
      }
    });
  }

  bool send(std::string) override { return false; }
  bool when_drained(std::function<void()>) override { return false; }

  void close(std::uint16_t, std::string) override { drop(); }

  void drop() override {
    asio::dispatch(lowest().get_executor(), [self = this->shared_from_this()] {
      if (self->is_upgraded_) return;
      self->lowest().close();
      // Nothing is read or written meanwhile that would end with the socket.
      if (self->stop_waiting()) self->ended();
    });
  }

  // For end_stream().
  Stream& stream() { return stream_; }
  std::chrono::steady_clock::time_point end_deadline() {
    return std::chrono::steady_clock::now() + options().close_timeout;
  }
  void ended() { shared_->remove(place_.id); }
  ScratchBuffer scratch;

 private:
  const WebServerOptions& options() const { return shared_->options; }
  auto& lowest() { return beast::get_lowest_layer(stream_); }

  void shake_hands() {
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      lowest().expires_after(options().handshake_timeout);
      stream_.async_handshake(asio::ssl::stream_base::server,
                              [self = this->shared_from_this()](beast::error_code error) {
                                if (error) return self->on_unreadable(error);
                                self->read(self->options().handshake_timeout);
                              });
    }
  }

  /// One deadline for the whole request: a peer that sends it byte by byte gains nothing.
  void read(Duration patience) {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(options().http_header_bytes_max));
    parser_->body_limit(options().http_body_bytes_max);
    lowest().expires_after(patience);
    http::async_read(stream_, in_, *parser_,
                     [self = this->shared_from_this()](beast::error_code error, std::size_t) {
                       if (error) return self->on_unreadable(error);
                       HttpIn request = self->parser_->release();
                       note_sizes(request, self->shared_->metrics);
                       self->on_request(std::move(request));
                     });
  }

  void on_unreadable(beast::error_code error) {
    std::optional<HttpResponse> response = refuse_unreadable(error, shared_->metrics);
    if (response) return respond(to_beast(std::move(*response), 11, false, false));
    if (error == http::error::end_of_stream) return end_stream(this->shared_from_this());
    lowest().close();
    ended();
  }

  void on_request(HttpIn request) {
    const bool is_head = request.method() == http::verb::head;
    if (place_.is_full) {
      HttpResponse full{.status = 503, .body = "too many connections\n"};
      return respond(to_beast(std::move(full), request.version(), is_head, false));
    }
    std::optional<HttpResponse> refusal = refuse_request(request, *shared_);
    if (refusal) {
      return respond(to_beast(std::move(*refusal), request.version(), is_head, false));
    }
    if (websocket::is_upgrade(request)) return upgrade(request);
    version_ = request.version();
    keeps_alive_ = request.keep_alive();
    const HttpRequest asked = to_request(std::move(request), place_.peer);
    if (take(asked)) return;
    respond(to_beast(route(asked, shared_->callbacks), version_, is_head, keeps_alive_));
  }

  /// True if the answer comes later.
  bool take(const HttpRequest& request) {
    if (!shared_->callbacks.take) return false;
    is_waiting_ = true;
    const std::uint64_t turn = ++turn_;
    const auto later = [self = this->shared_from_this(), turn](HttpResponse response) {
      asio::dispatch(self->lowest().get_executor(),
                     [self, turn, it = std::move(response)]() mutable {
                       if (self->turn_ == turn) self->answer(std::move(it));
                     });
    };
    patience_.expires_after(options().answer_timeout);
    patience_.async_wait([later](beast::error_code error) {
      if (!error) later({.status = 503, .body = "not answered in time\n"});
    });
    if (shared_->callbacks.take(request, later)) return true;
    (void)stop_waiting();
    return false;
  }

  void answer(HttpResponse response) {
    if (stop_waiting()) respond(to_beast(std::move(response), version_, false, keeps_alive_));
  }

  /// True if it waited for an answer until now.
  bool stop_waiting() {
    patience_.cancel();
    return std::exchange(is_waiting_, false);
  }

  void respond(HttpOut response) {
    out_ = std::move(response);
    lowest().expires_after(options().handshake_timeout);
    http::async_write(stream_, *out_,
                      [self = this->shared_from_this()](beast::error_code error, std::size_t) {
                        self->on_written(error);
                      });
  }

  void on_written(beast::error_code error) {
    if (error) {
      lowest().close();
      return ended();
    }
    if (out_->need_eof() || !out_->keep_alive()) return end_stream(this->shared_from_this());
    read(options().http_idle_timeout);
  }

  void upgrade(const HttpIn& request) {
    // A client has to wait for our answer before it sends frames (RFC 6455 §4.1).
    if (in_.size() > 0) {
      shared_->metrics.refused_malformed.add();
      HttpResponse early{.status = 400, .body = "frames before the upgrade was answered\n"};
      return respond(to_beast(std::move(early), request.version(), false, false));
    }
    is_upgraded_ = true;
    auto session = std::make_shared<WebSocketSession<Stream>>(shared_, std::move(stream_),
                                                              place_.id, place_.peer);
    if (!shared_->attach(place_.id, session)) return ended();
    session->accept(request, select_subprotocol(request, options()));
  }

  std::shared_ptr<WebShared> shared_;
  Stream stream_;
  const Place place_;
  beast::flat_buffer in_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<HttpOut> out_;
  bool is_upgraded_ = false;
  // Of a request that is answered later:
  asio::steady_timer patience_;
  bool is_waiting_ = false;
  std::uint64_t turn_ = 0;
  unsigned version_ = 11;
  bool keeps_alive_ = false;
};

}  // namespace cord::net::detail
