#include "wire/floor.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "base/utc_text.hpp"
#include "wire/names.hpp"
#include "wire/object_text.hpp"

namespace cord::wire {
namespace {

using core::QueueCount;

constexpr std::array<std::pair<std::string_view, QueueCount>, core::queue_count_kinds> counts{
    {{"entered", QueueCount::entered},
     {"offers", QueueCount::offers},
     {"answered", QueueCount::answered},
     {"abandoned", QueueCount::abandoned},
     {"overflowed", QueueCount::overflowed},
     {"unserved", QueueCount::unserved}}};

std::uint64_t count_ms(Duration time) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
  return ms < 0 ? 0 : static_cast<std::uint64_t>(ms);
}

void print_figures(ObjectText& out, const core::QueueFigures& it, Duration within, Instant now) {
  out.count("waiting", it.waiting);
  out.count("longestWaitMs", it.oldest ? count_ms(now - *it.oldest) : 0);
  {
    ObjectText agents(out.key("agents"));
    agents.count("ready", it.ready);
    agents.count("busy", it.busy);
    agents.count("notReady", it.not_ready);
  }
  for (const auto& [name, kind] : counts) out.count(name, it.count(kind));
  ObjectText level(out.key("serviceLevel"));
  level.count("withinMs", count_ms(within));
  level.count("answered", it.service_level.answered);
  level.count("of", it.service_level.of);
}

void print_quarter(std::string& out, const core::Quarter& it) {
  ObjectText quarter(out);
  quarter.text("start", utc_text(it.start));
  quarter.count("entered", it.entered);
  quarter.count("answered", it.answered);
  quarter.count("abandoned", it.abandoned);
}

void print_queue(std::string& out, const core::QueueRow& row, Instant now) {
  ObjectText queue(out);
  queue.text("name", row.name);
  for (std::size_t type = 0; type < row.media.size(); ++type) {
    ObjectText figures(queue.key(name_of(static_cast<core::MediaType>(type))));
    print_figures(figures, row.media[type], row.service_level, now);
  }
}

void print_queue(std::string& out, const core::FloorQueue& it, Instant now) {
  ObjectText queue(out);
  queue.text("name", it.row.name);
  for (std::size_t type = 0; type < it.row.media.size(); ++type) {
    const core::QueueFigures& of = it.row.media[type];
    ObjectText figures(queue.key(name_of(static_cast<core::MediaType>(type))));
    print_figures(figures, of, it.row.service_level, now);
    if (of.oldest) figures.text("oldest", utc_text(*of.oldest));
    figures.list("quarters", it.quarters[type],
                 [&](const core::Quarter& quarter) { print_quarter(out, quarter); });
  }
}

void print_work(std::string& out, const core::FloorWork& it) {
  ObjectText work(out);
  work.text("type", name_of(it.type));
  work.text("direction", name_of(it.direction));
  work.text("state", name_of(it.state));
  work.text("since", utc_text(it.since));
  work.text_if_any("from", it.from);
  work.text_if_any("queue", it.queue);
  if (it.held) work.flag("held", true);
  if (it.muted) work.flag("muted", true);
}

void print_channel(ObjectText& out, const core::FloorChannel& it) {
  out.text("channel", name_of(it.state));
  out.text("agentState", name_of(it.agent_state));
  if (!it.reason.empty()) {
    ObjectText reason(out.key("reason"));
    reason.text("code", it.reason);
    reason.text_if_any("name", it.reason_name);
  }
  if (it.pending) out.text("pending", name_of(*it.pending));
}

void print_agent(std::string& out, const core::FloorAgent& it) {
  ObjectText agent(out);
  agent.text("id", it.id);
  agent.text("name", it.name);
  agent.text("endpoint", it.endpoint);
  agent.text("session", name_of(it.session));
  agent.text("since", utc_text(it.since));
  if (!it.queues.empty()) agent.texts("queues", it.queues);
  if (it.channel) print_channel(agent, *it.channel);
  if (!it.monitored_by.empty()) agent.texts("monitoredBy", it.monitored_by);
  if (it.work.empty()) return;
  agent.list("work", it.work, [&](const core::FloorWork& work) { print_work(out, work); });
}

}  // namespace

std::string print_queues(const std::vector<core::QueueRow>& rows, Instant now) {
  std::string out;
  {
    ObjectText body(out);
    body.list("queues", rows, [&](const core::QueueRow& row) { print_queue(out, row, now); });
  }
  return out;
}

std::string print_floor(const core::FloorUpdate& update, Instant now) {
  std::string out;
  {
    ObjectText data(out);
    if (update.is_whole) data.flag("whole", true);
    data.list("agents", update.agents,
              [&](const core::FloorAgent& agent) { print_agent(out, agent); });
    data.list("queues", update.queues,
              [&](const core::FloorQueue& queue) { print_queue(out, queue, now); });
  }
  return out;
}

std::string print_floor_event(std::string_view session_name, std::string_view data, Instant now) {
  std::string out;
  {
    ObjectText event(out);
    event.text("messageType", "objectEvent");
    event.text("target", session_name);
    event.text("name", floor_event_name);
    event.key("data") += data;
    event.text("time", utc_text(now));
  }
  return out;
}

}  // namespace cord::wire
