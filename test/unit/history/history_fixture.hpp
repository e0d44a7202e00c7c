// A history file, and what the core's own worlds leave in a journal.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "history/history_writer.hpp"
#include "history/reader.hpp"
#include "history/schema.hpp"
#include "runtime/event_codec.hpp"
#include "support/core_world.hpp"
#include "support/memory_storage.hpp"
#include "support/temporary_directory.hpp"

namespace cord::history {

using test::Client;
using test::World;
using namespace std::chrono_literals;

/// Each event as a record of its own; but a phone is called in the record of the activation that
/// it is called for, as the engine does.
inline std::vector<journal::Record> records_of(const World& world) {
  std::vector<journal::Record> records;
  runtime::RecordContent content;
  for (const auto& [event, time] : world.journal()) {
    content.events.push_back(event);
    if (std::holds_alternative<core::ActivationBegun>(event)) continue;
    records.push_back({records.size() + 1, time,
                       runtime::encode_record(std::exchange(content, {}), world.directory())});
  }
  return records;
}

/// Everything in the file, a line for each row of each table; the mark is left out.
inline std::string dump_of(const std::filesystem::path& file) {
  auto database = open_for_reading(file).value();
  std::string all;
  for (const auto& [table, columns] : std::vector<std::pair<std::string, int>>{{"session", 6},
                                                                               {"channel", 7},
                                                                               {"call", 12},
                                                                               {"interaction", 26},
                                                                               {"hold", 3},
                                                                               {"recording", 7},
                                                                               {"leg", 10}}) {
    auto rows = database.query("SELECT * FROM " + table, {}).value();
    while (rows.next().value()) {
      all += table;
      for (int i = 0; i < columns; ++i) all += ' ' + (rows.has(i) ? rows.text(i) : "-");
      all += '\n';
    }
  }
  return all;
}

class HistoryTest : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path file() const { return directory_ / "history.db"; }

  std::unique_ptr<HistoryWriter> open() {
    options.file = file();
    auto opened = HistoryWriter::open(options, {[this] { return now; }, log, metrics});
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().detail);
    return std::move(*opened);
  }

  /// As a start of the server does, on a journal that has `records`.
  std::unique_ptr<HistoryWriter> open_behind(std::vector<journal::Record> records) {
    auto writer = open();
    const auto disk = std::make_shared<test::MemoryDisk>();
    disk->begin_with(std::move(records));
    test::MemoryStorage storage(disk);
    const auto caught_up = writer->catch_up(storage);
    EXPECT_TRUE(caught_up) << (caught_up ? "" : caught_up.error().detail);
    return writer;
  }

  void keep(const World& world) { open_behind(records_of(world)); }

  Page read(const Filter& filter = {}) {
    auto reader = Reader::open(file(), 10s);
    EXPECT_TRUE(reader) << (reader ? "" : reader.error().detail);
    auto page = reader->read(filter);
    EXPECT_TRUE(page) << (page ? "" : page.error().detail);
    return std::move(*page);
  }

  double metric(std::string_view name) const {
    for (const MetricSample& it : metrics.collect()) {
      if (it.name == name) return it.value;
    }
    return -1;
  }

  HistoryOptions options;
  Instant now{std::chrono::hours(24 * 20'000)};
  SilentLog log;
  Metrics metrics;

 private:
  test::TemporaryDirectory directory_;
};

}  // namespace cord::history
