// What callers hear who wait in a queue.
#include <algorithm>

#include "drivers/sip/sip_driver_impl.hpp"

namespace cord::drivers {

const QueueSounds* SipDriver::Impl::sounds_of(const std::string& queue) const {
  const auto& all = config_.queue_sounds;
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const QueueSounds& it) { return it.queue == queue; });
  return found == all.end() ? nullptr : &*found;
}

void SipDriver::Impl::run(const core::AcceptLeg& it, Instant now) {
  Leg* leg = find(it.leg);
  if (leg == nullptr || leg->phase == LegPhase::closing) return;
  const QueueSounds* sounds = sounds_of(it.queue);
  if (sounds != nullptr) leg->program = sounds->waiting;
  if (leg->phase == LegPhase::up) return tell_source(*leg, now);
  if (leg->waiting) return;
  leg->waiting = it.waiting;
  serve_caller(*leg, now);
}

// False: there is nothing to be said, or nobody who would hear it.
bool SipDriver::Impl::say_farewell(Leg& leg, const core::ReleaseLeg& order, Instant now) {
  const QueueSounds* sounds = sounds_of(order.queue);
  const bool is_heard = leg.phase == LegPhase::up && leg.stream_phase == StreamPhase::open;
  if (sounds == nullptr || !sounds->farewell || !is_heard) return false;
  leg.program = sounds->farewell;
  farewells_.emplace(now + sounds->farewell_takes, leg.id);
  tell_source(leg, now);
  return true;
}

void SipDriver::Impl::end_farewells(Instant now) {
  while (!farewells_.empty() && farewells_.begin()->first <= now) {
    Leg* leg = find(farewells_.begin()->second);
    farewells_.erase(farewells_.begin());
    if (leg != nullptr) hang_up(*leg, core::Cause::timeout, "released", now);
  }
}

}  // namespace cord::drivers
