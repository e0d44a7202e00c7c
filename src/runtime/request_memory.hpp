// Which requests of a session were answered how, so that one sent again, over whatever connection,
// is not carried out again (docs/protocol.md, section 5 (6)). Of the engine's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/client.hpp"
#include "core/commands.hpp"
#include "runtime/event_codec.hpp"

namespace cord::runtime {

struct RequestMemoryLimits {
  std::size_t answers_max = 1'000;  ///< kept of one session; the oldest is forgotten first
  std::size_t answer_bytes_max = 256 * 1024;  ///< of data in them, beyond their fixed part
  std::size_t askers_max = 16;                ///< of one request that is being carried out
};

class RequestMemory {
 public:
  explicit RequestMemory(const RequestMemoryLimits& limits) : limits_(limits) {}

  enum class Seen {
    never,       ///< it is to be carried out; its outcome will be kept
    pending,     ///< its outcome will be told to this asker too
    answered,    ///< `outcome` is its outcome, addressed to this asker
    other_body,  ///< the id was used for something else
    too_often,   ///< askers_max wait for its outcome already
  };
  struct Verdict {
    Seen seen = Seen::never;
    core::Reply outcome = {};
  };

  /// `request` has come for `session`; its key has an id.
  [[nodiscard]] Verdict note(core::SessionId session, const core::ClientRequest& request);

  struct Asker {
    core::RequestId request;
    core::ConnectionId connection;
  };
  /// Who else waits for the outcome of `request`.
  [[nodiscard]] std::vector<Asker> askers(core::RequestId request) const;

  /// The session `request` was noted for, while it is pending; zero: none.
  [[nodiscard]] core::SessionId session_of(core::RequestId request) const;

  /// What the journal needs to note the request anew: its session, id and digest. None: it is not
  /// pending, or never had an id.
  [[nodiscard]] std::optional<NotedRequest> noted(core::RequestId request) const;
  /// The same of everything that is pending, in the order of the requests' numbers.
  [[nodiscard]] std::vector<NotedRequest> noted() const;

  /// Whoever asked what is pending is gone, and nobody will ever say how it ended.
  void forget_pending();

  /// The outcome of a request is known. One that says that nothing was tried (rate_limited,
  /// not_accepting) is not kept: the request may come again and be carried out. A request that was
  /// never noted is a no-op.
  void finish(const core::Reply& reply);

  /// `request` was not carried out and never will be: it may come again.
  void forget(core::RequestId request);

  /// The session is gone, and with it everything that is known of its requests.
  void drop(core::SessionId session);

  /// Answers kept, of all sessions.
  [[nodiscard]] std::size_t answers_count() const { return answers_count_; }

  /// The most of each limit that one session, or one request, has taken so far.
  struct Peaks {
    std::size_t answers = 0;
    std::size_t answer_bytes = 0;
    std::size_t askers = 0;
  };
  [[nodiscard]] const Peaks& peaks() const { return peaks_; }

 private:
  /// An outcome in few bytes: most are a plain success, and none is copied often.
  struct Answer {
    std::uint64_t seq = 0;
    std::unique_ptr<Result<core::Success>> outcome;  ///< null: a plain success
  };
  struct Entry {
    std::string digest;
    core::RequestId request{};  ///< zero: answered
    Answer answer;
  };
  struct Session {
    std::unordered_map<std::string, Entry> entries;
    std::deque<std::string> answered;  ///< ids, the oldest first
    std::size_t bytes = 0;
  };
  struct Pending {
    core::SessionId session{};
    std::string id;
    std::vector<Asker> askers;
  };

  void keep(Session& session, const std::string& id, const core::Reply& reply);
  void forget_oldest(Session& session);

  const RequestMemoryLimits limits_;
  std::unordered_map<core::SessionId, Session> sessions_;
  std::unordered_map<core::RequestId, Pending> pending_;
  std::size_t answers_count_ = 0;
  Peaks peaks_;
};

}  // namespace cord::runtime
