// Orders to the media plane and who waits for their answers, each for a bounded time.
#pragma once

#include <cstddef>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/timer_wheel.hpp"
#include "drivers/sip/leg.hpp"
#include "drivers/sip/ports.hpp"

namespace cord::drivers {

class MediaDesk {
 public:
  MediaDesk(MediaPort& port, Duration reply_max, Duration recorder_reply_max)
      : port_(port), reply_max_(reply_max), recorder_reply_max_(recorder_reply_max) {}

  /// Gives an order whose report nobody waits for. False: the plane's queue is full.
  template <class Order>
  [[nodiscard]] bool tell(Order order) {
    order.token = 0;
    return port_.submit(std::move(order));
  }

  /// Gives an order under a new token. False: the plane's queue is full, nothing is awaited.
  template <class Order>
  [[nodiscard]] bool ask(Order order, AwaitedReply reply, Instant now) {
    const media::Token token = ++last_token_;
    order.token = token;
    if (!port_.submit(std::move(order))) return false;
    await(token, reply, now);
    return true;
  }

  /// As ask(), but a full queue counts as an answer that does not come: expire() then tells.
  template <class Order>
  void ask_surely(Order order, AwaitedReply reply, Instant now) {
    const media::Token token = ++last_token_;
    order.token = token;
    (void)port_.submit(std::move(order));
    await(token, reply, now);
  }

  /// Who waits for the report with that token; nobody if it comes too late.
  [[nodiscard]] std::optional<AwaitedReply> take(media::Token token);

  /// One that has waited too long, or none. Call until none.
  [[nodiscard]] std::optional<AwaitedReply> expire(Instant now);

  [[nodiscard]] std::optional<Instant> next_due() const { return timers_.next_due(); }
  [[nodiscard]] std::size_t awaited() const { return awaited_.size(); }

 private:
  void await(media::Token token, AwaitedReply reply, Instant now);

  MediaPort& port_;
  const Duration reply_max_, recorder_reply_max_;
  media::Token last_token_ = 0;
  std::unordered_map<media::Token, AwaitedReply> awaited_;
  TimerWheel<media::Token> timers_;
};

}  // namespace cord::drivers
