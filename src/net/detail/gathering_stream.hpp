// Between Beast's WebSocket and a connection's stream: what is written in one go, message by
// message, leaves in one system call. An offer is ten messages; each on its own would wake the
// peer and cost more than everything else that is done for it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include "net/detail/web_stream.hpp"

namespace cord::net::detail {

/// An Asio stream, movable until its first operation. A write is done as soon as its bytes are
/// taken in: that they could not be sent, a later write tells, and whoever reads. At most
/// gathered_bytes_max and one write are taken in before the peer takes some. Of one strand.
template <class Next>
class GatheringStream {
 public:
  using next_layer_type = Next;
  using executor_type = typename Next::executor_type;
  static constexpr std::size_t gathered_bytes_max = 64 * 1024;

  explicit GatheringStream(Next next) : state_(std::make_shared<State>(std::move(next))) {}

  [[nodiscard]] Next& next_layer() { return state_->next; }
  [[nodiscard]] const Next& next_layer() const { return state_->next; }
  [[nodiscard]] executor_type get_executor() { return state_->next.get_executor(); }

  template <class Buffers, class Handler>
  auto async_read_some(const Buffers& buffers, Handler&& handler) {
    return state_->next.async_read_some(buffers, std::forward<Handler>(handler));
  }

  template <class Buffers, class Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    if (state_->has_room()) {
      const std::size_t taken_bytes = state_->take(buffers);
      asio::post(get_executor(), beast::bind_front_handler(std::forward<Handler>(handler),
                                                           state_->error, taken_bytes));
      return state_->send_soon();
    }
    state_->room.async_wait([state = state_, buffers,
                             handler = std::forward<Handler>(handler)](beast::error_code) mutable {
      const std::size_t taken_bytes = state->take(buffers);
      handler(state->error, taken_bytes);
      state->send_soon();
    });
  }

  /// Calls `handler` when everything that was taken in is sent, or cannot be.
  template <class Handler>
  void async_flush(Handler&& handler) {
    if (!state_->is_busy()) {
      asio::post(get_executor(), std::forward<Handler>(handler));
      return;
    }
    state_->flushed.async_wait(
        [handler = std::forward<Handler>(handler)](beast::error_code) mutable { handler(); });
  }

 private:
  using Condition =
      asio::basic_waitable_timer<std::chrono::steady_clock,
                                 asio::wait_traits<std::chrono::steady_clock>, executor_type>;

  // Outlives the stream while something of it is under way.
  struct State : std::enable_shared_from_this<State> {
    explicit State(Next stream)
        : next(std::move(stream)),
          room(next.get_executor(), Condition::time_point::max()),
          flushed(next.get_executor(), Condition::time_point::max()) {}

    [[nodiscard]] bool is_busy() const { return is_awaited || !sending.empty(); }
    [[nodiscard]] bool has_room() const { return error || gathered.size() < gathered_bytes_max; }

    template <class Buffers>
    std::size_t take(const Buffers& buffers) {
      if (error) return 0;
      const std::size_t before = gathered.size();
      for (const asio::const_buffer part : beast::buffers_range_ref(buffers)) {
        gathered.append(static_cast<const char*>(part.data()), part.size());
      }
      return gathered.size() - before;
    }

    void send_soon() {
      if (!is_busy() && !gathered.empty()) await_more();
    }

    /// Sends once a turn of the strand has brought nothing more: it goes behind the writer's
    /// handler there, which may write again.
    void await_more() {
      is_awaited = true;
      asio::post(next.get_executor(),
                 [self = this->shared_from_this(), seen_bytes = gathered.size()] {
                   const bool has_come = self->gathered.size() != seen_bytes;
                   if (has_come && self->has_room()) return self->await_more();
                   self->is_awaited = false;
                   self->send();
                 });
    }

    void send() {
      sending.swap(gathered);
      room.cancel();
      asio::async_write(next, asio::buffer(sending),
                        [self = this->shared_from_this()](beast::error_code failed, std::size_t) {
                          self->on_sent(failed);
                        });
    }

    void on_sent(beast::error_code failed) {
      constexpr std::size_t kept_bytes_max = 4 * 1024;  // Thousands of connections, mostly idle.
      sending.clear();
      if (sending.capacity() > kept_bytes_max) sending.shrink_to_fit();
      error = failed;
      if (error) gathered.clear();
      if (!gathered.empty()) return send();
      room.cancel();
      flushed.cancel();
    }

    Next next;
    std::string gathered;
    std::string sending;
    bool is_awaited = false;
    beast::error_code error;
    // Conditions in Asio's way: timers that never expire; to cancel one wakes who waits for it.
    Condition room;
    Condition flushed;
  };

  std::shared_ptr<State> state_;
};

/// Beast calls this between its last write and the end of its own work. Its default reads once and
/// closes, and the reset that unread bytes then cause can overtake the close frame: so this only
/// waits until that is sent, and end_stream() does the rest.
template <class Next, class Handler>
void async_teardown(beast::role_type, GatheringStream<Next>& stream, Handler&& handler) {
  stream.async_flush(
      beast::bind_front_handler(std::forward<Handler>(handler), beast::error_code{}));
}

}  // namespace cord::net::detail
