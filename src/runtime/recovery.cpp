#include "runtime/recovery.hpp"

#include <optional>
#include <utility>

#include "journal/beginning.hpp"
#include "runtime/event_codec.hpp"
#include "runtime/place_book.hpp"
#include "runtime/snapshot_codec.hpp"

namespace cord::runtime {
namespace {

Error unreadable(const journal::Record& record, const Error& error) {
  return Error{error.code, "journal.record",
               fmt::format("{} {} cannot be read: {}. Run the version that wrote it, or move the "
                           "journal away to begin with nothing",
                           record.is_snapshot ? "the snapshot after record" : "record",
                           record.sequence, error.detail)};
}

template <class Content>
void add_names(core::Directory& directory, const Content& content) {
  for (const auto& [place, id] : content.agents) (void)directory.place_of_agent(id);
  for (const auto& [place, name] : content.queues) (void)directory.place_of_queue(name);
}

/// Gives each record behind `after` to `take`, up to the first that it refuses.
template <class Take>
Result<void> read_each(journal::Storage& storage, std::uint64_t after, const Take& take) {
  std::optional<Error> error;
  const auto reading = storage.read(after, [&](journal::Record&& record) {
    if (error) return;
    if (auto taken = take(record); !taken) error = unreadable(record, taken.error());
  });
  if (!reading) return tl::make_unexpected(reading.error());
  if (error) return tl::make_unexpected(std::move(*error));
  return {};
}

Result<void> survey_base(const journal::Record& base, core::Directory& directory) {
  const auto image = decode_snapshot(base.payload);
  if (!image) return tl::make_unexpected(unreadable(base, image.error()));
  add_names(directory, *image);
  return {};
}

Result<void> load_base(const journal::Record& base, const PlaceBook& places, Engine& engine) {
  auto image = decode_snapshot(base.payload);
  const auto placed = image ? places.relocate(*image) : tl::make_unexpected(image.error());
  if (!placed) return tl::make_unexpected(unreadable(base, placed.error()));
  engine.load(base.sequence, std::move(*image));
  return {};
}

}  // namespace

Result<JournalSurvey> survey_journal(journal::Storage& storage, core::Directory& directory,
                                     Log& log, Metrics& metrics) {
  const auto beginning = journal::find_beginning(storage);
  if (!beginning) return tl::make_unexpected(beginning.error());
  const journal::Reading& reading = beginning->reading;
  JournalSurvey survey{.snapshot = beginning->after(), .last_time = reading.last_time};
  Result<void> seen;
  if (beginning->base) seen = survey_base(*beginning->base, directory);
  if (seen) {
    seen = read_each(storage, survey.snapshot, [&](const journal::Record& record) -> Result<void> {
      const auto content = decode_record(record.payload);
      if (!content) return tl::make_unexpected(content.error());
      ++survey.records;
      add_names(directory, *content);
      return {};
    });
  }
  if (!seen) return tl::make_unexpected(seen.error());
  Counter& set_aside = metrics.counter("cord_journal_set_aside_records_total",
                                       "Records that could not be replayed at start.");
  metrics.counter("cord_journal_replayed_records_total", "Records replayed at start.")
      .add(survey.records);
  if (reading.damage.empty()) return survey;
  const auto moved = storage.set_aside(reading.last);
  if (!moved) return tl::make_unexpected(moved.error());
  survey.set_aside = *moved;
  set_aside.add(*moved);
  log.error(
      "journal.cut",
      {{"last_record", reading.last}, {"set_aside_records", *moved}, {"why", reading.damage}});
  return survey;
}

Result<void> replay_journal(journal::Storage& storage, const core::Directory& directory,
                            Engine& engine, Instant now) {
  const auto beginning = journal::find_beginning(storage);
  if (!beginning) return tl::make_unexpected(beginning.error());
  const PlaceBook places(directory);
  Result<void> done;
  if (beginning->base) done = load_base(*beginning->base, places, engine);
  if (done) {
    done = read_each(storage, beginning->after(), [&](const journal::Record& it) -> Result<void> {
      auto content = decode_record(it.payload);
      if (!content) return tl::make_unexpected(content.error());
      if (auto placed = places.relocate(*content); !placed) return placed;
      engine.replay(it.sequence, it.time, *content);
      return {};
    });
  }
  if (!done) return done;
  if (const auto& newest = beginning->newest) engine.note_snapshot(newest->sequence, newest->time);
  const journal::Reading& reading = beginning->reading;
  if (reading.last > 0) engine.restart(reading.last_time, now);
  return {};
}

}  // namespace cord::runtime
