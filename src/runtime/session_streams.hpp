// Who gets a session's events, and under which numbers. Kept beside the core's state, because a
// session's last events are sent when the state has forgotten it.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "core/client.hpp"
#include "core/decide.hpp"

namespace cord::runtime {

class SessionStreams {
 public:
  /// To be called after `event` was applied, before its protocol events are numbered.
  void note(const core::State& state, const core::Event& event);

  /// Gives `event` its number. Returns the connection it goes to; zero: nobody listens.
  core::ConnectionId number(core::ClientEvent& event);

  /// The number of the session's last event; 0 if it had none.
  [[nodiscard]] std::uint64_t last_seq(core::SessionId session) const;

  /// Forgets the sessions that have ended, once everything of their last block is numbered.
  void drop_ended();

  [[nodiscard]] std::size_t size() const { return streams_.size(); }

 private:
  struct Stream {
    core::ConnectionId connection{};
    std::uint64_t seq = 0;
  };

  std::unordered_map<core::SessionId, Stream> streams_;
  std::vector<core::SessionId> ended_;
};

}  // namespace cord::runtime
