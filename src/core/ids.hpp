// The ids of the domain. What they name: docs/glossary.md. How they look on the wire: src/wire.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

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

/// A request of an agent's phone, not of a client: given by the driver, with the top bit set.
inline constexpr std::uint64_t phone_request_bit = 1ULL << 63;
[[nodiscard]] constexpr bool is_of_phone(RequestId request) {
  return (request.value & phone_request_bit) != 0;
}

/// A place in one of the directory's lists; it is used as the number it is. A type of its own, so
/// that the journal can tell it from other numbers and name what is there: places change with the
/// configuration, names do not.
template <class Tag>
struct Place {
  std::uint32_t value = 0;
  constexpr Place() = default;
  constexpr Place(std::uint32_t number) : value(number) {}    // NOLINT: implicit on purpose.
  constexpr operator std::uint32_t() const { return value; }  // NOLINT: likewise.
  constexpr Place& operator++() {
    ++value;
    return *this;
  }
};
using AgentIndex = Place<struct AgentTag>;  ///< place in Directory::agents
using QueueIndex = Place<struct QueueTag>;  ///< place in Directory::queues

}  // namespace cord::core

template <class Tag>
struct std::hash<cord::core::Place<Tag>> {
  std::size_t operator()(cord::core::Place<Tag> place) const noexcept { return place.value; }
};

template <class Tag>
struct fmt::formatter<cord::core::Place<Tag>> : fmt::formatter<std::uint32_t> {
  template <class Context>
  auto format(cord::core::Place<Tag> place, Context& context) const {
    return fmt::formatter<std::uint32_t>::format(place.value, context);
  }
};
