#include "wire/event.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace cord::wire {
namespace {

using namespace std::chrono_literals;
using core::Cause;

const core::ObjectPath session{"S", {}, {}, {}, {}};
const core::ObjectPath group{"S", {9}, {}, {}, {}};
const core::ObjectPath channel{"S", {}, {1}, {}, {}};
const core::ObjectPath grouped_channel{"S", {9}, {1}, {}, {}};
const core::ObjectPath interaction{"S", {}, {1}, {2}, {}};
const core::ObjectPath conversation{"S", {9}, {1}, {2}, {3}};

struct Row {
  core::ObjectPath target;
  core::ClientEventData data;
  std::string expected;  ///< target, name and data
};

core::ChannelInfo info() {
  return {.id = {1},
          .endpoint = "1001",
          .type = core::MediaType::telephony,
          .state = core::ChannelState::active,
          .agent_state = core::AgentState::busy,
          .reason = "",
          .pending = std::nullopt,
          .pending_reason = "",
          .queues = {"support", "sales"}};
}

core::ChannelInfo full_info() {
  core::ChannelInfo it = info();
  it.reason = "lunch";
  it.pending = core::AgentState::not_ready;
  it.pending_reason = "home";
  it.queues.clear();
  return it;
}

core::ChannelInfo monitoring_info() {
  core::ChannelInfo it = info();
  it.agent_state = core::AgentState::ready;
  it.monitored = "bob";
  it.monitor_mode = core::MonitorMode::whisper;
  return it;
}

core::Member member(std::string name, core::MemberRole role) {
  return {{5}, "+15550100", std::move(name), role, {77}};
}

std::vector<Row> session_rows() {
  using S = core::SessionState;
  return {
      {session,
       core::SessionInitialized{"alice",
                                "Alice",
                                {{"lunch", "Lunch"}, {"x", "X"}},
                                {{"sold", "Sold"}},
                                {"hold", "mute"},
                                {"supervise"}},
       R"("S","name":"session.initialized","data":{"agent":{"id":"alice",)"
       R"("name":"Alice"},"reasons":[{"code":"lunch","name":"Lunch"},{)"
       R"("code":"x","name":"X"}],"dispositions":[{"id":"sold","name":"Sold"}],)"
       R"("capabilities":["hold","mute"],"permissions":["supervise"]})"},
      {session, core::SessionInitialized{"a", "A", {}, {}, {}, {}},
       R"("S","name":"session.initialized","data":{"agent":{"id":"a",)"
       R"("name":"A"},"reasons":[],"dispositions":[],"capabilities":[],)"
       R"("permissions":[]})"},
      {session, core::SessionEnded{core::SessionEnd::replaced},
       R"("S","name":"session.ended","data":{"reason":"replaced"})"},
      {session, core::SessionStateUpdated{S::logged_in, S::initializing, Cause::request, true},
       R"("S","name":"state.updated","data":{"state":"LOGGED_IN",)"
       R"("previous":"INITIALIZING","cause":"request","detached":true})"},
      {session, core::GroupCreated{{9}, "Desk"},
       R"("S","name":"channelgroup.created","data":{"channelgroup":{"id":"g-9","name":"Desk"}})"},
      {group, core::GroupInitialized{}, R"("S.g-9","name":"channelgroup.initialized","data":{})"},
      {group, core::GroupDisposed{}, R"("S.g-9","name":"channelgroup.disposed","data":{})"},
  };
}

std::vector<Row> channel_rows() {
  using S = core::ChannelState;
  using A = core::AgentState;
  return {
      {group, core::ChannelCreated{{1}, "1001", core::MediaType::telephony},
       R"("S.g-9","name":"channel.created","data":{"channel":{"id":"ch-1",)"
       R"("endpoint":"1001","type":"Telephony"}})"},
      {channel, core::ChannelInfoChanged{info()},
       R"("S.ch-1","name":"channel.infochanged","data":{"channel":{"id":"ch-1",)"
       R"("endpoint":"1001","type":"Telephony","state":"ACTIVE",)"
       R"("agentState":"BUSY","queues":["support","sales"]}})"},
      {grouped_channel, core::ChannelInfoChanged{full_info()},
       R"("S.g-9.ch-1","name":"channel.infochanged","data":{"channel":{)"
       R"("id":"ch-1","endpoint":"1001","type":"Telephony","state":"ACTIVE",)"
       R"("agentState":"BUSY","reason":"lunch","pending":"NOT_READY",)"
       R"("pendingReason":"home","queues":[]}})"},
      {channel, core::ChannelInfoChanged{monitoring_info()},
       R"("S.ch-1","name":"channel.infochanged","data":{"channel":{"id":"ch-1",)"
       R"("endpoint":"1001","type":"Telephony","state":"ACTIVE",)"
       R"("agentState":"READY","queues":["support","sales"],)"
       R"("monitoring":{"agent":{"id":"bob"},"mode":"whisper"}}})"},
      {channel,
       core::ChannelStateUpdated{S::active, S::inactive, Cause::request, A::not_ready, "", {}},
       R"("S.ch-1","name":"state.updated","data":{"state":"ACTIVE",)"
       R"("previous":"INACTIVE","cause":"request","agentState":"NOT_READY"})"},
      {channel,
       core::ChannelStateUpdated{S::active, S::active, Cause::timeout, A::wrapup, "late", A::ready},
       R"("S.ch-1","name":"state.updated","data":{"state":"ACTIVE",)"
       R"("previous":"ACTIVE","cause":"timeout","agentState":"WRAPUP",)"
       R"("reason":"late","pending":"READY"})"},
      {channel, core::ChannelInitialized{}, R"("S.ch-1","name":"channel.initialized","data":{})"},
      {channel, core::ExternalDispositionsUpdated{{{"sold", "Sold"}}},
       R"("S.ch-1","name":"channel.externaldispositions.updated","data":{)"
       R"("dispositions":[{"id":"sold","name":"Sold"}]})"},
      {channel, core::ChannelDisposed{}, R"("S.ch-1","name":"channel.disposed","data":{})"},
  };
}

std::vector<Row> interaction_rows() {
  using S = core::InteractionState;
  const core::CallData data{{"ANI", {false, "5551"}}, {"x", {true, "[1,2]"}}};
  return {
      {channel, core::InteractionCreated{{2}, core::MediaType::chat, core::Direction::inbound},
       R"("S.ch-1","name":"interaction.created","data":{"interaction":{)"
       R"("id":"i-2","type":"Chat","direction":"INBOUND"}})"},
      {interaction, core::InteractionDataChanged{data},
       R"("S.ch-1.i-2","name":"interaction.datachanged","data":{)"
       R"("interaction-data":{"ANI":"5551","x":[1,2]}})"},
      {interaction, core::InteractionPreview{{}},
       R"("S.ch-1.i-2","name":"interaction.preview","data":{"interaction-data":{}})"},
      {interaction, core::InteractionScreenPop{data},
       R"("S.ch-1.i-2","name":"interaction.screenpop","data":{)"
       R"("interaction-data":{"ANI":"5551","x":[1,2]}})"},
      {interaction, core::InteractionInitialized{},
       R"("S.ch-1.i-2","name":"interaction.initialized","data":{})"},
      {interaction, core::InteractionEnded{Cause::remote},
       R"("S.ch-1.i-2","name":"interaction.ended","data":{"cause":"remote"})"},
      {interaction, core::InteractionDisposed{},
       R"("S.ch-1.i-2","name":"interaction.disposed","data":{})"},
      {interaction,
       core::InteractionQuality{
           "a84b@carrier", {{1'500, 3, 2'140, 431}, core::SoundPath{1'490, 10, 900, 0}, 21'400}},
       R"("S.ch-1.i-2","name":"interaction.quality","data":{"callId":"a84b@carrier","quality":{)"
       R"("received":{"packets":1500,"lost":3,"jitterMs":2.1,"mos":4.31},)"
       R"("sent":{"packets":1490,"lost":10,"jitterMs":0.9},"roundTripMs":21.4}})"},
      {interaction, core::InteractionQuality{"", {{1, 0, 0, 440}, std::nullopt, 0}},
       R"("S.ch-1.i-2","name":"interaction.quality","data":{"callId":"","quality":{)"
       R"("received":{"packets":1,"lost":0,"jitterMs":0.0,"mos":4.40}}})"},
      {interaction, core::InteractionFocusChanged{{3}},
       R"("S.ch-1.i-2","name":"interaction.focuschanged","data":{"conversation":{"id":"c-3"}})"},
      {interaction,
       core::InteractionStateUpdated{S::started, S::alerting, Cause::phone,
                                     core::RecordingState::paused},
       R"("S.ch-1.i-2","name":"state.updated","data":{"state":"STARTED",)"
       R"("previous":"ALERTING","cause":"phone","recording":"PAUSED"})"},
  };
}

std::vector<Row> conversation_rows() {
  using S = core::ConversationState;
  return {
      {interaction, core::ConversationCreated{{3}, core::ConversationType::primary},
       R"("S.ch-1.i-2","name":"conversation.created","data":{"conversation":{)"
       R"("id":"c-3","type":"primary"}})"},
      {conversation, core::MemberAdded{member("", core::MemberRole::customer)},
       R"("S.g-9.ch-1.i-2.c-3","name":"conversation.member.added","data":{)"
       R"("member":{"id":"m-5","address":"+15550100","role":"customer"}})"},
      {conversation, core::MemberRemoved{member("Bob", core::MemberRole::external)},
       R"("S.g-9.ch-1.i-2.c-3","name":"conversation.member.removed","data":{)"
       R"("member":{"id":"m-5","address":"+15550100","name":"Bob",)"
       R"("role":"external"}})"},
      {conversation, core::ConversationInitialized{},
       R"("S.g-9.ch-1.i-2.c-3","name":"conversation.initialized","data":{})"},
      {conversation, core::ConversationDisposed{},
       R"("S.g-9.ch-1.i-2.c-3","name":"conversation.disposed","data":{})"},
      {conversation, core::ConversationStateUpdated{S::held, S::connected, Cause::request, false},
       R"("S.g-9.ch-1.i-2.c-3","name":"state.updated","data":{"state":"HELD",)"
       R"("previous":"CONNECTED","cause":"request","muted":false})"},
  };
}

TEST(PrintEvent, SpellsEveryPayload) {
  std::vector<bool> seen(std::variant_size_v<core::ClientEventData>);
  for (const auto& rows :
       {session_rows(), channel_rows(), interaction_rows(), conversation_rows()}) {
    for (const Row& row : rows) {
      seen[row.data.index()] = true;
      EXPECT_EQ(print_event({{1}, row.target, row.data, 42, Instant(1'795'359'845'678'901us)}),
                R"({"messageType":"objectEvent","target":)" + row.expected +
                    R"(,"seq":42,"time":"2026-11-22T15:04:05.678Z"})");
    }
  }
  EXPECT_EQ(seen, std::vector<bool>(seen.size(), true));
}

TEST(PrintEvent, IsUtf8WhateverTheNetworkSays) {
  const std::string text =
      print_event({{1},
                   conversation,
                   core::MemberAdded{member("J\xf6rg \"\x01\xe2\x82", core::MemberRole::customer)},
                   1,
                   {}});
  EXPECT_NE(text.find("\"name\":\"J\xef\xbf\xbdrg \\\"\\u0001\xef\xbf\xbd\xef\xbf\xbd\""),
            std::string::npos)
      << text;
}

}  // namespace
}  // namespace cord::wire
