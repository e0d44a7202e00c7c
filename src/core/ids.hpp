// The ids of the domain. What they name: docs/glossary.md. How they look on the wire: src/wire.
#pragma once

#include "base/ids.hpp"

namespace cord::core {

using ConnectionId = Id<struct ConnectionTag>;  ///< one WebSocket, given by the front
using RequestId = Id<struct RequestTag>;        ///< one accepted request, given by the front
using SessionId = Id<struct SessionTag>;        ///< our number of it; its name is random
using GroupId = Id<struct GroupTag>;            ///< channel group
using ChannelId = Id<struct ChannelTag>;
using InteractionId = Id<struct InteractionTag>;
using ConversationId = Id<struct ConversationTag>;
using MemberId = Id<struct MemberTag>;
using CallId = Id<struct CallTag>;  ///< one caller's visit, over all its agents
using RecordingId = Id<struct RecordingTag>;

/// One call segment of ours. Outbound legs are numbered by the core, inbound ones by the driver,
/// with the top bit set so that the two never meet.
using LegId = Id<struct LegTag>;
inline constexpr std::uint64_t inbound_leg_bit = 1ULL << 63;

using AgentIndex = std::uint32_t;  ///< place in Directory::agents
using QueueIndex = std::uint32_t;  ///< place in Directory::queues

}  // namespace cord::core
