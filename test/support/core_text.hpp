// Client events and replies as short lines, so that an order of events is a table of text. The
// words are the protocol's, but this is no JSON: the wire has its own tests.
#pragma once

#include <string>
#include <string_view>

#include "core/client.hpp"
#include "core/effects.hpp"

namespace cord::test {

[[nodiscard]] std::string_view name_of(core::SessionState it);
[[nodiscard]] std::string_view name_of(core::ChannelState it);
[[nodiscard]] std::string_view name_of(core::AgentState it);
[[nodiscard]] std::string_view name_of(core::InteractionState it);
[[nodiscard]] std::string_view name_of(core::ConversationState it);
[[nodiscard]] std::string_view name_of(core::RecordingState it);
[[nodiscard]] std::string_view name_of(core::Cause it);
[[nodiscard]] std::string_view name_of(core::MonitorMode it);
[[nodiscard]] std::string_view name_of(core::MediaState it);
[[nodiscard]] std::string_view name_of(core::TransferEnd it);
[[nodiscard]] std::string_view name_of(core::SessionEnd it);
[[nodiscard]] std::string_view name_of(Errc it);

/// "g-1.ch-1.i-1.c-1", without the session; empty for the session itself.
[[nodiscard]] std::string text(const core::ObjectPath& path);
[[nodiscard]] std::string text(const core::CallData& data);
/// "state(conversation) HELD<-CONNECTED request", "interaction.ended remote".
[[nodiscard]] std::string text(const core::ClientEvent& event);
/// "ok", "prepared", "confirm", "resumed", "snapshot", "data A=1", "task 1", "answer SDP",
/// "directory alice:1001:READY support:100", or the failure's code.
[[nodiscard]] std::string text(const core::Reply& reply);
/// "in1" for a caller's leg, "out1" for a phone's.
[[nodiscard]] std::string text(core::LegId leg);
/// "originate out1 sip:1001@phones auto", "hold in1 out1", "release out1 request".
[[nodiscard]] std::string text(const core::Effect& order);

}  // namespace cord::test
