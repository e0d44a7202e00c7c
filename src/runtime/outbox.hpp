// What clients and the driver are to be told, held back until the journal has what it follows from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "core/effects.hpp"
#include "runtime/engine_port.hpp"

namespace cord::runtime {

/// The outcome of one decision.
struct Outputs {
  std::uint64_t sequence = 0;  ///< of the record that must be committed before
  std::vector<ToClient> messages;
  std::vector<core::Effect> effects;
};

/// First in, first out, by journal sequence.
class Outbox {
 public:
  /// `outputs.sequence` is at least that of the outputs pushed before.
  void push(Outputs&& outputs);

  /// Moves everything that follows from records up to `committed` to the ends of `messages` and
  /// `effects`.
  void release(std::uint64_t committed, std::vector<ToClient>& messages,
               std::vector<core::Effect>& effects);

  /// Messages held.
  [[nodiscard]] std::size_t message_count() const { return message_count_; }
  [[nodiscard]] bool empty() const { return held_.empty(); }

 private:
  std::deque<Outputs> held_;
  std::size_t message_count_ = 0;
};

}  // namespace cord::runtime
