#include "sim/options.hpp"

#include <fmt/format.h>

namespace cord::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, fault_count> fault_names{
    "refusals",      "silence", "slow-platform", "phones",       "impatience",   "recorders",
    "lag",           "drops",   "takeovers",     "repeats",      "nonsense",     "disk-stalls",
    "disk-failures", "crashes", "drain",         "tight-limits", "shared-phones"};

std::size_t draw_agents(Prng& prng) {
  const std::uint64_t size = prng.below(100);
  if (size < 50) return 1 + prng.below(6);
  if (size < 90) return 5 + prng.below(26);
  return 31 + prng.below(170);
}

core::PhoneMode draw_phone_mode(Prng& prng) {
  constexpr std::array modes{core::PhoneMode::on_answer, core::PhoneMode::persistent,
                             core::PhoneMode::ring};
  return modes.at(prng.below(modes.size()));
}

core::Agent make_agent(Prng& prng, std::size_t number, std::size_t queue_count) {
  core::Agent agent;
  agent.id = fmt::format("agent-{}", number);
  agent.name = fmt::format("Agent {}", number);
  agent.extension = fmt::format("{}", 1'000 + number);
  agent.phone = fmt::format("sip:{}@phones", agent.extension);
  agent.phone_mode = draw_phone_mode(prng);
  agent.may_supervise = prng.below(5) == 0;
  if (prng.below(4) == 0) agent.channel_group = "desk";
  agent.skills = {{"german", 1 + static_cast<std::uint32_t>(prng.below(4))}};
  agent.queues.push_back(static_cast<core::QueueIndex>(prng.below(queue_count)));
  for (core::QueueIndex queue = 0; queue < queue_count; ++queue) {
    if (queue != agent.queues.front() && prng.below(4) == 0) agent.queues.push_back(queue);
  }
  return agent;
}

// By which each queue of a world may differ from the others.
void vary(core::Queue& queue, Prng& prng) {
  constexpr std::array strategies{core::Strategy::longest_idle, core::Strategy::round_robin,
                                  core::Strategy::fewest_calls, core::Strategy::ring_all};
  queue.strategy = strategies.at(prng.below(strategies.size()));
  if (prng.below(3) == 0) queue.priority = static_cast<std::uint32_t>(prng.below(3));
  if (prng.below(3) == 0)
    queue.skills = {{"german", 1 + static_cast<std::uint32_t>(prng.below(4))}};
}

// Always to a later queue, so that nobody goes round in circles.
void let_overflow(core::Directory& directory, Prng& prng) {
  const std::size_t count = directory.queues.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t way = prng.below(4);
    if (way == 0) directory.queues[i].overflow_number = "9000";
    if (way != 1 || i + 1 == count) continue;
    const std::size_t to = i + 1 + prng.below(count - i - 1);
    directory.queues[i].overflow_queue = static_cast<core::QueueIndex>(to);
  }
}

void tighten(core::Limits& limits, Prng& prng, std::size_t agents) {
  limits.calls_max = 2 + prng.below(agents + 2);
  limits.sessions_max = 1 + agents / 2 + prng.below(agents + 1);
  limits.tasks_max = 2 + prng.below(agents + 2);
  limits.task_keys_max = 1 + prng.below(4);
  limits.refusals_max = 1 + prng.below(3);
  limits.monitors_max = 1 + prng.below(2);
  limits.dial_ring_max = draw(prng, 2s, 60s);
  limits.wrapup_max = draw(prng, 2s, 60s);
  limits.call_data_bytes_max = 512 + prng.below(512);
}

}  // namespace

std::string_view name_of(Fault fault) {
  return fault_names.at(static_cast<std::size_t>(fault));
}

std::optional<Fault> find_fault(std::string_view name) {
  for (std::size_t i = 0; i < fault_count; ++i) {
    if (fault_names[i] == name) return static_cast<Fault>(i);
  }
  return std::nullopt;
}

Prng stream(std::uint64_t seed, std::string_view purpose) {
  std::uint64_t mixed = seed * 0x9e3779b97f4a7c15ULL;
  for (const char letter : purpose) {
    mixed = (mixed ^ static_cast<unsigned char>(letter)) * 0x100000001b3ULL;
  }
  return Prng(mixed);
}

WorldOptions draw_options(std::uint64_t seed) {
  Prng prng = stream(seed, "options");
  WorldOptions options;
  options.seed = seed;
  options.agents = draw_agents(prng);
  options.steps_max = 150 + 6 * options.agents + prng.below(250);
  options.think = draw(prng, 300ms, 6s);
  // From far too few callers to more than the agents can serve.
  const Duration busy = draw(prng, 4s, 60s);
  options.calls_gap = busy / static_cast<std::int64_t>(options.agents);
  const auto density = static_cast<std::uint32_t>(prng.below(700));
  for (std::size_t i = 0; i < fault_count; ++i) {
    if (chance(prng, density)) options.faults |= 1U << i;
  }
  return options;
}

core::Directory make_directory(const WorldOptions& options) {
  Prng prng = stream(options.seed, "directory");
  core::Directory directory;
  const std::size_t queue_count = 1 + prng.below(4);
  for (std::size_t i = 0; i < queue_count; ++i) {
    core::Queue queue{.name = fmt::format("queue-{}", i), .numbers = {fmt::format("{}", 100 + i)}};
    queue.waiting = static_cast<core::Waiting>(prng.below(3));
    queue.ring_timeout = draw(prng, 2s, 25s);
    queue.wait_max = draw(prng, 20s, 10min);
    if (options.has(Fault::tight_limits)) queue.waiting_max = 1 + prng.below(4);
    vary(queue, prng);
    directory.queues.push_back(std::move(queue));
  }
  let_overflow(directory, prng);
  for (std::size_t i = 0; i < options.agents; ++i) {
    directory.agents.push_back(make_agent(prng, i, queue_count));
    if (options.has(Fault::shared_phones) && i > 0 && prng.below(3) == 0) {
      const core::Agent& other = directory.agents[prng.below(i)];
      directory.agents.back().extension = other.extension;
      directory.agents.back().phone = other.phone;
    }
  }
  directory.routes = {{{"9*"}, "carrier"}};
  directory.record_automatically = prng.below(3) == 0;
  if (prng.below(3) == 0) directory.dispositions = {{"sold", "Sold"}, {"lost", "Lost"}};
  directory.disposition_required = !directory.dispositions.empty() && prng.below(2) == 0;
  if (prng.below(3) == 0) directory.reasons = {{"lunch", "Lunch"}, {"break", "Break"}};
  directory.reason_required = prng.below(6) == 0;
  directory.limits.task_wait_max = draw(prng, 20s, 10min);
  if (options.has(Fault::tight_limits)) tighten(directory.limits, prng, options.agents);
  return directory;
}

drivers::sim::SimOptions make_platform(const WorldOptions& options) {
  Prng prng = stream(options.seed, "platform");
  drivers::sim::SimOptions platform;
  platform.order_latency = {0ms, draw(prng, 0ms, 80ms)};
  platform.ring = {0ms, draw(prng, 0ms, 500ms)};
  platform.pickup = {0ms, draw(prng, 0ms, 2s)};
  platform.phones_pick_up = prng.below(2) == 0;
  if (options.has(Fault::slow_platform)) {
    platform.order_latency.max = draw(prng, 500ms, 12s);
    platform.pickup.max = draw(prng, 1s, 20s);
  }
  if (options.has(Fault::impatience)) {
    platform.caller_patience = drivers::sim::Span{100ms, draw(prng, 1s, 2min)};
  }
  const auto up_to = [&](std::uint64_t max) { return static_cast<std::uint32_t>(prng.below(max)); };
  if (options.has(Fault::refusals)) platform.refused_permille = up_to(250);
  if (options.has(Fault::silence)) platform.silent_permille = up_to(150);
  if (prng.below(8) == 0) platform.capabilities.recording_pause = false;
  if (prng.below(12) == 0) platform.capabilities.recording = false;
  if (prng.below(12) == 0) platform.capabilities.dial = false;
  if (prng.below(12) == 0) platform.capabilities.dtmf = false;
  if (prng.below(12) == 0) platform.capabilities.consult = false;
  if (prng.below(12) == 0) platform.capabilities.transfer = false;
  if (prng.below(12) == 0) platform.capabilities.monitor = false;
  return platform;
}

runtime::EngineOptions make_engine(const WorldOptions& options) {
  Prng prng = stream(options.seed, "engine");
  runtime::EngineOptions engine;
  engine.snapshot_records = 1 + prng.below(300);
  if (options.has(Fault::tight_limits)) {
    engine.waiting_commands_max = 1 + prng.below(4);
    engine.held_messages_max = 30 + prng.below(300);
    engine.session_events_max = 1;
  }
  return engine;
}

std::string command_line(const WorldOptions& options) {
  const WorldOptions drawn = draw_options(options.seed);
  std::string text = fmt::format("make sim SEED={}", options.seed);
  if (options.agents != drawn.agents) text += fmt::format(" AGENTS={}", options.agents);
  if (options.steps_max != drawn.steps_max) text += fmt::format(" STEPS={}", options.steps_max);
  std::string without;
  for (std::size_t i = 0; i < fault_count; ++i) {
    const auto fault = static_cast<Fault>(i);
    if (!drawn.has(fault) || options.has(fault)) continue;
    if (!without.empty()) without += ',';
    without += name_of(fault);
  }
  if (!without.empty()) text += " WITHOUT=" + without;
  return text;
}

}  // namespace cord::sim
