#include "wire/request.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/utc_text.hpp"
#include "unit/wire/command_examples.hpp"
#include "wire/names.hpp"

namespace cord::wire {
namespace {

Request accepted(std::string_view text) {
  auto outcome = parse_request(text);
  EXPECT_TRUE(outcome) << text << " -> " << (outcome ? "" : outcome.error().error.detail);
  return outcome ? std::move(*outcome) : Request{};
}

RefusedRequest refused(std::string_view text) {
  auto outcome = parse_request(text);
  EXPECT_FALSE(outcome) << text;
  return outcome ? RefusedRequest{} : std::move(outcome.error());
}

std::string with_data(std::string_view command, std::string_view data) {
  return R"({"command":")" + std::string(command) + R"(","target":"s.ch-1","data":)" +
         std::string(data) + "}";
}

template <class Command>
Command command_in(std::string_view text) {
  const Request request = accepted(text);
  const auto* command = std::get_if<core::Command>(&request.what);
  if (command == nullptr || !std::holds_alternative<Command>(*command)) {
    ADD_FAILURE() << "another command: " << text;
    return Command{};
  }
  return std::get<Command>(*command);
}

const Example& example_of(CommandKind kind) {
  for (const Example& it : examples()) {
    if (it.kind == kind) return it;
  }
  ADD_FAILURE() << "no example of kind " << static_cast<int>(kind);
  return examples().back();
}

TEST(ParseRequest, ReadsEveryCommandInBothSpellings) {
  for (const CommandRow& row : commands) {
    // No core::Command: see ReadsResume, ReadsHistory.
    if (row.kind == CommandKind::resume_session || row.kind == CommandKind::history) continue;
    const std::string object(object_name(row.object));
    const Example& example = example_of(row.kind);
    for (const std::string infix : {".", ".request."}) {
      const std::string spelling = object + infix + std::string(row.verb);
      const Request request = accepted(with_data(spelling, example.data));
      ASSERT_TRUE(std::holds_alternative<core::Command>(request.what));
      const auto& command = std::get<core::Command>(request.what);
      EXPECT_EQ(command.index(), example.command.index()) << spelling;
      EXPECT_EQ(core::target_kind(command), row.object) << spelling;
      EXPECT_EQ(request.echo.command, spelling);
    }
  }
}

TEST(ParseRequest, KeepsWhatTheAnswerRepeats) {
  const Request request =
      accepted(R"({ "command":"\t conversation.hold \n", "target":"s.ch-1.i-2.c-3",)"
               R"( "id":7, "data":{"x":1}, "odd":[] })");
  EXPECT_EQ(request.echo.command, "conversation.hold");
  EXPECT_EQ(request.echo.target, "s.ch-1.i-2.c-3");
  EXPECT_EQ(request.echo.data, R"({"x":1})");
  EXPECT_EQ(request.echo.id, "7");
  EXPECT_EQ(request.echo.original,
            R"({"command":"\t conversation.hold \n","target":"s.ch-1.i-2.c-3","id":7,)"
            R"("data":{"x":1},"odd":[]})");
}

TEST(ParseRequest, DataMayBeLeftOut) {
  const Request request = accepted(R"({"command":"channel.ready","target":"s.ch-1"})");
  EXPECT_EQ(request.echo.data, "{}");
  EXPECT_EQ(request.echo.id, "");
  EXPECT_EQ(request.body, "");
}

TEST(ParseRequest, ReadsPayloads) {
  EXPECT_EQ(command_in<core::StartSession>(with_data("session.start", "{}")).extension,
            std::nullopt);
  EXPECT_EQ(command_in<core::StartSession>(with_data("session.start", R"({"extension":"1001"})"))
                .extension,
            "1001");
  EXPECT_EQ(
      command_in<core::LogoutSession>(with_data("session.logout", R"({"reason":"home"})")).reason,
      "home");
  EXPECT_EQ(
      command_in<core::LogoutSession>(with_data("session.logout", R"({"reason":{"code":"home"}})"))
          .reason,
      "home");
  EXPECT_EQ(command_in<core::ActivateChannel>(
                with_data("channel.activate", R"({"channeloptions":{"queue":"support"}})"))
                .queue,
            "support");
  EXPECT_EQ(
      command_in<core::ActivateChannel>(with_data("channel.activate", R"({"channeloptions":{}})"))
          .queue,
      std::nullopt);
  EXPECT_EQ(command_in<core::NotReadyChannel>(with_data("channel.notready", "{}")).reason,
            std::nullopt);
  EXPECT_EQ(command_in<core::NotReadyChannel>(
                with_data("channel.notready", R"({"reason":{"code":"lunch"}})"))
                .reason,
            "lunch");
  EXPECT_EQ(
      command_in<core::RejectInteraction>(with_data("interaction.reject", R"({"reason":"no"})"))
          .reason,
      "no");
  const auto complete = command_in<core::CompleteInteraction>(
      with_data("interaction.complete", R"({"disposition":{"id":"sold"},"notes":"two"})"));
  EXPECT_EQ(complete.disposition, "sold");
  EXPECT_EQ(complete.notes, "two");
  using Verb = core::ControlRecording::Verb;
  EXPECT_EQ(command_in<core::ControlRecording>(with_data("interaction.recording.start", "{}")).verb,
            Verb::start);
  EXPECT_EQ(command_in<core::ControlRecording>(with_data("interaction.recording.stop", "{}")).verb,
            Verb::stop);
  EXPECT_EQ(command_in<core::ControlRecording>(with_data("interaction.recording.pause", "{}")).verb,
            Verb::pause);
  EXPECT_EQ(
      command_in<core::ControlRecording>(with_data("interaction.recording.resume", "{}")).verb,
      Verb::resume);
}

TEST(ParseRequest, ReadsWhatASessionConsistsOf) {
  const auto channel = command_in<core::AddChannel>(with_data(
      "session.request.addchannel", R"({"channel":{"endpoint":"a@shop","type":"Email"}})"));
  EXPECT_EQ(channel.endpoint, (core::Endpoint{core::MediaType::email, "a@shop"}));
  const auto group = command_in<core::AddGroup>(
      with_data("session.request.addchannelgroup",
                R"({"channelgroup":{"name":"desk","channels":[)"
                R"({"endpoint":"1001","type":"Telephony"},{"endpoint":"x","type":"Chat"}]}})"));
  EXPECT_EQ(group.name, "desk");
  EXPECT_EQ(group.channels, (std::vector<core::Endpoint>{{core::MediaType::telephony, "1001"},
                                                         {core::MediaType::chat, "x"}}));
  const auto removed = [](const char* id) {
    return command_in<core::RemoveChannel>(
               with_data("session.request.removechannel",
                         R"({"channel":{"id":")" + std::string(id) + R"("}})"))
        .channel;
  };
  EXPECT_EQ(removed("ch-17"), core::ChannelId{17});
  EXPECT_EQ(removed("g-17"), core::ChannelId{});
  EXPECT_EQ(removed("17"), core::ChannelId{});
  const auto group_removed = command_in<core::RemoveGroup>(
      with_data("session.request.removechannelgroup", R"({"channelgroup":{"id":"g-3"}})"));
  EXPECT_EQ(group_removed.group, core::GroupId{3});
}

TEST(ParseRequest, ReadsWhatASupervisorAsksFor) {
  const auto set = command_in<core::SetAgentState>(
      with_data("session.request.setagentstate",
                R"({"agent":{"id":"bob"},"agentState":"NOT_READY","reason":{"code":"meeting"},)"
                R"("type":"Chat"})"));
  EXPECT_EQ(set.agent, "bob");
  EXPECT_FALSE(set.ready);
  EXPECT_EQ(set.reason, "meeting");
  EXPECT_EQ(set.type, core::MediaType::chat);
  const auto ready = command_in<core::SetAgentState>(
      with_data("session.request.setagentstate", R"({"agent":{"id":"bob"},"agentState":"READY"})"));
  EXPECT_TRUE(ready.ready);
  EXPECT_EQ(ready.reason, std::nullopt);
  EXPECT_EQ(ready.type, std::nullopt);
  const auto forced = command_in<core::ForceLogout>(
      with_data("session.request.forcelogout", R"({"agent":{"id":"bob"},"reason":"shift.over"})"));
  EXPECT_EQ(forced.agent, "bob");
  EXPECT_EQ(forced.reason, "shift.over");
}

TEST(ParseRequest, ReadsHowASupervisorTakesPart) {
  const auto mode_of = [](std::string_view verb) {
    const auto command = command_in<core::MonitorAgent>(
        with_data("channel.request." + std::string(verb), R"({"agent":{"id":"bob"}})"));
    EXPECT_EQ(command.agent, "bob");
    return command.mode;
  };
  EXPECT_EQ(mode_of("monitor"), core::MonitorMode::monitor);
  EXPECT_EQ(mode_of("whisper"), core::MonitorMode::whisper);
  EXPECT_EQ(mode_of("barge"), core::MonitorMode::barge);
  const auto ended = command_in<core::EndMonitor>(
      with_data("channel.request.endmonitor", R"({"agent":{"id":"bob"}})"));
  EXPECT_EQ(ended.agent, "bob");
  const auto intercepted =
      command_in<core::InterceptCall>(with_data("channel.intercept", R"({"agent":{"id":"bob"}})"));
  EXPECT_EQ(intercepted.agent, "bob");
  EXPECT_EQ(refused(with_data("channel.request.monitor", "{}")).error.code, Errc::invalid_request);
}

TEST(ParseRequest, ReadsWhatAllChannelsOfAGroupAreToDo) {
  EXPECT_EQ(command_in<core::EachChannel<core::ActivateChannel>>(
                with_data("channelgroup.request.activateall",
                          R"({"channeloptions":{"queue":"support"}})"))
                .command.queue,
            "support");
  EXPECT_EQ(command_in<core::EachChannel<core::NotReadyChannel>>(
                with_data("channelgroup.notready", R"({"reason":{"code":"lunch"}})"))
                .command.reason,
            "lunch");
}

TEST(ParseRequest, ReadsInteractionData) {
  const auto command = command_in<core::SetInteractionData>(with_data(
      "interaction.setdata",
      R"({"interaction-data":{"a":"text","b":null,"c":17,"d":{"e":[true,null]},"f":""}})"));
  const std::vector<core::DataChange> expected{
      {"a", core::DataValue{false, "text"}}, {"b", std::nullopt},
      {"c", core::DataValue{true, "17"}},    {"d", core::DataValue{true, R"({"e":[true,null]})"}},
      {"f", core::DataValue{false, ""}},
  };
  EXPECT_EQ(command.changes, expected);
}

TEST(ParseRequest, ReadsWhatIsDialledAndSent) {
  EXPECT_EQ(command_in<core::DialNumber>(
                with_data("channel.dial", R"({"destination":"9555","extensions":{"a":1}})"))
                .destination,
            "9555");
  EXPECT_EQ(
      command_in<core::SendTones>(with_data("conversation.senddtmf", R"({"digits":"1#,"})")).digits,
      "1#,");
}

TEST(ParseRequest, ReadsPrepareSession) {
  const Request request = accepted(R"({"command":"prepareSession","data":{"agent":{"id":"alice",)"
                                   R"("password":"pw"},"model":"x","override":true},"id":"a"})");
  const auto& login = std::get<LogIn>(request.what);
  EXPECT_EQ(login.agent, "alice");
  EXPECT_EQ(login.password, "pw");
  EXPECT_TRUE(login.takes_over);
  EXPECT_FALSE(request.echo.target);
}

TEST(ParseRequest, ReadsLogInByToken) {
  const Request request =
      accepted(R"({"command":"prepareSession","data":{"agent":{"token":"t0p"},"override":true}})");
  const auto& login = std::get<LogIn>(request.what);
  EXPECT_EQ(login.token, "t0p");
  EXPECT_EQ(login.agent, "");
  EXPECT_TRUE(login.takes_over);
  EXPECT_EQ(request.echo.original, R"({"command":"prepareSession","data":{"agent":)"
                                   R"({"token":"***"},"override":true}})");
}

TEST(ParseRequest, ATokenSaysItselfWhoItIsFor) {
  for (const char* agent :
       {R"({"token":"t0p","id":"alice"})", R"({"token":"t0p","id":"alice","password":"pw"})",
        R"({"token":"t0p","password":"pw"})", R"({"token":7})", R"({"token":null})"}) {
    const auto it =
        refused(R"({"command":"prepareSession","data":{"agent":)" + std::string(agent) + "}}");
    EXPECT_EQ(it.error.code, Errc::invalid_request) << agent;
    EXPECT_NE(it.error.detail.find("data.agent.token"), std::string::npos) << it.error.detail;
    EXPECT_EQ(it.echo.original.find("t0p"), std::string::npos) << it.echo.original;
  }
}

TEST(ParseRequest, ReadsHistory) {
  const auto read = [](std::string_view data) {
    return std::get<ReadHistory>(accepted(with_data("session.request.history", data)).what);
  };
  const ReadHistory usual = read("{}");
  EXPECT_EQ(usual.limit, history_items_usual);
  EXPECT_FALSE(usual.from || usual.after);
  const ReadHistory some = read(R"({"from":"2026-11-22T15:04:05.678Z","after":"7-1","limit":200})");
  EXPECT_EQ(utc_text(some.from.value()), "2026-11-22T15:04:05.678Z");
  EXPECT_EQ(some.after, "7-1");
  EXPECT_EQ(some.limit, 200U);
  const std::vector<std::pair<std::string_view, std::string_view>> rows{
      {R"({"limit":0})", "data.limit must be from 1 to 200"},
      {R"({"limit":201})", "data.limit must be from 1 to 200"},
      {R"({"limit":"5"})", "data.limit must be an integer, at least 0"},
      {R"({"limit":-1})", "data.limit must be an integer, at least 0"},
      {R"({"from":"today"})", "data.from must be a time as 2026-11-22T15:04:05.678Z"},
      {R"({"from":5})", "data.from must be a string"},
      {R"({"after":5})", "data.after must be a string"},
  };
  for (const auto& [data, wrong] : rows) {
    const auto refusal = refused(with_data("session.request.history", data));
    EXPECT_EQ(refusal.error.code, Errc::invalid_request);
    EXPECT_EQ(refusal.error.detail, wrong);
  }
}

TEST(ParseRequest, ReadsResume) {
  const Request request = accepted(
      R"({"command":"session.resume","target":"s","data":{"resumeToken":"t","after":18446744073709551615}})");
  const auto& resume = std::get<Resume>(request.what);
  EXPECT_EQ(request.target.session, "s");
  EXPECT_EQ(resume.token, "t");
  EXPECT_EQ(resume.after, UINT64_MAX);
  EXPECT_EQ(request.echo.data, R"({"resumeToken":"***","after":18446744073709551615})");
  const auto code_of = [](std::string_view target, std::string_view data) {
    return refused(R"({"command":"session.request.resume","target":")" + std::string(target) +
                   R"(","data":)" + std::string(data) + "}")
        .error.code;
  };
  EXPECT_EQ(code_of("s.ch-1", R"({"resumeToken":"t","after":0})"), Errc::invalid_target);
  for (const char* data :
       {R"({"after":0})", R"({"resumeToken":"t"})", R"({"resumeToken":1,"after":0})",
        R"({"resumeToken":"t","after":-1})", R"({"resumeToken":"t","after":"0"})",
        R"({"resumeToken":"t","after":1.5})"}) {
    EXPECT_EQ(code_of("s", data), Errc::invalid_request) << data;
  }
}

TEST(ParseRequest, MasksSecretsEverywhere) {
  const Request request = accepted(
      R"({"command":"prepareSession","password":1,"data":{"agent":{"id":"a","password":"s3cret"},)"
      R"("deep":[{"Token":{"x":"s3cret"}},{"resumeToken":"s3cret"}]},)"
      R"("PASSWORD":["s3cret"],"id":1})");
  EXPECT_EQ(request.echo.original.find("s3cret"), std::string::npos) << request.echo.original;
  EXPECT_EQ(
      request.echo.data,
      R"({"agent":{"id":"a","password":"***"},"deep":[{"Token":"***"},{"resumeToken":"***"}]})");
  EXPECT_NE(request.body.find("s3cret"), std::string::npos);
}

TEST(ParseRequest, MasksSecretsInEverySpelling) {
  for (const std::string name :
       {"password", "PASSWORD", "passWord", "token", "Token", "resumeToken", "resume_token",
        "RESUME-TOKEN", "sip-password", "access_token", "\\u0070assword", "toke\\u006e"}) {
    for (const std::string value : {R"("s3cret")", R"({"a":"s3cret"})", R"(["x",{"b":["s3cret"]}])",
                                    R"(["s3cret","s3cret"])"}) {
      const std::string member = "\"" + name + "\":" + value;
      for (const std::string& text : {"{" + member + "}", R"({"a":[{"b":{)" + member + "}}]}",
                                      R"({"command":"session.start","data":{)" + member + "}}",
                                      "{" + member, "x" + member + ",", "{" + member + ",}"}) {
        const auto it = parse_request(text);
        const Echo& echo = it ? it->echo : it.error().echo;
        EXPECT_EQ(echo.original.find("s3cret"), std::string::npos) << echo.original;
        EXPECT_EQ(echo.data.find("s3cret"), std::string::npos) << echo.data;
        EXPECT_NE(echo.original.find("***"), std::string::npos) << echo.original;
      }
    }
  }
}

TEST(ParseRequest, MasksNothingElse) {
  const auto it = refused(R"({"tokens":"a","passwords":"b","word":"c","tok":"d"})");
  EXPECT_EQ(it.echo.original, R"({"tokens":"a","passwords":"b","word":"c","tok":"d"})");
}

TEST(ParseRequest, MasksSecretsInWhatIsNoJson) {
  for (const std::string_view text :
       {R"({"password":"s3cret")", R"({"password" : "s3cret)", R"({"Token": s3cret, "x")",
        R"({"x":"\"","resumeToken":"a\"s3cret","y":)", R"("password":"s3cret")",
        R"(["password":{"a":"x"},"password":s3cret])"}) {
    const auto it = refused(text);
    EXPECT_TRUE(it.is_malformed) << text;
    EXPECT_EQ(it.echo.original.find("s3cret"), std::string::npos) << it.echo.original;
    EXPECT_NE(it.echo.original.find("***"), std::string::npos) << it.echo.original;
  }
}

TEST(ParseRequest, RefusesWhatIsNoJsonObject) {
  for (const std::string_view text : {"",
                                      " ",
                                      "hello",
                                      "[]",
                                      "1",
                                      "\"x\"",
                                      "null",
                                      "{",
                                      "{}{}",
                                      "{} x",
                                      "{\"a\":1,}",
                                      "{'a':1}",
                                      "{\"a\":NaN}",
                                      "{\"a\":Infinity}",
                                      "{\"a\":1e999}",
                                      "{\"a\":01}",
                                      "{\"a\":\"\x01\"}",
                                      "{\"a\":\"\\ud800\"}",
                                      "{\"a\":\"\xff\"}",
                                      "{\"a\":\"\xc0\x80\"}",
                                      "{\"a\":1,\"a\":1}",
                                      "{\"x\":[{\"a\":1,\"b\":2,\"\\u0061\":3}]}",
                                      "{/**/}",
                                      "\xef\xbb\xbf{}"}) {
    const auto it = refused(text);
    EXPECT_TRUE(it.is_malformed) << text;
    EXPECT_EQ(it.error.code, Errc::invalid_request);
    EXPECT_FALSE(it.echo.command);
    EXPECT_FALSE(it.error.detail.empty());
    EXPECT_EQ(it.echo.original.front(), '"');
  }
}

TEST(ParseRequest, CutsTheOriginalOfWhatIsNoJson) {
  const auto it = refused(std::string(1023, 'x') + "\xc3\xa9" + "tail");
  EXPECT_EQ(it.echo.original, '"' + std::string(1023, 'x') + '"');
  EXPECT_EQ(refused(std::string(2000, 'x')).echo.original.size(), 1024u + 2u);
}

std::string nested(std::size_t depth) {
  // The message is one level, `data` the second.
  return with_data("channel.ready",
                   R"({"x":)" + std::string(depth - 2, '[') + std::string(depth - 2, ']') + "}");
}

TEST(ParseRequest, BoundsTheDepth) {
  accepted(nested(32));
  EXPECT_TRUE(refused(nested(33)).is_malformed);
}

TEST(ParseRequest, BoundsTheSize) {
  const std::string frame = with_data("channel.ready", R"({"x":""})");
  const auto message = [&](std::size_t bytes) {
    return with_data("channel.ready", R"({"x":")" + std::string(bytes - frame.size(), 'x') + "\"}");
  };
  ASSERT_EQ(message(65'536).size(), 65'536u);
  accepted(message(65'536));
  EXPECT_TRUE(refused(message(65'537)).is_malformed);
}

struct WrongMember {
  std::string text;
  std::string detail;
};

// Proves: invalid.request
TEST(ParseRequest, NamesTheMemberThatIsWrong) {
  const std::vector<WrongMember> rows{
      {R"({})", "command is missing"},
      {R"({"command":1})", "command must be a string"},
      {R"({"command":"channel.ready"})", "target is missing"},
      {R"({"command":"channel.ready","target":5})", "target must be a string"},
      {R"({"command":"channel.ready","target":null})", "target must be a string"},
      {R"({"command":"channel.ready","target":"s","data":[]})", "data must be an object"},
      {R"({"command":"channel.ready","target":"s","data":null})", "data must be an object"},
      {with_data("session.start", R"({"extension":1001})"), "data.extension must be a string"},
      {with_data("session.logout", R"({"reason":5})"), "data.reason must be a string"},
      {with_data("channel.activate", R"({"channeloptions":"x"})"),
       "data.channeloptions must be an object"},
      {with_data("channel.activate", R"({"channeloptions":{"queue":1}})"),
       "data.channeloptions.queue must be a string"},
      {with_data("channel.notready", R"({"reason":"lunch"})"), "data.reason must be an object"},
      {with_data("channel.notready", R"({"reason":{}})"), "data.reason.code is missing"},
      {with_data("channel.notready", R"({"reason":{"code":1}})"),
       "data.reason.code must be a string"},
      {with_data("interaction.reject", R"({"reason":{}})"), "data.reason.code is missing"},
      {with_data("interaction.complete", R"({"disposition":"x"})"),
       "data.disposition must be an object"},
      {with_data("interaction.complete", R"({"disposition":{"id":1}})"),
       "data.disposition.id must be a string"},
      {with_data("interaction.complete", R"({"notes":[]})"), "data.notes must be a string"},
      {with_data("interaction.setdata", R"({})"), "data.interaction-data is missing"},
      {with_data("interaction.setdata", R"({"interaction-data":[]})"),
       "data.interaction-data must be an object"},
      {with_data("session.setagentstate", R"({"agentState":"READY"})"), "data.agent is missing"},
      {with_data("session.setagentstate", R"({"agent":{"id":"bob"}})"),
       "data.agentState is missing"},
      {with_data("session.setagentstate", R"({"agent":{"id":"bob"},"agentState":"BUSY"})"),
       "data.agentState must be READY or NOT_READY"},
      {with_data("session.setagentstate",
                 R"({"agent":{"id":"bob"},"agentState":"READY","type":"Fax"})"),
       "data.type must be Telephony, Chat or Email"},
      {with_data("session.forcelogout", R"({"agent":{"id":1}})"), "data.agent.id must be a string"},
      {with_data("session.addchannel", R"({})"), "data.channel is missing"},
      {with_data("session.addchannel", R"({"channel":"ch-1"})"), "data.channel must be an object"},
      {with_data("channel.dial", "{}"), "data.destination is missing"},
      {with_data("channel.dial", R"({"destination":"9","extensions":[]})"),
       "data.extensions must be an object"},
      {with_data("conversation.senddtmf", R"({"digits":5})"), "data.digits must be a string"},
      {with_data("session.addchannel", R"({"channel":{"type":"Chat"}})"),
       "data.channel.endpoint is missing"},
      {with_data("session.addchannel", R"({"channel":{"endpoint":"x"}})"),
       "data.channel.type is missing"},
      {with_data("session.addchannel", R"({"channel":{"endpoint":"x","type":"chat"}})"),
       "data.channel.type must be Telephony, Chat or Email"},
      {with_data("session.removechannel", R"({"channel":{}})"), "data.channel.id is missing"},
      {with_data("session.removechannelgroup", R"({"channelgroup":{"id":1}})"),
       "data.channelgroup.id must be a string"},
      {with_data("session.addchannelgroup", R"({"channelgroup":{"channels":[]}})"),
       "data.channelgroup.name is missing"},
      {with_data("session.addchannelgroup", R"({"channelgroup":{"name":"x","channels":[]}})"),
       "data.channelgroup.channels must be a list of at least one object"},
      {with_data("session.addchannelgroup", R"({"channelgroup":{"name":"x","channels":[1]}})"),
       "data.channelgroup.channels must be a list of objects"},
      {with_data("session.addchannelgroup",
                 R"({"channelgroup":{"name":"x","channels":[{"endpoint":"1","type":"Chat"},{}]}})"),
       "data.channelgroup.channels[1].endpoint is missing"},
      {R"({"command":"prepareSession"})", "data.agent is missing"},
      {R"({"command":"prepareSession","data":{"agent":"alice"}})", "data.agent must be an object"},
      {R"({"command":"prepareSession","data":{"agent":{}}})", "data.agent.id is missing"},
      {R"({"command":"prepareSession","data":{"agent":{"id":"a"}}})",
       "data.agent.password is missing"},
      {R"({"command":"prepareSession","data":{"agent":{"id":1,"password":"x"}}})",
       "data.agent.id must be a string"},
      {R"({"command":"prepareSession","data":{"agent":{"id":"a","password":1}}})",
       "data.agent.password must be a string"},
      {R"({"command":"prepareSession","data":{"agent":{"token":1}}})",
       "data.agent.token must be a string"},
      {R"({"command":"prepareSession","data":{"agent":{"id":"a","password":"x"},"model":1}})",
       "data.model must be a string"},
      {R"({"command":"prepareSession","data":{"agent":{"id":"a","password":"x"},"override":1}})",
       "data.override must be true or false"},
      {R"({"command":"channel.ready","target":""})",
       "target must be ids of [A-Za-z0-9_-]{1,64}, joined by dots"},
  };
  for (const WrongMember& row : rows) {
    const auto it = refused(row.text);
    EXPECT_EQ(it.error.code, Errc::invalid_request) << row.text;
    EXPECT_EQ(it.error.detail, row.detail) << row.text;
    EXPECT_FALSE(it.is_malformed) << row.text;
    EXPECT_EQ(it.echo.original.front(), '{') << row.text;
  }
}

TEST(ParseRequest, KnowsWhichIdsAreAllowed) {
  const auto with_id = [](const std::string& id) {
    return R"({"id":)" + id + R"(,"command":"channel.ready","target":"s"})";
  };
  std::string umlauts;
  for (int i = 0; i < 64; ++i) umlauts += "\xc3\xa4";
  for (const std::string& id :
       std::vector<std::string>{"0", "-1", "9223372036854775807", "18446744073709551615", "\"\"",
                                "\"a b\"", '"' + std::string(64, 'x') + '"', '"' + umlauts + '"'}) {
    EXPECT_EQ(accepted(with_id(id)).echo.id, id);
    EXPECT_NE(accepted(with_id(id)).body, "");
  }
  for (const std::string& id : std::vector<std::string>{
           "1.0", "1.5", "true", "null", "{}", "[]", "1e3", "18446744073709551616",
           '"' + std::string(65, 'x') + '"', '"' + umlauts + "x\""}) {
    const auto it = refused(with_id(id));
    EXPECT_EQ(it.error.detail, "id must be a string of at most 64 characters or an integer") << id;
    EXPECT_EQ(it.echo.id, "") << id;
  }
}

// Proves: unknown.command
TEST(ParseRequest, UnknownCommandsKeepTheirEcho) {
  const auto it = refused(R"({"command":" conversation.dance ","target":"s","id":"q"})");
  EXPECT_EQ(it.error.code, Errc::unknown_command);
  EXPECT_EQ(it.echo.command, "conversation.dance");
  EXPECT_EQ(it.echo.target, "s");
  EXPECT_EQ(it.echo.id, R"("q")");
}

TEST(ParseRequest, BodiesAreEqualWhenTheRequestsSayTheSame) {
  const auto body = [](std::string_view text) { return accepted(text).body; };
  const std::string one =
      body(R"({"command":"channel.ready","target":"s.ch-1","data":{"a":1,"b":[2]},"id":1})");
  EXPECT_EQ(
      one,
      body(R"({"id":1, "data":{"b":[2],"a":1}, "target":"s.ch-1", "command":"channel.ready"})"));
  EXPECT_NE(one,
            body(R"({"command":"channel.ready","target":"s.ch-1","data":{"a":1,"b":[3]},"id":1})"));
  EXPECT_NE(one, body(R"({"command":"channel.request.ready","target":"s.ch-1","data":{"a":1,)"
                      R"("b":[2]},"id":1})"));
}

}  // namespace
}  // namespace cord::wire
