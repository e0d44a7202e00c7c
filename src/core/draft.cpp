#include "core/draft.hpp"

namespace cord::core {

namespace {

bool is_empty(const Block& block) {
  return !block.reply && block.events.empty() && !block.close;
}

// What a phone hears whose transfer is refused, or fails before anybody else has the call.
TransferEnd transfer_end_of(Errc why) {
  switch (why) {
    case Errc::invalid_request:
      return TransferEnd::no_route;
    case Errc::target_not_found:
      return TransferEnd::unknown;
    case Errc::unsupported:
    case Errc::permission_denied:
      return TransferEnd::forbidden;
    case Errc::endpoint_unreachable:
      return TransferEnd::unreachable;
    case Errc::invalid_state:
      return TransferEnd::refused;
    case Errc::rate_limited:
      return TransferEnd::pending;
    default:
      return TransferEnd::failed;
  }
}

}  // namespace

void Draft::begin_block() {
  if (blocks_.empty() || !is_empty(blocks_.back())) blocks_.emplace_back();
}

void Draft::reply(RequestId request, ConnectionId connection, Result<Success> outcome) {
  begin_block();
  if (is_of_phone(request)) {
    if (!outcome) order(EndTransfer{request, transfer_end_of(outcome.error().code)});
    return;
  }
  if (request) blocks_.back().reply = Reply{request, connection, std::move(outcome), 0};
}

void Draft::close(ConnectionId connection, std::uint16_t code) {
  if (connection) blocks_.back().close = CloseConnection{connection, code};
}

void Draft::emit(Event event) {
  if (blocks_.empty()) blocks_.emplace_back();
  blocks_.back().events.push_back(std::move(event));
}

void Draft::drop() {
  blocks_.clear();
  effects_.clear();
  ids_ = state_.last_ids();
}

Decision Draft::take() {
  if (!blocks_.empty() && is_empty(blocks_.back())) blocks_.pop_back();
  return Decision{std::move(blocks_), std::move(effects_)};
}

}  // namespace cord::core
