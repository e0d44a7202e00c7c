// `[platform]`: which telephony is below, and what a simulated one does.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "config_table.hpp"
#include "core/directory.hpp"
#include "drivers/sim/sim_platform.hpp"
#include "front/passwords.hpp"

namespace cord::app {

inline constexpr std::string_view simulated_agent_prefix = "sim-";

struct PlatformConfig {
  enum class Driver : std::uint8_t { sip, sim };
  Driver driver = Driver::sip;
  // Of the simulated one only.
  std::uint64_t seed = 1;              ///< the same seed, the same callers
  std::uint32_t calls_per_minute = 6;  ///< in the mean, to all numbers of all queues
  drivers::sim::Span talk = {std::chrono::seconds(30), std::chrono::minutes(3)};
  Duration patience_max = std::chrono::minutes(2);      ///< a waiting caller hangs up by then
  Duration latency_max = std::chrono::milliseconds(0);  ///< of whatever is asked of it
  std::size_t agents = 0;      ///< "sim-1", "sim-2", ... beside those of [[agent]]; at most 20,000
  std::string agent_password;  ///< of each of them
};

/// Reads the table, finish() included.
[[nodiscard]] PlatformConfig read_platform(TableReader table);

/// Makes the agents that `platform` asks for: in all queues, each with an extension and a simulated
/// phone of its own.
void add_simulated_agents(const PlatformConfig& platform, core::Directory& directory,
                          std::vector<front::Credential>& credentials);

}  // namespace cord::app
