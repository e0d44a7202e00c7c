#include "core/draft.hpp"

namespace cord::core {

namespace {

bool is_empty(const Block& block) {
  return !block.reply && block.events.empty() && !block.close;
}

}  // namespace

void Draft::begin_block() {
  if (blocks_.empty() || !is_empty(blocks_.back())) blocks_.emplace_back();
}

void Draft::reply(RequestId request, ConnectionId connection, Result<Success> outcome) {
  begin_block();
  if (request) blocks_.back().reply = Reply{request, connection, std::move(outcome), 0};
}

void Draft::close(ConnectionId connection, std::uint16_t code) {
  if (connection) blocks_.back().close = CloseConnection{connection, code};
}

void Draft::emit(Event event) {
  if (blocks_.empty()) blocks_.emplace_back();
  blocks_.back().events.push_back(std::move(event));
}

Decision Draft::take() {
  if (!blocks_.empty() && is_empty(blocks_.back())) blocks_.pop_back();
  return Decision{std::move(blocks_), std::move(effects_)};
}

}  // namespace cord::core
