// The two ends of the engine that the front sees: inputs go in through EnginePort, what clients are
// to be told comes out through ClientSink. Values only.
#pragma once

#include <variant>
#include <vector>

#include "core/client.hpp"
#include "core/decide.hpp"
#include "runtime/event_log.hpp"

namespace cord::runtime {

/// One thing to tell the client behind `connection`. The order of a batch, and of batches, is the
/// order on the wire.
struct ToClient {
  core::ConnectionId connection;
  std::variant<core::Reply, core::ClientEvent, core::CloseConnection, Backlog> what;
};

/// Called on the engine's thread with what is journaled and may be sent. Must not block.
class ClientSink {
 public:
  virtual ~ClientSink() = default;
  virtual void deliver(std::vector<ToClient>&& batch) = 0;
};

/// Thread-safe entry for inputs.
class EnginePort {
 public:
  virtual ~EnginePort() = default;
  /// False if the engine's queue is full (answer `not.accepting`); `input` is then lost.
  [[nodiscard]] virtual bool submit(core::Input input) = 0;
};

}  // namespace cord::runtime
