// The hands of `apply`: one overload per event, and the only code that changes a State.
#pragma once

#include "base/assert.hpp"
#include "base/instant.hpp"
#include "core/events.hpp"
#include "core/state.hpp"

namespace cord::core {

struct StateImage;

/// Applies events of one record. Total for what decide() makes; an event about an object that does
/// not exist is a bug or a corrupt journal, and asserted.
class StateEditor {
 public:
  StateEditor(State& state, Instant time) : state_(state), time_(time) {}

  /// See restore() in core/state_image.hpp; before any event.
  void restore(StateImage&& image);

  void on(const ServerRestarted& event);

  void on(const SessionPrepared& event);
  void on(const SessionReplaced& event);
  void on(const SessionStarted& event);
  void on(const SessionPresented&) {}
  void on(const SessionDetached& event);
  void on(const SessionResumed& event);
  void on(const OffersSuspended& event);
  void on(const SessionOverdue& event);
  void on(const SessionClosed& event);
  void on(const ConnectionForgotten& event);

  void on(const GroupOpened& event);
  void on(const GroupPresented&) {}
  void on(const GroupInitiated&) {}
  void on(const GroupClosed& event);
  void on(const ChannelOpened& event);
  void on(const ChannelPresented&) {}
  void on(const QueuesChosen& event);
  void on(const ActivationBegun& event);
  void on(const ActivationEnded& event);
  void on(const ChannelChanged& event);
  void on(const DispositionsListed&) {}
  void on(const ChannelClosed& event);

  void on(const PhoneCalled& event);
  void on(const PhoneAnswered& event);
  void on(const PhoneForgotten& event);

  void on(const MediaAsked& event);
  void on(const MediaSettled& event);
  void on(const MediaAwaited& event);
  void on(const MediaFound& event);

  void on(const MonitorAsked& event);
  void on(const MonitorSet& event);
  void on(const MonitorKept& event);
  void on(const MonitorEnded& event);

  void on(const DialBegun& event);
  void on(const DialPlaced& event);
  void on(const DialEnded& event);

  void on(const CallQueued& event);
  void on(const CallDialed& event);
  void on(const TaskQueued& event);
  void on(const ConsultDialed& event);
  void on(const CallTransferred& event);
  void on(const TransferDialed& event);
  void on(const TransferFailed& event);
  void on(const CallOverflowed& event);
  void on(const PartnersJoined& event);
  void on(const CallsMerged& event);
  void on(const ConferenceBegun& event);
  void on(const ConferenceDialed& event);
  void on(const ConferenceLeft& event);
  void on(const MembersJoined& event);
  void on(const MemberLeft& event);
  void on(const RefusalsRested& event);
  void on(const CallGone& event);
  void on(const LegParted& event);

  void on(const OfferMade& event);
  void on(const OfferTaken& event);
  void on(const OfferRejected& event);
  void on(const OfferWithdrawn& event);
  void on(const TaskRequeued& event);
  void on(const InteractionPresented&) {}
  void on(const CallAnswered& event);
  void on(const CallEnded& event);
  void on(const ConsultAnswered& event);
  void on(const ConversationEnded& event);
  void on(const FocusMoved& event);
  void on(const FarEndChanged& event);
  void on(const InteractionCompleted& event);
  void on(const DataMerged& event);
  void on(const OperationBegun& event);
  void on(const OperationPlaced& event);
  void on(const OperationEnded& event);
  void on(const ConversationHeld& event);
  void on(const ConversationRetrieved& event);
  void on(const ConversationMuted& event);
  void on(const PhoneHoldKeyed& event);

  void on(const RecordingOrdered& event);
  void on(const RecordingChanged& event);
  void on(const RecordingDropped& event);

 private:
  template <class Table, class Id>
  static auto& in(Table& table, Id id) {
    const auto it = table.find(id);
    CORD_ASSERT(it != table.end());
    return it->second;
  }
  template <class Id>
  static void raise(Id& last, Id used) {
    if (last < used) last = used;
  }
  Session& edit(SessionId id) { return in(state_.sessions_, id); }
  Channel& edit(ChannelId id) { return in(state_.channels_, id); }
  Interaction& edit(InteractionId id) { return in(state_.interactions_, id); }
  Conversation& edit(ConversationId id) { return in(state_.conversations_, id); }
  Call& edit(CallId id) { return in(state_.calls_, id); }

  const Limits& limits() const { return state_.directory().limits; }

  void postpone(Duration by);
  // Fills what is only there to find things, from what is found.
  void index();
  void start(Timer& timer, DeadlineKind kind, std::uint64_t subject, Instant due);
  void stop(Timer& timer);

  void bind(Session session);
  void hand_over(const Session& from, SessionId to);
  void hand_over(Channel& channel, SessionId to);

  // Around every change of what makes a channel ready: out of the routing tables, and in again.
  void unlist_ready(const Channel& channel);
  void list_ready(const Channel& channel);
  // Around every change of its state and of the queues it serves: counted there.
  void unlist_staff(const Channel& channel);
  void list_staff(const Channel& channel);
  void end_media_request(Channel& channel);
  void end_media_wait(Channel& channel);
  // The quality of `call`'s leg is awaited from now on; not any more.
  void part(const Call& call);
  void forget_parted(Interaction& interaction);
  void unlist_waiting(const Call& call);
  void list_waiting(const Call& call);
  void match(QueueKey key);
  QueueTable& table(QueueKey key);

  // A new call, with its leg if it has one. It arrives now.
  Call& add(Call call);
  void stop_waiting(Call& call);
  void begin_wait(Call& call);
  void forget_task(const Call& call);
  template <class Dialled>
  [[nodiscard]] Call dialled_by(const Channel& channel, const Dialled& event) const;
  template <class Dialled>
  Call& add_dialled(const Dialled& event, const Channel& channel);
  void move_leg(LegId leg, CallId from, CallId to);
  void forget_outside(LegId leg);
  // Who was dialled for a consult, a transfer or a conference does not ring for ever.
  void await_far_end(Call& call);
  // Whoever is free in its queue, or who was dialled outside. A colleague is offered it.
  void await_answer(Call& call);
  void let_wait_anew(Call& call);
  void join(Call& call, CallId partner);
  // Whoever held it, it is held no more.
  static void retrieve(Conversation& conversation);

  void note_refusal(Call& call, AgentIndex agent);
  void rest_refusals(Call& call);
  // Takes its place in the queue, for as long as that lets it wait.
  void wait_in_queue(Call& call);
  void end_offer(CallId call, InteractionId interaction);
  void close_recording(Interaction& interaction);
  // A session that is overdue ends with its last live call.
  void end_if_overdue(const Channel& channel);

  State& state_;
  Instant time_;
};

}  // namespace cord::core
