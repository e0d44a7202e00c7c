// What has happened to audio: that of agents whose browser is the phone, and that of calls that are
// gone. Part of core/events.hpp.
#pragma once

#include <optional>
#include <string>

#include "core/ids.hpp"
#include "core/states.hpp"

namespace cord::core {

/// A browser has sent an offer, which is to be answered: for `leg`, which is the phone of `channel`
/// or is going to be. MediaSettled follows, whatever comes of it.
struct MediaAsked {
  ChannelId channel{};
  LegId leg{};
  RequestId request{};
  ConnectionId connection{};
};
struct MediaSettled {
  ChannelId channel{};
};
/// The audio of the browser, on the phone's leg, is not there yet, or not any more. MediaFound
/// follows, or PhoneForgotten. ChannelChanged follows each of the three, and tells clients.
struct MediaAwaited {
  ChannelId channel{};
};
struct MediaFound {
  ChannelId channel{};
};

/// The leg of a call that is gone has been released: how it was, for whose call it was. None: that
/// is not known, and nobody is told.
struct LegParted {
  LegId leg{};
  InteractionId interaction{};
  std::string call_id{};
  std::optional<LegQuality> quality{};
};

}  // namespace cord::core
