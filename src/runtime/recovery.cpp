#include "runtime/recovery.hpp"

#include <optional>
#include <utility>

#include "runtime/event_codec.hpp"

namespace cord::runtime {
namespace {

Error unreadable(const journal::Record& record, const Error& error) {
  return Error{error.code, "journal.record",
               fmt::format("record {} cannot be read: {}. Run the version that wrote it, or move "
                           "the journal away to begin with nothing",
                           record.sequence, error.detail)};
}

}  // namespace

Result<JournalSurvey> survey_journal(journal::Storage& storage, core::Directory& directory,
                                     Log& log, Metrics& metrics) {
  JournalSurvey survey;
  std::optional<Error> error;
  const auto reading = storage.read([&](journal::Record&& record) {
    if (error) return;
    const auto content = decode_record(record.payload);
    if (!content) {
      error = unreadable(record, content.error());
      return;
    }
    ++survey.records;
    for (const auto& [place, id] : content->agents) (void)directory.place_of_agent(id);
    for (const auto& [place, name] : content->queues) (void)directory.place_of_queue(name);
  });
  if (!reading) return tl::make_unexpected(reading.error());
  if (error) return tl::make_unexpected(std::move(*error));
  survey.last_time = reading->last_time;
  Counter& set_aside = metrics.counter("cord_journal_set_aside_records_total",
                                       "Records that could not be replayed at start.");
  metrics.counter("cord_journal_replayed_records_total", "Records replayed at start.")
      .add(survey.records);
  if (reading->damage.empty()) return survey;
  const auto moved = storage.set_aside(reading->last);
  if (!moved) return tl::make_unexpected(moved.error());
  survey.set_aside = *moved;
  set_aside.add(*moved);
  log.error(
      "journal.cut",
      {{"last_record", reading->last}, {"set_aside_records", *moved}, {"why", reading->damage}});
  return survey;
}

Result<void> replay_journal(journal::Storage& storage, const core::Directory& directory,
                            Engine& engine, Instant now) {
  const PlaceBook places(directory);
  std::optional<Error> error;
  const auto reading = storage.read([&](journal::Record&& record) {
    if (error) return;
    auto content = decode_record(record.payload);
    if (auto placed = content ? places.relocate(*content) : tl::make_unexpected(content.error());
        !placed) {
      error = unreadable(record, placed.error());
      return;
    }
    engine.replay(record.sequence, record.time, *content);
  });
  if (!reading) return tl::make_unexpected(reading.error());
  if (error) return tl::make_unexpected(std::move(*error));
  if (reading->last > 0) engine.restart(reading->last_time, now);
  return {};
}

}  // namespace cord::runtime
