#include "support/core_world.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "routing/next_offer.hpp"

namespace cord::test {

core::Directory call_centre() {
  core::Directory all;
  all.agents = {
      {.id = "alice",
       .name = "Alice",
       .extension = "1001",
       .phone = "sip:1001@phones",
       .queues = {0},
       .channel_group = {}},
      {.id = "bob",
       .name = "Bob",
       .extension = "1002",
       .phone = "sip:1002@phones",
       .phone_mode = core::PhoneMode::ring,
       .queues = {0},
       .channel_group = {}},
      {.id = "carol",
       .name = "Carol",
       .extension = "1003",
       .phone = "sip:1003@phones",
       .phone_mode = core::PhoneMode::persistent,
       .queues = {0},
       .channel_group = "desk"},
      {.id = "dave",
       .name = "Dave",
       .extension = "1001",
       .phone = "sip:1001@phones",
       .queues = {0},
       .channel_group = {}},
      {.id = "eve",
       .name = "Eve",
       .extension = "1005",
       .phone = "sip:1005@phones",
       .queues = {0, 1},
       .channel_group = {}},
  };
  all.queues = {{.name = "support", .numbers = {"100"}}, {.name = "sales", .numbers = {"200"}}};
  all.routes = {{{"9*"}, "carrier"}};
  return all;
}

World::World(core::Directory directory)
    : directory_(std::make_unique<core::Directory>(std::move(directory))), state_(*directory_) {}

World::~World() = default;

std::vector<std::string> World::ordered() {
  std::vector<std::string> all;
  for (const core::Effect& order : std::exchange(orders, {})) all.push_back(text(order));
  return all;
}

Client World::prepare(core::AgentIndex agent, bool takes_over) {
  const core::ConnectionId connection{++last_connection_};
  const std::string name = "session-" + std::to_string(last_connection_);
  run(core::PrepareSession{next_request(connection), connection, agent, takes_over, name,
                           "token-" + name});
  return {connection, name, agent};
}

Client World::resume(const Client& client, const std::string& token, bool has_gap) {
  const core::ConnectionId connection{++last_connection_};
  run(core::ResumeSession{next_request(connection), connection, client.session, token, 0, has_gap});
  return {connection, client.session, client.agent};
}

Client World::log_in(core::AgentIndex agent) {
  const Client client = prepare(agent);
  command(client, core::StartSession{});
  (void)heard(client);
  return client;
}

Client World::log_in_ready(core::AgentIndex agent) {
  const Client client = log_in(agent);
  command(client, core::ActivateChannel{});
  command(client, core::ReadyChannel{});
  (void)heard(client);
  return client;
}

core::RequestId World::command(const Client& client, core::Command it) {
  const core::Target at = target(client, core::target_kind(it));
  return command_at(client, at, std::move(it));
}

core::RequestId World::command_at(const Client& client, core::Target at, core::Command it) {
  const core::RequestId request = next_request(client.connection);
  run(core::ClientRequest{request, client.connection, std::move(at), std::move(it)});
  return request;
}

core::Target World::target(const Client& client, core::ObjectKind kind) const {
  core::Target target{client.session, {}};
  const auto add = [&](core::ObjectKind of, std::uint64_t number) {
    if (of <= kind && target.below.size() < core::target_segments_max) {
      target.below.push_back({of, number});
    }
  };
  const core::Channel* channel = channel_of(client);
  if (channel != nullptr && channel->group) add(core::ObjectKind::group, channel->group.value);
  if (kind == core::ObjectKind::group) return target;
  add(core::ObjectKind::channel, channel == nullptr ? 0 : channel->id.value);
  const core::Interaction* interaction = interaction_of(client);
  add(core::ObjectKind::interaction, interaction == nullptr ? 0 : interaction->id.value);
  add(core::ObjectKind::conversation, interaction == nullptr ? 0 : interaction->conversation.value);
  return target;
}

const core::Session* World::session_of(const Client& client) const {
  const core::Session* session = state_.session_of(client.agent);
  return session != nullptr && session->name == client.session ? session : nullptr;
}

const core::Channel* World::channel_of(const Client& client) const {
  const core::Session* session = session_of(client);
  if (session == nullptr || client.channel >= session->channels.size()) return nullptr;
  return state_.find(session->channels[client.channel]);
}

const core::Interaction* World::interaction_of(const Client& client) const {
  const core::Channel* channel = channel_of(client);
  return channel == nullptr ? nullptr : state_.find(channel->interaction);
}

const core::Conversation* World::conversation_of(const Client& client) const {
  const core::Interaction* interaction = interaction_of(client);
  return interaction == nullptr ? nullptr : state_.find(interaction->conversation);
}

core::LegId World::customer_leg(const Client& client) const {
  return state_.far_leg(*conversation_of(client));
}

core::LegId World::phone_leg(const Client& client) const {
  return channel_of(client)->leg;
}

std::vector<std::string> World::heard(const Client& client) {
  return std::exchange(lines_[client.connection], {});
}

std::string World::outcome(core::RequestId request) const {
  const auto it = outcomes_.find(request);
  return it == outcomes_.end() || it->second.empty() ? "" : text(it->second.front());
}

core::LegId World::arrive(const std::string& called, const std::string& caller) {
  const core::LegId leg{core::inbound_leg_bit | ++last_inbound_};
  report(core::CallArrived{leg, called, caller, "", "call-" + std::to_string(last_inbound_)});
  return leg;
}

void World::report(core::Report it) {
  run(core::Input{std::move(it)});
}

core::RequestId World::submit(core::SubmitTask task) {
  const core::RequestId request = next_request(tasks_connection);
  task.request = request;
  task.connection = tasks_connection;
  run(std::move(task));
  return request;
}

core::RequestId World::withdraw(core::CallId call) {
  const core::RequestId request = next_request(tasks_connection);
  run(core::WithdrawTask{request, tasks_connection, call});
  return request;
}

void World::answer(const core::Effect& order) {
  std::visit([&](const auto& it) { platform(it); }, order);
}

void World::advance(Duration by) {
  const Instant until = now_ + by;
  fire_due();
  for (;;) {
    const auto due = state_.next_due();
    if (!due || *due > until) break;
    now_ = std::max(*due, now_ + 1ms);
    if (now_ > until) break;
    fire_due();
  }
  now_ = until;
  fire_due();
}

void World::run(core::Input input) {
  inbox_.push_back(std::move(input));
  while (!inbox_.empty()) {
    const core::Input next = std::move(inbox_.front());
    inbox_.pop_front();
    take(next);
    release_waiting();
    route();
  }
}

std::string World::replayed_dump() const {
  core::State again(*directory_);
  for (const auto& [event, time] : journal_) core::apply(again, event, time);
  return again.dump();
}

core::RequestId World::next_request(core::ConnectionId) {
  const core::RequestId request{++last_request_};
  outcomes_[request];
  return request;
}

void World::fire_due() {
  while (const auto reached = state_.take_due(now_)) run(core::Input{*reached});
}

void World::route() {
  while (const auto offer = routing::next_offer(state_, now_)) take(core::Input{*offer});
}

void World::take(const core::Input& input) {
  if (const auto* request = std::get_if<core::ClientRequest>(&input)) return admit(*request);
  decide(input);
}

void World::admit(const core::ClientRequest& request) {
  const auto busy = core::waits_for(state_, request);
  if (!busy) return decide(request);
  std::deque<core::ClientRequest>& queue = waiting_[*busy];
  if (queue.size() < waiting_max) return queue.push_back(request);
  say(core::Reply{request.request, request.connection,
                  refuse(Errc::rate_limited, "waiting", "Too many commands wait."), 0});
}

void World::release_waiting() {
  for (bool again = true; again;) {
    again = false;
    for (auto it = waiting_.begin(); it != waiting_.end();) {
      const core::Interaction* interaction = state_.find(it->first);
      if (interaction != nullptr && interaction->operation) {
        ++it;
        continue;
      }
      const core::ClientRequest request = it->second.front();
      it->second.pop_front();
      it = it->second.empty() ? waiting_.erase(it) : std::next(it);
      decide(request);
      again = true;
    }
  }
}

void World::decide(const core::Input& input) {
  Result<core::Decision> decision = core::decide(state_, input, now_);
  if (!decision) {
    std::visit(
        [&](const auto& it) {
          if constexpr (requires { core::Reply{it.request, it.connection, {}, 0}; }) {
            say({it.request, it.connection, tl::make_unexpected(decision.error()), 0});
          } else {
            ADD_FAILURE() << "a fact was refused: " << decision.error().detail;
          }
        },
        input);
    return;
  }
  for (const core::Block& block : decision->blocks) carry_out(block);
  on_step();
  for (const core::Effect& order : decision->effects) {
    orders.push_back(order);
    answer(order);
  }
}

void World::carry_out(const core::Block& block) {
  if (block.reply && !block.reply_last) say(*block.reply);
  for (const core::Event& event : block.events) {
    remember_connections();
    core::apply(state_, event, now_);
    journal_.emplace_back(event, now_);
    remember_connections();
    std::vector<core::ClientEvent> said;
    core::project(state_, event, said);
    for (core::ClientEvent& it : said) say(it);
  }
  if (block.reply && block.reply_last) say(*block.reply);
  if (block.close) {
    lines_[block.close->connection].push_back(fmt::format("close {}", block.close->code));
  }
}

void World::remember_connections() {
  for (const auto& [id, session] : state_.sessions()) connection_of_[id] = session.connection;
}

void World::say(const core::Reply& reply) {
  outcomes_[reply.request].push_back(reply);
  lines_[reply.connection].push_back(text(reply));
}

void World::say(core::ClientEvent& event) {
  event.seq = ++seqs_[event.session];
  EXPECT_FALSE(ended_.contains(event.session)) << "an event after session.ended";
  if (std::holds_alternative<core::SessionEnded>(event.data)) ended_.insert(event.session);
  lines_[connection_of_[event.session]].push_back(text(event));
}

void World::later(core::Report report) {
  if (mood != Mood::silent) inbox_.push_back(std::move(report));
}

void World::order_outcome(core::LegId leg, core::LegOrderFailed::Order order,
                          core::Report success) {
  if (mood != Mood::failing) return later(std::move(success));
  later(core::LegOrderFailed{leg, order, "488 Not Acceptable Here"});
}

void World::recorder_outcome(core::RecordingId recording, core::Report success) {
  if (mood != Mood::failing) return later(std::move(success));
  later(core::RecordingFailed{recording, "No space left on device"});
}

void World::platform(const core::AcceptLeg&) {}

void World::platform(const core::ParkLeg&) {}

void World::platform(const core::OriginateLeg& it) {
  if (mood == Mood::failing) {
    return later(core::LegReleased{it.leg, core::Cause::busy, "486 Busy Here"});
  }
  later(core::LegRinging{it.leg});
  if (it.auto_answer) later(core::LegAnswered{it.leg});
}

void World::platform(const core::AnswerOffer& it) {
  if (mood == Mood::failing) {
    return later(core::OfferRefused{it.leg, it.channel, it.request, core::Cause::rejected,
                                    "the offer has no audio"});
  }
  later(core::OfferAnswered{it.leg, it.channel, it.request, "to " + it.offer});
  later(core::LegMediaUp{it.leg});
}

void World::platform(const core::PlayRinging&) {}
void World::platform(const core::StopRinging&) {}
void World::platform(const core::MoveRecording&) {}
void World::platform(const core::LeaveMix&) {}
void World::platform(const core::AcceptTransfer&) {}
void World::platform(const core::EndTransfer&) {}

void World::platform(const core::DialLeg& it) {
  if (mood == Mood::failing) {
    return later(core::LegReleased{it.leg, core::Cause::failed, "503 Service Unavailable"});
  }
  later(core::LegDialed{it.leg, "call-" + text(it.leg)});
  later(core::LegRinging{it.leg});
}

void World::platform(const core::MonitorLeg& it) {
  order_outcome(it.supervisor, core::LegOrderFailed::Order::monitor,
                core::LegMonitored{it.supervisor, it.agent, it.mode});
}

void World::platform(const core::SendDigits& it) {
  order_outcome(it.agent, core::LegOrderFailed::Order::tones, core::TonesSent{it.agent});
}

void World::platform(const core::ReleaseLeg& it) {
  if (mood == Mood::silent) return;
  later(core::LegReleased{it.leg, core::Cause::request, ""});
}

void World::platform(const core::BridgeLegs& it) {
  order_outcome(it.agent, core::LegOrderFailed::Order::bridge,
                core::LegsBridged{it.customer, it.agent});
}

void World::platform(const core::MixLegs& it) {
  order_outcome(it.leg, core::LegOrderFailed::Order::mix, core::LegsMixed{it.leg});
}

void World::platform(const core::HoldLeg& it) {
  order_outcome(it.agent, core::LegOrderFailed::Order::hold,
                core::LegHeld{it.agent, it.customer, it.mix});
}

void World::platform(const core::RetrieveLeg& it) {
  order_outcome(it.agent, core::LegOrderFailed::Order::retrieve,
                core::LegRetrieved{it.agent, it.customer, it.mix});
}

void World::platform(const core::MuteLeg& it) {
  order_outcome(it.agent, core::LegOrderFailed::Order::mute, core::LegMuted{it.agent});
}

void World::platform(const core::UnmuteLeg& it) {
  order_outcome(it.agent, core::LegOrderFailed::Order::unmute, core::LegUnmuted{it.agent});
}

void World::platform(const core::StartRecording& it) {
  recorder_outcome(it.recording, core::RecordingStarted{it.recording, it.base_name + ".wav"});
}

void World::platform(const core::PauseRecording& it) {
  recorder_outcome(it.recording, core::RecordingPaused{it.recording});
}

void World::platform(const core::ResumeRecording& it) {
  recorder_outcome(it.recording, core::RecordingResumed{it.recording});
}

void World::platform(const core::StopRecording& it) {
  later(core::RecordingStopped{it.recording});
}

}  // namespace cord::test
