// A decision in the making: what the handlers of decide_*.cpp write into.
#pragma once

#include <utility>

#include "base/instant.hpp"
#include "core/decide.hpp"

namespace cord::core {

class Draft {
 public:
  /// `state` is borrowed for the draft's life.
  Draft(const State& state, Instant now) : state_(state), now_(now), ids_(state.last_ids()) {}

  [[nodiscard]] const State& state() const { return state_; }
  [[nodiscard]] const Directory& directory() const { return state_.directory(); }
  [[nodiscard]] const Limits& limits() const { return state_.directory().limits; }
  [[nodiscard]] Instant now() const { return now_; }

  /// What comes next does not belong to the events before it.
  void begin_block();
  /// Begins a block; what is emitted next are the reply's secondary events. With request zero
  /// nobody waits, and the block has no reply; nor has it one for a phone, which is told of a
  /// failure at once and otherwise by tell_phones(), when it is known what comes of it.
  void reply(RequestId request, ConnectionId connection, Result<Success> outcome);
  /// The reply of the present block comes after its events.
  void put_reply_last() { blocks_.back().reply_last = true; }
  /// Closes `connection`, if it is one, after the present block's events.
  void close(ConnectionId connection, std::uint16_t code);

  void emit(Event event);
  void order(Effect effect) { effects_.push_back(std::move(effect)); }

  /// The next number of a kind: `draft.next(&LastIds::call)`.
  template <class Id>
  [[nodiscard]] Id next(Id LastIds::*kind) {
    Id& last = ids_.*kind;
    ++last.value;
    return last;
  }

  /// Takes back all that was written.
  void drop();
  [[nodiscard]] Decision take();

 private:
  const State& state_;
  Instant now_;
  LastIds ids_;
  std::vector<Block> blocks_;
  std::vector<Effect> effects_;
};

}  // namespace cord::core
