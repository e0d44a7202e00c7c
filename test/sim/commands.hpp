// What desktops ask for. A new command of the protocol is one line of the table.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/prng.hpp"
#include "core/directory.hpp"
#include "core/values.hpp"

namespace cord::sim {

struct CommandRow {
  std::string_view name;  ///< on the wire
  core::ObjectKind target;
  std::string_view data;  ///< JSON; $words are drawn, see fill_in
  /// Moods of the target (SessionModel::mood_of) in which a sensible client asks for this, each a
  /// prefix, separated by blanks.
  std::string_view moods;
  int weight;         ///< how often, beside the others that are sensible
  int weight_at_end;  ///< when the agent wants to go home; 0: not then
};

[[nodiscard]] std::span<const CommandRow> command_rows();

/// True if a sensible client asks for it of an object in this mood.
[[nodiscard]] bool suits(const CommandRow& row, std::string_view mood);

/// `data` with $number, $agent, $queue, $reason, $disposition, $text and $digits drawn.
[[nodiscard]] std::string fill_in(std::string_view data, const core::Directory& directory,
                                  Prng& prng);

}  // namespace cord::sim
