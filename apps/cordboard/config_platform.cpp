#include "config_platform.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace cord::app {

using namespace std::chrono_literals;

PlatformConfig read_platform(TableReader table) {
  using Driver = PlatformConfig::Driver;
  PlatformConfig platform;
  platform.driver = table.choice<Driver>("driver", {{"sip", Driver::sip}, {"sim", Driver::sim}})
                        .value_or(platform.driver);
  if (platform.driver == Driver::sip) {
    for (const char* key : {"seed", "calls-per-minute", "talk-min", "talk-max", "patience-max",
                            "latency-max", "agents", "agent-password"}) {
      if (table.has(key)) table.problem(key, "needs driver = \"sim\"; it is about simulated calls");
    }
  }
  if (const auto n = table.integer("seed", 0, INT64_MAX)) platform.seed = std::uint64_t(*n);
  if (const auto n = table.integer("calls-per-minute", 0, 60'000)) {
    platform.calls_per_minute = std::uint32_t(*n);
  }
  auto& talk = platform.talk;
  talk.min = table.duration("talk-min", 0s, 24h).value_or(talk.min);
  talk.max = table.duration("talk-max", 0s, 24h).value_or(std::max(talk.min, talk.max));
  if (talk.max < talk.min) table.problem("talk-max", "is less than talk-min");
  platform.patience_max = table.duration("patience-max", 1s, 24h).value_or(platform.patience_max);
  platform.latency_max = table.duration("latency-max", 0s, 5s).value_or(platform.latency_max);
  if (const auto n = table.integer("agents", 0, 20'000)) platform.agents = std::size_t(*n);
  platform.agent_password = table.text("agent-password").value_or("");
  if (platform.agents > 0 && platform.agent_password.empty()) {
    table.problem("agents", "needs agent-password beside it");
  }
  table.finish();
  return platform;
}

namespace {

// Simulated agents can whatever the queues ask for.
std::vector<core::Skill> all_skills(const core::Directory& directory) {
  std::vector<core::Skill> all;
  for (const core::Queue& queue : directory.queues) {
    for (const core::Skill& skill : queue.skills) {
      all.push_back({skill.name, core::skill_level_max});
    }
  }
  return all;
}

}  // namespace

void add_simulated_agents(const PlatformConfig& platform, core::Directory& directory,
                          std::vector<front::Credential>& credentials) {
  std::vector<core::QueueIndex> queues;
  for (std::size_t i = 0; i < directory.queues.size(); ++i) {
    queues.push_back(static_cast<core::QueueIndex>(i));
  }
  for (std::size_t i = 1; i <= platform.agents; ++i) {
    core::Agent agent;
    agent.id = agent.name = agent.extension = fmt::format("{}{}", simulated_agent_prefix, i);
    agent.phone = fmt::format("sip:{}@127.0.0.1", agent.extension);
    agent.queues = queues;
    agent.skills = all_skills(directory);
    credentials.push_back({agent.id, platform.agent_password, ""});
    directory.agents.push_back(std::move(agent));
  }
}

}  // namespace cord::app
