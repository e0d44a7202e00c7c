// The members of the core's values, for the codecs of this room (Boost.Describe), and the proof
// that none is forgotten. What only one codec needs is described beside it.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <boost/describe.hpp>
#include <boost/mp11.hpp>

#include "core/events.hpp"
#include "core/states.hpp"
#include "core/values.hpp"

namespace cord::core {

BOOST_DESCRIBE_ENUM(SessionEnd, replaced, logout, expired, forced, shutdown)
BOOST_DESCRIBE_ENUM(SessionState, initializing, logged_in, logged_out)
BOOST_DESCRIBE_ENUM(ChannelState, inactive, active, unavailable)
BOOST_DESCRIBE_ENUM(AgentState, not_ready, ready, reserved, busy, wrapup)
BOOST_DESCRIBE_ENUM(InteractionState, alerting, dialing, started, ended, completed)
BOOST_DESCRIBE_ENUM(ConversationState, alerting, dialing, connected, held, disconnected)
BOOST_DESCRIBE_ENUM(RecordingState, none, recording, paused)
BOOST_DESCRIBE_ENUM(Cause, request, remote, phone, supervisor, timeout, failed, busy, rejected,
                    unreachable, transfer, transfer_failed, conference, recovery, replaced,
                    shutdown)
BOOST_DESCRIBE_ENUM(MediaType, telephony, chat, email)
BOOST_DESCRIBE_ENUM(Direction, inbound, outbound, internal)
BOOST_DESCRIBE_ENUM(ConversationType, primary, consult)
BOOST_DESCRIBE_ENUM(MonitorMode, monitor, whisper, barge)
BOOST_DESCRIBE_ENUM(MediaState, none, connecting, connected, lost)
BOOST_DESCRIBE_ENUM(MemberRole, customer, agent, external, supervisor)
BOOST_DESCRIBE_ENUM(OperationKind, answer, release, hold, retrieve, mute, unmute, tones,
                    recording_start, recording_stop, recording_pause, recording_resume, consult,
                    alternate, reconnect, transfer, blind_transfer, conference, blind_conference)

BOOST_DESCRIBE_STRUCT(DataValue, (), (is_json, text))
BOOST_DESCRIBE_STRUCT(DataChange, (), (key, value))
BOOST_DESCRIBE_STRUCT(SoundPath, (), (packets, lost, jitter_us, opinion))
BOOST_DESCRIBE_STRUCT(LegQuality, (), (received, sent, round_trip_us))
BOOST_DESCRIBE_STRUCT(Member, (), (id, address, name, role, leg))

}  // namespace cord::core

namespace cord::runtime::detail {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// Becomes whatever an aggregate's member wants. An optional is reached through its value.
struct Anything {
  std::size_t place;
  template <class T>
  requires(!is_optional<T>) operator T() const;  // NOLINT: implicit on purpose, and never called.
};

template <class T, std::size_t... places>
constexpr bool takes(std::index_sequence<places...>) {
  return requires {
    T{Anything{places}...};
  };
}

template <class T, std::size_t count = 32>
constexpr std::size_t count_members() {
  if constexpr (takes<T>(std::make_index_sequence<count>())) {
    return count;
  } else {
    return count_members<T, count - 1>();
  }
}

template <class T>
using Members = boost::describe::describe_members<T, boost::describe::mod_public>;

template <class T>
constexpr bool lists_every_member = count_members<T>() == boost::mp11::mp_size<Members<T>>::value;
template <class... Kinds>
constexpr bool lists_every_member<std::variant<Kinds...>> = (lists_every_member<Kinds> && ...);

/// An enumerator's name, or "(Type)n" if no enumerator has that value; both compilers' spelling.
template <auto value>
constexpr bool is_enumerator() {
  constexpr std::string_view text = __PRETTY_FUNCTION__;
  return text[text.find("value = ") + 8] != '(';
}

template <class E>
constexpr bool lists_every_enumerator = !is_enumerator<static_cast<E>(
    boost::mp11::mp_size<boost::describe::describe_enumerators<E>>::value)>();

static_assert(lists_every_enumerator<core::SessionEnd>);
static_assert(lists_every_enumerator<core::MediaState>);
static_assert(lists_every_enumerator<core::SessionState>);
static_assert(lists_every_enumerator<core::ChannelState>);
static_assert(lists_every_enumerator<core::AgentState>);
static_assert(lists_every_enumerator<core::InteractionState>);
static_assert(lists_every_enumerator<core::ConversationState>);
static_assert(lists_every_enumerator<core::RecordingState>);
static_assert(lists_every_enumerator<core::Cause>);
static_assert(lists_every_enumerator<core::MediaType>);
static_assert(lists_every_enumerator<core::Direction>);
static_assert(lists_every_enumerator<core::ConversationType>);
static_assert(lists_every_enumerator<core::MonitorMode>);
static_assert(lists_every_enumerator<core::MemberRole>);
static_assert(lists_every_enumerator<core::OperationKind>);

template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
template <class T>
inline constexpr bool is_place = false;
template <class Tag>
inline constexpr bool is_place<core::Place<Tag>> = true;

/// Calls `act` with every core::Place in `value`, however deep in members, lists and optionals.
template <class T, class Act>
void for_each_place(T& value, const Act& act) {
  if constexpr (is_place<T>) {
    act(value);
  } else if constexpr (is_vector<T>) {
    for (auto& it : value) for_each_place(it, act);
  } else if constexpr (is_optional<T>) {
    if (value) for_each_place(*value, act);
  } else if constexpr (boost::describe::has_describe_members<T>::value) {
    boost::mp11::mp_for_each<Members<T>>(
        [&](auto member) { for_each_place(value.*member.pointer, act); });
  }
}

static_assert(lists_every_member<core::DataValue>);
static_assert(lists_every_member<core::DataChange>);
static_assert(lists_every_member<core::Member>);

}  // namespace cord::runtime::detail
