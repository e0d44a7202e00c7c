// `cordboard load`: many agents at a server, for as long as one likes; docs/load.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/instant.hpp"

namespace cord::app {

struct LoadOptions {
  std::string server = "127.0.0.1:8080";
  std::string ca_file = {};
  std::string password_file = {};
  std::string json_file = {};  ///< written in the end; empty: none
  std::string mix = {};        ///< empty: the usual one
  std::size_t agents = 100;    ///< "sim-FIRST" and so on; 1 to 20,000
  std::size_t first = 1;
  std::uint64_t commands_per_second = 50;  ///< 0 to 100,000
  Duration warm_up = std::chrono::seconds(5);
  Duration duration = std::chrono::seconds(30);
  std::uint32_t storms = 0;  ///< spread evenly over the duration
  std::uint64_t seed = 1;
};

/// Returns the exit status: 0; 1 if anything was lost, doubled or unanswered, or an agent could not
/// go on; 2 if it could not begin.
[[nodiscard]] int run_load(const LoadOptions& options);

}  // namespace cord::app
