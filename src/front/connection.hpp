// One client's connection: reads its messages, hands requests to the engine, and says what comes
// back in the engine's order. Private to this room.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "front/config.hpp"
#include "front/floor_desk.hpp"
#include "front/history_desk.hpp"
#include "front/log_in_desk.hpp"
#include "front/lost_connections.hpp"
#include "front/rate_limit.hpp"
#include "net/io_threads.hpp"
#include "net/web_server.hpp"
#include "runtime/engine_port.hpp"
#include "wire/request.hpp"

namespace cord::front {

/// What all connections share. Outlives them: each holds it.
struct Services {
  net::IoThreads& io;
  FrontConfig config;
  std::function<Instant()> now;
  Log& log;
  Counter& requests;
  Counter& malformed;  ///< no JSON object
  Counter& invalid;    ///< an object that is no request: a member is missing or wrong
  Counter& unknown_command;
  Counter& rate_limited;
  Counter& not_accepting;
  Counter& resumes_refused;
  // Of bounds: the most there has been of one connection.
  Gauge& pending_used;
  Gauge& malformed_used;
  Gauge& unsent_used;
  std::unique_ptr<net::WebServer> web;
  runtime::EnginePort* engine = nullptr;
  std::unique_ptr<LogInDesk> desk;
  std::unique_ptr<ResumeThrottle> resumes;
  std::unique_ptr<LostConnections> lost;
  std::unique_ptr<FloorDesk> floor;             ///< none: nobody can watch
  std::unique_ptr<OwnHistoryDesk> own_history;  ///< none: there is no history
  std::atomic<std::uint64_t> last_request{0};
};

class Connection final : public FloorWatcher, public std::enable_shared_from_this<Connection> {
 public:
  /// `id` is the engine's name of it, `socket` the listener's.
  struct Names {
    core::ConnectionId id;
    net::ConnectionId socket;
    std::uint32_t peer_ip = 0;
  };

  Connection(Names names, std::shared_ptr<Services> services);

  /// One message has come. One call at a time; on an io thread.
  void on_message(const std::string& text);

  /// It is gone. After the last on_message.
  void on_close();

  /// Says all of `items`, in order, after what was delivered before, with nothing in between. Does
  /// not print: that is done on an io thread. Moves from `items`.
  void deliver(std::span<runtime::ToClient> items);

  /// The server is stopping: the connection is closed behind what was delivered before.
  void leave();

  [[nodiscard]] bool is_behind() const override { return has_floor_waiting_.load(); }
  void show(std::uint64_t watch, std::string text) override;

 private:
  struct FloorText {
    std::uint64_t watch = 0;
    std::string text;
  };
  /// What a session.request.history adds to its request, or why it does not.
  struct HistoryAnswer {
    core::RequestId request{};
    std::uint64_t seq = 0;
    Result<std::string> added{};
  };
  using Item = std::variant<core::Reply, core::ClientEvent, core::CloseConnection, runtime::Backlog,
                            std::string, FloorText, HistoryAnswer>;

  struct Pending {
    wire::Echo echo;
    std::string resumes = {};                       ///< the session it wants to resume
    std::optional<wire::ReadHistory> history = {};  ///< what it wants to be told of it
  };

  void refuse_malformed(const wire::RefusedRequest& refused, Instant now);
  void log_in(wire::Request&& request);
  void logged_in(core::RequestId id, bool takes_over, const Result<core::AgentIndex>& agent);
  void resume(wire::Request&& request);
  void submit(wire::Request&& request);
  void submit(wire::Request&& request, core::Command&& command,
              std::optional<wire::ReadHistory> history);
  void ask_history(wire::Request&& request);
  void read_history(const core::Reply& reply, const std::string& agent,
                    const wire::ReadHistory& which);
  void hand_over(core::RequestId id, Pending&& pending, core::Input&& input);

  // With mutex_ held. What to answer at once, or nothing.
  std::optional<std::string> full_answer(const wire::Echo& echo);
  std::optional<std::string> busy_answer(const Pending& pending);

  std::string failure(const wire::Echo& echo, const Error& error);
  void say(std::string text);
  void add_unsent(std::vector<Item>&& items, bool is_on_io_thread);
  void send_unsent();
  bool refill();
  void send_missed();
  void put(std::string text);
  void send(core::Reply& reply);
  void send(core::ClientEvent& event);
  void send(core::CloseConnection& wish);
  void send(runtime::Backlog& backlog);
  void send(std::string& text);
  void send(FloorText& update);
  void send(HistoryAnswer& answer);
  Result<core::Success> set_watch(const core::FloorWatch& wish);
  void end_watch();
  void close(std::uint16_t code);

  const Names names_;
  const std::shared_ptr<Services> services_;

  // Touched by on_message only.
  TokenBucket bucket_;
  WindowLimit malformed_;

  std::mutex mutex_;  ///< the engine's thread never takes it
  bool is_closed_ = false;
  bool engine_knows_ = false;
  bool is_logging_in_ = false;
  std::unordered_map<core::RequestId, Pending> pending_;

  std::mutex unsent_mutex_;
  std::vector<Item> unsent_;
  bool is_sending_ = false;
  bool is_overfull_ = false;

  // Of whoever is sending:
  std::vector<Item> batch_;
  std::size_t next_ = 0;                           ///< in batch_
  std::optional<runtime::BacklogReader> backlog_;  ///< goes before what is left of batch_
  /// What a client has missed, and what came meanwhile, is sent in helpings as fast as it reads: it
  /// must not make a slow reader of it.
  bool is_catching_up_ = false;
  std::size_t helping_messages_ = 0;  ///< left of this helping
  std::size_t helping_bytes_ = 0;
  std::uint64_t watch_ =
      0;  ///< counts what was asked of the floor: updates of an earlier one are late
  bool is_watching_ = false;

  std::atomic<bool> has_floor_waiting_{false};  ///< an update is not on its way yet
};

}  // namespace cord::front
