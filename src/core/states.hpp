// The states of every object and which moves between them are legal (docs/protocol.md, section 7).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace cord::core {

enum class SessionState : std::uint8_t { initializing, logged_in, logged_out };
enum class ChannelState : std::uint8_t { inactive, active, unavailable };
enum class AgentState : std::uint8_t { not_ready, ready, reserved, busy, wrapup };
inline constexpr std::size_t agent_state_count = 5;
enum class InteractionState : std::uint8_t { alerting, dialing, started, ended, completed };
enum class ConversationState : std::uint8_t { alerting, dialing, connected, held, disconnected };
enum class RecordingState : std::uint8_t { none, recording, paused };

/// Why something changed, as the client is told.
enum class Cause : std::uint8_t {
  request,
  remote,
  phone,
  supervisor,
  timeout,
  failed,
  busy,
  rejected,
  unreachable,
  transfer,
  transfer_failed,
  conference,
  recovery,
  replaced,
  shutdown,
};

/// What has become of a transfer that an agent's phone has asked for.
enum class TransferEnd : std::uint8_t {
  done,         ///< whoever it was for has the call
  refused,      ///< what the phone has cannot be transferred, or not now
  forbidden,    ///< the platform, or the configuration, has no transfers
  no_route,     ///< nobody has such a number
  unknown,      ///< the agent has no such call
  pending,      ///< something else is being done with the call
  busy,         ///< here and below: whoever it was for
  rejected,     ///< has refused it
  unreachable,  ///< is not there
  timeout,      ///< has not answered
  gone,         ///< the call has ended meanwhile
  failed,       ///< the platform could not do it
};

/// The audio connection to the browser of an agent who has no other phone.
enum class MediaState : std::uint8_t {
  none,        ///< no offer has been answered
  connecting,  ///< one has, and nothing has come yet
  connected,
  lost,  ///< nothing comes any more
};

/// How one direction of a leg's audio has been.
struct SoundPath {
  std::uint64_t packets = 0;  ///< that came
  std::uint64_t lost = 0;
  std::uint32_t jitter_us = 0;
  std::uint16_t opinion = 0;  ///< mean opinion score in hundredths, estimated; 0: not known
  friend bool operator==(const SoundPath&, const SoundPath&) = default;
};
/// Of a leg that has ended.
struct LegQuality {
  SoundPath received{};
  std::optional<SoundPath> sent{};  ///< as the far end has it of us; none: it has not said
  std::uint32_t round_trip_us = 0;  ///< 0: not known
  friend bool operator==(const LegQuality&, const LegQuality&) = default;
};

/// What a colleague sees of an agent before calling: of the telephony channel.
enum class Presence : std::uint8_t {
  ready,
  not_ready,
  busy,  ///< offered something, at work, or wrapping up
  logged_out,
};

/// What a supervisor sees of an agent's session.
enum class FloorSession : std::uint8_t { logged_in, detached, logged_out };

enum class SessionEnd : std::uint8_t { replaced, logout, expired, forced, shutdown };

enum class MediaType : std::uint8_t { telephony, chat, email };
inline constexpr std::size_t media_type_count = 3;
enum class Direction : std::uint8_t { inbound, outbound, internal };
enum class ConversationType : std::uint8_t { primary, consult };
/// How a supervisor takes part in another agent's calls.
enum class MonitorMode : std::uint8_t {
  monitor,  ///< hears both
  whisper,  ///< and is heard by the agent
  barge,    ///< and by both
};
enum class MemberRole : std::uint8_t { customer, agent, external, supervisor };

// What may happen to each object. A pair that is not in the table is refused as invalid_state.
enum class ConversationInput : std::uint8_t { answered, held, retrieved, released };
enum class InteractionInput : std::uint8_t { started, ended, completed };
enum class RecordingInput : std::uint8_t { started, paused, resumed, stopped };

template <class State, class Input>
struct Move {
  State from;
  Input input;
  State to;
};
// Clang 14 does not yet deduce aggregates by itself.
template <class State, class Input>
Move(State, Input, State) -> Move<State, Input>;

namespace detail {
using C = ConversationState;
using CI = ConversationInput;
using N = InteractionState;
using NI = InteractionInput;
using R = RecordingState;
using RI = RecordingInput;
}  // namespace detail

inline constexpr std::array conversation_moves{
    Move{detail::C::alerting, detail::CI::answered, detail::C::connected},
    Move{detail::C::dialing, detail::CI::answered, detail::C::connected},
    Move{detail::C::connected, detail::CI::held, detail::C::held},
    Move{detail::C::held, detail::CI::retrieved, detail::C::connected},
    Move{detail::C::alerting, detail::CI::released, detail::C::disconnected},
    Move{detail::C::dialing, detail::CI::released, detail::C::disconnected},
    Move{detail::C::connected, detail::CI::released, detail::C::disconnected},
    Move{detail::C::held, detail::CI::released, detail::C::disconnected},
};

inline constexpr std::array interaction_moves{
    Move{detail::N::alerting, detail::NI::started, detail::N::started},
    Move{detail::N::dialing, detail::NI::started, detail::N::started},
    Move{detail::N::alerting, detail::NI::ended, detail::N::ended},
    Move{detail::N::dialing, detail::NI::ended, detail::N::ended},
    Move{detail::N::started, detail::NI::ended, detail::N::ended},
    Move{detail::N::ended, detail::NI::completed, detail::N::completed},
};

inline constexpr std::array recording_moves{
    Move{detail::R::none, detail::RI::started, detail::R::recording},
    Move{detail::R::recording, detail::RI::paused, detail::R::paused},
    Move{detail::R::paused, detail::RI::resumed, detail::R::recording},
    Move{detail::R::recording, detail::RI::stopped, detail::R::none},
    Move{detail::R::paused, detail::RI::stopped, detail::R::none},
};

/// Where `input` leads from `from`, or nothing if the table has no such move.
template <class State, class Input, std::size_t rows>
constexpr std::optional<State> next_state(const std::array<Move<State, Input>, rows>& table,
                                          State from, Input input) {
  for (const auto& move : table) {
    if (move.from == from && move.input == input) return move.to;
  }
  return std::nullopt;
}

/// No two rows share a state and an input.
template <class State, class Input, std::size_t rows>
constexpr bool is_deterministic(const std::array<Move<State, Input>, rows>& table) {
  for (std::size_t a = 0; a < rows; ++a) {
    for (std::size_t b = a + 1; b < rows; ++b) {
      if (table[a].from == table[b].from && table[a].input == table[b].input) return false;
    }
  }
  return true;
}

/// Nothing leads out of `state`.
template <class State, class Input, std::size_t rows>
constexpr bool is_final(const std::array<Move<State, Input>, rows>& table, State state) {
  for (const auto& move : table) {
    if (move.from == state) return false;
  }
  return true;
}

static_assert(is_deterministic(conversation_moves));
static_assert(is_final(conversation_moves, ConversationState::disconnected));
static_assert(is_deterministic(interaction_moves));
static_assert(is_final(interaction_moves, InteractionState::completed));
static_assert(is_deterministic(recording_moves));

}  // namespace cord::core
