#include "wire/detail/read_command.hpp"

#include <utility>

#include "wire/target.hpp"

namespace cord::wire {
namespace {

/// Empty or unknown: a complaint.
core::MediaType read_media_type(Members& members, const std::string& type) {
  const auto found = find_media_type(type);
  if (!found) members.complain("type", "must be Telephony, Chat or Email");
  return found.value_or(core::MediaType::telephony);
}

core::Endpoint read_endpoint(Members& channel) {
  core::Endpoint endpoint;
  endpoint.name = channel.required_text("endpoint");
  endpoint.type = read_media_type(channel, channel.required_text("type"));
  return endpoint;
}

/// The number of an object of `kind` that `data.<name>.id` names; 0 if it is no id of ours.
std::uint64_t read_id(Members& data, std::string_view name, core::ObjectKind kind) {
  std::optional<Members> object = data.object(name, true);
  if (!object) return 0;
  const core::TargetSegment segment = parse_segment(object->required_text("id"));
  data.adopt(*object);
  return segment.kind == kind ? segment.number : 0;
}

/// `data.agent.id`.
std::string read_agent(Members& data) {
  std::optional<Members> agent = data.object("agent", true);
  if (!agent) return {};
  std::string id = agent->required_text("id");
  data.adopt(*agent);
  return id;
}

core::SetAgentState read_agent_state(Members& data) {
  core::SetAgentState command;
  command.agent = read_agent(data);
  const std::string state = data.required_text("agentState");
  command.ready = state == name_of(core::AgentState::ready);
  if (!command.ready && state != name_of(core::AgentState::not_ready)) {
    data.complain("agentState", "must be READY or NOT_READY");
  }
  command.reason = data.text_in("reason", "code", true);
  if (const auto type = data.text("type")) command.type = read_media_type(data, *type);
  return command;
}

core::AddChannel read_new_channel(Members& data) {
  std::optional<Members> channel = data.object("channel", true);
  if (!channel) return {};
  core::AddChannel command{read_endpoint(*channel)};
  data.adopt(*channel);
  return command;
}

core::AddGroup read_new_group(Members& data) {
  core::AddGroup command;
  std::optional<Members> group = data.object("channelgroup", true);
  if (!group) return command;
  command.name = group->required_text("name");
  for (Members& channel : group->objects("channels")) {
    command.channels.push_back(read_endpoint(channel));
    group->adopt(channel);
  }
  data.adopt(*group);
  return command;
}

core::ActivateChannel read_activation(Members& data) {
  return {data.text_in("channeloptions", "queue", false)};
}

/// As a browser has it, RTCSessionDescription.
core::RequestMedia read_media_request(Members& data) {
  std::optional<Members> description = data.object("description", true);
  if (!description) return {};
  core::RequestMedia command{description->required_text("sdp")};
  if (description->required_text("type") != offer_type) {
    description->complain("type", "must be offer");
  }
  if (command.offer.size() > core::media_offer_bytes_max) {
    description->complain("sdp", "must have at most 16384 bytes");
  }
  data.adopt(*description);
  return command;
}

core::NotReadyChannel read_not_ready(Members& data) {
  return {data.text_in("reason", "code", true)};
}

core::CompleteInteraction read_completion(Members& data) {
  core::CompleteInteraction command;
  command.disposition = data.text_in("disposition", "id", true);
  command.notes = data.text("notes").value_or(std::string());
  return command;
}

core::SetInteractionData read_data_changes(Members& data) {
  core::SetInteractionData command;
  const std::optional<Members> changes = data.object("interaction-data", true);
  if (!changes) return command;
  for (const auto& member : changes->json()) {
    command.changes.push_back({std::string(member.key()), data_value(member.value())});
  }
  return command;
}

std::string read_destination(Members& data) {
  // Of use to other platforms; ours has none for it.
  if (const auto extensions = data.object("extensions", false)) data.adopt(*extensions);
  return data.required_text("destination");
}

core::DropMember read_drop(Members& data) {
  std::optional<Members> member = data.object("member", true);
  if (!member) return {};
  const core::MemberId id = parse_member_id(member->required_text("id"));
  data.adopt(*member);
  return {id};
}

core::Command read_session_command(FoundCommand found, Members& data) {
  switch (found.kind) {
    case CommandKind::start_session:
      return core::StartSession{data.text("extension")};
    case CommandKind::snapshot:
      return core::SnapshotSession{};
    case CommandKind::directory:
      return core::ListDirectory{};
    case CommandKind::watch:
      return core::WatchFloor{};
    case CommandKind::end_watch:
      return core::EndWatch{};
    case CommandKind::log_out:
      return core::LogoutSession{data.free_reason()};
    case CommandKind::set_agent_state:
      return read_agent_state(data);
    case CommandKind::force_logout:
      return core::ForceLogout{read_agent(data), data.free_reason()};
    case CommandKind::add_channel:
      return read_new_channel(data);
    case CommandKind::remove_channel:
      return core::RemoveChannel{
          core::ChannelId{read_id(data, "channel", core::ObjectKind::channel)}};
    case CommandKind::add_group:
      return read_new_group(data);
    case CommandKind::remove_group:
      return core::RemoveGroup{
          core::GroupId{read_id(data, "channelgroup", core::ObjectKind::group)}};
    default:
      return core::UnsupportedCommand{found.object};
  }
}

core::Command read_group_command(FoundCommand found, Members& data) {
  switch (found.kind) {
    case CommandKind::activate_all:
      return core::EachChannel<core::ActivateChannel>{read_activation(data)};
    case CommandKind::deactivate_all:
      return core::EachChannel<core::DeactivateChannel>{};
    case CommandKind::ready_all:
      return core::EachChannel<core::ReadyChannel>{};
    case CommandKind::not_ready_all:
      return core::EachChannel<core::NotReadyChannel>{read_not_ready(data)};
    default:
      return core::UnsupportedCommand{found.object};
  }
}

core::Command read_channel_command(FoundCommand found, Members& data) {
  switch (found.kind) {
    case CommandKind::activate:
      return read_activation(data);
    case CommandKind::deactivate:
      return core::DeactivateChannel{};
    case CommandKind::ready:
      return core::ReadyChannel{};
    case CommandKind::not_ready:
      return read_not_ready(data);
    case CommandKind::request_media:
      return read_media_request(data);
    case CommandKind::list_dispositions:
      return core::ListDispositions{};
    case CommandKind::dial:
      return core::DialNumber{read_destination(data)};
    case CommandKind::monitor:
      return core::MonitorAgent{read_agent(data), core::MonitorMode::monitor};
    case CommandKind::whisper:
      return core::MonitorAgent{read_agent(data), core::MonitorMode::whisper};
    case CommandKind::barge:
      return core::MonitorAgent{read_agent(data), core::MonitorMode::barge};
    case CommandKind::end_monitor:
      return core::EndMonitor{read_agent(data)};
    case CommandKind::intercept:
      return core::InterceptCall{read_agent(data)};
    default:
      return core::UnsupportedCommand{found.object};
  }
}

core::Command read_interaction_command(FoundCommand found, Members& data) {
  using Verb = core::ControlRecording::Verb;
  switch (found.kind) {
    case CommandKind::accept:
      return core::AcceptInteraction{};
    case CommandKind::reject:
      return core::RejectInteraction{data.free_reason()};
    case CommandKind::complete:
      return read_completion(data);
    case CommandKind::get_data:
      return core::GetInteractionData{};
    case CommandKind::set_data:
      return read_data_changes(data);
    case CommandKind::start_recording:
      return core::ControlRecording{Verb::start};
    case CommandKind::stop_recording:
      return core::ControlRecording{Verb::stop};
    case CommandKind::pause_recording:
      return core::ControlRecording{Verb::pause};
    case CommandKind::resume_recording:
      return core::ControlRecording{Verb::resume};
    case CommandKind::consult:
      return core::ConsultNumber{read_destination(data)};
    case CommandKind::alternate:
      return core::AlternateInteraction{};
    case CommandKind::reconnect:
      return core::ReconnectInteraction{};
    case CommandKind::consult_transfer:
      return core::TransferInteraction{};
    case CommandKind::consult_conference:
      return core::ConferenceInteraction{};
    default:
      return core::UnsupportedCommand{found.object};
  }
}

core::Command read_conversation_command(FoundCommand found, Members& data) {
  switch (found.kind) {
    case CommandKind::answer:
      return core::AnswerConversation{};
    case CommandKind::release:
      return core::ReleaseConversation{};
    case CommandKind::hold:
      return core::HoldConversation{};
    case CommandKind::retrieve:
      return core::RetrieveConversation{};
    case CommandKind::mute:
      return core::MuteConversation{};
    case CommandKind::unmute:
      return core::UnmuteConversation{};
    case CommandKind::send_tones:
      return core::SendTones{data.required_text("digits")};
    case CommandKind::blind_transfer:
      return core::BlindTransfer{read_destination(data)};
    case CommandKind::blind_conference:
      return core::BlindConference{read_destination(data)};
    case CommandKind::drop_member:
      return read_drop(data);
    default:
      return core::UnsupportedCommand{found.object};
  }
}

}  // namespace

core::Command read_command(FoundCommand found, Members& data) {
  switch (found.object) {
    case core::ObjectKind::session:
      return read_session_command(found, data);
    case core::ObjectKind::group:
      return read_group_command(found, data);
    case core::ObjectKind::channel:
      return read_channel_command(found, data);
    case core::ObjectKind::interaction:
      return read_interaction_command(found, data);
    case core::ObjectKind::conversation:
      return read_conversation_command(found, data);
  }
  return core::UnsupportedCommand{found.object};
}

}  // namespace cord::wire
