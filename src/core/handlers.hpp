// The handlers behind decide(), one overload per input, in files by subject: decide_session.cpp,
// decide_supervisor.cpp, decide_monitor.cpp, decide_resume.cpp, decide_structure.cpp,
// decide_channel.cpp, decide_group.cpp, decide_dial.cpp, decide_consult.cpp, decide_transfer.cpp,
// decide_phone_transfer.cpp, decide_partners.cpp, decide_conference.cpp, decide_offer.cpp,
// decide_overflow.cpp, decide_answer.cpp, decide_task.cpp, decide_conversation.cpp,
// decide_call_end.cpp, decide_interaction.cpp, decide_recording.cpp, decide_legs.cpp,
// decide_deadlines.cpp, decide_media.cpp, decide_restart.cpp.
#pragma once

#include "base/result.hpp"
#include "core/draft.hpp"

namespace cord::core {

/// A command whose target has been found: of its kind, and of the session that asks.
struct Asked {
  RequestId request;
  ConnectionId connection;
  const Session& session;
  ObjectPath path;
};

// Commands. Each writes the reply and its events into the draft, or refuses: the draft is then
// dropped.
Result<void> carry_out(Draft& draft, const Asked& asked, const StartSession& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const LogoutSession& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const SetAgentState& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const ForceLogout& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const MonitorAgent& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const EndMonitor& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const InterceptCall& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const AddChannel& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const RemoveChannel& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const AddGroup& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const RemoveGroup& command);
Result<void> carry_out(Draft& draft, const Asked& asked,
                       const EachChannel<ActivateChannel>& command);
Result<void> carry_out(Draft& draft, const Asked& asked,
                       const EachChannel<DeactivateChannel>& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const EachChannel<ReadyChannel>& command);
Result<void> carry_out(Draft& draft, const Asked& asked,
                       const EachChannel<NotReadyChannel>& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const SnapshotSession& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const ListDirectory& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const WatchFloor& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const EndWatch& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const ActivateChannel& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const DeactivateChannel& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const ReadyChannel& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const NotReadyChannel& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const RequestMedia& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const ListDispositions& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const DialNumber& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const AcceptInteraction& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const RejectInteraction& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const CompleteInteraction& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const GetInteractionData& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const SetInteractionData& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const ControlRecording& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const ConsultNumber& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const AlternateInteraction& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const ReconnectInteraction& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const TransferInteraction& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const ConferenceInteraction& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const AnswerConversation& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const ReleaseConversation& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const HoldConversation& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const RetrieveConversation& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const MuteConversation& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const UnmuteConversation& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const SendTones& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const BlindTransfer& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const BlindConference& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const DropMember& command);
Result<void> carry_out(Draft& draft, const Asked& asked, const UnsupportedCommand& command);

Result<void> prepare(Draft& draft, const PrepareSession& input);
Result<void> resume(Draft& draft, const ResumeSession& input);
Result<void> submit_task(Draft& draft, const SubmitTask& input);
Result<void> withdraw_task(Draft& draft, const WithdrawTask& input);
void on_connection_lost(Draft& draft, ConnectionId connection);
void on_offer(Draft& draft, const OfferCall& offer);
void on_deadline(Draft& draft, const Deadline& deadline);
void on_retired(Draft& draft, const RetireSession& input);
void on_refitted(Draft& draft, const RefitChannel& input);
void on_turned_away(Draft& draft, const TurnAway& input);
void on_cut(Draft& draft, const CutLeg& input);

/// Phones that have asked for a transfer hear what the events of `decision` mean to it.
void tell_phones(const State& state, Decision& decision);

// Reports. One that fits nothing known changes nothing; a leg or a recorder that lives without an
// owner is ended.
void on_report(Draft& draft, const CallArrived& report);
void on_report(Draft& draft, const LegDialed& report);
void on_report(Draft& draft, const LegRinging& report);
void on_report(Draft& draft, const LegAnswered& report);
void on_report(Draft& draft, const LegReleased& report);
void on_report(Draft& draft, const LegsBridged& report);
void on_report(Draft& draft, const LegsMixed& report);
void on_report(Draft& draft, const LegHeld& report);
void on_report(Draft& draft, const LegRetrieved& report);
void on_report(Draft& draft, const LegMuted& report);
void on_report(Draft& draft, const LegUnmuted& report);
void on_report(Draft& draft, const LegMonitored& report);
void on_report(Draft& draft, const TonesSent& report);
void on_report(Draft& draft, const LegHeldByPhone& report);
void on_report(Draft& draft, const LegRetrievedByPhone& report);
void on_report(Draft& draft, const LegOrderFailed& report);
void on_report(Draft& draft, const LegTransferRequested& report);
void on_report(Draft& draft, const OfferAnswered& report);
void on_report(Draft& draft, const OfferRefused& report);
void on_report(Draft& draft, const LegMediaUp& report);
void on_report(Draft& draft, const LegMediaLost& report);
void on_report(Draft& draft, const RecordingStarted& report);
void on_report(Draft& draft, const RecordingPaused& report);
void on_report(Draft& draft, const RecordingResumed& report);
void on_report(Draft& draft, const RecordingStopped& report);
void on_report(Draft& draft, const RecordingFailed& report);

}  // namespace cord::core
