#include "wire/names.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace cord::wire {
namespace {

TEST(CommandNames, AreFoundInBothSpellings) {
  for (const CommandRow& row : commands) {
    const std::string object(object_name(row.object));
    for (const std::string infix : {".", ".request."}) {
      const std::string spelling = object + infix + std::string(row.verb);
      const auto found = find_command(spelling);
      ASSERT_TRUE(found) << spelling;
      EXPECT_EQ(found->kind, row.kind) << spelling;
      EXPECT_EQ(found->object, row.object) << spelling;
    }
  }
}

TEST(CommandNames, OccurOnce) {
  std::set<std::string> seen;
  for (const CommandRow& row : commands) {
    EXPECT_TRUE(
        seen.insert(std::string(object_name(row.object)) + "." + std::string(row.verb)).second)
        << row.verb;
  }
}

TEST(CommandNames, CoverTheProtocol) {
  for (const std::string_view spelling : {"prepareSession",
                                          "session.start",
                                          "session.resume",
                                          "session.snapshot",
                                          "session.request.directory",
                                          "session.request.history",
                                          "session.request.watch",
                                          "session.request.endwatch",
                                          "session.request.addchannel",
                                          "session.request.removechannel",
                                          "session.request.addchannelgroup",
                                          "session.request.removechannelgroup",
                                          "session.request.logout",
                                          "channel.activate",
                                          "channel.deactivate",
                                          "channel.ready",
                                          "channel.notready",
                                          "channelgroup.request.activateall",
                                          "channelgroup.request.deactivateall",
                                          "channelgroup.request.ready",
                                          "channelgroup.request.notready",
                                          "channel.dial",
                                          "channel.request.externaldispositions",
                                          "interaction.accept",
                                          "interaction.reject",
                                          "interaction.complete",
                                          "interaction.getdata",
                                          "interaction.setdata",
                                          "interaction.consult",
                                          "interaction.alternate",
                                          "interaction.reconnect",
                                          "interaction.consulttransfer",
                                          "interaction.consultconference",
                                          "interaction.request.recording.start",
                                          "interaction.request.recording.stop",
                                          "interaction.request.recording.pause",
                                          "interaction.request.recording.resume",
                                          "conversation.answer",
                                          "conversation.release",
                                          "conversation.hold",
                                          "conversation.retrieve",
                                          "conversation.request.mute",
                                          "conversation.request.unmute",
                                          "conversation.senddtmf",
                                          "conversation.blindtransfer",
                                          "conversation.blindconference",
                                          "conversation.dropmember",
                                          "channel.request.monitor",
                                          "channel.request.whisper",
                                          "channel.request.barge",
                                          "channel.request.intercept",
                                          "channel.request.endmonitor",
                                          "channel.request.media",
                                          "session.request.setagentstate",
                                          "session.request.forcelogout"}) {
    EXPECT_TRUE(find_command(spelling)) << spelling;
  }
}

TEST(CommandNames, OthersAreUnknown) {
  for (const std::string_view spelling : {"",
                                          ".",
                                          "hold",
                                          "conversation",
                                          "conversation.",
                                          "conversation.request.",
                                          "conversation.request.request.hold",
                                          "conversation.Hold",
                                          "Conversation.hold",
                                          "conversation.hold ",
                                          " conversation.hold",
                                          "conversation..hold",
                                          "channel.hold",
                                          "session.prepareSession",
                                          "request.prepareSession",
                                          "group.ready",
                                          "prepareSession.request",
                                          "recording.stop",
                                          "interaction.recording",
                                          "conversation.hold.request"}) {
    EXPECT_FALSE(find_command(spelling)) << spelling;
  }
}

TEST(FailureNames, CoverEveryCodeOfTheProtocolOnce) {
  std::set<std::string_view> names;
  for (const FailureName& failure : failures) {
    EXPECT_EQ(failure_name(failure.code).code_name, failure.code_name);
    EXPECT_TRUE(names.insert(failure.code_name).second) << failure.code_name;
    EXPECT_FALSE(failure.message.empty());
  }
  const std::set<std::string_view> protocol{"invalid.request",
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
  EXPECT_EQ(names, protocol);
}

TEST(FailureNames, InternalCodesAreToldAsInternalError) {
  for (const Errc code : {Errc::too_short, Errc::too_long, Errc::bad_version, Errc::malformed,
                          Errc::io_failed, Errc::corrupt, Errc::full, Errc{0}, Errc{255}}) {
    EXPECT_EQ(failure_name(code).code_name, "internal.error");
  }
}

/// The names of `count` enumerators from 0 on, joined.
template <class Enum>
std::string all_names(int count) {
  std::string names;
  for (int i = 0; i < count; ++i) names += std::string(name_of(static_cast<Enum>(i))) + " ";
  return names;
}

TEST(StateNames, AreTheProtocols) {
  EXPECT_EQ(all_names<core::SessionState>(3), "INITIALIZING LOGGED_IN LOGGED_OUT ");
  EXPECT_EQ(all_names<core::ChannelState>(3), "INACTIVE ACTIVE UNAVAILABLE ");
  EXPECT_EQ(all_names<core::AgentState>(5), "NOT_READY READY RESERVED BUSY WRAPUP ");
  EXPECT_EQ(all_names<core::InteractionState>(5), "ALERTING DIALING STARTED ENDED COMPLETED ");
  EXPECT_EQ(all_names<core::ConversationState>(5), "ALERTING DIALING CONNECTED HELD DISCONNECTED ");
  EXPECT_EQ(all_names<core::RecordingState>(3), "NONE RECORDING PAUSED ");
  EXPECT_EQ(all_names<core::Cause>(15),
            "request remote phone supervisor timeout failed busy rejected unreachable transfer "
            "transfer.failed conference recovery replaced shutdown ");
  EXPECT_EQ(all_names<core::SessionEnd>(5), "replaced logout expired forced shutdown ");
  EXPECT_EQ(all_names<core::MediaType>(3), "Telephony Chat Email ");
  EXPECT_EQ(all_names<core::Direction>(3), "INBOUND OUTBOUND INTERNAL ");
  EXPECT_EQ(all_names<core::ConversationType>(2), "primary consult ");
  EXPECT_EQ(all_names<core::MonitorMode>(3), "monitor whisper barge ");
  EXPECT_EQ(all_names<core::MediaState>(4), "NONE CONNECTING CONNECTED LOST ");
  EXPECT_EQ(all_names<core::FloorSession>(3), "LOGGED_IN DETACHED LOGGED_OUT ");
  EXPECT_EQ(all_names<core::Presence>(4), "READY NOT_READY BUSY LOGGED_OUT ");
  EXPECT_EQ(all_names<core::MemberRole>(4), "customer agent external supervisor ");
}

TEST(StateNames, AValueOutsideItsEnumerationIsABug) {
  EXPECT_DEATH((void)name_of(static_cast<core::Cause>(15)), "assertion failed");
}

}  // namespace
}  // namespace cord::wire
