// Who gets a session's events, under which numbers, and which of them are kept. Beside the core's
// state, because a session's last events are sent when the state has forgotten it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/client.hpp"
#include "core/decide.hpp"
#include "runtime/event_log.hpp"
#include "runtime/snapshot_codec.hpp"

namespace cord::runtime {

/// More events than a client can have heard that the journal never had: more are not believed.
inline constexpr std::uint64_t lost_events_max = 1'000'000;

class SessionStreams {
 public:
  /// `events_max`: see EventLog, for each session.
  explicit SessionStreams(std::size_t events_max) : events_max_(events_max) {}

  /// To be called after `event` was applied, before its protocol events are numbered.
  void note(const core::State& state, const core::Event& event);

  /// Gives `event` its number and keeps it. Returns the connection it goes to; zero: nobody
  /// listens.
  core::ConnectionId number(core::ClientEvent& event);

  /// The number of the session's last event; 0 if it had none.
  [[nodiscard]] std::uint64_t last_seq(core::SessionId session) const;

  /// True if everything the session had to tell after `seq` is kept, and `seq` is not yet to come.
  /// False too if nobody can have heard of `seq` what it is now: until somebody is back after a
  /// restart, whoever has more than the journal had was told by the process that died.
  [[nodiscard]] bool reaches_back_to(core::SessionId session, std::uint64_t seq) const;

  /// reaches_back_to(session, seq) is false: the number after which all that is told anew is to be
  /// numbered, so that the client can have heard none of them. 0: any will do.
  [[nodiscard]] std::uint64_t beyond(core::SessionId session, std::uint64_t seq) const;

  /// What the session has told after `seq`; reaches_back_to(session, seq) holds.
  [[nodiscard]] Backlog after(core::SessionId session, std::uint64_t seq) const;

  /// How far each session's events are numbered and told, in the order of the sessions' ids.
  [[nodiscard]] std::vector<StreamPosition> positions() const;
  /// Goes on from there, with none of what was told up to there, and nobody listening.
  void go_on_from(const std::vector<StreamPosition>& positions);

  /// Forgets the sessions that have ended, once everything of their last block is numbered, and
  /// says which.
  [[nodiscard]] std::vector<core::SessionId> drop_ended();

  [[nodiscard]] std::size_t size() const { return streams_.size(); }
  /// Of all sessions: events kept, and their bytes.
  [[nodiscard]] std::size_t events_count() const { return events_count_; }
  [[nodiscard]] std::size_t events_bytes() const { return events_bytes_; }
  /// The most events kept of one session so far.
  [[nodiscard]] std::size_t longest() const { return longest_; }

 private:
  struct Stream {
    explicit Stream(std::size_t events_max, std::uint64_t last = 0) : log(events_max, last) {}
    core::ConnectionId connection{};
    EventLog log;
    std::optional<std::uint64_t> told_up_to;  ///< nobody is back since a restart: all before it
  };

  Stream& stream_of(core::SessionId session);
  void note_restart();
  void note_return(Stream& stream, std::uint64_t numbers_after);

  std::size_t events_max_;
  std::unordered_map<core::SessionId, Stream> streams_;
  std::vector<core::SessionId> ended_;
  std::size_t events_count_ = 0;
  std::size_t events_bytes_ = 0;
  std::size_t longest_ = 0;
};

}  // namespace cord::runtime
