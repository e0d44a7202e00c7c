// A second opinion, from the journal alone: the state that its records give when they are read
// back, and who waits in which queue, in what order they came, and who may be offered what.
#pragma once

#include <bitset>
#include <cstdint>
#include <map>
#include <set>
#include <variant>

#include "core/decide.hpp"
#include "journal/journal.hpp"

namespace cord::sim {

/// By place in core::Event.
using EventKinds = std::bitset<std::variant_size_v<core::Event>>;

class Ledger {
 public:
  explicit Ledger(const core::Directory& directory) : directory_(directory), state_(directory) {}

  /// Takes the next record; a snapshot tells it nothing. Throws Violation if it cannot be read
  /// back, has the wrong number, or tells of an offer that passes somebody over or is out already.
  void take(const journal::Record& record);

  [[nodiscard]] const core::State& state() const { return state_; }
  [[nodiscard]] const EventKinds& kinds() const { return kinds_; }

 private:
  struct Caller {
    core::QueueKey queue;
    bool is_waiting = true;
    std::set<core::AgentIndex> ringing = {};  ///< at several who may all take it
  };

  void note(const core::Event& event, Instant now);
  void note_queue(core::CallId call, std::optional<core::QueueIndex> queue);
  void note_offer(const core::OfferMade& offer, Instant now);
  void check_turn(core::CallId call, const core::OfferMade& offer, Instant now) const;
  /// True if the call was waiting for nobody but who has taken it.
  bool stops_ringing(core::CallId call, core::ChannelId channel);
  void note_taken(core::CallId call, core::InteractionId interaction);
  void note_refusal(core::CallId call, core::ChannelId channel, Instant now);
  [[nodiscard]] bool has_refused(core::AgentIndex agent, core::CallId call, Instant now) const;
  void note_return(core::CallId call);
  [[nodiscard]] core::AgentIndex agent_at(core::ChannelId channel) const;

  const core::Directory& directory_;
  core::State state_;
  std::uint64_t sequence_ = 0;
  EventKinds kinds_;
  std::map<core::CallId, Caller> callers_;  // In order of arrival.
  // An agent to whom a call was given may refuse it too, and it comes back to a queue.
  std::map<core::CallId, std::map<core::AgentIndex, Instant>> refused_until_;
};

}  // namespace cord::sim
