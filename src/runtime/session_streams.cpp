#include "runtime/session_streams.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/assert.hpp"

namespace cord::runtime {

SessionStreams::Stream& SessionStreams::stream_of(core::SessionId session) {
  return streams_.try_emplace(session, events_max_).first->second;
}

void SessionStreams::note(const core::State& state, const core::Event& event) {
  core::SessionId bound{};
  if (const auto* prepared = std::get_if<core::SessionPrepared>(&event)) {
    bound = prepared->session;
  } else if (const auto* detached = std::get_if<core::SessionDetached>(&event)) {
    bound = detached->session;
  } else if (const auto* resumed = std::get_if<core::SessionResumed>(&event)) {
    bound = resumed->session;
  } else if (const auto* replaced = std::get_if<core::SessionReplaced>(&event)) {
    bound = replaced->session;
    ended_.push_back(replaced->old_session);
  } else if (const auto* closed = std::get_if<core::SessionClosed>(&event)) {
    ended_.push_back(closed->session);
  }
  if (const core::Session* session = state.find(bound)) {
    stream_of(bound).connection = session->connection;
  }
}

core::ConnectionId SessionStreams::number(core::ClientEvent& event) {
  Stream& stream = stream_of(event.session);
  event.seq = stream.log.last() + 1;
  events_count_ -= stream.log.count();
  events_bytes_ -= stream.log.bytes();
  stream.log.append(event);
  events_count_ += stream.log.count();
  events_bytes_ += stream.log.bytes();
  longest_ = std::max(longest_, stream.log.count());
  return stream.connection;
}

std::uint64_t SessionStreams::last_seq(core::SessionId session) const {
  const auto it = streams_.find(session);
  return it == streams_.end() ? 0 : it->second.log.last();
}

bool SessionStreams::reaches_back_to(core::SessionId session, std::uint64_t seq) const {
  const auto it = streams_.find(session);
  return it == streams_.end() ? seq == 0 : it->second.log.reaches_back_to(seq);
}

Backlog SessionStreams::after(core::SessionId session, std::uint64_t seq) const {
  const auto it = streams_.find(session);
  CORD_ASSERT(it != streams_.end());
  return it->second.log.after(seq);
}

std::vector<StreamPosition> SessionStreams::positions() const {
  std::vector<StreamPosition> all;
  for (const auto& [session, stream] : streams_) all.push_back({session, stream.log.last()});
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return a.session < b.session; });
  return all;
}

void SessionStreams::go_on_from(const std::vector<StreamPosition>& positions) {
  for (const auto& [session, last_seq] : positions) {
    streams_.try_emplace(session, events_max_, last_seq);
  }
}

std::vector<core::SessionId> SessionStreams::drop_ended() {
  for (const core::SessionId session : ended_) {
    const auto it = streams_.find(session);
    if (it == streams_.end()) continue;
    events_count_ -= it->second.log.count();
    events_bytes_ -= it->second.log.bytes();
    streams_.erase(it);
  }
  return std::exchange(ended_, {});
}

}  // namespace cord::runtime
