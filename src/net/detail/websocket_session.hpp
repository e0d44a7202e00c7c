// One WebSocket connection (RFC 6455), of the server or of a client, on either kind of stream.
// Everything but send(), close() and drop() runs on the connection's strand.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/detail/gathering_stream.hpp"
#include "net/detail/outbound_queue.hpp"
#include "net/detail/web_stream.hpp"

namespace cord::net::detail {

using StrandTimer =
    asio::basic_waitable_timer<std::chrono::steady_clock,
                               asio::wait_traits<std::chrono::steady_clock>, Strand>;

template <class Stream>
class WebSocketSession final : public WebPeer,
                               public std::enable_shared_from_this<WebSocketSession<Stream>> {
 public:
  WebSocketSession(std::shared_ptr<WebShared> shared, Stream stream, ConnectionId id, Address peer)
      : shared_(std::move(shared)),
        ws_(std::move(stream)),
        strand_(beast::get_lowest_layer(ws_).get_executor()),
        id_(id),
        peer_(peer),
        queue_(options().queued_messages_max, options().queued_bytes_max),
        ping_timer_(strand_),
        close_timer_(strand_) {}

  /// Answers the upgrade request and, once that is done, opens. `subprotocol` may be empty.
  void accept(const http::request<http::string_body>& request, const std::string& subprotocol) {
    ws_.set_option(
        websocket::stream_base::decorator([subprotocol](websocket::response_type& response) {
          response.erase(http::field::server);
          if (!subprotocol.empty()) {
            response.set(http::field::sec_websocket_protocol, subprotocol);
          }
        }));
    set_up();
    ws_.async_accept(request, [self = this->shared_from_this()](beast::error_code error) {
      self->on_upgraded(error, "the upgrade failed");
    });
  }

  /// Sends the upgrade request of a client and, once it is granted, opens.
  void connect(const ClientUpgrade& upgrade) {
    ws_.set_option(websocket::stream_base::decorator(upgrade.decorate));
    set_up();
    auto response = std::make_shared<websocket::response_type>();
    ws_.async_handshake(*response, upgrade.host, upgrade.path,
                        [self = this->shared_from_this(), response](beast::error_code error) {
                          self->on_upgraded(error,
                                            "upgrading: " + words_of_refusal(error, *response));
                        });
  }

  bool send(std::string text) override {
    switch (queue_.push(std::move(text))) {
      case OutboundQueue::Pushed::wake:
        asio::dispatch(strand_, [self = this->shared_from_this()] { self->pump(); });
        return true;
      case OutboundQueue::Pushed::queued:
        note_fill();
        return true;
      case OutboundQueue::Pushed::closed:
        return false;
      case OutboundQueue::Pushed::overflow:
        break;
    }
    if (queue_.close_now({close_code::too_slow, "too slow: the outbound queue is full"})) {
      shared_->metrics.closed_too_slow.add();
      begin_closing();
    }
    return false;
  }

  void post(std::function<void()> work) override { asio::post(strand_, std::move(work)); }

  void close(std::uint16_t code, std::string reason) override {
    if (queue_.close({code, std::move(reason)})) begin_closing();
  }

  void drop() override {
    asio::dispatch(strand_, [self = this->shared_from_this()] {
      if (self->is_finished_) return;
      // A reset: nothing more is sent, and no port waits for stragglers.
      beast::error_code ignored;
      beast::get_lowest_layer(self->ws_).socket().set_option(asio::socket_base::linger(true, 0),
                                                             ignored);
      self->kill();
    });
  }

  bool when_drained(std::function<void()> then) override {
    if (queue_.closing()) return false;
    asio::dispatch(strand_, [self = this->shared_from_this(), then = std::move(then)]() mutable {
      if (self->is_finished_) return;
      self->when_drained_ = std::move(then);
      self->pump();
    });
    return true;
  }

  // For end_stream().
  Stream& stream() { return ws_.next_layer().next_layer(); }
  std::chrono::steady_clock::time_point end_deadline() {
    return close_deadline_ ? *close_deadline_
                           : std::chrono::steady_clock::now() + options().close_timeout;
  }
  void ended() { shared_->remove(id_); }
  ScratchBuffer scratch;

 private:
  const WebServerOptions& options() const { return shared_->options; }

  // A message that is written at once needs no room to speak of.
  void note_fill() {
    const OutboundQueue::Fill fill = queue_.fill();
    shared_->metrics.queued_messages_used.raise(static_cast<std::int64_t>(fill.messages));
    shared_->metrics.queued_bytes_used.raise(static_cast<std::int64_t>(fill.bytes));
  }

  void set_up() {
    beast::get_lowest_layer(ws_).expires_never();
    ws_.set_option(websocket::stream_base::timeout{options().handshake_timeout,
                                                   websocket::stream_base::none(), false});
    ws_.read_message_max(options().message_bytes_max);
    ws_.auto_fragment(false);
    ws_.text(true);
    ws_.control_callback([this](websocket::frame_type kind, beast::string_view) {
      if (kind == websocket::frame_type::pong) is_pong_due_ = false;
      // Beast answers a close frame by itself; only the time it may take is ours.
      if (kind == websocket::frame_type::close) arm_close_deadline();
    });
  }

  void on_upgraded(beast::error_code error, std::string_view why_not) {
    if (error || queue_.closing()) {
      if (shared_->on_not_opened) shared_->on_not_opened(id_, error ? why_not : "closed by us");
      // What Beast has answered must still leave.
      return ws_.next_layer().async_flush(
          [self = this->shared_from_this()] { self->finish_abruptly("the upgrade failed"); });
    }
    // From here on the timers of this class rule.
    ws_.set_option(websocket::stream_base::timeout{websocket::stream_base::none(),
                                                   websocket::stream_base::none(), false});
    is_open_ = true;
    shared_->metrics.connections.add(1);
    if (shared_->callbacks.on_open) shared_->callbacks.on_open(id_, peer_);
    arm_ping(options().ping_interval);
    read();
  }

  // ---- reading

  void read() {
    ws_.async_read(in_, [self = this->shared_from_this()](beast::error_code error, std::size_t) {
      self->on_read(error);
    });
  }

  void on_read(beast::error_code error) {
    if (is_finished_) return;
    if (error) return on_read_failed(error);
    if (queue_.closing()) {
      in_.consume(in_.size());
    } else if (ws_.got_binary()) {
      shared_->metrics.closed_not_text.add();
      if (queue_.close_now({close_code::not_text, "only text messages are understood"})) {
        begin_closing();
      }
    } else {
      deliver();
    }
    // Once our close frame is on its way, Beast reads up to the peer's.
    if (!is_close_sent_ && !is_finished_) read();
  }

  void deliver() {
    std::string text = beast::buffers_to_string(in_.data());
    in_.consume(in_.size());
    constexpr std::size_t kept_bytes_max = 4 * 1024;  // Thousands of connections, mostly idle.
    if (in_.capacity() > kept_bytes_max) in_.shrink_to_fit();
    shared_->metrics.messages_in.add();
    shared_->metrics.message_bytes_used.raise(static_cast<std::int64_t>(text.size()));
    if (shared_->callbacks.on_message) shared_->callbacks.on_message(id_, std::move(text));
  }

  void on_read_failed(beast::error_code error) {
    if (is_close_sent_ && is_alive_) return;  // on_closed() tells the end.
    if (error == websocket::error::closed) {
      const auto code = static_cast<std::uint16_t>(ws_.reason().code);
      const bool has_code = code != websocket::close_code::none;
      return finish(has_code ? code : close_code::none,
                    {ws_.reason().reason.data(), ws_.reason().reason.size()});
    }
    // In these cases Beast has sent the close frame already.
    if (error == websocket::error::message_too_big || error == websocket::error::buffer_overflow) {
      shared_->metrics.closed_too_big.add();
      return finish(close_code::too_big, "the message is too big");
    }
    if (error == websocket::error::bad_frame_payload) {
      shared_->metrics.closed_not_utf8.add();
      return finish(close_code::not_utf8, "the message is not UTF-8");
    }
    if (error == websocket::condition::protocol_violation) {
      return finish(close_code::protocol_error, error.message());
    }
    finish_abruptly(words_of(error));
  }

  // ---- writing

  /// Writes what is queued, one message after the other.
  void pump() {
    if (is_writing_ || is_close_sent_ || is_finished_ || !is_open_) return;
    OutboundQueue::Item item = queue_.next();
    if (auto* text = std::get_if<std::string>(&item)) {
      out_ = std::move(*text);
      is_writing_ = true;
      ws_.async_write(asio::buffer(out_),
                      [self = this->shared_from_this()](beast::error_code error, std::size_t) {
                        self->on_written(error);
                      });
    } else if (auto* close = std::get_if<OutboundQueue::Close>(&item)) {
      when_drained_ = {};
      send_close(*close);
    } else if (auto then = std::exchange(when_drained_, {})) {
      then();
    }
  }

  void on_written(beast::error_code error) {
    is_writing_ = false;
    if (is_finished_) return;
    // The reader hears of every failure too, and knows its cause; if it is busy, the ping rule ends
    // the connection.
    if (error) return;
    shared_->metrics.messages_out.add();
    pump();
  }

  // ---- closing

  void begin_closing() {
    asio::dispatch(strand_, [self = this->shared_from_this()] {
      if (self->is_finished_) return;
      if (!self->is_open_) return self->kill();
      self->arm_close_deadline();
      self->pump();
    });
  }

  void send_close(const OutboundQueue::Close& close) {
    is_close_sent_ = true;
    ping_timer_.cancel();
    ws_.async_close(
        websocket::close_reason(static_cast<websocket::close_code>(close.code), cut(close.reason)),
        [self = this->shared_from_this()](beast::error_code error) { self->on_closed(error); });
  }

  void on_closed(beast::error_code error) {
    if (is_finished_) return;
    if (error) return finish_abruptly(words_of(error));
    finish(close_code::abnormal, {});
  }

  void arm_close_deadline() {
    if (close_deadline_) return;
    close_deadline_ = std::chrono::steady_clock::now() + options().close_timeout;
    close_timer_.expires_at(*close_deadline_);
    close_timer_.async_wait([self = this->shared_from_this()](beast::error_code error) {
      if (error || self->is_finished_) return;
      self->shared_->metrics.closed_timeout.add();
      self->kill();
    });
  }

  /// The socket is gone at once; finish() follows from whatever was pending on it.
  void kill() {
    is_alive_ = false;
    beast::get_lowest_layer(ws_).close();
  }

  void finish_abruptly(std::string_view why) {
    kill();
    finish(close_code::abnormal, why);
  }

  /// The end, once. If we asked for it, what we said counts, whatever came in between.
  void finish(std::uint16_t code, std::string_view reason) {
    if (is_finished_) return;
    is_finished_ = true;
    when_drained_ = {};
    ping_timer_.cancel();
    close_timer_.cancel();
    if (is_open_) report(code, reason);
    if (!is_alive_) return ended();
    end_stream(this->shared_from_this());
  }

  void report(std::uint16_t code, std::string_view reason) {
    shared_->metrics.connections.add(-1);
    if (!shared_->callbacks.on_close) return;
    const auto asked = queue_.closing();
    if (asked) {
      shared_->callbacks.on_close(id_, asked->code, asked->reason);
    } else {
      shared_->callbacks.on_close(id_, code, std::string(reason));
    }
  }

  // ---- keep-alive

  void arm_ping(Duration after) {
    ping_timer_.expires_after(after);
    ping_timer_.async_wait([self = this->shared_from_this()](beast::error_code error) {
      if (!error && !self->is_finished_) self->on_ping_timer();
    });
  }

  /// Two steps by turns: send a ping and give the pong its time, then wait out the interval.
  void on_ping_timer() {
    if (is_ping_running_ || is_pong_due_) {
      shared_->metrics.closed_no_pong.add();
      return finish_abruptly("no pong in time");
    }
    const Duration rest = options().ping_interval - options().pong_timeout;
    if (std::exchange(is_pong_awaited_, false) && rest > Duration::zero()) return arm_ping(rest);
    is_pong_awaited_ = is_pong_due_ = is_ping_running_ = true;
    ws_.async_ping({}, [self = this->shared_from_this()](beast::error_code) {
      self->is_ping_running_ = false;
    });
    arm_ping(options().pong_timeout);
  }

  /// A close frame has room for 123 bytes of reason; a character is not cut in two.
  static std::string_view cut(const std::string& reason) {
    constexpr std::size_t reason_bytes_max = 123;
    if (reason.size() <= reason_bytes_max) return reason;
    std::size_t end = reason_bytes_max;
    while (end > 0 && (static_cast<unsigned char>(reason[end]) & 0xc0) == 0x80) --end;
    return std::string_view(reason).substr(0, end);
  }

  std::shared_ptr<WebShared> shared_;
  websocket::stream<GatheringStream<Stream>> ws_;
  Strand strand_;
  const ConnectionId id_;
  const Address peer_;
  OutboundQueue queue_;
  beast::flat_buffer in_;
  std::string out_;  // the message being written
  std::function<void()> when_drained_;
  StrandTimer ping_timer_;
  StrandTimer close_timer_;
  std::optional<std::chrono::steady_clock::time_point> close_deadline_;
  bool is_open_ = false;
  bool is_alive_ = true;  // the socket is not closed
  bool is_writing_ = false;
  bool is_close_sent_ = false;
  bool is_finished_ = false;
  bool is_ping_running_ = false;
  bool is_pong_due_ = false;
  bool is_pong_awaited_ = false;
};

}  // namespace cord::net::detail
