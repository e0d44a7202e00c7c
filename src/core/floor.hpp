// The floor: how agents and queues are, as supervisors see it (docs/protocol.md, section 4).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "core/ids.hpp"
#include "core/queue_figures.hpp"
#include "core/states.hpp"

namespace cord::core {

class State;

/// One interaction of an agent.
struct FloorWork {
  MediaType type = MediaType::telephony;
  Direction direction = Direction::inbound;
  InteractionState state = InteractionState::alerting;
  Instant since{};      ///< of that state
  std::string from{};   ///< the far end's number or address; empty once it is gone
  std::string queue{};  ///< likewise; empty: it came from none
  bool held = false;    ///< what the phone has now; so is the next
  bool muted = false;
  friend bool operator==(const FloorWork&, const FloorWork&) = default;
};

/// Of the telephony channel; of the first one, if there is none.
struct FloorChannel {
  ChannelState state = ChannelState::inactive;
  AgentState agent_state = AgentState::not_ready;
  std::string reason{};       ///< a code; empty: none
  std::string reason_name{};  ///< the operator's; empty: the code is none of the operator's
  std::optional<AgentState> pending{};
  friend bool operator==(const FloorChannel&, const FloorChannel&) = default;
};

struct FloorAgent {
  std::string id, name, endpoint;
  FloorSession session = FloorSession::logged_out;
  Instant since{};                    ///< of the last change of session or agent state
  std::vector<std::string> queues{};  ///< that the channel serves; logged out: those it would
  std::optional<FloorChannel> channel{};
  std::vector<std::string> monitored_by{};  ///< agents' ids
  std::vector<FloorWork> work{};
  friend bool operator==(const FloorAgent&, const FloorAgent&) = default;
};

struct FloorQueue {
  QueueRow row;
  std::array<std::vector<Quarter>, media_type_count> quarters{};  ///< by MediaType, oldest first
};

/// What a connection that watches is told at a time.
struct FloorUpdate {
  bool is_whole = false;  ///< else only what has changed
  std::vector<FloorAgent> agents;
  std::vector<FloorQueue> queues;
};

/// `logged_out`: since when the agent is, if it is; the state does not know that.
[[nodiscard]] FloorAgent floor_agent(const State& state, AgentIndex agent, Instant logged_out);

}  // namespace cord::core
