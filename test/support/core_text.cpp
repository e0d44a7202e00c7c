#include "support/core_text.hpp"

#include <array>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace cord::test {

std::string_view name_of(core::SessionState it) {
  constexpr std::array<std::string_view, 3> names{"INITIALIZING", "LOGGED_IN", "LOGGED_OUT"};
  return names.at(static_cast<std::size_t>(it));
}
std::string_view name_of(core::ChannelState it) {
  constexpr std::array<std::string_view, 3> names{"INACTIVE", "ACTIVE", "UNAVAILABLE"};
  return names.at(static_cast<std::size_t>(it));
}
std::string_view name_of(core::AgentState it) {
  constexpr std::array<std::string_view, 5> names{"NOT_READY", "READY", "RESERVED", "BUSY",
                                                  "WRAPUP"};
  return names.at(static_cast<std::size_t>(it));
}
std::string_view name_of(core::InteractionState it) {
  constexpr std::array<std::string_view, 5> names{"ALERTING", "DIALING", "STARTED", "ENDED",
                                                  "COMPLETED"};
  return names.at(static_cast<std::size_t>(it));
}
std::string_view name_of(core::ConversationState it) {
  constexpr std::array<std::string_view, 5> names{"ALERTING", "DIALING", "CONNECTED", "HELD",
                                                  "DISCONNECTED"};
  return names.at(static_cast<std::size_t>(it));
}
std::string_view name_of(core::RecordingState it) {
  constexpr std::array<std::string_view, 3> names{"NONE", "RECORDING", "PAUSED"};
  return names.at(static_cast<std::size_t>(it));
}
std::string_view name_of(core::Cause it) {
  constexpr std::array<std::string_view, 15> names{
      "request",         "remote",     "phone",    "supervisor",  "timeout",
      "failed",          "busy",       "rejected", "unreachable", "transfer",
      "transfer.failed", "conference", "recovery", "replaced",    "shutdown"};
  return names.at(static_cast<std::size_t>(it));
}
std::string_view name_of(core::MediaState it) {
  constexpr std::array<std::string_view, 4> names{"NONE", "CONNECTING", "CONNECTED", "LOST"};
  return names[static_cast<std::size_t>(it)];
}
std::string_view name_of(core::MonitorMode it) {
  constexpr std::array<std::string_view, 3> names{"monitor", "whisper", "barge"};
  return names.at(static_cast<std::size_t>(it));
}
std::string_view name_of(core::TransferEnd it) {
  constexpr std::array<std::string_view, 12> names{
      "done", "refused",  "forbidden",   "no route", "unknown", "pending",
      "busy", "rejected", "unreachable", "timeout",  "gone",    "failed"};
  return names.at(static_cast<std::size_t>(it));
}
std::string_view name_of(core::SessionEnd it) {
  constexpr std::array<std::string_view, 5> names{"replaced", "logout", "expired", "forced",
                                                  "shutdown"};
  return names.at(static_cast<std::size_t>(it));
}
std::string_view name_of(Errc it) {
  constexpr std::array<std::string_view, 25> names{"",
                                                   "invalid.request",
                                                   "unknown.command",
                                                   "target.not.found",
                                                   "invalid.target",
                                                   "invalid.state",
                                                   "unsupported",
                                                   "permission.denied",
                                                   "authentication.failed",
                                                   "authentication.throttled",
                                                   "session.not.started",
                                                   "session.already.started",
                                                   "session.limit",
                                                   "resume.gap",
                                                   "ongoing.interaction",
                                                   "endpoint.in.use",
                                                   "endpoint.unreachable",
                                                   "reason.required",
                                                   "disposition.required",
                                                   "rate.limited",
                                                   "cti.error",
                                                   "cti.timeout",
                                                   "timeout",
                                                   "not.accepting",
                                                   "internal.error"};
  return names.at(static_cast<std::size_t>(it));
}

namespace {

// The last segment's kind: "session", "group", "channel", "interaction", "conversation".
std::string_view kind_of(const core::ObjectPath& path) {
  if (path.conversation) return "conversation";
  if (path.interaction) return "interaction";
  if (path.channel) return "channel";
  return path.group ? "group" : "session";
}

// What an event says beyond its name and target.
struct DataText {
  std::string operator()(const core::SessionInitialized& it) const {
    return fmt::format("session.initialized {}", it.agent_id);
  }
  std::string operator()(const core::SessionEnded& it) const {
    return fmt::format("session.ended {}", name_of(it.reason));
  }
  std::string operator()(const core::GroupCreated& it) const {
    return fmt::format("channelgroup.created g-{} {}", it.id, it.name);
  }
  std::string operator()(const core::GroupInitialized&) const { return "channelgroup.initialized"; }
  std::string operator()(const core::GroupDisposed&) const { return "channelgroup.disposed"; }
  std::string operator()(const core::ChannelCreated& it) const {
    return fmt::format("channel.created ch-{} {}", it.id, it.endpoint);
  }
  std::string operator()(const core::ChannelInfoChanged& it) const {
    const core::ChannelInfo& info = it.channel;
    std::string all =
        fmt::format("channel.infochanged {} {}", name_of(info.state), name_of(info.agent_state));
    if (!info.reason.empty()) all += fmt::format(" reason={}", info.reason);
    if (info.pending) all += fmt::format(" pending={}", name_of(*info.pending));
    if (!info.pending_reason.empty()) all += fmt::format(":{}", info.pending_reason);
    all += fmt::format(" queues={}", fmt::join(info.queues, ","));
    if (info.media) all += fmt::format(" media={}", name_of(*info.media));
    if (info.monitored.empty()) return all;
    return all + fmt::format(" {}={}", name_of(info.monitor_mode), info.monitored);
  }
  std::string operator()(const core::ChannelInitialized&) const { return "channel.initialized"; }
  std::string operator()(const core::ExternalDispositionsUpdated& it) const {
    std::string all = "channel.externaldispositions.updated";
    for (const core::Named& named : it.dispositions) all += " " + named.id;
    return all;
  }
  std::string operator()(const core::ChannelDisposed&) const { return "channel.disposed"; }
  std::string operator()(const core::InteractionCreated& it) const {
    return fmt::format("interaction.created i-{}", it.id);
  }
  std::string operator()(const core::InteractionDataChanged& it) const {
    return fmt::format("interaction.datachanged {}", text(it.data));
  }
  std::string operator()(const core::InteractionPreview&) const { return "interaction.preview"; }
  std::string operator()(const core::InteractionScreenPop&) const {
    return "interaction.screenpop";
  }
  std::string operator()(const core::InteractionInitialized&) const {
    return "interaction.initialized";
  }
  std::string operator()(const core::InteractionEnded& it) const {
    return fmt::format("interaction.ended {}", name_of(it.cause));
  }
  std::string operator()(const core::InteractionDisposed&) const { return "interaction.disposed"; }
  std::string operator()(const core::InteractionQuality& it) const {
    return fmt::format("interaction.quality {} {}", it.call_id, it.quality.received.packets);
  }
  std::string operator()(const core::InteractionFocusChanged& it) const {
    return fmt::format("interaction.focuschanged c-{}", it.conversation);
  }
  std::string operator()(const core::ConversationCreated& it) const {
    return fmt::format("conversation.created c-{}", it.id);
  }
  std::string operator()(const core::MemberAdded& it) const {
    return fmt::format("conversation.member.added {}", it.member.address);
  }
  std::string operator()(const core::MemberRemoved& it) const {
    return fmt::format("conversation.member.removed {}", it.member.address);
  }
  std::string operator()(const core::ConversationInitialized&) const {
    return "conversation.initialized";
  }
  std::string operator()(const core::ConversationDisposed&) const {
    return "conversation.disposed";
  }
  std::string operator()(const core::SessionStateUpdated& it) const {
    return fmt::format("{}<-{} {}{}", name_of(it.state), name_of(it.previous), name_of(it.cause),
                       it.detached ? " detached" : "");
  }
  std::string operator()(const core::ChannelStateUpdated& it) const {
    return fmt::format("{}<-{} {} {}", name_of(it.state), name_of(it.previous),
                       name_of(it.agent_state), name_of(it.cause));
  }
  std::string operator()(const core::InteractionStateUpdated& it) const {
    return fmt::format("{}<-{} {} {}", name_of(it.state), name_of(it.previous),
                       name_of(it.recording), name_of(it.cause));
  }
  std::string operator()(const core::ConversationStateUpdated& it) const {
    return fmt::format("{}<-{} {}{}", name_of(it.state), name_of(it.previous), name_of(it.cause),
                       it.muted ? " muted" : "");
  }
};

template <class Data>
constexpr bool is_state_update = false;
template <>
inline constexpr bool is_state_update<core::SessionStateUpdated> = true;
template <>
inline constexpr bool is_state_update<core::ChannelStateUpdated> = true;
template <>
inline constexpr bool is_state_update<core::InteractionStateUpdated> = true;
template <>
inline constexpr bool is_state_update<core::ConversationStateUpdated> = true;

struct OrderText {
  std::string operator()(const core::AcceptLeg& it) const { return "accept " + text(it.leg); }
  std::string operator()(const core::OriginateLeg& it) const {
    return fmt::format("originate {} {}{}", text(it.leg), it.to, it.auto_answer ? " auto" : "");
  }
  std::string operator()(const core::DialLeg& it) const {
    return fmt::format("dial {} {} via {}", text(it.leg), it.number, it.trunk);
  }
  std::string operator()(const core::PlayRinging& it) const { return "ringing " + text(it.leg); }
  std::string operator()(const core::StopRinging& it) const {
    return "stop ringing " + text(it.leg);
  }
  std::string operator()(const core::ReleaseLeg& it) const {
    return fmt::format("release {} {}", text(it.leg), name_of(it.cause));
  }
  std::string operator()(const core::BridgeLegs& it) const {
    return fmt::format("bridge {} {}", text(it.customer), text(it.agent));
  }
  std::string operator()(const core::MixLegs& it) const {
    std::string all = "mix " + text(it.leg);
    for (const core::LegId leg : it.others) all += " " + text(leg);
    return all;
  }
  std::string operator()(const core::LeaveMix& it) const {
    return fmt::format("leave {}{}", text(it.leg), mix(it.mix));
  }
  static std::string mix(core::CallId call) {
    return call ? fmt::format(" in mix {}", call) : std::string();
  }
  std::string operator()(const core::AcceptTransfer& it) const {
    return fmt::format("accept transfer {}", it.request.value & ~core::phone_request_bit);
  }
  std::string operator()(const core::EndTransfer& it) const {
    return fmt::format("end transfer {} {}", it.request.value & ~core::phone_request_bit,
                       name_of(it.end));
  }
  std::string operator()(const core::AnswerOffer& it) const {
    return fmt::format("answer offer {} {} {}", text(it.leg), it.phone, it.offer);
  }
  std::string operator()(const core::ParkLeg& it) const { return "park " + text(it.leg); }
  std::string operator()(const core::HoldLeg& it) const {
    return fmt::format("hold {} {}{}", text(it.customer), text(it.agent), mix(it.mix));
  }
  std::string operator()(const core::RetrieveLeg& it) const {
    return fmt::format("retrieve {} {}{}", text(it.customer), text(it.agent), mix(it.mix));
  }
  std::string operator()(const core::MuteLeg& it) const { return "mute " + text(it.agent); }
  std::string operator()(const core::UnmuteLeg& it) const { return "unmute " + text(it.agent); }
  std::string operator()(const core::MonitorLeg& it) const {
    return fmt::format("{} {} by {}", name_of(it.mode), text(it.agent), text(it.supervisor));
  }
  std::string operator()(const core::SendDigits& it) const {
    return fmt::format("tones {} {} {}", text(it.customer), text(it.agent), it.digits);
  }
  std::string operator()(const core::StartRecording& it) const {
    return fmt::format("record {} by {}", it.recording, it.by);
  }
  std::string operator()(const core::MoveRecording& it) const {
    return fmt::format("move {} to {} {}", it.recording, text(it.customer), text(it.agent));
  }
  std::string operator()(const core::PauseRecording& it) const {
    return fmt::format("pause {} by {}", it.recording, it.by);
  }
  std::string operator()(const core::ResumeRecording& it) const {
    return fmt::format("resume {} by {}", it.recording, it.by);
  }
  std::string operator()(const core::StopRecording& it) const {
    return fmt::format("stop {} by {}", it.recording, it.by);
  }
};
}  // namespace

std::string text(const core::ObjectPath& path) {
  std::vector<std::string> parts;
  if (path.group) parts.push_back(fmt::format("g-{}", path.group));
  if (path.channel) parts.push_back(fmt::format("ch-{}", path.channel));
  if (path.interaction) parts.push_back(fmt::format("i-{}", path.interaction));
  if (path.conversation) parts.push_back(fmt::format("c-{}", path.conversation));
  return fmt::format("{}", fmt::join(parts, "."));
}

std::string text(const core::CallData& data) {
  std::vector<std::string> parts;
  for (const auto& [key, value] : data) parts.push_back(key + "=" + value.text);
  return fmt::format("{}", fmt::join(parts, " "));
}

// "alice:1001:READY bob:1002:BUSY support:100"
std::string text(const core::DirectoryAnswer& directory) {
  constexpr std::array<std::string_view, 4> presences{"READY", "NOT_READY", "BUSY", "LOGGED_OUT"};
  std::vector<std::string> parts;
  for (const core::DirectoryAgent& it : directory.agents) {
    parts.push_back(fmt::format("{}:{}:{}", it.id, it.endpoint,
                                presences.at(static_cast<std::size_t>(it.state))));
  }
  for (const core::DirectoryQueue& it : directory.queues) {
    parts.push_back(fmt::format("{}:{}", it.name, fmt::join(it.numbers, ",")));
  }
  return fmt::format("{}", fmt::join(parts, " "));
}

std::string text(const core::ClientEvent& event) {
  return std::visit(
      [&]<class Data>(const Data& data) {
        if constexpr (is_state_update<Data>) {
          return fmt::format("state({}) {}", kind_of(event.target), DataText{}(data));
        } else {
          return DataText{}(data);
        }
      },
      event.data);
}

std::string text(const core::Reply& reply) {
  if (!reply.outcome) return std::string(name_of(reply.outcome.error().code));
  if (std::holds_alternative<core::Prepared>(*reply.outcome)) return "prepared";
  if (std::holds_alternative<core::Confirm>(*reply.outcome)) return "confirm";
  if (std::holds_alternative<core::Resumed>(*reply.outcome)) return "resumed";
  if (std::holds_alternative<core::SessionView>(*reply.outcome)) return "snapshot";
  if (const auto* directory = std::get_if<core::DirectoryAnswer>(&*reply.outcome)) {
    return "directory " + text(*directory);
  }
  if (const auto* watch = std::get_if<core::FloorWatch>(&*reply.outcome)) {
    return watch->is_on ? "watches" : "watches no more";
  }
  if (const auto* task = std::get_if<core::TaskTaken>(&*reply.outcome)) {
    return fmt::format("task {}", task->call);
  }
  if (const auto* media = std::get_if<core::MediaAnswer>(&*reply.outcome)) {
    return "answer " + media->sdp;
  }
  if (const auto* answer = std::get_if<core::DataAnswer>(&*reply.outcome)) {
    return "data " + text(answer->data);
  }
  return "ok";
}

std::string text(core::LegId leg) {
  const bool is_inbound = (leg.value & core::inbound_leg_bit) != 0;
  return fmt::format("{}{}", is_inbound ? "in" : "out", leg.value & ~core::inbound_leg_bit);
}

std::string text(const core::Effect& order) {
  return std::visit(OrderText{}, order);
}

}  // namespace cord::test
