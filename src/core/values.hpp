// Small values that commands, events and the state share.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/ids.hpp"
#include "core/states.hpp"

namespace cord::core {

/// A value of interaction data. The core looks into none of it.
struct DataValue {
  bool is_json = false;  ///< false: plain text; true: `text` is any JSON value, compact
  std::string text;
  friend bool operator==(const DataValue&, const DataValue&) = default;
};

using CallData = std::map<std::string, DataValue>;

/// What data counts against Limits::call_data_bytes_max.
[[nodiscard]] inline std::size_t size_bytes(const CallData& data) {
  std::size_t bytes = 0;
  for (const auto& [key, value] : data) bytes += key.size() + value.text.size();
  return bytes;
}

/// One key of interaction.setdata; no value removes the key.
struct DataChange {
  std::string key;
  std::optional<DataValue> value;
  friend bool operator==(const DataChange&, const DataChange&) = default;
};

/// Where an agent is reached in one medium: for telephony an extension, else an address or a name
/// of the operator's choice.
struct Endpoint {
  MediaType type = MediaType::telephony;
  std::string name{};
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};
inline constexpr std::size_t endpoint_bytes_max = 128;
inline constexpr std::size_t group_name_bytes_max = 128;

/// The kinds of object a target can name.
enum class ObjectKind : std::uint8_t { session, group, channel, interaction, conversation };

/// One segment of a target below the session. Number 0: not an id of ours, so it names nothing.
struct TargetSegment {
  ObjectKind kind = ObjectKind::channel;
  std::uint64_t number = 0;
  friend bool operator==(const TargetSegment&, const TargetSegment&) = default;
};

/// A target as received: nothing of it is believed before State::resolve has walked it.
struct Target {
  std::string session;
  std::vector<TargetSegment> below;  ///< at most target_segments_max
  friend bool operator==(const Target&, const Target&) = default;
};
inline constexpr std::size_t target_segments_max = 4;

/// The full path of an object, for events. Absent ids are zero.
struct ObjectPath {
  std::string session;
  GroupId group{};
  ChannelId channel{};
  InteractionId interaction{};
  ConversationId conversation{};
};

/// One party's place in a conversation.
struct Member {
  MemberId id{};
  std::string address;
  std::string name;  ///< empty: unknown
  MemberRole role = MemberRole::customer;
  LegId leg{};
};

}  // namespace cord::core
