// What a seed makes of a world: how large it is, and which faults it has. Not every world has every
// fault (swarm testing, Groce et al. 2012): what one fault hides, a world without it shows.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/prng.hpp"
#include "core/directory.hpp"
#include "drivers/sim/sim_driver.hpp"
#include "runtime/engine.hpp"

namespace cord::sim {

enum class Fault : std::uint8_t {
  refusals,       ///< the platform refuses some orders
  silence,        ///< the platform does not answer some orders
  slow_platform,  ///< orders take seconds
  phones,         ///< phones ring long, say no, hang up, hold
  impatience,     ///< callers hang up
  recorders,      ///< recorders stop by themselves
  lag,            ///< clients are far away, and some read slowly
  drops,          ///< connections break; some are missed late
  takeovers,      ///< agents log in twice, and race for their session
  repeats,        ///< requests are sent again
  nonsense,       ///< commands at the wrong time and at the wrong target
  disk_stalls,    ///< a commit takes seconds
  disk_failures,  ///< nothing is written for a while
  crashes,        ///< the process dies and is started again
  drain,          ///< the server is told to shut down
  tight_limits,   ///< every bound is small enough to be met
  shared_phones,  ///< agents share an extension
  count,
};
inline constexpr std::size_t fault_count = static_cast<std::size_t>(Fault::count);

/// As the command line spells it.
[[nodiscard]] std::string_view name_of(Fault fault);
[[nodiscard]] std::optional<Fault> find_fault(std::string_view name);

/// Independent streams of chance, so that taking one fault out changes as little else as possible.
[[nodiscard]] Prng stream(std::uint64_t seed, std::string_view purpose);

/// True in `permille` of a thousand cases.
[[nodiscard]] inline bool chance(Prng& prng, std::uint32_t permille) {
  return prng.below(1'000) < permille;
}
/// Drawn evenly from [min, max].
[[nodiscard]] inline Duration draw(Prng& prng, Duration min, Duration max) {
  const auto width = static_cast<std::uint64_t>((max - min).count());
  return min + Duration(static_cast<std::int64_t>(prng.below(width + 1)));
}

struct WorldOptions {
  std::uint64_t seed = 1;
  std::size_t agents = 1;
  std::size_t steps_max = 0;  ///< inputs of the engine, before the world is told to come to an end
  std::uint32_t faults = 0;   ///< a bit for each Fault
  Duration think{};           ///< from one act of a desktop to its next, on average
  Duration calls_gap{};       ///< from one caller to the next, on average

  [[nodiscard]] bool has(Fault fault) const {
    return (faults >> static_cast<unsigned>(fault) & 1U) != 0;
  }
  void clear(Fault fault) { faults &= ~(1U << static_cast<unsigned>(fault)); }
};

[[nodiscard]] WorldOptions draw_options(std::uint64_t seed);

// What follows from the options and the seed.
[[nodiscard]] core::Directory make_directory(const WorldOptions& options);
[[nodiscard]] drivers::sim::SimOptions make_platform(const WorldOptions& options);
[[nodiscard]] runtime::EngineOptions make_engine(const WorldOptions& options);

/// As one types it: "SEED=7 AGENTS=3 STEPS=200 WITHOUT=lag,drops" as far as it differs from
/// `seed`'s own draw.
[[nodiscard]] std::string command_line(const WorldOptions& options);

}  // namespace cord::sim
