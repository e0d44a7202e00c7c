// What has happened to the audio of agents whose browser is the phone; part of core/events.hpp.
#pragma once

#include "core/ids.hpp"

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

}  // namespace cord::core
