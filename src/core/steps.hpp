// What several handlers have in common: the larger steps of calls, phones, channels and sessions.
// All write into a draft; all read the state as it was before the decision.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/draft.hpp"
#include "core/handlers.hpp"

namespace cord::core {

// Reasons we give a channel ourselves.
inline constexpr std::string_view reason_no_answer = "no.answer";
inline constexpr std::string_view reason_phone_unreachable = "phone.unreachable";
inline constexpr std::string_view reason_phone_lost = "phone.lost";
inline constexpr std::string_view reason_connection_lost = "connection.lost";

/// The connection's session has gone elsewhere or has ended (docs/protocol.md, 4.1).
inline constexpr std::uint16_t close_session_gone = 4001;
/// The session goes on over another connection (docs/protocol.md, section 1).
inline constexpr std::uint16_t close_session_resumed = 4002;

/// Replies with plain success; what is emitted next are the secondary events.
void succeed(Draft& draft, const Asked& asked);

// --- Operations: one pending order per interaction ------------------------------------------

/// Who asked for an operation; request zero: nobody.
struct Requester {
  RequestId request{};
  ConnectionId connection{};
  Cause cause = Cause::request;
};
[[nodiscard]] Requester requester_of(const Asked& asked);

[[nodiscard]] bool is_busy_with(const Interaction& interaction, OperationKind kind);
/// `number`: whom the operation is to call.
void begin_operation(Draft& draft, const Conversation& conversation, OperationKind kind,
                     const Requester& requester, const std::string& number = {});
/// Ends the pending operation, in a new block that begins with the reply if anybody waits for it.
void end_operation(Draft& draft, const Interaction& interaction, Result<Success> outcome);
/// As end_operation; a number that it has called is let go.
void fail_operation(Draft& draft, const Interaction& interaction, Error why);
/// Fails the pending operation, if there is one, because all calls of `interaction` are over.
void fail_operation_of_ended_call(Draft& draft, const Interaction& interaction);
/// Likewise, if it cannot go on without `conversation`, which is over.
void fail_operation_of_ended_call(Draft& draft, const Conversation& conversation);

// --- Channels -------------------------------------------------------------------------------

/// A change that changes nothing yet.
[[nodiscard]] ChannelChanged change_of(const Channel& channel, Cause cause);
/// Makes the agent reserved or busy. Who was not ready is so again after the work, unless they
/// wish otherwise meanwhile.
void occupy(ChannelChanged& change, AgentState state);
/// Makes it not ready, and nothing pending.
void make_not_ready(ChannelChanged& change, std::string_view reason);
/// What the agent asked for meanwhile takes effect.
void take_pending(ChannelChanged& change, Instant now);
/// After the interaction is completed.
[[nodiscard]] ChannelChanged change_after_work(const Channel& channel, Cause cause, Instant now);
/// `channel` has become active, or stops being so: others with its endpoint follow.
void claim_endpoint(Draft& draft, const Channel& channel);
void free_endpoint(Draft& draft, const Channel& channel);

// --- What a session consists of -------------------------------------------------------------

/// Whether `agent` may have a channel at `endpoint`. Errors: endpoint_in_use (another agent's
/// extension), invalid_request (nobody's).
[[nodiscard]] Result<void> check_endpoint(const Directory& directory, AgentIndex agent,
                                          const Endpoint& endpoint);
/// Opens and presents. `group` may be opened by this very draft, or zero.
void open_channel(Draft& draft, const Session& session, GroupId group, const Endpoint& endpoint);
void open_group(Draft& draft, const Session& session, const std::string& name,
                const std::vector<Endpoint>& channels);
/// In the order of their making.
[[nodiscard]] std::vector<const Channel*> channels_of(const State& state, const Session& session);
[[nodiscard]] std::vector<const Channel*> channels_of(const State& state,
                                                      const ChannelGroup& group);

/// The leg of the phone on which an agent has it; zero: none.
[[nodiscard]] inline LegId phone_of(const State& state, const Interaction& interaction) {
  return state.at(interaction.channel).leg;
}
[[nodiscard]] inline LegId phone_of(const State& state, const Conversation& conversation) {
  return phone_of(state, state.at(conversation.interaction));
}

/// The mix in which `conversation` is; zero: it has one far end, or none yet.
[[nodiscard]] inline CallId mix_of(const State& state, const Conversation& conversation) {
  const Call& call = state.call_of(conversation);
  return call.conference.empty() ? CallId{} : call.id;
}
[[nodiscard]] inline HoldLeg hold_order(const State& state, const Conversation& conversation) {
  return {state.far_leg(conversation), phone_of(state, conversation), mix_of(state, conversation)};
}
[[nodiscard]] inline RetrieveLeg retrieve_order(const State& state,
                                                const Conversation& conversation) {
  return {state.far_leg(conversation), phone_of(state, conversation), mix_of(state, conversation)};
}

// --- Phones ---------------------------------------------------------------------------------

[[nodiscard]] const Agent& agent_of(const Draft& draft, const Channel& channel);
/// Whether one leg serves for all calls: of a phone that is called for it, or of a browser.
[[nodiscard]] bool has_persistent_phone(const Directory& directory, const Channel& channel);
[[nodiscard]] bool has_browser(const Directory& directory, const Channel& channel);

struct PhoneCall {
  std::string caller = {};
  std::string caller_name = {};
  bool auto_answer = true;
  Duration ring_max{};  ///< less than the operation's deadline: the platform's verdict comes first
};
void call_phone(Draft& draft, const Channel& channel, const PhoneCall& call);
/// After a call: a persistent phone's leg is parked, any other is hung up.
void leave_phone(Draft& draft, const Channel& channel, Cause cause);
void hang_up_phone(Draft& draft, const Channel& channel, Cause cause);
/// A persistent phone's leg is gone: the channel is inactive, if it was active.
void lose_phone(Draft& draft, const Channel& channel, Cause cause);
/// Why a phone could not be reached, as the answer to who wanted it.
[[nodiscard]] Error phone_error(const LegReleased& report);
/// The phone called for an activation is there, or why it is not.
void end_activation(Draft& draft, const Channel& channel, const Result<void>& phone);
/// The activation of `channel` comes to nothing. The phone's leg is left to the caller.
void cancel_activation(Draft& draft, const Channel& channel, Error why);

// --- Browsers as phones ---------------------------------------------------------------------

/// Refuses what needs audio, if the phone of `channel` is a browser and there is none.
[[nodiscard]] Result<void> check_media(const Draft& draft, const Channel& channel,
                                       std::string_view where);
/// The offer that is with the platform comes to nothing, if there is one; so does a leg that was
/// going to be.
void cancel_media_request(Draft& draft, const Channel& channel, Error why);
/// The platform has not answered the offer; the browser's audio has not come.
void give_up_offer(Draft& draft, const Channel& channel);
void give_up_media(Draft& draft, const Channel& channel);

// --- Supervisors ----------------------------------------------------------------------------

/// The session of the agent that a supervisor names, over whichever connection. Errors:
/// permission_denied, target_not_found, invalid_state (not logged in).
[[nodiscard]] Result<const Session*> supervised_session(const Draft& draft, const Asked& asked,
                                                        const std::string& agent);
/// The supervisor's phone is there: now the agent's call.
void go_on_monitoring(Draft& draft, const Channel& channel);
/// What the supervisor asked for last has not come about: all stays as it is, or ends if there is
/// nothing yet.
void fail_monitoring(Draft& draft, const Channel& channel, Error why);
/// The supervisor's part ends. The phone's leg is left to the caller.
void end_monitoring(Draft& draft, const Channel& channel, Error why, Cause cause);
/// The call of `channel` is over, and so is the part of supervisors in it.
void end_monitors(Draft& draft, const Channel& channel, Cause cause);

// --- Dialling -------------------------------------------------------------------------------

/// The phone called for a dialled number is there: now the number.
void go_on_dialling(Draft& draft, const Channel& channel);
/// What `channel` dials comes to nothing. The phone's leg is left to the caller.
void end_dial(Draft& draft, const Channel& channel, Error why);
/// The platform did not get the number's call on its way: the phone is let go.
void dial_refused(Draft& draft, const Channel& channel, const LegReleased& report);
/// Who was dialled outside has answered.
void far_answered(Draft& draft, const Leg& leg);

// --- Consulting and transferring ------------------------------------------------------------

/// The platform has the number of an operation of `channel` on its way.
void operation_dialed(Draft& draft, const Channel& channel, const LegDialed& report);
/// It has not. The leg is gone.
void operation_refused(Draft& draft, const Channel& channel, const LegReleased& report);
/// The primary is held: now the number.
void go_on_consulting(Draft& draft, const Interaction& interaction);
/// A consult comes to nothing; clients hear that the primary is held if that `is_held`.
void fail_consult(Draft& draft, const Interaction& interaction, Error why, bool is_held);
/// Whom the consult called has answered while the operation that now ends was pending.
void follow_far_answer(Draft& draft, const Interaction& interaction);
/// The phone has the other one of two conversations now.
void focus_moved(Draft& draft, const Conversation& to, Cause cause);
/// The phone is back in the primary for interaction.reconnect.
void finish_reconnect(Draft& draft, const Interaction& interaction);
/// The agent speaks in `to` from now on, where other settings of the phone hold than in `from`.
void follow_focus(Draft& draft, const Conversation& from, const Conversation& to);

/// The interaction whose agent has asked for these two legs to be joined, or null. `customer` may
/// be zero: not known.
[[nodiscard]] const Interaction* find_transferring(const State& state, LegId agent, LegId customer);
/// The phones in `conversation` are connected as its state says.
void bridge_again(Draft& draft, const Conversation& conversation);
void finish_transfer(Draft& draft, const Interaction& interaction);
/// A transfer or conference after a consult has not come to pass: everything is as it was before.
void fail_transfer(Draft& draft, const Interaction& interaction, Error why);
/// The call of `interaction`, which is on a leg and the only one, is offered on `to` instead, with
/// its data. The agent's part ends with `cause`. `request`: as in CallTransferred.
void give_to(Draft& draft, const Interaction& interaction, const Channel& to, Cause cause,
             RequestId request = {});
/// Nobody has taken `call`, which an agent had given away: it comes back.
void return_transferred(Draft& draft, const Call& call, Cause cause);
/// The number that a call was given away to has answered; is joined with it; or is not to be had:
/// its leg is released, or is to be (`is_released`).
void partner_answered(Draft& draft, const Call& call);
void partners_bridged(Draft& draft, const Call& call, LegId other);
void partner_failed(Draft& draft, const Call& call, Cause cause, bool is_released);
/// One of two calls that are joined, or are going to be, is over.
void partner_released(Draft& draft, const Call& call, Cause cause);

// --- Conferences ----------------------------------------------------------------------------

/// All of the agent's two conversations are joined.
void finish_conference(Draft& draft, const Interaction& interaction);
/// Whoever is called to join in: has answered outside; is to be joined, on `leg`, to those of
/// `call`; is joined; has not come.
void invited_answered(Draft& draft, const Call& call);
void mix_in(Draft& draft, LegId leg, const Call& call);
void join_in(Draft& draft, const Call& call);
void invitation_failed(Draft& draft, const Call& call, Cause cause);
/// Whoever `asker` has called to join in is let go, if there is somebody; what is emitted next is a
/// block of its own.
void cancel_invitation(Draft& draft, const Conversation& asker);
/// As above, while the conversation goes on: its agent is told.
void take_back_invitation(Draft& draft, const Conversation& asker, Cause cause);
/// Of those who talk in `call` the one on `leg` is gone. Who is left alone is let go.
void leave_conference(Draft& draft, const Call& call, LegId leg, Cause cause);

// --- Calls ----------------------------------------------------------------------------------

/// Offers a call on `channel`: `offer` without the ids of channel, interaction, conversation and
/// member. The phone rings with it if it is one of that mode.
void make_offer(Draft& draft, const Channel& channel, const std::optional<QueueIndex>& queue,
                OfferMade offer);

enum class OfferEnd : std::uint8_t { rejected, ring_timeout, abandoned, phone_failed, phone_lost };
struct OfferEnding {
  OfferEnd end;
  Cause cause;
  bool has_phone = true;  ///< false: its leg is gone already
};
/// An offer that nobody rejected ends unanswered. The call of one that was abandoned is left to the
/// caller; a colleague's ends with the offer; a queue's waits again.
void end_offer(Draft& draft, const Interaction& interaction, const OfferEnding& ending);
[[nodiscard]] ChannelChanged change_after_offer(const Channel& channel, const OfferEnding& ending,
                                                Instant now);

/// A call that rings at several agents rings no more at any but `but`.
void withdraw_offers(Draft& draft, const Call& call, Cause cause, InteractionId but = {});
/// The agent of `interaction` answers: if the call rings at others too, it is this one's now.
/// withdraw_offers() must follow.
void take_offer(Draft& draft, const Interaction& interaction);

/// The offer that was being answered ends, or the dialled call whose far end has answered. The
/// operation is over.
void fail_answer(Draft& draft, const Conversation& conversation, Cause cause);
void begin_answer(Draft& draft, const Interaction& interaction, const Requester& requester);
void bridge_phone(Draft& draft, const Conversation& conversation);

struct CallEnding {
  Cause cause;
  bool releases_customer = false;
  bool leaves_phone = false;
};
/// Whatever the agent has of calls that were answered or dialled is over, for colleagues at their
/// other ends too. The agent wraps up.
void end_call(Draft& draft, const Interaction& interaction, const CallEnding& ending);
/// As above, but the other one of two conversations goes on; unless that only rings: who is
/// consulted about a customer is not called any more when there is none.
void end_conversation(Draft& draft, const Conversation& conversation, const CallEnding& ending);

/// Nobody answers whom an agent has called.
void give_up_far_end(Draft& draft, const Call& call, Cause cause);
/// A call that waits is not going to be answered: it comes back to the agent who has given it away,
/// unless the server ends; else whoever waits is let go.
void give_up_waiting(Draft& draft, const Call& call, Cause cause);

/// A call has waited as long as its queue lets it: it goes where the queue has it go, or nowhere.
void end_waiting(Draft& draft, const Call& call);

/// The agent's `last` conversation is over, and the agent wraps up; supervisors' parts end.
void begin_wrapup(Draft& draft, const Conversation& last, const CallEnding& ending);
/// The platform has joined the agent of `part` to others, on `far` or in `mix`: what the agent held
/// and recorded is so again.
void restore_part(Draft& draft, const Conversation& part, LegId far, CallId mix);

/// The part of an agent in a call that is over. The call itself is left to the caller.
void end_part(Draft& draft, const Conversation& conversation, Cause cause);

/// What waited for the end of an operation: acts on the phone's hold key, pressed meanwhile, and on
/// the answer of whom a consult called. `held_by`: who holds the conversation that the phone has
/// now; none if it is connected.
void follow_up(Draft& draft, const Interaction& interaction, std::optional<Cause> held_by);
void follow_up(Draft& draft, const Interaction& interaction);

// --- Tasks ----------------------------------------------------------------------------------

/// A chat or an e-mail that has not ended, alerting or started.
[[nodiscard]] bool is_live_task(const Interaction& interaction);
/// The agent takes it: at once, for there is no platform to ask.
Result<void> accept_task(Draft& draft, const Asked& asked, const Interaction& interaction);
/// One that was started is over. What becomes of the channel is left to the caller.
void end_task(Draft& draft, const Interaction& interaction, Cause cause);
/// Its agent is gone: it waits again, in the place it had. The channel is left to the caller.
void requeue_task(Draft& draft, const Interaction& interaction, Cause cause);

// --- Recordings -----------------------------------------------------------------------------

void begin_recording(Draft& draft, const Interaction& interaction, const Requester& requester);
void stop_recording(Draft& draft, const Interaction& interaction);
/// The recorder did not do what the pending operation wanted: `error` is the answer. What cannot
/// be known to be paused is stopped.
void fail_recording_operation(Draft& draft, const Interaction& interaction, Error error);

// --- Sessions -------------------------------------------------------------------------------

/// An interaction that has not ended: a call, or a chat or an e-mail.
[[nodiscard]] bool has_live_interaction(const State& state, const Session& session);
[[nodiscard]] bool has_live_call(const State& state, const Session& session);
/// What is being activated or dialled comes to nothing. To be called before close_session, which
/// begins with nothing pending.
void cancel_preparations(Draft& draft, const Session& session);
/// Disposes of everything the session has, within the present block; then frees its endpoint.
/// There must be no live call; live tasks wait again.
void close_session(Draft& draft, const Session& session, SessionEnd reason, std::string_view why);

}  // namespace cord::core
