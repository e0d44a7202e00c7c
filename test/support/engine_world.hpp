// The engine with a simulated platform and a journal in memory, on one thread and a clock of its
// own. The journal commits at once, or when it is told to.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "drivers/sim/sim_driver.hpp"
#include "runtime/engine.hpp"
#include "runtime/recovery.hpp"
#include "support/core_text.hpp"
#include "support/core_world.hpp"
#include "support/memory_storage.hpp"

namespace cord::test {

/// Takes records in; what is committed, and when, is the test's business.
class ManualJournal final : public journal::Journal {
 public:
  void append(journal::Record&& record) override { records.push_back(std::move(record)); }
  std::vector<journal::Record> records;
};

/// Everything clients are told, in order.
class ClientLog final : public runtime::ClientSink {
 public:
  void deliver(std::vector<runtime::ToClient>&& batch) override {
    std::move(batch.begin(), batch.end(), std::back_inserter(messages));
  }

  [[nodiscard]] std::vector<core::Reply> replies() const { return all<core::Reply>(); }
  [[nodiscard]] std::vector<core::ClientEvent> events() const { return all<core::ClientEvent>(); }

  std::vector<runtime::ToClient> messages;

 private:
  template <class T>
  [[nodiscard]] std::vector<T> all() const {
    std::vector<T> found;
    for (const auto& it : messages) {
      if (const T* one = std::get_if<T>(&it.what)) found.push_back(*one);
    }
    return found;
  }
};

struct EngineSetup {
  core::Directory directory = call_centre();
  drivers::sim::SimOptions sim = {};
  runtime::EngineOptions engine = {};
  std::uint64_t seed = 1;
  runtime::FlightRecorder* flight = nullptr;
};

class EngineWorld {
 public:
  explicit EngineWorld(EngineSetup setup = {})
      : directory(std::make_unique<core::Directory>(std::move(setup.directory))),
        driver(setup.sim, setup.seed, [this](core::Report it) { reports.push(std::move(it)); }),
        engine({*directory, journal, driver, reports, clients, log, metrics, setup.flight},
               setup.engine) {}

  /// A new process, just started, on what an earlier one left in its journal.
  void go_on_with(const std::vector<journal::Record>& records) {
    const auto disk = std::make_shared<MemoryDisk>();
    disk->begin_with(records);
    MemoryStorage storage(disk);
    if (!records.empty()) now = std::max(now, records.back().time);
    journal.records = records;
    CORD_ASSERT(runtime::replay_journal(storage, *directory, engine, now).has_value());
    commit();
  }

  // --- Inputs -----------------------------------------------------------------------------------

  void handle(core::Input input) {
    engine.handle(std::move(input), now);
    if (commits_at_once) commit();
  }

  /// The journal has everything; and what follows from that, and so on.
  void commit() {
    while (committed < engine.last_sequence()) {
      committed = engine.last_sequence();
      engine.journal_committed(committed, now);
    }
  }

  void advance(Duration by) {
    const Instant until = now + by;
    for (auto due = engine.next_due(); due && *due <= until; due = engine.next_due()) {
      now = std::max(now, *due);
      engine.on_time(now);
      if (commits_at_once) commit();
    }
    now = until;
  }

  /// Lets the driver's world do something, then the engine hears of it.
  template <class Act>
  auto world_does(Act act) {
    auto outcome = act(driver);
    engine.take_reports(now);
    if (commits_at_once) commit();
    return outcome;
  }

  core::LegId call_arrives(const std::string& called = "100") {
    return world_does([&](auto& it) { return it.call_arrives(called, "555", now); })
        .value_or(core::LegId{});
  }

  // --- Clients ----------------------------------------------------------------------------------

  Client prepare(core::AgentIndex agent, bool takes_over = false) {
    const core::ConnectionId connection{++last_connection};
    const std::string name = "session-" + std::to_string(last_connection);
    handle(core::PrepareSession{{++last_request}, connection, agent, takes_over, name, "token"});
    return {connection, name, agent};
  }

  /// The session's client is back, over a new connection, with the events up to `after`.
  Client resume(const Client& client, std::uint64_t after, const std::string& token = "token") {
    const core::ConnectionId connection{++last_connection};
    handle(core::ResumeSession{{++last_request}, connection, client.session, token, after});
    return {connection, client.session, client.agent};
  }

  core::RequestId command(const Client& client, core::Command it,
                          core::ObjectKind kind = core::ObjectKind::conversation,
                          core::RequestKey key = {}) {
    const core::RequestId request{++last_request};
    handle(core::ClientRequest{request, client.connection, target(client, kind), std::move(it),
                               std::move(key)});
    return request;
  }

  Client log_in_ready(core::AgentIndex agent) {
    const Client client = prepare(agent);
    command(client, core::StartSession{}, core::ObjectKind::session);
    command(client, core::ActivateChannel{}, core::ObjectKind::channel);
    command(client, core::ReadyChannel{}, core::ObjectKind::channel);
    return client;
  }

  /// The client's own object of that kind, as far down as there is one.
  [[nodiscard]] core::Target target(const Client& client, core::ObjectKind kind) const {
    core::Target target{client.session, {}};
    const core::State& state = engine.state();
    const core::Session* session = state.session_of(client.connection);
    const core::Channel* channel = session == nullptr || session->channels.empty()
                                       ? nullptr
                                       : state.find(session->channels.front());
    if (channel == nullptr || kind == core::ObjectKind::session) return target;
    target.below.push_back({core::ObjectKind::channel, channel->id.value});
    const core::Interaction* interaction = state.find(channel->interaction);
    if (interaction == nullptr || kind == core::ObjectKind::channel) return target;
    target.below.push_back({core::ObjectKind::interaction, interaction->id.value});
    if (kind == core::ObjectKind::interaction || !interaction->conversation) return target;
    target.below.push_back({core::ObjectKind::conversation, interaction->conversation.value});
    return target;
  }

  [[nodiscard]] std::optional<core::Reply> reply_to(core::RequestId request) const {
    for (const core::Reply& it : clients.replies()) {
      if (it.request == request) return it;
    }
    return std::nullopt;
  }

  /// What one connection was told: replies as they came, events with those of backlogs.
  [[nodiscard]] std::vector<runtime::ToClient> told(const Client& client) const {
    std::vector<runtime::ToClient> all;
    for (const runtime::ToClient& it : clients.messages) {
      if (it.connection != client.connection) continue;
      const auto* backlog = std::get_if<runtime::Backlog>(&it.what);
      if (backlog == nullptr) {
        all.push_back(it);
        continue;
      }
      runtime::BacklogReader reader{runtime::Backlog(*backlog)};
      while (auto event = reader.next()) all.push_back({it.connection, std::move(*event)});
    }
    return all;
  }

  [[nodiscard]] std::vector<core::ClientEvent> events_to(const Client& client) const {
    std::vector<core::ClientEvent> events;
    for (const runtime::ToClient& it : told(client)) {
      if (const auto* event = std::get_if<core::ClientEvent>(&it.what)) events.push_back(*event);
    }
    return events;
  }

  /// The code a request failed with; none while it is pending or after success.
  [[nodiscard]] std::optional<Errc> failure_of(core::RequestId request) const {
    const auto reply = reply_to(request);
    return reply && !reply->outcome ? std::optional(reply->outcome.error().code) : std::nullopt;
  }

  [[nodiscard]] double metric(std::string_view name, std::string_view label = {}) const {
    for (const auto& it : metrics.collect()) {
      if (it.name == name && it.label == label) return it.value;
    }
    return -1;
  }

  std::unique_ptr<core::Directory> directory;
  Instant now = Instant(std::chrono::seconds(1'795'000'000));
  bool commits_at_once = true;
  std::uint64_t committed = 0;
  std::uint64_t last_connection = 0;
  std::uint64_t last_request = 0;
  SilentLog log;
  Metrics metrics;
  ManualJournal journal;
  ClientLog clients;
  runtime::ReportQueue reports;
  drivers::sim::SimDriver driver;
  runtime::Engine engine;
};

}  // namespace cord::test
