#include "drivers/sip/media_desk.hpp"

namespace cord::drivers {

void MediaDesk::await(media::Token token, AwaitedReply reply, Instant now) {
  using Kind = AwaitedReply::Kind;
  const bool is_quick =
      reply.kind == Kind::open || reply.kind == Kind::close || reply.kind == Kind::operation;
  reply.timer =
      timers_.start(now + reply.takes + (is_quick ? reply_max_ : recorder_reply_max_), token);
  awaited_.emplace(token, reply);
}

std::optional<AwaitedReply> MediaDesk::take(media::Token token) {
  const auto found = awaited_.find(token);
  if (found == awaited_.end()) return std::nullopt;
  AwaitedReply reply = found->second;
  awaited_.erase(found);
  timers_.cancel(reply.timer);
  return reply;
}

std::optional<AwaitedReply> MediaDesk::expire(Instant now) {
  const auto token = timers_.advance(now);
  return token ? take(*token) : std::nullopt;
}

}  // namespace cord::drivers
