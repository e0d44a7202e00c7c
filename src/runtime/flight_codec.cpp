#include "runtime/flight_codec.hpp"

#include <boost/crc.hpp>

#include "runtime/detail/binary.hpp"
#include "runtime/detail/described_state.hpp"

namespace cord::core {

// --- The directory ---------------------------------------------------------------------------

BOOST_DESCRIBE_ENUM(PhoneMode, on_answer, persistent, ring, browser)
BOOST_DESCRIBE_ENUM(Waiting, ringing, tone, music)
BOOST_DESCRIBE_ENUM(Strategy, longest_idle, round_robin, fewest_calls, ring_all)
BOOST_DESCRIBE_STRUCT(Skill, (), (name, level))
BOOST_DESCRIBE_STRUCT(Named, (), (id, name))
BOOST_DESCRIBE_STRUCT(Agent, (),
                      (id, name, extension, phone, phone_mode, queues, skills, channel_group,
                       may_supervise, is_gone))
BOOST_DESCRIBE_STRUCT(Queue, (),
                      (name, numbers, waiting, ring_timeout, service_level, wait_max, waiting_max,
                       strategy, priority, skills, overflow_queue, overflow_number, is_gone))
BOOST_DESCRIBE_STRUCT(Route, (), (numbers, trunk))
BOOST_DESCRIBE_STRUCT(Limits, (),
                      (request_timeout, answer_timeout, phone_pickup_max, phone_activation_max,
                       browser_grace, media_offers_window, media_offers_max, dial_ring_max,
                       colleague_ring_max, wrapup_max, detached_not_ready_after, detached_grace,
                       refusal_rest, start_max, sessions_max, channels_max, groups_max, calls_max,
                       tasks_max, task_keys_max, task_wait_max, monitors_max, conference_legs_max,
                       call_data_bytes_max, refusals_max))
BOOST_DESCRIBE_STRUCT(Capabilities, (),
                      (hold, mute, recording, recording_pause, dial, dtmf, consult, transfer,
                       monitor, conference))
BOOST_DESCRIBE_STRUCT(Directory, (),
                      (agents, queues, reasons, reason_required, dispositions, disposition_required,
                       routes, record_automatically, capabilities, limits))

// --- Commands --------------------------------------------------------------------------------

BOOST_DESCRIBE_ENUM(ObjectKind, session, group, channel, interaction, conversation)
BOOST_DESCRIBE_STRUCT(TargetSegment, (), (kind, number))
BOOST_DESCRIBE_STRUCT(Target, (), (session, below))
BOOST_DESCRIBE_STRUCT(Endpoint, (), (type, name))
BOOST_DESCRIBE_STRUCT(StartSession, (), (extension))
BOOST_DESCRIBE_STRUCT(LogoutSession, (), (reason))
BOOST_DESCRIBE_STRUCT(SnapshotSession, (), ())
BOOST_DESCRIBE_STRUCT(ListDirectory, (), ())
BOOST_DESCRIBE_STRUCT(WatchFloor, (), ())
BOOST_DESCRIBE_STRUCT(EndWatch, (), ())
BOOST_DESCRIBE_STRUCT(SetAgentState, (), (agent, ready, reason, type))
BOOST_DESCRIBE_STRUCT(ForceLogout, (), (agent, reason))
BOOST_DESCRIBE_STRUCT(MonitorAgent, (), (agent, mode))
BOOST_DESCRIBE_STRUCT(EndMonitor, (), (agent))
BOOST_DESCRIBE_STRUCT(InterceptCall, (), (agent))
BOOST_DESCRIBE_STRUCT(AddChannel, (), (endpoint))
BOOST_DESCRIBE_STRUCT(RemoveChannel, (), (channel))
BOOST_DESCRIBE_STRUCT(AddGroup, (), (name, channels))
BOOST_DESCRIBE_STRUCT(RemoveGroup, (), (group))
BOOST_DESCRIBE_STRUCT(ActivateChannel, (), (queue))
BOOST_DESCRIBE_STRUCT(DeactivateChannel, (), ())
BOOST_DESCRIBE_STRUCT(ReadyChannel, (), ())
BOOST_DESCRIBE_STRUCT(NotReadyChannel, (), (reason))
BOOST_DESCRIBE_STRUCT(RequestMedia, (), (offer))
BOOST_DESCRIBE_STRUCT(ListDispositions, (), ())
BOOST_DESCRIBE_STRUCT(DialNumber, (), (destination))
BOOST_DESCRIBE_STRUCT(AcceptInteraction, (), ())
BOOST_DESCRIBE_STRUCT(RejectInteraction, (), (reason))
BOOST_DESCRIBE_STRUCT(CompleteInteraction, (), (disposition, notes))
BOOST_DESCRIBE_STRUCT(GetInteractionData, (), ())
BOOST_DESCRIBE_STRUCT(SetInteractionData, (), (changes))
using RecordingVerb = ControlRecording::Verb;
BOOST_DESCRIBE_ENUM(RecordingVerb, start, stop, pause, resume)
BOOST_DESCRIBE_STRUCT(ControlRecording, (), (verb))
BOOST_DESCRIBE_STRUCT(ConsultNumber, (), (destination))
BOOST_DESCRIBE_STRUCT(AlternateInteraction, (), ())
BOOST_DESCRIBE_STRUCT(ReconnectInteraction, (), ())
BOOST_DESCRIBE_STRUCT(TransferInteraction, (), ())
BOOST_DESCRIBE_STRUCT(ConferenceInteraction, (), ())
BOOST_DESCRIBE_STRUCT(BlindTransfer, (), (destination))
BOOST_DESCRIBE_STRUCT(BlindConference, (), (destination))
BOOST_DESCRIBE_STRUCT(DropMember, (), (member))
BOOST_DESCRIBE_STRUCT(AnswerConversation, (), ())
BOOST_DESCRIBE_STRUCT(ReleaseConversation, (), ())
BOOST_DESCRIBE_STRUCT(HoldConversation, (), ())
BOOST_DESCRIBE_STRUCT(RetrieveConversation, (), ())
BOOST_DESCRIBE_STRUCT(MuteConversation, (), ())
BOOST_DESCRIBE_STRUCT(UnmuteConversation, (), ())
BOOST_DESCRIBE_STRUCT(SendTones, (), (digits))
BOOST_DESCRIBE_STRUCT(UnsupportedCommand, (), (target))
BOOST_DESCRIBE_STRUCT(RequestKey, (), (id, digest))

// Found by argument-dependent lookup: a template cannot be described.
template <class OfChannel>
void write(std::string& to, const EachChannel<OfChannel>& each) {
  runtime::detail::write(to, each.command);
}
template <class OfChannel>
void read(runtime::detail::Reader& from, EachChannel<OfChannel>& each) {
  runtime::detail::read(from, each.command);
}

// --- Reports ---------------------------------------------------------------------------------

BOOST_DESCRIBE_STRUCT(CallArrived, (), (leg, called, caller, caller_name, call_id))
BOOST_DESCRIBE_STRUCT(LegDialed, (), (leg, call_id))
BOOST_DESCRIBE_STRUCT(LegRinging, (), (leg))
BOOST_DESCRIBE_STRUCT(LegAnswered, (), (leg))
BOOST_DESCRIBE_STRUCT(LegReleased, (), (leg, cause, detail, quality))
BOOST_DESCRIBE_STRUCT(LegsBridged, (), (customer, agent))
BOOST_DESCRIBE_STRUCT(LegsMixed, (), (leg))
BOOST_DESCRIBE_STRUCT(LegHeld, (), (leg, customer, mix))
BOOST_DESCRIBE_STRUCT(LegRetrieved, (), (leg, customer, mix))
BOOST_DESCRIBE_STRUCT(LegMuted, (), (leg))
BOOST_DESCRIBE_STRUCT(LegUnmuted, (), (leg))
BOOST_DESCRIBE_STRUCT(LegMonitored, (), (leg, agent, mode))
BOOST_DESCRIBE_STRUCT(TonesSent, (), (leg))
BOOST_DESCRIBE_STRUCT(LegHeldByPhone, (), (leg))
BOOST_DESCRIBE_STRUCT(LegRetrievedByPhone, (), (leg))
BOOST_DESCRIBE_STRUCT(LegTransferRequested, (), (leg, request, to, replaced))
using FailedOrder = LegOrderFailed::Order;
BOOST_DESCRIBE_ENUM(FailedOrder, bridge, mix, hold, retrieve, mute, unmute, tones, monitor)
BOOST_DESCRIBE_STRUCT(LegOrderFailed, (), (leg, order, detail))
BOOST_DESCRIBE_STRUCT(OfferAnswered, (), (leg, channel, request, answer))
BOOST_DESCRIBE_STRUCT(OfferRefused, (), (leg, channel, request, cause, detail))
BOOST_DESCRIBE_STRUCT(LegMediaUp, (), (leg))
BOOST_DESCRIBE_STRUCT(LegMediaLost, (), (leg))
BOOST_DESCRIBE_STRUCT(RecordingStarted, (), (recording, file))
BOOST_DESCRIBE_STRUCT(RecordingPaused, (), (recording))
BOOST_DESCRIBE_STRUCT(RecordingResumed, (), (recording))
BOOST_DESCRIBE_STRUCT(RecordingStopped, (), (recording))
BOOST_DESCRIBE_STRUCT(RecordingFailed, (), (recording, detail))

// --- Inputs ----------------------------------------------------------------------------------

BOOST_DESCRIBE_STRUCT(PrepareSession, (),
                      (request, connection, agent, takes_over, session_name, resume_token))
BOOST_DESCRIBE_STRUCT(ClientRequest, (), (request, connection, target, command, key))
BOOST_DESCRIBE_STRUCT(ConnectionLost, (), (connection))
BOOST_DESCRIBE_STRUCT(OfferCall, (), (call, channel))
BOOST_DESCRIBE_STRUCT(Deadline, (), (kind, subject, number))
BOOST_DESCRIBE_STRUCT(DeadlineReached, (), (deadline))
BOOST_DESCRIBE_STRUCT(ResumeSession, (),
                      (request, connection, session_name, resume_token, after, has_gap,
                       numbers_after))
BOOST_DESCRIBE_STRUCT(SubmitTask, (), (request, connection, type, queue, from, subject, key, data))
BOOST_DESCRIBE_STRUCT(WithdrawTask, (), (request, connection, call))
BOOST_DESCRIBE_STRUCT(Restarted, (), (stopped))
BOOST_DESCRIBE_STRUCT(RetireSession, (), (session))
BOOST_DESCRIBE_STRUCT(RefitChannel, (), (channel))
BOOST_DESCRIBE_STRUCT(TurnAway, (), (call))
BOOST_DESCRIBE_STRUCT(CutLeg, (), (leg))

}  // namespace cord::core

namespace cord::runtime {

BOOST_DESCRIBE_STRUCT(FlightStart, (), (time, directory, state))
BOOST_DESCRIBE_STRUCT(FlightInput, (), (time, input))
BOOST_DESCRIBE_STRUCT(FlightCheck, (), (time, state))

namespace detail {

// A command for each channel of a group is what it is for one.
template <class OfChannel>
constexpr bool lists_every_member<core::EachChannel<OfChannel>> = lists_every_member<OfChannel>;
// A report is a variant within a variant.
template <>
constexpr bool lists_every_member<core::Input> = lists_every_member<core::Report>&&
    lists_every_member<core::PrepareSession>&& lists_every_member<core::ClientRequest>&&
        lists_every_member<core::ConnectionLost>&& lists_every_member<core::OfferCall>&&
            lists_every_member<core::DeadlineReached>&& lists_every_member<core::ResumeSession>&&
                lists_every_member<core::Restarted>&& lists_every_member<core::RetireSession>&&
                    lists_every_member<core::RefitChannel>&& lists_every_member<core::SubmitTask>&&
                        lists_every_member<core::WithdrawTask>&&
                            lists_every_member<core::TurnAway>&& lists_every_member<core::CutLeg>;

static_assert(lists_every_enumerator<core::PhoneMode>);
static_assert(lists_every_enumerator<core::Waiting>);
static_assert(lists_every_enumerator<core::Strategy>);
static_assert(lists_every_enumerator<core::ObjectKind>);
static_assert(lists_every_enumerator<core::RecordingVerb>);
static_assert(lists_every_enumerator<core::FailedOrder>);
static_assert(lists_every_member<core::Skill>);
static_assert(lists_every_member<core::Named>);
static_assert(lists_every_member<core::Agent>);
static_assert(lists_every_member<core::Queue>);
static_assert(lists_every_member<core::Route>);
static_assert(lists_every_member<core::Limits>);
static_assert(lists_every_member<core::Capabilities>);
static_assert(lists_every_member<core::Directory>);
static_assert(lists_every_member<core::TargetSegment>);
static_assert(lists_every_member<core::Target>);
static_assert(lists_every_member<core::Endpoint>);
static_assert(lists_every_member<core::RequestKey>);
static_assert(lists_every_member<core::Deadline>);
static_assert(lists_every_member<core::Command>);
static_assert(lists_every_member<core::Input>);
static_assert(lists_every_member<FlightEntry>);

}  // namespace detail

namespace {

constexpr std::size_t check_bytes = 4;

std::uint32_t check_of(std::string_view payload) {
  boost::crc_32_type crc;
  crc.process_bytes(payload.data(), payload.size());
  return crc.checksum();
}

std::uint32_t read_check(std::string_view bytes) {
  std::uint32_t check = 0;
  for (std::size_t i = 0; i < check_bytes; ++i) {
    check |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  return check;
}

}  // namespace

std::string encode_image(const core::StateImage& image) {
  std::string bytes;
  detail::write(bytes, image);
  return bytes;
}

void append_flight_entry(std::string& to, const FlightEntry& entry) {
  std::string payload;
  detail::write(payload, entry);
  detail::write(to, std::uint64_t{payload.size()});
  const std::uint32_t check = check_of(payload);
  for (std::size_t i = 0; i < check_bytes; ++i) to += static_cast<char>(check >> (8 * i) & 0xffU);
  to += payload;
}

Result<FlightEntry> take_flight_entry(std::string_view& from) {
  detail::Reader outer(from);
  const std::uint64_t size = outer.number();
  if (!outer.ok() || outer.rest().size() < check_bytes ||
      outer.rest().size() - check_bytes < size) {
    return refuse(Errc::too_short, "flight.entry", "the end of it is missing");
  }
  const std::string_view payload = outer.rest().substr(check_bytes, size);
  if (check_of(payload) != read_check(outer.rest())) {
    return refuse(Errc::corrupt, "flight.entry", "it is not what was written");
  }
  detail::Reader reader(payload);
  FlightEntry entry;
  detail::read(reader, entry);
  if (!reader.ok() || !reader.at_end()) {
    return refuse(Errc::corrupt, "flight.entry",
                  "it cannot be read: another version of this program wrote it");
  }
  from = outer.rest().substr(check_bytes + payload.size());
  return entry;
}

}  // namespace cord::runtime
