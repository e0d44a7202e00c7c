#include "net/detail/stream_connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>

namespace cord::net::detail {
namespace {

constexpr std::string_view handshakes = "cord_net_tls_handshakes_total";
constexpr std::string_view handshakes_help = "TLS handshakes of streams, either way";

}  // namespace

// ---- StreamTable

StreamMetrics::StreamMetrics(Metrics& metrics, const StreamOptions& options)
    : connections(metrics.gauge("cord_net_tcp_connections", "Open TCP streams")),
      accept_failed(metrics.counter("cord_net_tcp_accept_failed_total",
                                    "Connections the system could not accept")),
      handshakes_done(metrics.counter(handshakes, handshakes_help, "done")),
      handshakes_failed(metrics.counter(handshakes, handshakes_help, "failed")),
      handshakes_untrusted(metrics.counter(handshakes, handshakes_help, "untrusted")),
      handshakes_misled(metrics.counter(handshakes, handshakes_help, "wrong_name")),
      connections_used(metrics.bound("tcp.connections_max", options.connections_max)),
      handshakes_used(metrics.bound("tcp.handshakes_max", options.handshakes_max)),
      outbound_bytes_used(metrics.bound("tcp.outbound_bytes_max", options.outbound_bytes_max)) {
  for (std::size_t i = 0; i < by_end.size(); ++i) {
    by_end[i] = &metrics.counter("cord_net_tcp_ended_total", "TCP streams ended, by cause",
                                 name_of(static_cast<StreamEnd>(i)));
  }
}

ConnectionId StreamTable::next_id() {
  const std::lock_guard lock(mutex_);
  return ConnectionId{++last_id_};
}

StreamTable::Added StreamTable::add(const std::shared_ptr<StreamConnection>& connection,
                                    bool keeps_if_full) {
  const std::lock_guard lock(mutex_);
  if (is_stopped_) return Added::stopped;
  const bool is_full = connections_.size() >= options.connections_max;
  if (!is_full || keeps_if_full) connections_.emplace(connection->id, connection);
  metrics.connections_used.raise(static_cast<std::int64_t>(connections_.size()));
  return is_full ? Added::full : Added::yes;
}

std::shared_ptr<StreamConnection> StreamTable::find(ConnectionId id) const {
  const std::lock_guard lock(mutex_);
  const auto it = connections_.find(id);
  return it == connections_.end() ? nullptr : it->second;
}

std::size_t StreamTable::size() const {
  const std::lock_guard lock(mutex_);
  return connections_.size();
}

bool StreamTable::begin_handshake() {
  const std::lock_guard lock(mutex_);
  if (handshakes_ >= options.handshakes_max) return false;
  metrics.handshakes_used.raise(static_cast<std::int64_t>(++handshakes_));
  return true;
}

void StreamTable::end_handshake() {
  const std::lock_guard lock(mutex_);
  --handshakes_;
}

StreamTlsContexts StreamTable::tls() const {
  const std::lock_guard lock(mutex_);
  return tls_;
}

void StreamTable::set_tls(StreamTlsContexts contexts) {
  const std::lock_guard lock(mutex_);
  tls_ = std::move(contexts);
}

void StreamTable::end(ConnectionId id, StreamEnd how, const std::string& detail, bool is_known) {
  {
    const std::lock_guard lock(mutex_);
    connections_.erase(id);
    ++callbacks_running_;
  }
  metrics.ended(how).add();
  if (is_known && callbacks.closed) callbacks.closed(id, how, detail);
  const std::lock_guard lock(mutex_);
  if (--callbacks_running_ == 0 && connections_.empty()) is_quiet_.notify_all();
}

bool StreamTable::stop(Duration patience) {
  std::vector<std::shared_ptr<StreamConnection>> all;
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    for (const auto& [id, connection] : connections_) all.push_back(connection);
  }
  for (const auto& it : all) it->abort(StreamEnd::stopped);
  std::unique_lock lock(mutex_);
  return is_quiet_.wait_for(lock, patience,
                            [this] { return connections_.empty() && callbacks_running_ == 0; });
}

void StreamTable::forget() {
  std::unordered_map<ConnectionId, std::shared_ptr<StreamConnection>> gone;
  const std::lock_guard lock(mutex_);
  is_stopped_ = true;
  gone.swap(connections_);
}

// ---- StreamConnection

StreamConnection::StreamConnection(std::shared_ptr<StreamTable> table, TcpSocket socket,
                                   std::optional<TlsPeer> wanted)
    : id(table->next_id()),
      table_(std::move(table)),
      socket_(std::move(socket)),
      wanted_(std::move(wanted)),
      deadline_(socket_.get_executor()),
      idle_(socket_.get_executor()) {}

void StreamConnection::open_inbound() {
  asio::dispatch(socket_.get_executor(), [self = shared_from_this()] {
    boost::system::error_code error;
    const Address peer = to_address(self->socket_.remote_endpoint(error));
    if (self->is_ended_) return;
    self->arm_deadline(self->table_->options.handshake_timeout, StreamEnd::connect_timeout);
    self->on_connected(peer);
  });
}

void StreamConnection::connect(Address to) {
  asio::dispatch(socket_.get_executor(), [self = shared_from_this(), to] {
    if (self->is_ended_) return;
    self->arm_deadline(self->table_->options.connect_timeout, StreamEnd::connect_timeout);
    self->socket_.async_connect(to_endpoint<asio::ip::tcp::endpoint>(to),
                                [self, to](const boost::system::error_code& error) {
                                  if (self->is_ended_) return;
                                  if (error) {
                                    return self->end(
                                        StreamEnd::connect_failed,
                                        fmt::format("tcp {}: {}", to, words_of(error)));
                                  }
                                  self->on_connected(to);
                                });
  });
}

void StreamConnection::on_connected(Address peer) {
  if (table_->options.tls) return shake_hands(peer);
  deadline_.cancel();
  open(peer);
}

void StreamConnection::shake_hands(Address peer) {
  const StreamTlsContexts contexts = table_->tls();
  context_ = wanted_ ? contexts.client : contexts.server;
  if (!context_) return end(StreamEnd::failed, "tls: no certificate is loaded");
  if (!wanted_) {
    const auto& admits = table_->callbacks.admits;
    if (admits && !admits(peer)) return end(StreamEnd::limit, {});
    is_shaking_ = table_->begin_handshake();
    if (!is_shaking_) return end(StreamEnd::limit, {});
  }
  tls_.emplace(socket_, *context_);
  if (wanted_) prepare_handshake(tls_->native_handle(), *wanted_);
  const auto role = wanted_ ? asio::ssl::stream_base::client : asio::ssl::stream_base::server;
  tls_->async_handshake(role,
                        [self = shared_from_this(), peer](const boost::system::error_code& error) {
                          if (!self->is_ended_) self->on_shaken(peer, error);
                        });
}

void StreamConnection::on_shaken(Address peer, const boost::system::error_code& error) {
  end_handshake();
  StreamMetrics& metrics = table_->metrics;
  if (error) {
    const long verdict = SSL_get_verify_result(tls_->native_handle());
    if (verdict == X509_V_OK) {
      return refuse_handshake(metrics.handshakes_failed, peer, words_of(error));
    }
    return refuse_handshake(metrics.handshakes_untrusted, peer,
                            X509_verify_cert_error_string(verdict));
  }
  const X509* theirs = SSL_get0_peer_certificate(tls_->native_handle());
  if (wanted_ && wanted_->is_verified && (theirs == nullptr || !is_for(theirs, *wanted_, peer))) {
    return refuse_handshake(metrics.handshakes_misled, peer, "its certificate is for another one");
  }
  metrics.handshakes_done.add();
  deadline_.cancel();
  open(peer);
}

void StreamConnection::refuse_handshake(Counter& by_reason, Address peer, std::string_view why) {
  by_reason.add();
  end(wanted_ ? StreamEnd::connect_failed : StreamEnd::failed,
      fmt::format("tls {}: {}", peer, why));
}

void StreamConnection::end_handshake() {
  if (std::exchange(is_shaking_, false)) table_->end_handshake();
}

void StreamConnection::open(Address peer) {
  boost::system::error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  is_open_ = true;
  table_->metrics.connections.add(1);
  last_active_ = std::chrono::steady_clock::now();
  if (table_->options.idle_timeout > Duration::zero()) {
    watch_idleness(table_->options.idle_timeout);
  }
  if (table_->callbacks.opened) table_->callbacks.opened(id, peer, !wanted_);
  read();
  pump();
}

void StreamConnection::read() {
  auto done = [self = shared_from_this()](const boost::system::error_code& error,
                                          std::size_t bytes) {
    if (!self->is_ended_) self->on_read(error, bytes);
  };
  if (tls_) return tls_->async_read_some(asio::buffer(in_), std::move(done));
  socket_.async_read_some(asio::buffer(in_), std::move(done));
}

void StreamConnection::on_read(const boost::system::error_code& error, std::size_t bytes) {
  if (error) {
    if (is_drained_) return end(StreamEnd::asked, {});
    // Many end TLS without saying so; what was cut short shows in the framing above.
    const bool is_end = error == asio::error::eof || error == asio::ssl::error::stream_truncated;
    if (is_end) return end(StreamEnd::peer_closed, {});
    return end(StreamEnd::failed, words_of(error));
  }
  last_active_ = std::chrono::steady_clock::now();
  bool is_closing = false;
  {
    const std::lock_guard lock(mutex_);
    is_closing = is_closing_;
  }
  if (!is_closing && table_->callbacks.bytes) table_->callbacks.bytes(id, {in_.data(), bytes});
  if (!is_ended_) read();
}

bool StreamConnection::send(std::string bytes) {
  bool is_overflow = false;
  {
    const std::lock_guard lock(mutex_);
    if (is_closing_) return false;
    is_overflow = bytes.size() > table_->options.outbound_bytes_max - outbound_bytes_;
    if (is_overflow) {
      is_closing_ = true;
    } else {
      outbound_bytes_ += bytes.size();
      table_->metrics.outbound_bytes_used.raise(static_cast<std::int64_t>(outbound_bytes_));
      queued_.push_back(std::move(bytes));
      // Whoever queued the first has woken the writer.
      if (queued_.size() > 1) return true;
    }
  }
  if (is_overflow) {
    abort(StreamEnd::overflow);
    return false;
  }
  asio::dispatch(socket_.get_executor(), [self = shared_from_this()] { self->pump(); });
  return true;
}

void StreamConnection::close() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(is_closing_, true)) return;
  }
  asio::dispatch(socket_.get_executor(), [self = shared_from_this()] {
    if (self->is_ended_) return;
    if (!self->is_open_) return self->end(StreamEnd::asked, {});
    self->arm_deadline(self->table_->options.close_timeout, StreamEnd::failed);
    self->pump();
  });
}

void StreamConnection::abort(StreamEnd how) {
  asio::dispatch(socket_.get_executor(), [self = shared_from_this(), how] { self->end(how, {}); });
}

/// Moves what is queued into the writer's empty hand. False if there is nothing; then, if closing,
/// that was all.
bool StreamConnection::take_queued() {
  const std::lock_guard lock(mutex_);
  writing_.swap(queued_);
  if (!writing_.empty()) return true;
  is_drained_ = is_closing_;
  return false;
}

/// Tells the peer that this was all; it then reads the end, and ends its side.
void StreamConnection::say_goodbye() {
  if (tls_) {
    return tls_->async_shutdown([self = shared_from_this()](const boost::system::error_code&) {
      if (!self->is_ended_) self->end(StreamEnd::asked, {});
    });
  }
  boost::system::error_code ignored;
  socket_.shutdown(asio::socket_base::shutdown_send, ignored);
}

void StreamConnection::pump() {
  if (!is_open_ || is_ended_ || is_drained_ || !writing_.empty()) return;
  if (!take_queued()) {
    if (is_drained_) say_goodbye();
    return;
  }
  std::vector<asio::const_buffer> buffers;
  buffers.reserve(writing_.size());
  for (const std::string& it : writing_) buffers.push_back(asio::buffer(it));
  auto done = [self = shared_from_this()](const boost::system::error_code& error,
                                          std::size_t bytes) {
    if (!self->is_ended_) self->on_written(error, bytes);
  };
  if (tls_) return asio::async_write(*tls_, buffers, std::move(done));
  asio::async_write(socket_, buffers, std::move(done));
}

void StreamConnection::on_written(const boost::system::error_code& error, std::size_t bytes) {
  if (error) return end(StreamEnd::failed, words_of(error));
  last_active_ = std::chrono::steady_clock::now();
  writing_.clear();
  {
    const std::lock_guard lock(mutex_);
    outbound_bytes_ -= bytes;
  }
  pump();
}

void StreamConnection::arm_deadline(Duration patience, StreamEnd how) {
  deadline_.expires_after(patience);
  deadline_.async_wait([self = shared_from_this(), how](const boost::system::error_code& error) {
    if (error || self->is_ended_) return;
    // Everything was sent, only the peer keeps its side open: that is closed as asked.
    self->end(self->is_drained_ ? StreamEnd::asked : how, "timed out");
  });
}

/// One timer for each connection, set again only when it fires: activity just notes the time.
void StreamConnection::watch_idleness(Duration patience) {
  idle_.expires_after(patience);
  idle_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (error || self->is_ended_) return;
    const auto idle =
        std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - self->last_active_);
    const Duration idle_timeout = self->table_->options.idle_timeout;
    if (idle >= idle_timeout) return self->end(StreamEnd::idle, {});
    self->watch_idleness(idle_timeout - idle);
  });
}

void StreamConnection::end(StreamEnd how, const std::string& detail) {
  if (std::exchange(is_ended_, true)) return;
  {
    const std::lock_guard lock(mutex_);
    is_closing_ = true;
  }
  deadline_.cancel();
  idle_.cancel();
  end_handshake();
  boost::system::error_code ignored;
  socket_.close(ignored);
  if (is_open_) table_->metrics.connections.add(-1);
  table_->end(id, how, detail, is_open_ || wanted_);
}

}  // namespace cord::net::detail
