// One protocol event of each kind, no member with its default value.
#pragma once

#include <chrono>
#include <vector>

#include "core/client.hpp"

namespace cord::test {

/// In the order of core::ClientEventData's alternatives.
inline const std::vector<core::ClientEvent>& every_client_event() {
  using namespace core;
  static const CallData data{{"ANI", {false, "5551234"}}, {"crm", {true, R"({"a":[1,"\u00e4"]})"}}};
  static const Member member{{3}, "5551234", "Jörg", MemberRole::external, {1ULL << 63 | 9}};
  static const std::vector<ClientEventData> all{
      SessionInitialized{
          "alice", "Alice", {{"lunch", "Lunch"}}, {{"sold", "Sold"}}, {"hold"}, {"supervise"}},
      SessionEnded{SessionEnd::expired},
      GroupCreated{{1}, "desk"},
      GroupInitialized{},
      GroupDisposed{},
      ChannelCreated{{2}, "1001", MediaType::chat},
      ChannelInfoChanged{{{2},
                          "1001",
                          MediaType::chat,
                          ChannelState::active,
                          AgentState::busy,
                          "reason",
                          AgentState::not_ready,
                          "lunch",
                          {"support", "sales"},
                          "bob",
                          MonitorMode::barge,
                          MediaState::lost}},
      ChannelInitialized{},
      ExternalDispositionsUpdated{{{"sold", "Sold"}}},
      ChannelDisposed{},
      InteractionCreated{{3}, MediaType::email, Direction::outbound},
      InteractionDataChanged{data},
      InteractionPreview{data},
      InteractionScreenPop{data},
      InteractionInitialized{},
      InteractionEnded{Cause::remote},
      InteractionDisposed{},
      InteractionQuality{"a84b@carrier",
                         {{1'500, 3, 2'100, 431}, SoundPath{1'490, 10, 900, 420}, 21'400}},
      InteractionFocusChanged{{4}},
      ConversationCreated{{4}, ConversationType::consult},
      MemberAdded{member},
      MemberRemoved{member},
      ConversationInitialized{},
      ConversationDisposed{},
      SessionStateUpdated{SessionState::logged_out, SessionState::logged_in, Cause::timeout, true},
      ChannelStateUpdated{ChannelState::active, ChannelState::unavailable, Cause::phone,
                          AgentState::wrapup, "reason", AgentState::ready},
      InteractionStateUpdated{InteractionState::ended, InteractionState::started, Cause::remote,
                              RecordingState::paused},
      ConversationStateUpdated{ConversationState::held, ConversationState::connected,
                               Cause::request, true},
  };
  static const std::vector<ClientEvent> events = [] {
    std::vector<ClientEvent> made;
    for (const ClientEventData& it : all) {
      made.push_back({{7},
                      {"session", {1}, {2}, {300}, {70'000}},
                      it,
                      made.size() + 1,
                      Instant(std::chrono::seconds(1'795'000'000) + std::chrono::microseconds(7))});
    }
    return made;
  }();
  return events;
}

}  // namespace cord::test
