#include "config_queues.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "front/http_pages.hpp"

namespace cord::app {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view queue_key = "queue.overflow-queue";
constexpr std::string_view number_key = "queue.overflow-number";

std::string known_queues(const core::Directory& directory) {
  std::string names;
  for (const core::Queue& it : directory.queues) {
    names += (names.empty() ? "\"" : ", \"") + it.name + "\"";
  }
  return names;
}

// Whether who overflows from `from` may come back to it.
bool is_round(const core::Directory& directory, core::QueueIndex from) {
  std::optional<core::QueueIndex> next = directory.queues[from].overflow_queue;
  for (std::size_t left = directory.queues.size(); next && left > 0; --left) {
    if (*next == from) return true;
    next = directory.queues[*next].overflow_queue;
  }
  return false;
}

}  // namespace

std::vector<core::Skill> read_skills(TableReader& table) {
  std::vector<core::Skill> skills;
  TableReader levels = table.table("skills");
  for (const std::string& name : levels.keys()) {
    const auto level = levels.integer(name, 1, core::skill_level_max);
    if (level) skills.push_back({name, static_cast<std::uint32_t>(*level)});
  }
  return skills;
}

void QueueRules::read(TableReader& table, core::Queue& queue) {
  using core::Strategy;
  queue.strategy = table
                       .choice<Strategy>("strategy", {{"longest-idle", Strategy::longest_idle},
                                                      {"round-robin", Strategy::round_robin},
                                                      {"fewest-calls", Strategy::fewest_calls},
                                                      {"ring-all", Strategy::ring_all}})
                       .value_or(queue.strategy);
  const auto priority = table.integer("priority", 0, core::priority_max);
  queue.priority = static_cast<std::uint32_t>(priority.value_or(queue.priority));
  queue.skills = read_skills(table);
  queue.service_level = table.duration("service-level", 1s, 1h).value_or(queue.service_level);
  Overflow overflow{{table.text("overflow-queue").value_or(""), table.line("overflow-queue")},
                    {table.text("overflow-number").value_or(""), table.line("overflow-number")}};
  if (table.has("overflow-queue") && table.has("overflow-number")) {
    table.problem("overflow-number", "there is an overflow-queue too; allowed: one of them");
    overflow = {};
  }
  overflows_.push_back(std::move(overflow));
}

void QueueRules::resolve(core::Directory& directory) {
  for (core::QueueIndex from = 0; from < overflows_.size(); ++from) {
    resolve_queue(directory, from, overflows_[from]);
    resolve_number(directory, from, overflows_[from]);
  }
  for (core::QueueIndex from = 0; from < overflows_.size(); ++from) {
    if (!is_round(directory, from)) continue;
    const Located<std::string>& to = overflows_[from].queue;
    problems_.add(to.line, queue_key,
                  fmt::format("callers who go on to \"{}\" would come back to \"{}\"; allowed: a "
                              "queue that does not lead back",
                              to.value, directory.queues[from].name));
  }
}

void QueueRules::resolve_queue(core::Directory& directory, core::QueueIndex from,
                               const Overflow& wish) {
  if (wish.queue.value.empty()) return;
  const auto to = directory.find_queue(wish.queue.value);
  if (to) {
    directory.queues[from].overflow_queue = *to;
  } else {
    problems_.add(wish.queue.line, queue_key,
                  fmt::format("there is no queue \"{}\"; allowed: {}", wish.queue.value,
                              known_queues(directory)));
  }
}

void QueueRules::resolve_number(core::Directory& directory, core::QueueIndex from,
                                const Overflow& wish) {
  if (wish.number.value.empty()) return;
  const auto to = directory.find_destination(wish.number.value);
  if (to && to->kind == core::Destination::Kind::outside) {
    directory.queues[from].overflow_number = wish.number.value;
  } else {
    problems_.add(
        wish.number.line, number_key,
        fmt::format("\"{}\" leads to no trunk; allowed: a number that a [[route]] has, and "
                    "no queue or extension",
                    wish.number.value));
  }
}

std::string read_wallboard(TableReader table) {
  std::string token = table.text("token").value_or("");
  // The value is not shown: it is a secret.
  if (table.has("token") && token.size() < front::bearer_token_bytes_min) {
    table.problem("token", fmt::format("is too short; allowed: at least {} characters",
                                       front::bearer_token_bytes_min));
  }
  table.finish();
  return token;
}

}  // namespace cord::app
