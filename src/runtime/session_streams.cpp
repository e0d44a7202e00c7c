#include "runtime/session_streams.hpp"

#include <variant>

namespace cord::runtime {

void SessionStreams::note(const core::State& state, const core::Event& event) {
  core::SessionId bound{};
  if (const auto* prepared = std::get_if<core::SessionPrepared>(&event)) {
    bound = prepared->session;
  } else if (const auto* detached = std::get_if<core::SessionDetached>(&event)) {
    bound = detached->session;
  } else if (const auto* replaced = std::get_if<core::SessionReplaced>(&event)) {
    bound = replaced->session;
    ended_.push_back(replaced->old_session);
  } else if (const auto* closed = std::get_if<core::SessionClosed>(&event)) {
    ended_.push_back(closed->session);
  }
  if (const core::Session* session = state.find(bound)) {
    streams_[bound].connection = session->connection;
  }
}

core::ConnectionId SessionStreams::number(core::ClientEvent& event) {
  Stream& stream = streams_[event.session];
  event.seq = ++stream.seq;
  return stream.connection;
}

std::uint64_t SessionStreams::last_seq(core::SessionId session) const {
  const auto it = streams_.find(session);
  return it == streams_.end() ? 0 : it->second.seq;
}

void SessionStreams::drop_ended() {
  for (const core::SessionId session : ended_) streams_.erase(session);
  ended_.clear();
}

}  // namespace cord::runtime
