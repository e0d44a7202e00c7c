// From the journal that an earlier process left to an engine that goes on with it: docs/journal.md,
// "After a restart".
#pragma once

#include <cstdint>

#include "base/instant.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/result.hpp"
#include "core/directory.hpp"
#include "journal/storage.hpp"
#include "runtime/engine.hpp"

namespace cord::runtime {

struct JournalSurvey {
  std::uint64_t snapshot = 0;   ///< the record behind which replaying begins; 0: the first
  std::uint64_t records = 0;    ///< that will be replayed
  Instant last_time{};          ///< of the last of them; the server's clock must not be behind it
  std::uint64_t set_aside = 0;  ///< records that cannot be
};

/// Looks through a journal before it is replayed: from the oldest snapshot, or from the first
/// record, that has no damage before the newest snapshot. What is behind a hole or damage is set
/// aside, said and counted; agents and queues that only the journal knows are added to `directory`
/// as gone. Errors: the storage's; bad_version and corrupt if a record was written by another
/// version of this program: then nothing was changed.
[[nodiscard]] Result<JournalSurvey> survey_journal(journal::Storage& storage,
                                                   core::Directory& directory, Log& log,
                                                   Metrics& metrics);

/// Gives a new engine all that a surveyed journal has, and then the restart. Nothing if it is
/// empty.
[[nodiscard]] Result<void> replay_journal(journal::Storage& storage,
                                          const core::Directory& directory, Engine& engine,
                                          Instant now);

}  // namespace cord::runtime
