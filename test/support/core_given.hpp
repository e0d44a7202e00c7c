// A state made of events: the "given" of a test in the style of docs: given, when, then.
#pragma once

#include <initializer_list>

#include "core/decide.hpp"

namespace cord::test {

/// The state after `events`, all of them at `time`. `directory` must outlive it.
inline core::State given(const core::Directory& directory,
                         std::initializer_list<core::Event> events, Instant time = {}) {
  core::State state(directory);
  for (const core::Event& event : events) core::apply(state, event, time);
  return state;
}

}  // namespace cord::test
