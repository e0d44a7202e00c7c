// Which requests of a session were answered how, so that one sent again is not carried out again
// (docs/protocol.md, 4.3 (6)). Pure; for one thread at a time.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <unordered_map>

#include "core/client.hpp"

namespace cord::front {

class IdMemory {
 public:
  enum class Seen { never, pending, answered, other_body };

  struct Lookup {
    Seen seen = Seen::never;
    core::RequestId request{};  ///< of the first one, when pending
    const core::Reply* outcome =
        nullptr;  ///< of the first one, when answered; valid until finish()
  };

  /// Keeps at most `answers_max` answers, and of interaction data in them at most `bytes_max`; the
  /// oldest is forgotten first. Pending ones are the caller's to bound.
  IdMemory(std::size_t answers_max, std::size_t bytes_max)
      : answers_max_(answers_max), bytes_max_(bytes_max) {}

  /// Has a request with this id been seen, and was it the same? `body` is any text that is equal
  /// for equal requests.
  [[nodiscard]] Lookup find(const std::string& id, const std::string& body) const;

  /// A request with a new id has been taken on.
  void begin(const std::string& id, std::string body, core::RequestId request);

  /// Its outcome. One that says that nothing was tried (rate_limited, not_accepting) is not kept:
  /// the request may come again and be carried out. An unknown id is a no-op.
  void finish(const std::string& id, const core::Reply& outcome);

  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string body;
    core::RequestId request{};
    bool is_answered = false;
    core::Reply outcome{};
  };

  void forget_oldest();

  std::size_t answers_max_;
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::unordered_map<std::string, Entry> entries_;
  std::deque<std::string> answered_;  ///< ids, the oldest first
};

}  // namespace cord::front
