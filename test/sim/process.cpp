#include "sim/process.hpp"

#include <utility>
#include <variant>

#include <fmt/format.h>

#include "runtime/event_codec.hpp"
#include "sim/violation.hpp"

namespace cord::sim {
namespace {

using namespace std::chrono_literals;

SimJournal::Latency disk_latency(const WorldOptions& options) {
  Prng prng = stream(options.seed, "disk");
  return {0ms, prng.below(2) == 0 ? 0ms : draw(prng, 0ms, 30ms)};
}

}  // namespace

void ErrorLog::write(LogLevel level, std::string_view event, LogFields fields) {
  if (level != LogLevel::error || !first_error_.empty()) return;
  first_error_ = event;
  for (const LogField& field : fields) {
    std::visit([&](const auto& it) { first_error_ += fmt::format(" {}={}", field.key, it); },
               field.value);
  }
}

Process::Process(const Outside& outside, std::uint64_t number)
    : platform(make_platform(outside.options), outside.options.seed + number * 1'000'003,
               [this](core::Report report) { reports.push(std::move(report)); }),
      driver(platform, outside.on_order),
      ledger(outside.directory),
      journal(outside.disk, disk_latency(outside.options),
              stream(outside.options.seed + number, "journal"),
              [this](const journal::Record& record) { ledger.take(record); }),
      engine({outside.directory, journal, driver, reports, outside.clients, log, metrics},
             make_engine(outside.options)) {
  go_on(outside);
}

void Process::go_on(const Outside& outside) {
  const auto& records = outside.disk.committed;
  const runtime::PlaceBook places(outside.directory);
  for (const journal::Record& record : records) {
    ledger.take(record);
    auto content = runtime::decode_record(record.payload);
    if (!content || !places.relocate(*content)) {
      violated("what is committed can be replayed", "record {}", record.sequence);
    }
    engine.replay(record.sequence, record.time, *content);
  }
  journal.set_time(outside.now);
  if (!records.empty()) engine.restart(records.back().time, outside.now);
}

}  // namespace cord::sim
