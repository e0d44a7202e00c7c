// Client connections, from the text a desktop sends to the engine's inputs and back: what the front
// does, without sockets and threads. Each direction of a connection is first in, first out, late,
// and may break.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/prng.hpp"
#include "runtime/engine_port.hpp"
#include "sim/agenda.hpp"
#include "sim/options.hpp"
#include "wire/request.hpp"

namespace cord::sim {

/// The client's end of a connection.
class Terminal {
 public:
  virtual ~Terminal() = default;
  virtual void on_text(core::ConnectionId connection, const std::string& text) = 0;
  /// The last it hears of `connection`.
  virtual void on_close(core::ConnectionId connection, std::uint16_t code) = 0;
};

/// What the network needs of the world.
class Surroundings {
 public:
  virtual ~Surroundings() = default;
  [[nodiscard]] virtual Instant now() const = 0;
  virtual Agenda& agenda() = 0;
  [[nodiscard]] virtual const core::Directory& directory() const = 0;
  /// Gives the engine an input; lost if the process is dead.
  virtual void submit(core::Input&& input) = 0;
  /// False from the process's death to its next start.
  [[nodiscard]] virtual bool is_up() const = 0;
  /// A client is being sent this.
  virtual void told(std::string_view text) = 0;
  virtual void trace(std::string line) = 0;
  [[nodiscard]] virtual bool is_tracing() const = 0;
};

class Network final : public runtime::ClientSink {
 public:
  Network(Surroundings& world, const WorldOptions& options);

  // The clients' side.
  [[nodiscard]] core::ConnectionId connect(Terminal& client);
  void send(core::ConnectionId connection, const std::string& text);
  /// The client is gone, or its line is cut: it hears nothing more. The server notices later.
  void hang_up(core::ConnectionId connection);

  // The server's side.
  void deliver(std::vector<runtime::ToClient>&& batch) override;
  /// The process has died: all connections break, and what it owed is owed no more.
  void process_died();
  /// From now on lines are good and everybody reads.
  void calm() { is_calm_ = true; }

  /// Messages that a client has not got yet, or the server.
  [[nodiscard]] std::size_t in_flight(core::ConnectionId connection) const;

  /// Requests the engine has and has not answered, with the time each was given to it.
  [[nodiscard]] const std::map<core::RequestId, Instant>& unanswered() const { return unanswered_; }
  /// The number of a request that comes from no client; it is answered like theirs.
  [[nodiscard]] core::RequestId other_system_asks();
  [[nodiscard]] std::uint64_t request_count() const { return last_request_; }
  [[nodiscard]] std::uint64_t event_count() const { return event_count_; }
  [[nodiscard]] std::size_t open_count() const { return lines_.size(); }

 private:
  struct Line {
    Terminal* client = nullptr;  ///< null: gone
    bool is_open = true;         ///< as the server sees it
    bool engine_knows = false;
    Duration latency_max{};
    Duration pause_max{};  ///< the client does not read for so long, now and then
    Instant last_up{};
    Instant last_down{};
    std::size_t up = 0;    ///< on the way to the server
    std::size_t down = 0;  ///< on the way to the client
    std::unordered_map<core::RequestId, wire::Echo> pending;
  };

  [[nodiscard]] Line* find(core::ConnectionId connection);
  void arrive(core::ConnectionId connection, const std::string& text);
  void take(core::ConnectionId connection, Line& line, wire::Request&& request);
  void submit(core::RequestId id, core::Input&& input);
  void reply(core::ConnectionId connection, const core::Reply& reply);
  void down(core::ConnectionId connection, std::string&& text);
  void close(core::ConnectionId connection, std::uint16_t code);
  void notice_loss(core::ConnectionId connection);
  void forget_if_over(core::ConnectionId connection);
  void tell_closed(core::ConnectionId connection, Instant when, std::uint16_t code);
  [[nodiscard]] std::string random_name();

  Surroundings& world_;
  const WorldOptions options_;
  Prng prng_;
  Prng names_;
  std::map<core::ConnectionId, Line> lines_;
  std::map<core::RequestId, Instant> unanswered_;
  std::uint64_t last_connection_ = 0;
  std::uint64_t last_request_ = 0;
  std::uint64_t event_count_ = 0;
  bool is_calm_ = false;
};

}  // namespace cord::sim
