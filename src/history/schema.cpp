#include "history/schema.hpp"

namespace cord::history {
namespace {

constexpr int application_id = 0x434F5248;  // "CORH"

// `number` is the server's own, as in the protocol's ids and its logs, and may come again when a
// journal is begun anew; `row` never does. The newest row of a number is the one that is meant.
constexpr const char* schema = R"(
CREATE TABLE mark (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  sequence INTEGER NOT NULL,
  time_us INTEGER NOT NULL
) STRICT;
INSERT INTO mark VALUES (1, 0, 0);

CREATE TABLE session (
  row INTEGER PRIMARY KEY,
  number INTEGER NOT NULL,
  agent TEXT NOT NULL,
  began_us INTEGER NOT NULL,
  ended_us INTEGER,
  how_ended TEXT,
  UNIQUE (number, began_us)
) STRICT;

CREATE TABLE channel (
  row INTEGER PRIMARY KEY,
  number INTEGER NOT NULL,
  agent TEXT NOT NULL,
  type TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  began_us INTEGER NOT NULL,
  ended_us INTEGER,
  UNIQUE (number, began_us)
) STRICT;

CREATE TABLE call (
  row INTEGER PRIMARY KEY,
  number INTEGER NOT NULL,
  type TEXT NOT NULL,
  direction TEXT NOT NULL,
  queue TEXT,
  from_address TEXT,
  from_name TEXT,
  to_address TEXT,
  call_id TEXT,
  began_us INTEGER NOT NULL,
  ended_us INTEGER,
  cause TEXT,
  UNIQUE (number, began_us)
) STRICT;

CREATE TABLE interaction (
  row INTEGER PRIMARY KEY,
  number INTEGER NOT NULL,
  call INTEGER REFERENCES call (row) ON DELETE SET NULL,
  channel INTEGER NOT NULL,
  conversation INTEGER,
  consult INTEGER,
  agent TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  type TEXT NOT NULL,
  direction TEXT NOT NULL,
  queue TEXT,
  from_address TEXT,
  from_name TEXT,
  to_address TEXT,
  call_id TEXT,
  queued_us INTEGER NOT NULL,
  began_us INTEGER NOT NULL,
  answered_us INTEGER,
  ended_us INTEGER,
  completed_us INTEGER,
  outcome TEXT,
  cause TEXT,
  hold_ms INTEGER,
  wrapup_ms INTEGER,
  disposition TEXT,
  notes TEXT,
  data TEXT,
  UNIQUE (number, began_us)
) STRICT;

CREATE TABLE hold (
  interaction INTEGER NOT NULL REFERENCES interaction (row) ON DELETE CASCADE,
  began_us INTEGER NOT NULL,
  ended_us INTEGER,
  PRIMARY KEY (interaction, began_us)
) STRICT, WITHOUT ROWID;

CREATE TABLE recording (
  row INTEGER PRIMARY KEY,
  number INTEGER NOT NULL,
  interaction INTEGER NOT NULL REFERENCES interaction (row) ON DELETE CASCADE,
  file TEXT NOT NULL,
  began_us INTEGER NOT NULL,
  ended_us INTEGER,
  cause TEXT,
  UNIQUE (number, began_us)
) STRICT;

CREATE TABLE leg (
  row INTEGER PRIMARY KEY,
  number INTEGER NOT NULL,
  kind TEXT NOT NULL,
  call INTEGER REFERENCES call (row) ON DELETE CASCADE,
  interaction INTEGER REFERENCES interaction (row) ON DELETE SET NULL,
  channel INTEGER,
  agent TEXT,
  began_us INTEGER NOT NULL,
  answered_us INTEGER,
  ended_us INTEGER,
  UNIQUE (number, began_us)
) STRICT;

CREATE INDEX session_time ON session (began_us);
CREATE INDEX channel_time ON channel (began_us);
CREATE INDEX call_time ON call (began_us);
CREATE INDEX interaction_time ON interaction (began_us);
CREATE INDEX interaction_agent ON interaction (agent, began_us);
CREATE INDEX interaction_queue ON interaction (queue, began_us);
CREATE INDEX interaction_call_id ON interaction (call_id, began_us);
CREATE INDEX interaction_call ON interaction (call);
CREATE INDEX interaction_conversation ON interaction (conversation);
CREATE INDEX interaction_consult ON interaction (consult);
CREATE INDEX interaction_channel ON interaction (channel, began_us);
CREATE INDEX recording_interaction ON recording (interaction);
CREATE INDEX leg_time ON leg (began_us);
CREATE INDEX leg_call ON leg (call);
CREATE INDEX leg_interaction ON leg (interaction);
CREATE INDEX leg_channel ON leg (channel, began_us);
)";

// Of format 1, which knew no consults.
constexpr const char* consults = R"(
ALTER TABLE interaction ADD COLUMN consult INTEGER;
CREATE INDEX interaction_consult ON interaction (consult);
)";

Result<void> check_format(Database& database, const std::filesystem::path& path, bool may_create) {
  const auto id = database.read_number("PRAGMA application_id");
  const auto version = database.read_number("PRAGMA user_version");
  const auto tables = database.read_number("SELECT count(*) FROM sqlite_schema");
  if (!id || !version || !tables) {
    return refuse(Errc::corrupt, "history.open",
                  fmt::format("{} is not a Cordboard history: {}", path.string(),
                              (!id        ? id
                               : !version ? version
                                          : tables)
                                  .error()
                                  .detail));
  }
  if (may_create && *tables == 0 && *id == 0) {
    return database.execute(fmt::format("{} PRAGMA application_id = {}; PRAGMA user_version = {};",
                                        schema, application_id, schema_version));
  }
  if (*id != application_id) {
    return refuse(Errc::corrupt, "history.open",
                  fmt::format("{} is not a Cordboard history", path.string()));
  }
  if (may_create && *version == 1) {
    return database.execute(fmt::format("{} PRAGMA user_version = {};", consults, schema_version));
  }
  if (*version != schema_version) {
    return refuse(Errc::bad_version, "history.open",
                  fmt::format("{} has history format {}, this program knows format {}: move the "
                              "file away, or run the version that wrote it",
                              path.string(), version->value_or(0), schema_version));
  }
  return {};
}

}  // namespace

Result<Database> open_for_writing(const std::filesystem::path& path) {
  auto database = Database::open(path, Database::Access::write);
  if (!database) return database;
  // Nothing is written before it is known to be ours.
  auto done = database->execute("BEGIN IMMEDIATE");
  if (done) done = check_format(*database, path, true);
  if (done) {
    done = database->execute(
        "COMMIT; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;"
        " PRAGMA secure_delete = ON");
  }
  if (done) return database;
  if (done.error().code != Errc::io_failed) return tl::make_unexpected(done.error());
  return refuse(Errc::io_failed, "history.open",
                fmt::format("{}: {}", path.string(), done.error().detail));
}

Result<Database> open_for_reading(const std::filesystem::path& path) {
  auto database = Database::open(path, Database::Access::read);
  if (!database) return database;
  if (auto known = check_format(*database, path, false); !known) {
    return tl::make_unexpected(known.error());
  }
  return database;
}

}  // namespace cord::history
