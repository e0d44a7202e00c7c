// The members of the core's objects, for the codecs of this room.
#pragma once

#include "core/state_image.hpp"
#include "runtime/detail/described.hpp"

namespace cord::core {

BOOST_DESCRIBE_ENUM(DeadlineKind, session_start, detached_rest, detached_grace, overdue, activation,
                    media_offer, media_wait, dial, monitor, ring, far_ring, operation, wrapup,
                    queue_wait, refusal_rest)
// Without its handle, which belongs to one process.
BOOST_DESCRIBE_STRUCT(Timer, (), (due, kind, number))
BOOST_DESCRIBE_STRUCT(Session, (),
                      (id, agent, state, name, resume_token, connection, since, overdue,
                       is_furnished, groups, channels, lifetime, rest))
BOOST_DESCRIBE_STRUCT(ChannelGroup, (), (id, session, name))
BOOST_DESCRIBE_STRUCT(Activation, (), (request, connection, queue, is_of_group, timer))
BOOST_DESCRIBE_STRUCT(MediaRequest, (), (request, connection, leg, timer))
BOOST_DESCRIBE_STRUCT(Dial, (), (request, connection, number, leg, timer))
BOOST_DESCRIBE_STRUCT(Monitoring, (),
                      (agent_channel, mode, wish, is_set, request, connection, timer))
BOOST_DESCRIBE_STRUCT(Channel, (),
                      (id, session, group, agent, type, endpoint, queues, state, agent_state,
                       reason, pending, pending_reason, since, idle_since, taken, interaction, leg,
                       activation, dial, monitoring, monitors, media_request, media_offers,
                       media_wait))
BOOST_DESCRIBE_STRUCT(Operation, (),
                      (kind, request, connection, cause, conversation, number, leg, timer))
BOOST_DESCRIBE_STRUCT(PartedLeg, (), (leg, call_id))
BOOST_DESCRIBE_STRUCT(Interaction, (),
                      (id, channel, call, conversation, consult_call, consult, focus, type,
                       direction, state, since, recording_state, recording, data, answered_at,
                       operation, timer, parted))
BOOST_DESCRIBE_STRUCT(Conversation, (),
                      (id, interaction, type, state, muted, held_by_phone, phone_hold_wish,
                       inviting, members))
BOOST_DESCRIBE_STRUCT(Refusal, (), (agent, until))
BOOST_DESCRIBE_STRUCT(Transfer, (), (channel, home, request))
BOOST_DESCRIBE_STRUCT(Call, (),
                      (id, type, leg, origin, queue, caller, caller_name, called, call_id, arrived,
                       queued, data, interaction, ringing, partner, transfer, joins, conference,
                       refusals, wait, rest))
BOOST_DESCRIBE_STRUCT(Leg, (), (id, call, channel, is_answered))
BOOST_DESCRIBE_STRUCT(LastIds, (),
                      (session, group, channel, interaction, conversation, member, call, recording,
                       leg))
BOOST_DESCRIBE_STRUCT(QueueTurn, (), (queue, type, agent))
BOOST_DESCRIBE_STRUCT(StateImage, (),
                      (sessions, groups, channels, interactions, conversations, calls, legs,
                       recordings, connections, task_keys, ended_task_keys, turns, last,
                       last_timer))

}  // namespace cord::core

namespace cord::runtime::detail {

static_assert(lists_every_enumerator<core::DeadlineKind>);
static_assert(count_members<core::Timer>() ==
              1 + boost::mp11::mp_size<Members<core::Timer>>::value);
static_assert(lists_every_member<core::Session>);
static_assert(lists_every_member<core::ChannelGroup>);
static_assert(lists_every_member<core::Activation>);
static_assert(lists_every_member<core::MediaRequest>);
static_assert(lists_every_member<core::Dial>);
static_assert(lists_every_member<core::Monitoring>);
static_assert(lists_every_member<core::Channel>);
static_assert(lists_every_member<core::Operation>);
static_assert(lists_every_member<core::PartedLeg>);
static_assert(lists_every_member<core::Interaction>);
static_assert(lists_every_member<core::Conversation>);
static_assert(lists_every_member<core::Refusal>);
static_assert(lists_every_member<core::Transfer>);
static_assert(lists_every_member<core::Call>);
static_assert(lists_every_member<core::Leg>);
static_assert(lists_every_member<core::LastIds>);
static_assert(lists_every_member<core::QueueTurn>);
static_assert(lists_every_member<core::StateImage>);

}  // namespace cord::runtime::detail
