// One command of each kind, for tests that go through all of them.
#pragma once

#include <string_view>
#include <vector>

#include "core/commands.hpp"
#include "wire/names.hpp"

namespace cord::wire {

/// A kind of command, what it becomes, and the least `data` it is content with.
struct Example {
  CommandKind kind;
  core::Command command;
  std::string_view data = "{}";
};

inline const std::vector<Example>& examples() {
  using K = CommandKind;
  static const std::vector<Example> all{
      {K::start_session, core::StartSession{}},
      {K::snapshot, core::SnapshotSession{}},
      {K::directory, core::ListDirectory{}},
      {K::watch, core::WatchFloor{}},
      {K::end_watch, core::EndWatch{}},
      {K::log_out, core::LogoutSession{}},
      {K::set_agent_state, core::SetAgentState{}, R"({"agent":{"id":"bob"},"agentState":"READY"})"},
      {K::force_logout, core::ForceLogout{}, R"({"agent":{"id":"bob"}})"},
      {K::add_channel, core::AddChannel{},
       R"({"channel":{"endpoint":"alice@shop","type":"Chat"}})"},
      {K::remove_channel, core::RemoveChannel{}, R"({"channel":{"id":"ch-1"}})"},
      {K::add_group, core::AddGroup{},
       R"({"channelgroup":{"name":"desk","channels":[{"endpoint":"1001","type":"Telephony"}]}})"},
      {K::remove_group, core::RemoveGroup{}, R"({"channelgroup":{"id":"g-1"}})"},
      {K::activate_all, core::EachChannel<core::ActivateChannel>{}},
      {K::deactivate_all, core::EachChannel<core::DeactivateChannel>{}},
      {K::ready_all, core::EachChannel<core::ReadyChannel>{}},
      {K::not_ready_all, core::EachChannel<core::NotReadyChannel>{}},
      {K::activate, core::ActivateChannel{}},
      {K::deactivate, core::DeactivateChannel{}},
      {K::ready, core::ReadyChannel{}},
      {K::not_ready, core::NotReadyChannel{}},
      {K::request_media, core::RequestMedia{}, R"({"description":{"type":"offer","sdp":"v=0"}})"},
      {K::list_dispositions, core::ListDispositions{}},
      {K::monitor, core::MonitorAgent{}, R"({"agent":{"id":"bob"}})"},
      {K::whisper, core::MonitorAgent{}, R"({"agent":{"id":"bob"}})"},
      {K::barge, core::MonitorAgent{}, R"({"agent":{"id":"bob"}})"},
      {K::end_monitor, core::EndMonitor{}, R"({"agent":{"id":"bob"}})"},
      {K::intercept, core::InterceptCall{}, R"({"agent":{"id":"bob"}})"},
      {K::accept, core::AcceptInteraction{}},
      {K::reject, core::RejectInteraction{}},
      {K::complete, core::CompleteInteraction{}},
      {K::get_data, core::GetInteractionData{}},
      {K::set_data, core::SetInteractionData{}, R"({"interaction-data":{}})"},
      {K::start_recording, core::ControlRecording{}},
      {K::stop_recording, core::ControlRecording{}},
      {K::pause_recording, core::ControlRecording{}},
      {K::resume_recording, core::ControlRecording{}},
      {K::answer, core::AnswerConversation{}},
      {K::release, core::ReleaseConversation{}},
      {K::hold, core::HoldConversation{}},
      {K::retrieve, core::RetrieveConversation{}},
      {K::mute, core::MuteConversation{}},
      {K::unmute, core::UnmuteConversation{}},
      {K::dial, core::DialNumber{}, R"({"destination":"5"})"},
      {K::send_tones, core::SendTones{}, R"({"digits":"5"})"},
      {K::consult, core::ConsultNumber{}, R"({"destination":"5"})"},
      {K::alternate, core::AlternateInteraction{}},
      {K::reconnect, core::ReconnectInteraction{}},
      {K::consult_transfer, core::TransferInteraction{}},
      {K::blind_transfer, core::BlindTransfer{}, R"({"destination":"5"})"},
      {K::consult_conference, core::ConferenceInteraction{}},
      {K::blind_conference, core::BlindConference{}, R"({"destination":"5"})"},
      {K::drop_member, core::DropMember{}, R"({"member":{"id":"m-5"}})"},
      {K::unsupported, core::UnsupportedCommand{}},
  };
  return all;
}

}  // namespace cord::wire
