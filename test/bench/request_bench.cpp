// Reading a request and printing its answer and its event: src/wire alone.
#include <benchmark/benchmark.h>

#include "wire/event.hpp"
#include "wire/reply.hpp"
#include "wire/request.hpp"

namespace cord::bench {
namespace {

constexpr std::string_view hold =
    R"({"command":"conversation.hold","target":"Zm9vYmFyYmF6cXV4cXV1eA.ch-1.i-17.c-18","data":{},)"
    R"("id":7})";

core::ClientEvent held_event() {
  core::ClientEvent event;
  event.target = {.session = "Zm9vYmFyYmF6cXV4cXV1eA",
                  .channel = {1},
                  .interaction = {17},
                  .conversation = {18}};
  event.data = core::ConversationStateUpdated{core::ConversationState::held,
                                              core::ConversationState::connected,
                                              core::Cause::request, false};
  event.seq = 42;
  event.time = Instant(std::chrono::seconds(1'795'363'200));
  return event;
}

void bm_parse_request(benchmark::State& run) {
  for (auto _ : run) benchmark::DoNotOptimize(wire::parse_request(hold));
  run.SetItemsProcessed(run.iterations());
}
BENCHMARK(bm_parse_request);

void bm_parse_and_print(benchmark::State& run) {
  const core::ClientEvent event = held_event();
  const core::Reply reply{.request = {1}, .connection = {1}, .outcome = core::Success{}, .seq = 42};
  for (auto _ : run) {
    const auto request = wire::parse_request(hold);
    benchmark::DoNotOptimize(wire::print_reply(request->echo, reply));
    benchmark::DoNotOptimize(wire::print_event(event));
  }
  run.SetItemsProcessed(run.iterations());
}
BENCHMARK(bm_parse_and_print);

}  // namespace
}  // namespace cord::bench
