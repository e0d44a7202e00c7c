#include "sim/process.hpp"

#include <memory>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "runtime/recovery.hpp"
#include "sim/violation.hpp"
#include "support/memory_storage.hpp"

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

// The ledger has all that was ever committed; the engine begins with a snapshot if it can.
void Process::go_on(const Outside& outside) {
  for (const journal::Record& record : outside.disk.committed) ledger.take(record);
  const auto file = std::make_shared<test::MemoryDisk>();
  file->begin_with(outside.disk.committed);
  test::MemoryStorage storage(file);
  journal.set_time(outside.now);
  const auto done = runtime::replay_journal(storage, outside.directory, engine, outside.now);
  if (!done) violated("what is committed can be replayed", "{}", done.error().detail);
}

}  // namespace cord::sim
