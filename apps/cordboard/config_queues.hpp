// Who serves a queue, in what order, and where its callers go on to: the routing keys of
// `[[queue]]` and `[[agent]]` (docs/queues.md).
#pragma once

#include <string>
#include <vector>

#include "config_table.hpp"
#include "core/directory.hpp"

namespace cord::app {

/// `skills = { german = 3 }`.
[[nodiscard]] std::vector<core::Skill> read_skills(TableReader& table);

/// The routing keys of all queues. What names other queues and routes is looked up last.
class QueueRules {
 public:
  explicit QueueRules(Problems& problems) : problems_(problems) {}

  /// Of the next queue, in the order of the file.
  void read(TableReader& table, core::Queue& queue);

  /// All queues, agents and routes are in `directory`.
  void resolve(core::Directory& directory);

 private:
  /// Where a queue's callers go on to; an empty name: nowhere.
  struct Overflow {
    Located<std::string> queue;
    Located<std::string> number;
  };
  void resolve_queue(core::Directory& directory, core::QueueIndex from, const Overflow& wish);
  void resolve_number(core::Directory& directory, core::QueueIndex from, const Overflow& wish);

  Problems& problems_;
  std::vector<Overflow> overflows_;
};

/// `[wallboard]`: the token of GET /v1/queues; empty: nobody may look.
[[nodiscard]] std::string read_wallboard(TableReader table);

}  // namespace cord::app
