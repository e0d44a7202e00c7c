// The engine's own thread, alone: a command from the queue's end to its answer and events ready to
// be printed: decided, encoded for the journal, applied, projected, numbered and kept. Without
// JSON, sockets and SQLite. The platform below answers at once.
#include <benchmark/benchmark.h>

#include "runtime/snapshot_codec.hpp"
#include "support/engine_world.hpp"

namespace cord::bench {
namespace {

core::Directory agents(std::size_t count) {
  core::Directory directory;
  core::Queue queue;
  queue.name = "support";
  queue.numbers = {"100"};
  directory.queues.push_back(queue);
  for (std::size_t i = 0; i < count; ++i) {
    core::Agent agent;
    agent.id = agent.name = agent.extension = "agent-" + std::to_string(i);
    agent.phone = "sip:" + agent.id + "@127.0.0.1";
    agent.queues = {0};
    directory.agents.push_back(std::move(agent));
  }
  return directory;
}

/// So many agents, each in a call.
struct Talking {
  explicit Talking(std::size_t count)
      : world({.directory = agents(count), .sim = {}, .engine = {}, .seed = 1}) {
    for (std::size_t i = 0; i < count; ++i) {
      clients.push_back(world.log_in_ready(static_cast<core::AgentIndex>(i)));
      world.call_arrives();
      world.command(clients.back(), core::AnswerConversation{});
      targets.push_back(world.target(clients.back(), core::ObjectKind::conversation));
      forget();
    }
  }

  void ask(std::size_t n, core::Command command) {
    world.handle(core::ClientRequest{core::RequestId{++world.last_request},
                                     clients[n].connection,
                                     targets[n],
                                     std::move(command),
                                     {}});
  }

  void forget() {
    world.journal.records.clear();
    world.clients.messages.clear();
  }

  test::EngineWorld world;
  std::vector<test::Client> clients;
  std::vector<core::Target> targets;
};

// range(0) agents in calls; commands a second of one core.
void bm_engine_commands(benchmark::State& run) {
  Talking server(static_cast<std::size_t>(run.range(0)));
  std::size_t n = 0;
  for (auto _ : run) {
    n = (n + 7'919) % server.clients.size();
    server.ask(n, core::HoldConversation{});
    server.ask(n, core::RetrieveConversation{});
    if (server.world.clients.messages.size() < 4) run.SkipWithError("a command was refused");
    server.forget();
  }
  run.SetItemsProcessed(run.iterations() * 2);
}
BENCHMARK(bm_engine_commands)->Arg(10)->Arg(1'000)->Arg(10'000);

// range(0) agents in calls; how long the engine's thread takes for a snapshot of them.
void bm_engine_snapshot(benchmark::State& run) {
  const Talking server(static_cast<std::size_t>(run.range(0)));
  std::size_t bytes = 0;
  for (auto _ : run) {
    const std::string payload = runtime::encode_snapshot(
        {.state = core::image_of(server.world.engine.state()), .streams = {}, .pending = {}},
        *server.world.directory);
    bytes = payload.size();
  }
  run.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(bm_engine_snapshot)->Arg(500)->Arg(10'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace cord::bench
