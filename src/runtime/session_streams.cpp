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
    note_return(stream_of(bound), resumed->numbers_after);
  } else if (const auto* replaced = std::get_if<core::SessionReplaced>(&event)) {
    bound = replaced->session;
    ended_.push_back(replaced->old_session);
  } else if (const auto* closed = std::get_if<core::SessionClosed>(&event)) {
    ended_.push_back(closed->session);
  } else if (std::holds_alternative<core::ServerRestarted>(event)) {
    note_restart();
  }
  if (const core::Session* session = state.find(bound)) {
    stream_of(bound).connection = session->connection;
  }
}

// The journal may lack the last of what clients were told: docs/journal.md, "When writing fails".
void SessionStreams::note_restart() {
  for (auto& [session, stream] : streams_) {
    if (!stream.told_up_to) stream.told_up_to = stream.log.last();
  }
}

void SessionStreams::note_return(Stream& stream, std::uint64_t numbers_after) {
  stream.told_up_to.reset();
  if (numbers_after <= stream.log.last()) return;
  events_count_ -= stream.log.count();
  events_bytes_ -= stream.log.bytes();
  stream.log = EventLog(events_max_, numbers_after);
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
  if (it == streams_.end()) return seq == 0;
  const Stream& stream = it->second;
  return stream.log.reaches_back_to(seq) && seq <= stream.told_up_to.value_or(seq);
}

// One number is nobody's: the client may not hear that it has a gap, and ask again after the same
// event.
std::uint64_t SessionStreams::beyond(core::SessionId session, std::uint64_t seq) const {
  const auto it = streams_.find(session);
  if (it == streams_.end() || !it->second.told_up_to) return 0;
  const std::uint64_t last = it->second.log.last();
  return (seq > last + lost_events_max ? last : std::max(last, seq)) + 1;
}

Backlog SessionStreams::after(core::SessionId session, std::uint64_t seq) const {
  const auto it = streams_.find(session);
  CORD_ASSERT(it != streams_.end());
  return it->second.log.after(seq);
}

std::vector<StreamPosition> SessionStreams::positions() const {
  std::vector<StreamPosition> all;
  for (const auto& [session, stream] : streams_) {
    all.push_back({session, stream.log.last(), stream.told_up_to});
  }
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return a.session < b.session; });
  return all;
}

void SessionStreams::go_on_from(const std::vector<StreamPosition>& positions) {
  for (const auto& [session, last_seq, told_up_to] : positions) {
    const auto [it, is_new] = streams_.try_emplace(session, events_max_, last_seq);
    it->second.told_up_to = told_up_to;
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
