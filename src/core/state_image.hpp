// A state as plain values, to be kept and made again: what the journal's snapshots hold.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/state.hpp"

namespace cord::core {

/// Whose turn it was in a queue.
struct QueueTurn {
  QueueIndex queue = 0;
  MediaType type = MediaType::telephony;
  AgentIndex agent = 0;
};

/// Everything of a State that cannot be told from the rest of it. Objects are in the order of their
/// ids; of timers the handles mean nothing.
struct StateImage {
  std::vector<Session> sessions;
  std::vector<ChannelGroup> groups;
  std::vector<Channel> channels;
  std::vector<Interaction> interactions;
  std::vector<Conversation> conversations;
  std::vector<Call> calls;
  std::vector<Leg> legs;
  std::vector<std::pair<RecordingId, InteractionId>> recordings;
  std::vector<std::pair<ConnectionId, SessionId>> connections;
  std::vector<std::pair<std::string, CallId>> task_keys;
  std::vector<std::string> ended_task_keys;  ///< the oldest first
  std::vector<QueueTurn> turns;
  LastIds last;
  std::uint64_t last_timer = 0;
};

[[nodiscard]] StateImage image_of(const State& state);

/// Makes `state`, which is as new, what `image` was taken of: whatever happens from now on happens
/// as it would have there. The places in `image` are those of its directory. As with the events of
/// a journal, what does not fit together is asserted.
void restore(State& state, StateImage&& image);

}  // namespace cord::core
