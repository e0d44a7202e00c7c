#include "runtime/engine_thread.hpp"

#include <condition_variable>
#include <mutex>

#include <gtest/gtest.h>

#include "drivers/sim/sim_driver.hpp"
#include "support/core_world.hpp"
#include "support/memory_storage.hpp"

namespace cord::runtime {
namespace {

using namespace core;
using namespace std::chrono_literals;
using test::MemoryDisk;
using test::MemoryStorage;

/// Counts replies and lets the test wait for them; notes how much the disk had when each came.
class WaitingClients final : public ClientSink {
 public:
  explicit WaitingClients(MemoryDisk& disk) : disk_(disk) {}

  void deliver(std::vector<ToClient>&& batch) override {
    const std::size_t committed = disk_.committed().size();
    {
      const std::lock_guard lock(mutex_);
      for (ToClient& it : batch) {
        if (auto* reply = std::get_if<Reply>(&it.what)) {
          replies_.push_back(std::move(*reply));
          committed_.push_back(committed);
        }
        closed_ += std::holds_alternative<CloseConnection>(it.what) ? 1 : 0;
      }
    }
    changed_.notify_all();
  }
  [[nodiscard]] bool wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 30s, [&] { return replies_.size() >= count; });
  }
  [[nodiscard]] std::vector<Reply> replies() const {
    const std::lock_guard lock(mutex_);
    return replies_;
  }
  [[nodiscard]] std::size_t closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }
  [[nodiscard]] std::vector<std::size_t> committed() const {
    const std::lock_guard lock(mutex_);
    return committed_;
  }

 private:
  MemoryDisk& disk_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Reply> replies_;
  std::vector<std::size_t> committed_;
  std::size_t closed_ = 0;
};

/// Of the disk: snapshots, then the records twice.
constexpr std::uint64_t reads_at_start = 3;

struct Server {
  explicit Server(EngineThreadOptions options = {})
      : thread(clock, log, metrics, options), driver({}, 1, thread.report_sink()) {}

  ~Server() { thread.stop(); }  // The driver is destroyed before the thread it was made with.

  void start() {
    EXPECT_TRUE(thread.start({directory, driver, clients, std::make_unique<MemoryStorage>(disk)}));
  }
  [[nodiscard]] bool prepare(std::uint64_t number, AgentIndex agent) {
    return thread.submit(
        PrepareSession{{number}, {number}, agent, false, std::to_string(number), "token"});
  }
  /// Waits until what was posted before has run.
  [[nodiscard]] bool round_trip() {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
    const bool posted = thread.post_driver([&](Instant) {
      const std::lock_guard lock(mutex);
      done = true;
      changed.notify_all();
    });
    std::unique_lock lock(mutex);
    return posted && changed.wait_for(lock, 30s, [&] { return done; });
  }

  /// Whether it is idle after so many turns of the engine, or sooner.
  [[nodiscard]] bool is_idle_soon(bool idle = true) {
    for (int turn = 0; turn < 1'000 && thread.is_idle() != idle; ++turn) {
      if (!round_trip()) return false;
    }
    return thread.is_idle() == idle;
  }

  Directory directory = test::call_centre();
  std::shared_ptr<MemoryDisk> disk = std::make_shared<MemoryDisk>();
  Clock clock;
  SilentLog log;
  Metrics metrics;
  WaitingClients clients{*disk};
  EngineThread thread;
  drivers::sim::SimDriver driver;
};

TEST(EngineThread, AnswersAfterTheCommit) {
  Server server;
  server.start();
  for (std::uint64_t n = 1; n <= 4; ++n) {
    ASSERT_TRUE(server.prepare(n, static_cast<AgentIndex>(n - 1)));
    ASSERT_TRUE(server.clients.wait_for(n));
    EXPECT_GE(server.clients.committed().back(), n);
  }
}

TEST(EngineThread, TakesWhatWasSubmittedBeforeTheStart) {
  Server server;
  ASSERT_TRUE(server.prepare(1, 0));
  server.start();
  EXPECT_TRUE(server.clients.wait_for(1));
}

TEST(EngineThread, RunsDriverWorkAndHandlesItsReports) {
  Server server;
  server.start();
  LegId leg{};
  ASSERT_TRUE(server.thread.post_driver(
      [&](Instant now) { leg = server.driver.call_arrives("100", "555", now).value_or(LegId{}); }));
  server.disk->wait_for_operations(reads_at_start + 1);
  ASSERT_TRUE(server.round_trip());
  server.thread.stop();
  EXPECT_TRUE(leg);
  EXPECT_EQ(server.disk->committed().size(), 1u);
}

TEST(EngineThread, ADeadlineWakesIt) {
  Server server;
  server.directory.limits.start_max = 20ms;
  server.start();
  ASSERT_TRUE(server.prepare(1, 0));
  server.disk->wait_for_operations(reads_at_start + 3);  // Prepared, then expired.
  server.thread.stop();
  EXPECT_EQ(server.disk->committed().size(), 2u);
}

TEST(EngineThread, RequestsGetHalfOfTheQueue) {
  Server server({.inputs_max = 4, .engine = {}, .journal = {}});
  EXPECT_TRUE(server.prepare(1, 0));
  EXPECT_TRUE(server.prepare(2, 1));
  EXPECT_FALSE(server.prepare(3, 2));
  EXPECT_TRUE(server.thread.submit(ConnectionLost{{9}}));
  EXPECT_TRUE(server.thread.post_driver([](Instant) {}));
  EXPECT_FALSE(server.thread.post_driver([](Instant) {}));
  EXPECT_FALSE(server.thread.submit(ConnectionLost{{9}}));
  server.start();
  EXPECT_TRUE(server.clients.wait_for(2));
}

TEST(EngineThread, GoesOnWhenTheJournalCannotBeWritten) {
  Server server;
  server.start();
  server.disk->fail_all(true);
  for (std::uint64_t n = 1; n <= 3; ++n) {
    ASSERT_TRUE(server.prepare(n, static_cast<AgentIndex>(n - 1)));
    ASSERT_TRUE(server.clients.wait_for(n));
    EXPECT_TRUE(server.clients.replies().back().outcome.has_value());
  }
  EXPECT_TRUE(server.disk->committed().empty());
}

TEST(EngineThread, StopWritesEverything) {
  Server server;
  server.start();
  for (std::uint64_t n = 1; n <= 5; ++n) {
    ASSERT_TRUE(server.prepare(n, static_cast<AgentIndex>(n - 1)));
  }
  server.thread.stop();
  server.thread.stop();
  EXPECT_EQ(server.disk->committed().size(), 5u);
}

TEST(EngineThread, DrainsThenEndsEverySession) {
  Server server;
  server.start();
  ASSERT_TRUE(server.prepare(1, 0));
  ASSERT_TRUE(server.clients.wait_for(1));
  ASSERT_TRUE(server.thread.post_driver(
      [&](Instant now) { EXPECT_TRUE(server.driver.call_arrives("100", "555", now)); }));
  ASSERT_TRUE(server.round_trip());
  EXPECT_TRUE(server.is_idle_soon(false)) << "somebody waits";
  server.thread.drain();
  EXPECT_TRUE(server.is_idle_soon());
  ASSERT_TRUE(server.prepare(2, 1));
  ASSERT_TRUE(server.clients.wait_for(2));
  EXPECT_EQ(server.clients.replies().back().outcome.error().code, Errc::not_accepting);
  EXPECT_EQ(server.clients.closed(), 0u);
  server.thread.shut_down();
  EXPECT_TRUE(server.is_idle_soon());
  EXPECT_EQ(server.clients.closed(), 1u);
}

}  // namespace
}  // namespace cord::runtime
