// The core's face: a pure function from state and input to a decision, and the one function that
// changes state. Nothing here reads a clock, a socket, a file or a random source.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "core/client.hpp"
#include "core/commands.hpp"
#include "core/effects.hpp"
#include "core/events.hpp"
#include "core/reports.hpp"
#include "core/state.hpp"

namespace cord::core {

/// Routing's choice: offer this waiting call on that ready channel (src/routing).
struct OfferCall {
  CallId call;
  ChannelId channel;
};

/// The process is a new one; the journal it goes on with ends at `stopped`. steps_after_restart()
/// follow.
struct Restarted {
  Instant stopped;
};
/// The configuration has no place for the session any more: it ends. It has no live call.
struct RetireSession {
  SessionId session;
};
/// The channel is made what the configuration says now.
struct RefitChannel {
  ChannelId channel;
};

/// The server takes no more work: a call that waits is released. One that does not wait is left.
struct TurnAway {
  CallId call;
};
/// The server ends: the leg is released, whatever it is doing, and nobody waits for the platform to
/// say so. An unknown one is left.
struct CutLeg {
  LegId leg;
};

/// Everything that can reach the core. `DeadlineReached` comes from State's own timers.
using Input = std::variant<PrepareSession, ClientRequest, ConnectionLost, Report, OfferCall,
                           DeadlineReached, ResumeSession, Restarted, RetireSession, RefitChannel,
                           SubmitTask, WithdrawTask, TurnAway, CutLeg>;

/// Events that belong together, behind the reply they follow. What a client sees is: the reply,
/// then these events, contiguous, then the next block.
struct Block {
  std::optional<Reply> reply;
  std::vector<Event> events;
  bool reply_last = false;               ///< logout: the events come before the reply
  std::optional<CloseConnection> close;  ///< after this block's events
};

/// What follows from an input. All events of all blocks are journaled as one record.
struct Decision {
  std::vector<Block> blocks;
  std::vector<Effect> effects;
};

/// What follows from `input` at `now`. Changes nothing. A refused command is an Error with a code
/// of docs/protocol.md, section 8; refusals of anything but a command do not occur (a report about
/// an unknown leg gives an empty decision, or orders its release).
[[nodiscard]] Result<Decision> decide(const State& state, const Input& input, Instant now);

/// Changes the state by one event. Total and deterministic: replaying the same events on the same
/// directory gives the same state.
void apply(State& state, const Event& event, Instant time);

/// The protocol events that `event` means to clients, in order; to be called right after apply.
/// Appends to `out`; seq and time are left to the caller.
void project(const State& after, const Event& event, std::vector<ClientEvent>& out);

/// What to decide next after a restart, in order; to be asked again until there is nothing.
/// Whatever did not outlive the process is gone as if the outside had reported it, one thing at a
/// time, so that what follows is what always follows: connections are lost, legs released with
/// cause recovery (the customers' before the agents'), what still waits for the platform is timed
/// out, and last what the configuration does not know any more is closed. No order that results is
/// for anybody: the platform is as new as the process.
[[nodiscard]] std::vector<Input> steps_after_restart(const State& state);

/// A call that waits and that TurnAway would release, or none. To be asked again until there is
/// nothing.
[[nodiscard]] std::optional<TurnAway> next_to_turn_away(const State& state);

/// What to decide next to end everything that lives, in order; to be asked again until there is
/// nothing: the calls from outside are cut, then those between agents and what is being dialled or
/// activated, then the sessions end with reason shutdown. Journaled, so that a restart finds
/// nothing left.
[[nodiscard]] std::vector<Input> steps_to_shut_down(const State& state);

/// The interaction whose pending operation `request` would have to wait for (protocol.md 4.3 (5)),
/// or none if it can be decided at once.
[[nodiscard]] std::optional<InteractionId> waits_for(const State& state,
                                                     const ClientRequest& request);

}  // namespace cord::core
