// Random worlds on a simulated platform that is late, refuses and keeps silent: what the journal
// has is enough to make the state again, and what clients hear is numbered without a hole.
#include <map>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/prng.hpp"
#include "runtime/event_codec.hpp"
#include "runtime/flight_replay.hpp"
#include "support/client_model.hpp"
#include "support/core_invariants.hpp"
#include "support/engine_world.hpp"
#include "support/temporary_directory.hpp"
#include "wire/event.hpp"
#include "wire/reply.hpp"

namespace cord {
namespace {

using namespace core;
using namespace std::chrono_literals;
using test::Client;
using test::EngineSetup;
using test::EngineWorld;

EngineSetup random_setup(Prng& prng, runtime::FlightRecorder* flight) {
  const auto up_to = [&](Duration max) {
    return Duration(static_cast<std::int64_t>(prng.below(static_cast<std::uint64_t>(max.count()))));
  };
  EngineSetup setup;
  setup.seed = prng.next();
  setup.flight = flight;
  setup.sim.order_latency = {Duration::zero(), prng.below(2) == 0 ? 0ms : up_to(3s)};
  setup.sim.ring = {Duration::zero(), up_to(1s)};
  setup.sim.pickup = {Duration::zero(), up_to(25s)};
  setup.sim.phones_pick_up = prng.below(2) == 0;
  if (prng.below(2) == 0) setup.sim.caller_patience = drivers::sim::Span{1s, 90s};
  setup.sim.refused_permille = static_cast<std::uint32_t>(prng.below(150));
  setup.sim.silent_permille = static_cast<std::uint32_t>(prng.below(100));
  setup.directory.record_automatically = prng.below(3) == 0;
  setup.directory.agents[test::carol].may_supervise = true;
  setup.directory.agents[test::eve].may_supervise = true;
  core::Queue& support = setup.directory.queues[0];
  if (prng.below(2) == 0) support.strategy = core::Strategy::ring_all;
  if (prng.below(2) == 0) support.overflow_queue = 1;
  support.wait_max = 5s + up_to(1min);
  setup.engine.snapshot_records = 1 + prng.below(60);
  return setup;
}

struct Choice {
  Command command;
  ObjectKind at;
};

Choice random_command(Prng& prng) {
  const auto verb = static_cast<ControlRecording::Verb>(prng.below(4));
  const std::vector<Choice> choices{
      {StartSession{}, ObjectKind::session},
      {ActivateChannel{}, ObjectKind::channel},
      {ActivateChannel{}, ObjectKind::channel},
      {ReadyChannel{}, ObjectKind::channel},
      {ReadyChannel{}, ObjectKind::channel},
      {NotReadyChannel{"lunch"}, ObjectKind::channel},
      {DeactivateChannel{}, ObjectKind::channel},
      {ListDispositions{}, ObjectKind::channel},
      {DialNumber{"9555"}, ObjectKind::channel},
      {DialNumber{prng.below(2) == 0 ? "100" : "1002"}, ObjectKind::channel},
      {SendTones{"12#"}, ObjectKind::conversation},
      {MonitorAgent{"alice", static_cast<MonitorMode>(prng.below(3))}, ObjectKind::channel},
      {MonitorAgent{"bob", static_cast<MonitorMode>(prng.below(3))}, ObjectKind::channel},
      {MonitorAgent{"bob", static_cast<MonitorMode>(prng.below(3))}, ObjectKind::channel},
      {EndMonitor{"alice"}, ObjectKind::channel},
      {InterceptCall{prng.below(2) == 0 ? "alice" : "bob"}, ObjectKind::channel},
      {ConsultNumber{"9556"}, ObjectKind::interaction},
      {ConsultNumber{prng.below(2) == 0 ? "100" : "1002"}, ObjectKind::interaction},
      {AlternateInteraction{}, ObjectKind::interaction},
      {ReconnectInteraction{}, ObjectKind::interaction},
      {TransferInteraction{}, ObjectKind::interaction},
      {TransferInteraction{}, ObjectKind::interaction},
      {ConferenceInteraction{}, ObjectKind::interaction},
      {BlindConference{prng.below(2) == 0 ? "9557" : "1002"}, ObjectKind::conversation},
      {BlindConference{prng.below(2) == 0 ? "9558" : "100"}, ObjectKind::conversation},
      {DropMember{MemberId{1 + prng.below(6)}}, ObjectKind::conversation},
      {BlindTransfer{prng.below(2) == 0 ? "9557" : "1002"}, ObjectKind::conversation},
      {AcceptInteraction{}, ObjectKind::interaction},
      {RejectInteraction{}, ObjectKind::interaction},
      {CompleteInteraction{{}, "notes"}, ObjectKind::interaction},
      {SetInteractionData{{{"crm", DataValue{false, std::to_string(prng.below(9))}}}},
       ObjectKind::interaction},
      {ControlRecording{verb}, ObjectKind::interaction},
      {AnswerConversation{}, ObjectKind::conversation},
      {AnswerConversation{}, ObjectKind::conversation},
      {AnswerConversation{}, ObjectKind::conversation},
      {HoldConversation{}, ObjectKind::conversation},
      {RetrieveConversation{}, ObjectKind::conversation},
      {MuteConversation{}, ObjectKind::conversation},
      {UnmuteConversation{}, ObjectKind::conversation},
      {ReleaseConversation{}, ObjectKind::conversation},
      {LogoutSession{}, ObjectKind::session},
      {SnapshotSession{}, ObjectKind::session},
  };
  return choices[prng.below(choices.size())];
}

/// A world in which anything may happen next.
class RandomWorld {
 public:
  explicit RandomWorld(std::uint64_t seed, runtime::FlightRecorder* flight = nullptr)
      : prng_(seed), world_(random_setup(prng_, flight)) {}

  void step() {
    world_.commits_at_once = prng_.below(8) != 0;
    switch (prng_.below(10)) {
      case 0:
        return come_or_go();
      case 1:
      case 2:
        world_.call_arrives(prng_.below(4) == 0 ? "200" : "100");
        return;
      case 3:
        return act_on_a_leg();
      case 4:
      case 5:
        return world_.advance(Duration(static_cast<std::int64_t>(prng_.below(8'000'000))));
      default:
        if (clients_.empty()) return come_or_go();
        const Client& client = clients_[prng_.below(clients_.size())];
        Choice choice = random_command(prng_);
        if (prng_.below(2) == 0) follow_up(client, choice);
        world_.command(client, choice.command, choice.at);
    }
  }

  [[nodiscard]] const std::vector<Client>& clients() const { return clients_; }
  /// The last event before everything was told to the client anew; 0: that never happened.
  [[nodiscard]] std::uint64_t started_over_after(const Client& client) const {
    std::uint64_t seq = 0;
    for (const Reply& reply : world_.clients.replies()) {
      const auto resumed = resumed_.find(reply.connection);
      const bool is_gap = !reply.outcome && reply.outcome.error().code == Errc::resume_gap;
      if (is_gap && resumed != resumed_.end() && resumed->second == client.session) seq = reply.seq;
    }
    return seq;
  }

  EngineWorld& settle() {
    world_.commits_at_once = true;
    world_.commit();
    return world_;
  }

 private:
  // What comes of a consult, or of listening, would be too rare otherwise.
  void follow_up(const Client& client, Choice& choice) {
    const State& state = world_.engine.state();
    const Session* session = state.session_of(client.connection);
    if (session == nullptr || session->channels.empty()) return;
    const Channel& channel = state.at(session->channels.front());
    const Interaction* interaction = state.find(channel.interaction);
    if (interaction != nullptr && interaction->consult) {
      choice.at = ObjectKind::interaction;
      choice.command = TransferInteraction{};
      if (prng_.below(2) == 0) choice.command = ConferenceInteraction{};
    } else if (channel.monitoring) {
      const AgentIndex agent = state.at(channel.monitoring->agent_channel).agent;
      choice.at = ObjectKind::channel;
      choice.command = MonitorAgent{state.directory().agents[agent].id,
                                    static_cast<MonitorMode>(prng_.below(3))};
    }
  }

  void come_or_go() {
    if (!clients_.empty() && prng_.below(2) == 0) {
      const std::size_t who = prng_.below(clients_.size());
      if (prng_.below(3) != 0) world_.handle(ConnectionLost{clients_[who].connection});
      if (prng_.below(3) == 0) {
        clients_.erase(clients_.begin() + static_cast<std::ptrdiff_t>(who));
      } else {
        come_back(clients_[who]);
      }
      return;
    }
    const auto agent = static_cast<AgentIndex>(prng_.below(world_.directory->agents.size()));
    const Client client = world_.prepare(agent, prng_.below(3) == 0);
    world_.command(client, StartSession{}, ObjectKind::session);
    world_.command(client, ActivateChannel{}, ObjectKind::channel);
    world_.command(client, ReadyChannel{}, ObjectKind::channel);
    clients_.push_back(client);
  }

  // With all the client has, or less: what a dying connection was told need not have arrived.
  void come_back(Client& client) {
    if (prng_.below(3) == 0)
      world_.advance(Duration(static_cast<std::int64_t>(prng_.below(70'000'000))));
    const auto events = world_.events_to(client);
    std::uint64_t after = events.empty() ? 0 : events.back().seq;
    after -= prng_.below(std::min<std::uint64_t>(after, 5) + 1);
    if (prng_.below(10) == 0) after += 1'000;
    client = world_.resume(client, after);
    resumed_[client.connection] = client.session;
    if (prng_.below(2) == 0) world_.command(client, StartSession{}, ObjectKind::session);
  }

  void act_on_a_leg() {
    const auto legs = world_.driver.legs();
    if (legs.empty()) return;
    const LegId leg = legs[prng_.below(legs.size())];
    const std::uint64_t what = prng_.below(6);
    world_.world_does([&](drivers::sim::SimDriver& driver) {
      switch (what) {
        case 0:
          return driver.hangs_up(leg, Cause::remote);
        case 1:
          return driver.phone_answers(leg);
        case 2:
          return driver.phone_refuses(leg, Cause::busy);
        case 3:
          return driver.phone_holds(leg);
        case 4:
          return driver.phone_transfers(leg, "1003");
        default:
          return driver.phone_retrieves(leg);
      }
    });
  }

  Prng prng_;
  EngineWorld world_;
  std::vector<Client> clients_;
  std::map<ConnectionId, std::string> resumed_;
};

std::string replayed(const EngineWorld& world) {
  State state(*world.directory);
  std::uint64_t next = 1;
  for (const journal::Record& record : world.journal.records) {
    if (record.is_snapshot) continue;
    RC_ASSERT(record.sequence == next++);
    const auto events = runtime::decode_record(record.payload);
    RC_ASSERT(events.has_value());
    for (const Event& event : events->events) apply(state, event, record.time);
  }
  return state.dump();
}

/// Each connection hears its session's events in order and without a hole, from wherever it begins.
void check_numbering(const EngineWorld& world) {
  std::map<ConnectionId, std::uint64_t> last;
  const auto hear = [&](ConnectionId connection, std::uint64_t seq) {
    std::uint64_t& before = last[connection];
    RC_ASSERT(before == 0 || seq == before + 1);
    before = seq;
  };
  for (const runtime::ToClient& it : world.clients.messages) {
    if (const auto* event = std::get_if<ClientEvent>(&it.what)) hear(it.connection, event->seq);
    const auto* backlog = std::get_if<runtime::Backlog>(&it.what);
    if (backlog == nullptr) continue;
    for (std::uint64_t seq = backlog->first; seq <= backlog->last; ++seq) hear(it.connection, seq);
  }
}

void check_replies(const EngineWorld& world) {
  std::map<RequestId, int> count;
  for (const Reply& reply : world.clients.replies()) RC_ASSERT(++count[reply.request] == 1);
}

TEST(JournalProperty, ReplayedRecordsEqualTheLiveState) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    RandomWorld random(seed);
    const int steps = *rc::gen::inRange(1, 250);
    for (int n = 0; n < steps; ++n) random.step();
    const EngineWorld& world = random.settle();
    RC_ASSERT(replayed(world) == world.engine.state().dump());
    check_numbering(world);
    check_replies(world);
  }));
}

/// Whatever was the last thing the journal got, another process goes on from there: nothing is
/// stuck, and its own records lead from nothing to its state.
TEST(JournalProperty, AfterEveryPrefixARestartGivesASoundState) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    RandomWorld random(seed);
    const int steps = *rc::gen::inRange(1, 120);
    for (int n = 0; n < steps; ++n) random.step();
    const EngineWorld& world = random.settle();
    for (std::size_t size = 1; size <= world.journal.records.size(); ++size) {
      EngineWorld next(EngineSetup{.directory = *world.directory});
      next.now = world.journal.records[size - 1].time + 2min;
      next.go_on_with({world.journal.records.begin(),
                       world.journal.records.begin() + static_cast<std::ptrdiff_t>(size)});
      RC_ASSERT(test::broken_after_restart(next.engine.state(), next.now) ==
                std::vector<std::string>{});
      RC_ASSERT(next.clients.messages.empty());
      if (size % 16 == 0) RC_ASSERT(replayed(next) == next.engine.state().dump());
    }
  }));
}

// The properties above are worth something only if these worlds get about.
TEST(JournalProperty, RandomWorldsReachEveryKindOfEvent) {
  std::set<std::size_t> missing;
  for (std::size_t kind = 0; kind < std::variant_size_v<Event>; ++kind) missing.insert(kind);
  // Nobody here has a channel for chats: those are in core_property_test.cpp and in test/sim.
  missing.erase(Event(TaskQueued{}).index());
  missing.erase(Event(TaskRequeued{}).index());
  // Nor a browser as the phone: those are in core_property_test.cpp.
  missing.erase(Event(MediaAsked{}).index());
  missing.erase(Event(MediaSettled{}).index());
  missing.erase(Event(MediaAwaited{}).index());
  missing.erase(Event(MediaFound{}).index());
  for (std::uint64_t seed = 1; seed <= 4'000 && !missing.empty(); ++seed) {
    RandomWorld random(seed);
    for (int n = 0; n < 200; ++n) random.step();
    const EngineWorld& world = random.settle();
    EngineWorld next(EngineSetup{.directory = *world.directory});
    next.go_on_with(world.journal.records);
    for (const journal::Record& record : next.journal.records) {
      if (record.is_snapshot) continue;
      const auto events = runtime::decode_record(record.payload);
      ASSERT_TRUE(events.has_value());
      for (const Event& event : events->events) missing.erase(event.index());
    }
  }
  EXPECT_EQ(missing, std::set<std::size_t>{});
}

/// All that was ever said of a session, once, in order, as a desktop would fold it.
test::ClientModel folded(const EngineWorld& world, const Client& client, std::uint64_t from) {
  std::map<std::uint64_t, ClientEvent> events;
  for (runtime::ToClient it : world.clients.messages) {
    if (auto* event = std::get_if<ClientEvent>(&it.what)) {
      if (event->target.session == client.session) events.emplace(event->seq, *event);
    } else if (auto* backlog = std::get_if<runtime::Backlog>(&it.what)) {
      if (backlog->session_name != client.session) continue;
      runtime::BacklogReader reader(std::move(*backlog));
      while (auto missed = reader.next()) events.emplace(missed->seq, *missed);
    }
  }
  test::ClientModel model;
  model.start_over(from);
  for (const auto& [seq, event] : events) {
    if (seq > from) model.take(wire::print_event(event));
  }
  return model;
}

// Proves: session.snapshot
TEST(JournalProperty, WhatAClientFoldsFromItsEventsIsTheSnapshot) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    RandomWorld random(seed);
    const int steps = *rc::gen::inRange(1, 200);
    for (int n = 0; n < steps; ++n) random.step();
    EngineWorld& world = random.settle();
    for (const Client& client : random.clients()) {
      const auto request = world.command(client, SnapshotSession{}, ObjectKind::session);
      const auto reply = world.reply_to(request);
      RC_ASSERT(reply.has_value());
      if (!reply->outcome) continue;  // Its session has ended, or is not started.
      const auto answer = boost::json::parse(wire::print_reply({}, *reply)).as_object();
      const auto model = folded(world, client, random.started_over_after(client));
      RC_ASSERT(model.faults() == std::vector<std::string>{});
      RC_ASSERT(model.dump() ==
                test::ClientModel::of_snapshot(answer.at("data").as_object()).dump());
    }
  }));
}

/// Whatever happened, deciding it again leads to the same state, byte for byte.
TEST(FlightProperty, AReplayReachesEveryRecordedState) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    const test::TemporaryDirectory directory;
    const auto path = directory / "flight.bin";
    SilentLog log;
    Metrics metrics;
    auto flight = runtime::FlightRecorder::open({.file = path}, log, metrics);
    RC_ASSERT(flight.has_value());
    RandomWorld random(seed, flight->get());
    const int steps = *rc::gen::inRange(1, 250);
    for (int n = 0; n < steps; ++n) random.step();
    EngineWorld& world = random.settle();
    world.engine.finish(world.now);
    (*flight)->stop();
    const auto report = runtime::replay_flight(test::bytes_of(path));
    RC_ASSERT(report.has_value());
    RC_ASSERT(report->difference == "");
    RC_ASSERT(!report->is_cut);
    RC_ASSERT(report->inputs == 0 || report->checks > 0);
  }));
}

// Proves: promise 3
TEST(JournalProperty, EveryRequestIsAnsweredOnceWhenTimeHasPassed) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    RandomWorld random(seed);
    const int steps = *rc::gen::inRange(1, 150);
    for (int n = 0; n < steps; ++n) random.step();
    EngineWorld& world = random.settle();
    world.advance(world.directory->limits.answer_timeout + 1min);
    check_replies(world);
    RC_ASSERT(world.clients.replies().size() == world.last_request);
  }));
}

}  // namespace
}  // namespace cord
