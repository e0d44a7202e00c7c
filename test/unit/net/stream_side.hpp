// One side of streams under test, with what it told.
#pragma once

#include <string>
#include <string_view>

#include "net/stream_sockets.hpp"
#include "support.hpp"

namespace cord::net::test {

struct Opened {
  ConnectionId id;
  Address peer;
  bool is_inbound;
};

struct Closed {
  ConnectionId id;
  StreamEnd end;
  std::string detail;
};

/// A StreamSockets with a record of what it told.
struct Side {
  Side(IoThreads& io, StreamOptions options = {}) : sockets(io, options, metrics) {
    sockets.start({.opened =
                       [this](ConnectionId id, Address peer, bool is_inbound) {
                         opened.put({id, peer, is_inbound});
                       },
                   .bytes =
                       [this](ConnectionId, std::string_view more) {
                         const std::lock_guard lock(mutex);
                         received += more;
                         changed.notify_all();
                       },
                   .closed =
                       [this](ConnectionId id, StreamEnd end, const std::string& detail) {
                         closed.put({id, end, detail});
                       }});
  }
  ~Side() { sockets.stop(); }

  bool wait_for_bytes(std::size_t count) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, patience, [&] { return received.size() >= count; });
  }

  Metrics metrics;
  Inbox<Opened> opened;
  Inbox<Closed> closed;
  std::mutex mutex;
  std::condition_variable changed;
  std::string received;
  StreamSockets sockets;
};

}  // namespace cord::net::test
