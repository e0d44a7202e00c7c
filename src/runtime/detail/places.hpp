// Which agents and queues something names by their places, and under which names.
#pragma once

#include "core/directory.hpp"
#include "core/ids.hpp"

namespace cord::runtime::detail {

/// Each adds the name of `place` to those that `content` has.
template <class Content>
void note_place(Content& content, core::AgentIndex place, const core::Directory& directory) {
  content.agents.try_emplace(place, directory.agents.at(place).id);
}
template <class Content>
void note_place(Content& content, core::QueueIndex place, const core::Directory& directory) {
  content.queues.try_emplace(place, directory.queues.at(place).name);
}

/// The place in the list of agents or queues that `content` has the names of.
inline auto& names_of(auto& content, core::AgentIndex) {
  return content.agents;
}
inline auto& names_of(auto& content, core::QueueIndex) {
  return content.queues;
}

}  // namespace cord::runtime::detail
