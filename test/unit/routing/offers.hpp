// Who was offered what, as text.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "support/core_world.hpp"

namespace cord::test {

/// "alice:first eve:second": each agent who has an interaction, and its caller.
inline std::string offers(const World& world) {
  std::map<std::string, std::string> all;
  for (const auto& [id, it] : world.state().interactions()) {
    const core::Channel& channel = world.state().at(it.channel);
    all[world.directory().agents[channel.agent].id] = it.data.at("ANI").text;
  }
  std::vector<std::string> parts;
  for (const auto& [agent, caller] : all) parts.push_back(agent + ":" + caller);
  return fmt::format("{}", fmt::join(parts, " "));
}

}  // namespace cord::test
