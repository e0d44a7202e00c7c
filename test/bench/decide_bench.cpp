// Cost of one decision and its events among many live conversations: it must not grow with them.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "base/assert.hpp"
#include "core/decide.hpp"

namespace cord::bench {
namespace {

using namespace core;

constexpr QueueIndex queue = 0;

Directory directory_of(std::size_t agents) {
  Directory directory;
  directory.queues = {{.name = "support", .numbers = {"100"}, .waiting_max = agents}};
  for (std::size_t n = 0; n < agents; ++n) {
    Agent agent;
    agent.id = fmt::format("agent-{}", n);
    agent.extension = fmt::format("{}", n);
    agent.phone = fmt::format("sip:{}@phones", n);
    agent.queues = {queue};
    directory.agents.push_back(std::move(agent));
  }
  directory.limits.sessions_max = agents;
  directory.limits.calls_max = agents;
  return directory;
}

// A server on which every agent talks to a caller.
class Talking {
 public:
  explicit Talking(std::size_t conversations)
      : directory_(directory_of(conversations)), state_(directory_) {
    for (std::size_t n = 1; n <= conversations; ++n) begin(n);
  }

  // A command at the conversation of one agent, and what follows of it and of the report.
  void run(std::size_t n, Command command, Report report) {
    const Target target{
        name_of(n),
        {{ObjectKind::channel, n}, {ObjectKind::interaction, n}, {ObjectKind::conversation, n}}};
    step(ClientRequest{RequestId{++request_}, ConnectionId{n}, target, std::move(command)});
    step(Input{std::move(report)});
  }

  static LegId caller_of(std::size_t n) { return LegId{inbound_leg_bit | n}; }

 private:
  static std::string name_of(std::size_t n) { return fmt::format("session-{}", n); }

  void begin(std::size_t n) {
    const ConnectionId connection{n};
    const Target session{name_of(n), {}};
    const Target channel{name_of(n), {{ObjectKind::channel, n}}};
    const auto agent = static_cast<AgentIndex>(n - 1);
    step(PrepareSession{RequestId{1}, connection, agent, false, name_of(n), "token"});
    step(ClientRequest{RequestId{2}, connection, session, StartSession{}});
    step(ClientRequest{RequestId{3}, connection, channel, ActivateChannel{}});
    step(ClientRequest{RequestId{4}, connection, channel, ReadyChannel{}});
    step(Input{Report{CallArrived{caller_of(n), "100", "555", "", "call"}}});
    step(OfferCall{CallId{n}, ChannelId{n}});
    run(n, AnswerConversation{}, LegAnswered{LegId{n}});
    step(Input{Report{LegsBridged{caller_of(n), LegId{n}}}});
  }

  void step(const Input& input) {
    const Result<Decision> decision = decide(state_, input, now_);
    CORD_ASSERT(decision.has_value());
    said_.clear();
    for (const Block& block : decision->blocks) {
      for (const Event& event : block.events) {
        apply(state_, event, now_);
        project(state_, event, said_);
      }
    }
    benchmark::DoNotOptimize(said_);
  }

  Directory directory_;
  State state_;
  Instant now_{std::chrono::hours(1)};
  std::vector<ClientEvent> said_;
  std::uint64_t request_ = 100;
};

constexpr int decisions_per_turn = 4;  // Two commands, each with its report.

// range(0) live conversations, of which range(1) are spoken to, by turns.
void bm_hold_and_retrieve(benchmark::State& run) {
  Talking server(static_cast<std::size_t>(run.range(0)));
  const auto spoken_to = static_cast<std::size_t>(run.range(1));
  std::size_t n = 0;
  for (auto _ : run) {
    // A stride over all of them, so that large tables are not flattered by the cache.
    n = (n + 7'919) % spoken_to;
    server.run(n + 1, HoldConversation{}, LegHeld{Talking::caller_of(n + 1)});
    server.run(n + 1, RetrieveConversation{}, LegRetrieved{Talking::caller_of(n + 1)});
  }
  // With kInvert the unit is seconds; the table shows nanoseconds.
  run.counters["s_per_decision"] =
      benchmark::Counter(decisions_per_turn, benchmark::Counter::kIsIterationInvariantRate |
                                                 benchmark::Counter::kInvert);
}
BENCHMARK(bm_hold_and_retrieve)
    ->Args({10, 10})
    ->Args({1'000, 1'000})
    ->Args({100'000, 1'000})
    ->Args({100'000, 100'000});

}  // namespace
}  // namespace cord::bench
