#include "wire/reply.hpp"

#include <gtest/gtest.h>

#include "wire/names.hpp"

namespace cord::wire {
namespace {

Echo echo_of(std::string_view text) {
  auto outcome = parse_request(text);
  return outcome ? std::move(outcome->echo) : std::move(outcome.error().echo);
}

core::Reply success(core::Success what, std::uint64_t seq) {
  return {{}, {}, std::move(what), seq};
}

const char* const hold =
    R"({"command":"conversation.hold","target":"s.ch-1.i-2.c-3","data":{"x":"y"},"id":7})";

TEST(PrintReply, SuccessRepeatsTheData) {
  EXPECT_EQ(print_reply(echo_of(hold), success({}, 42)),
            R"({"command":"conversation.hold","target":"s.ch-1.i-2.c-3","result":"success",)"
            R"("data":{"x":"y"},"id":7,"seq":42})");
}

TEST(PrintReply, SuccessWithoutIdAndData) {
  EXPECT_EQ(print_reply(echo_of(R"({"command":" channel.request.ready","target":"s.g-9.ch-1"})"),
                        success({}, 1)),
            R"({"command":"channel.request.ready","target":"s.g-9.ch-1","result":"success",)"
            R"("data":{},"seq":1})");
}

TEST(PrintReply, PreparedAddsTheSession) {
  const Echo echo = echo_of(R"({"command":"prepareSession","data":{"agent":{"id":"alice",)"
                            R"("password":"pw"},"seq":"x"},"id":"1"})");
  EXPECT_EQ(print_reply(echo, success(core::Prepared{"NAME", "TOKEN"}, 0)),
            R"({"command":"prepareSession","result":"success","data":{"agent":{"id":"alice",)"
            R"("password":"***"},"seq":0,"session":{"id":"NAME"},"resumeToken":"TOKEN"},)"
            R"("id":"1","seq":0})");
}

TEST(PrintReply, GetDataAddsTheData) {
  const Echo echo = echo_of(R"({"command":"interaction.getdata","target":"s.ch-1.i-2"})");
  core::CallData data{{"ANI", {false, "+1 \"5\""}}, {"n", {true, R"({"a":[1]})"}}};
  EXPECT_EQ(print_reply(echo, success(core::DataAnswer{data}, 5)),
            R"({"command":"interaction.getdata","target":"s.ch-1.i-2","result":"success",)"
            R"("data":{"interaction-data":{"ANI":"+1 \"5\"","n":{"a":[1]}}},"seq":5})");
}

TEST(PrintReply, MediaPutsTheAnswerInTheOffersPlace) {
  const Echo echo = echo_of(
      R"({"command":"channel.media","target":"s.ch-1","data":{"description":{"type":"offer","sdp":"o"}}})");
  EXPECT_EQ(print_reply(echo, success(core::MediaAnswer{"v=0\r\n"}, 5)),
            R"({"command":"channel.media","target":"s.ch-1","result":"success",)"
            R"("data":{"description":{"type":"answer","sdp":"v=0\r\n"}},"seq":5})");
}

TEST(PrintReply, ResumedAddsTheNumbers) {
  const Echo echo =
      echo_of(R"({"command":"session.resume","target":"s","data":{"resumeToken":"t","after":4}})");
  EXPECT_EQ(print_reply(echo, success(core::Resumed{{}, 5, 9}, 9)),
            R"({"command":"session.resume","target":"s","result":"success",)"
            R"("data":{"resumeToken":"***","after":4,"from":5,"to":9},"seq":9})");
}

TEST(PrintReply, SnapshotAddsTheTree) {
  const Echo echo = echo_of(R"({"command":"session.snapshot","target":"s"})");
  using namespace core;
  const ChannelInfo alone{{2},
                          "1001",
                          MediaType::telephony,
                          ChannelState::active,
                          AgentState::busy,
                          "",
                          AgentState::not_ready,
                          "lunch",
                          {"support"}};
  const ChannelInfo grouped{
      {3}, "1002", MediaType::chat, ChannelState::inactive, AgentState::not_ready, "why", {},
      "",  {}};
  const ConversationView conversation{{5},
                                      ConversationType::primary,
                                      ConversationState::held,
                                      true,
                                      {{{6}, "555", "", MemberRole::customer, {}}}};
  const InteractionView interaction{{4},
                                    MediaType::telephony,
                                    Direction::inbound,
                                    InteractionState::started,
                                    RecordingState::paused,
                                    {{"ANI", {false, "555"}}},
                                    {5},
                                    {conversation}};
  const SessionView view{"s",
                         SessionState::logged_in,
                         false,
                         {"alice", "Alice", {{"lunch", "Lunch"}}, {}, {"hold"}, {}},
                         {{{1}, "desk"}},
                         {{{}, alone, {interaction}}, {{1}, grouped, {}}}};
  EXPECT_EQ(
      print_reply(echo, success(view, 42)),
      R"({"command":"session.snapshot","target":"s","result":"success","data":{"session":)"
      R"({"id":"s","state":"LOGGED_IN","detached":false,"agent":{"id":"alice","name":"Alice"},)"
      R"("reasons":[{"code":"lunch","name":"Lunch"}],"dispositions":[],"capabilities":["hold"],"permissions":[],)"
      R"("channelgroups":[{"id":"g-1","name":"desk","channels":[{"id":"ch-3","endpoint":"1002",)"
      R"("type":"Chat","state":"INACTIVE","agentState":"NOT_READY","reason":"why","queues":[],)"
      R"("interactions":[]}]}],"channels":[{"id":"ch-2","endpoint":"1001","type":"Telephony",)"
      R"("state":"ACTIVE","agentState":"BUSY","pending":"NOT_READY","pendingReason":"lunch",)"
      R"("queues":["support"],"interactions":[{"id":"i-4","type":"Telephony",)"
      R"("direction":"INBOUND","state":"STARTED","recording":"PAUSED",)"
      R"("interaction-data":{"ANI":"555"},"focus":"c-5","conversations":[{"id":"c-5",)"
      R"("type":"primary","state":"HELD","muted":true,"members":[{"id":"m-6","address":"555",)"
      R"("role":"customer"}]}]}]}]},"seq":42},"seq":42})");
}

TEST(PrintReply, DirectoryAddsWhomThereIsToCall) {
  const Echo echo = echo_of(R"({"command":"session.request.directory","target":"s"})");
  const core::DirectoryAnswer directory{{{"alice", "Alice", "1001", core::Presence::busy},
                                         {"bob", "B\"ob", "1002", core::Presence::logged_out}},
                                        {{"support", {"1800", "1801"}}, {"outbound", {}}}};
  EXPECT_EQ(print_reply(echo, success(directory, 4)),
            R"({"command":"session.request.directory","target":"s","result":"success","data":{)"
            R"("agents":[{"id":"alice","name":"Alice","endpoint":"1001","state":"BUSY"},)"
            R"({"id":"bob","name":"B\"ob","endpoint":"1002","state":"LOGGED_OUT"}],)"
            R"("queues":[{"name":"support","numbers":["1800","1801"]},)"
            R"({"name":"outbound","numbers":[]}]},"seq":4})");
}

TEST(PrintReply, ConfirmRepeatsTheRequest) {
  const Echo echo =
      echo_of(R"({"command":"prepareSession","data":{"agent":{"id":"a","password":"pw"}},"id":3})");
  EXPECT_EQ(print_reply(echo, success(core::Confirm{"Take over?"}, 9)),
            R"({"command":"prepareSession","result":"confirm","message":"Take over?",)"
            R"("original":{"command":"prepareSession","data":{"agent":{"id":"a",)"
            R"("password":"***"}},"id":3},"id":3})");
}

TEST(PrintReply, EveryFailureCodeHasItsNameAndMessage) {
  for (const FailureName& row : failures) {
    core::Reply reply;
    reply.outcome = tl::make_unexpected(Error{row.code, "core.somewhere", ""});
    EXPECT_EQ(print_reply(echo_of(hold), reply),
              R"({"command":"conversation.hold","target":"s.ch-1.i-2.c-3","result":"failure",)"
              R"("failure":{"code":")" +
                  std::string(row.code_name) + R"(","message":")" + std::string(row.message) +
                  R"("},"original":)" + hold + R"(,"id":7})");
  }
}

TEST(PrintSuccess, AddsWhatTheCoreDoesNotKnow) {
  const Echo echo = echo_of(
      R"({"command":"session.history","target":"s","data":{"limit":1,"next":"x","y":2},"id":7})");
  EXPECT_EQ(print_success(echo, R"({"interactions":[],"next":"5-1"})", 42),
            R"({"command":"session.history","target":"s","result":"success",)"
            R"("data":{"limit":1,"next":"5-1","y":2,"interactions":[]},"id":7,"seq":42})");
}

TEST(PrintFailure, ContextIsThereWhenThereIsMoreToSay) {
  const std::string text =
      print_failure(echo_of(hold), {Errc::invalid_state, "x", "conversation c-3 is \"ALERTING\""});
  EXPECT_NE(text.find(R"("failure":{"code":"invalid.state","message":"This is not possible in the )"
                      R"(present state.","context":"conversation c-3 is \"ALERTING\""})"),
            std::string::npos)
      << text;
}

TEST(PrintFailure, ThePlatformsWordsAreTheMessage) {
  const std::string text = print_failure(echo_of(hold), {Errc::cti_error, "x", "486 Busy Here"});
  EXPECT_NE(text.find(R"("failure":{"code":"cti.error","message":"486 Busy Here"})"),
            std::string::npos)
      << text;
}

// Proves: internal.error
TEST(PrintFailure, InternalDetailsStayInside) {
  for (const Errc code : {Errc::internal_error, Errc::io_failed, Errc::corrupt}) {
    const std::string text = print_failure(echo_of(hold), {code, "journal.write", "/var/lib/x"});
    EXPECT_NE(
        text.find(R"("code":"internal.error","message":"Something went wrong in the server."})"),
        std::string::npos)
        << text;
  }
}

TEST(PrintFailure, OfWhatWasNoRequest) {
  EXPECT_EQ(print_failure(echo_of("{oops\n"), {Errc::invalid_request, "x", "not JSON"}),
            R"({"result":"failure","failure":{"code":"invalid.request",)"
            R"("message":"The request is not valid.","context":"not JSON"},"original":"{oops\n"})");
}

}  // namespace
}  // namespace cord::wire
