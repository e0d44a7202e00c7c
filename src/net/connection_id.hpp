// The name of one connection of a StreamSockets or a WebServer.
#pragma once

#include "base/ids.hpp"

namespace cord::net {

struct ConnectionTag;

/// Counted up from 1 by its owner, never used twice; ids of two owners say nothing to each other.
using ConnectionId = Id<ConnectionTag>;

}  // namespace cord::net
