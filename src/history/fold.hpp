// What the journal's records mean to the history: events in, rows out. A record may be applied any
// number of times, together with all that follow it: the rows are the same.
#pragma once

#include "base/result.hpp"
#include "history/database.hpp"
#include "journal/journal.hpp"

namespace cord::history {

struct FoldOptions {
  bool keeps_data = true;  ///< interaction data; secrets in it are masked in any case
};

/// Within the transaction that is open. Errors: io_failed, and the transaction is to be rolled
/// back; corrupt or bad_version: the record cannot be read, and nothing was written.
[[nodiscard]] Result<void> apply(Database& database, const journal::Record& record,
                                 const FoldOptions& options);

/// Ends whatever has not ended, with the outcome "lost": the journal that knew of it is gone.
[[nodiscard]] Result<void> give_up_what_lives(Database& database, Instant time);

}  // namespace cord::history
