// Queues under random configurations and random days: whom a call is offered to has the skills and
// nobody is before it, who could be served is, and one call is at one agent at most.
#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "support/core_invariants.hpp"
#include "support/core_world.hpp"
#include "support/queue_invariants.hpp"

namespace cord::test {
namespace {

constexpr unsigned queue_count = 3;

struct Step {
  unsigned kind = 0, a = 0, b = 0;
};

void showValue(const Step& step, std::ostream& out) {
  out << "{" << step.kind << ", " << step.a << ", " << step.b << "}";
}

rc::Gen<Step> any_step() {
  const auto kind = rc::gen::weightedElement<unsigned>(
      {{4, 0U}, {2, 1U}, {3, 2U}, {2, 3U}, {4, 4U}, {2, 5U}, {1, 6U}, {2, 7U}, {1, 8U}});
  const auto number = rc::gen::inRange(0U, 1000U);
  return rc::gen::build<Step>(rc::gen::set(&Step::kind, kind), rc::gen::set(&Step::a, number),
                              rc::gen::set(&Step::b, number));
}

// A number in [0, 1000) for each queue and each agent says how it is.
core::Directory make_directory(const std::vector<unsigned>& queues,
                               const std::vector<unsigned>& agents) {
  core::Directory directory = call_centre();
  directory.queues.push_back({.name = "third", .numbers = {"300"}});
  for (core::QueueIndex i = 0; i < queue_count; ++i) {
    core::Queue& queue = directory.queues[i];
    const unsigned n = queues[i];
    queue.strategy = static_cast<core::Strategy>(n % 4);
    queue.priority = n / 4 % 3;
    if (n / 12 % 2 == 0) queue.skills = {{"german", 1 + n / 24 % 3}};
    queue.wait_max = 40s;
    queue.waiting_max = 4;
    if (n / 72 % 3 == 0 && i + 1 < queue_count) queue.overflow_queue = i + 1;
    if (n / 72 % 3 == 1) queue.overflow_number = "9555";
  }
  for (std::size_t i = 0; i < directory.agents.size(); ++i) {
    core::Agent& agent = directory.agents[i];
    const unsigned n = agents[i];
    agent.skills = {{"german", 1 + n % 3}};
    agent.queues = {n / 3 % queue_count};
    for (core::QueueIndex queue = 0; queue < queue_count; ++queue) {
      if (queue != agent.queues.front() && n / 9 % 3 != 0) agent.queues.push_back(queue);
    }
  }
  return directory;
}

class Day {
 public:
  explicit Day(core::Directory directory)
      : world_(std::move(directory)), before_(world_.directory()) {
    world_.on_step = [this] { check(); };
    for (core::AgentIndex agent = 0; agent < world_.directory().agents.size(); ++agent) {
      if (agent != dave) clients_.push_back(world_.log_in_ready(agent));
    }
  }

  void operator()(const Step& step) {
    const Client& client = clients_[step.a % clients_.size()];
    switch (step.kind) {
      case 0:
        world_.arrive(std::to_string(100 * (1 + step.a % queue_count)), "555");
        break;
      case 1:
        world_.command(client, core::AnswerConversation{});
        break;
      case 2:
        world_.command(client, core::ReadyChannel{});
        break;
      case 3:
        world_.command(client, core::RejectInteraction{});
        break;
      case 4:
        finish(client);
        break;
      case 5:
        world_.advance(std::chrono::milliseconds(step.a * step.b / 50));
        break;
      case 6:
        hang_up(step.b);
        break;
      case 7:
        pick_up(client);
        break;
      default:
        world_.mood = static_cast<Mood>(step.b % 3);
    }
    RC_ASSERT(starving_calls(world_.state(), world_.now()) == Lines{});
  }

  void end() {
    world_.mood = Mood::prompt;
    while (!world_.state().legs().empty() && hang_up(0)) {
    }
    world_.advance(1h);
    RC_ASSERT(world_.state().calls().empty());
    RC_ASSERT(world_.replayed_dump() == world_.state().dump());
  }

 private:
  void finish(const Client& client) {
    world_.command(client, core::ReleaseConversation{});
    world_.command(client, core::CompleteInteraction{});
  }

  // The phone of the agent, where it rings by itself.
  void pick_up(const Client& client) {
    const core::Channel* channel = world_.channel_of(client);
    if (channel != nullptr && channel->leg) world_.report(core::LegAnswered{channel->leg});
  }

  bool hang_up(unsigned n) {
    std::vector<core::LegId> legs;
    for (const auto& [id, leg] : world_.state().legs()) {
      if (leg.call) legs.push_back(id);
    }
    if (legs.empty()) return false;
    std::sort(legs.begin(), legs.end());
    world_.report(core::LegReleased{legs[n % legs.size()], core::Cause::remote, ""});
    return true;
  }

  // Every offer there was since the last look, in the state in which it was made.
  void check() {
    RC_ASSERT(broken_invariants(world_.state()) == Lines{});
    for (; seen_ < world_.journal().size(); ++seen_) {
      const auto& [event, time] = world_.journal()[seen_];
      if (const auto* offer = std::get_if<core::OfferMade>(&event)) check(*offer, time);
      core::apply(before_, event, time);
    }
  }

  void check(const core::OfferMade& offer, Instant now) {
    const core::Call& call = before_.at(offer.call);
    const core::Channel& channel = before_.at(offer.channel);
    RC_ASSERT(!channel.interaction);
    RC_ASSERT(!call.interaction);
    if (!call.queue) return;
    RC_ASSERT(before_.directory().is_skilled(channel.agent, *call.queue));
    for (const auto& [id, other] : before_.calls()) {
      if (other.interaction || other.partner || !other.queue || id == call.id) continue;
      const auto& queues = channel.queues;
      const bool is_served = std::find(queues.begin(), queues.end(), *other.queue) != queues.end();
      const bool is_open = is_served && !core::State::is_resting(other, channel.agent, now) &&
                           !before_.rings_at(other, channel.agent);
      const std::uint32_t mine = before_.directory().queues[*call.queue].priority;
      const std::uint32_t theirs = before_.directory().queues[*other.queue].priority;
      const bool is_before = theirs == mine ? id < call.id : theirs > mine;
      RC_ASSERT(!(is_open && is_before));
    }
  }

  World world_;
  core::State before_;
  std::size_t seen_ = 0;
  std::vector<Client> clients_;
};

RC_GTEST_PROP(RoutingProperty, NobodyIsPassedOverAndNobodyWaitsInVain, ()) {
  const auto numbers = [](std::size_t count) {
    return rc::gen::container<std::vector<unsigned>>(count, rc::gen::inRange(0U, 1000U));
  };
  const auto queues = *numbers(queue_count);
  const auto agents = *numbers(call_centre().agents.size());
  Day day(make_directory(queues, agents));
  for (const Step& step : *rc::gen::container<std::vector<Step>>(any_step())) day(step);
  day.end();
}

}  // namespace
}  // namespace cord::test
