#include "runtime/engine.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "routing/longest_idle.hpp"
#include "runtime/event_codec.hpp"

namespace cord::runtime {
namespace {

/// Who asked, if `input` is a request that must be answered.
struct Asker {
  core::RequestId request{};
  core::ConnectionId connection{};
};

Asker asker_of(const core::Input& input) {
  if (const auto* it = std::get_if<core::ClientRequest>(&input)) {
    return {it->request, it->connection};
  }
  if (const auto* it = std::get_if<core::PrepareSession>(&input)) {
    return {it->request, it->connection};
  }
  return {};
}

bool has_events(const core::Decision& decision) {
  return std::any_of(decision.blocks.begin(), decision.blocks.end(),
                     [](const core::Block& block) { return !block.events.empty(); });
}

}  // namespace

Engine::Engine(const EngineParts& parts, const EngineOptions& options)
    : state_(parts.directory),
      journal_(parts.journal),
      driver_(parts.driver),
      reports_(parts.reports),
      clients_(parts.clients),
      log_(parts.log),
      options_(options),
      metrics_(parts.metrics),
      commands_(options.waiting_commands_max) {}

void Engine::handle(core::Input&& input, Instant now) {
  if (!is_admitted(input)) {
    // Sent past everything that is held: what is full must not grow by its refusals.
    const Asker asker = asker_of(input);
    core::Reply reply{asker.request, asker.connection, refuse(Errc::not_accepting, "engine")};
    metrics_.count_reply(reply);
    std::vector<ToClient> alone;
    alone.push_back({asker.connection, std::move(reply)});
    clients_.deliver(std::move(alone));
    return;
  }
  if (auto* request = std::get_if<core::ClientRequest>(&input)) {
    take_request(std::move(*request), now);
  } else {
    step(input, now);
  }
  settle(now);
}

bool Engine::is_admitted(const core::Input& input) const {
  const auto* request = std::get_if<core::ClientRequest>(&input);
  const bool prepares = std::holds_alternative<core::PrepareSession>(input);
  if (request == nullptr && !prepares) return true;
  if (outbox_.message_count() >= options_.held_messages_max) return false;
  if (!is_draining_) return true;
  return !prepares && !std::holds_alternative<core::ReadyChannel>(request->command);
}

void Engine::take_request(core::ClientRequest&& request, Instant now) {
  const auto interaction = core::waits_for(state_, request);
  if (!interaction) {
    step(std::move(request), now);
    return;
  }
  const core::RequestId id = request.request;
  const core::ConnectionId connection = request.connection;
  const Instant due = now + state_.directory().limits.request_timeout;
  if (!commands_.push(*interaction, std::move(request), due)) {
    fail(id, connection,
         {Errc::rate_limited, "engine.waiting",
          fmt::format("{} commands wait for this interaction", options_.waiting_commands_max)});
  }
}

/// Returns whether anything has changed.
bool Engine::step(const core::Input& input, Instant now) {
  metrics_.count_decision(input);
  auto decision = core::decide(state_, input, now);
  if (decision) return carry_out(std::move(*decision), now);
  const Asker asker = asker_of(input);
  if (asker.request) {
    fail(asker.request, asker.connection, std::move(decision.error()));
  } else {
    log_.error("engine.input_refused", {{"where", decision.error().where},
                                        {"detail", decision.error().detail},
                                        {"kind", input.index()}});
  }
  return false;
}

bool Engine::carry_out(core::Decision&& decision, Instant now) {
  fail_orphans(decision);
  const bool changes = has_events(decision);
  if (changes) journal_events(decision, now);
  Outputs outputs{.sequence = last_sequence_, .messages = {}, .effects = {}};
  for (core::Block& block : decision.blocks) present(block, now, outputs.messages);
  outputs.effects = std::move(decision.effects);
  outbox_.push(std::move(outputs));
  note_touched(decision);
  return changes;
}

void Engine::journal_events(const core::Decision& decision, Instant now) {
  ++last_sequence_;
  journal_.append({last_sequence_, now, encode_events(decision.blocks)});
}

// The reply comes before the events it announces, and carries the number of the last of them: so
// its place is kept while they are numbered.
void Engine::present(core::Block& block, Instant now, std::vector<ToClient>& out) {
  core::SessionId session{};
  const auto find_session = [&](core::ConnectionId connection) {
    const core::Session* bound = state_.session_of(connection);
    if (bound != nullptr) session = bound->id;
  };
  std::size_t place = out.size();
  if (block.reply) {
    find_session(block.reply->connection);
    if (!block.reply_last) out.emplace_back();
  }
  for (const core::Event& event : block.events) present_event(event, now, out);
  if (block.reply) {
    if (!session) find_session(block.reply->connection);
    if (block.reply_last) {
      place = out.size();
      out.emplace_back();
    }
    core::Reply& reply = *block.reply;
    reply.seq = streams_.last_seq(session);
    metrics_.count_reply(reply);
    out[place] = {reply.connection, std::move(reply)};
  }
  if (block.close) out.push_back({block.close->connection, *block.close});
  streams_.drop_ended();
}

void Engine::present_event(const core::Event& event, Instant now, std::vector<ToClient>& out) {
  core::apply(state_, event, now);
  streams_.note(state_, event);
  projected_.clear();
  core::project(state_, event, projected_);
  for (core::ClientEvent& it : projected_) {
    it.time = now;
    const core::ConnectionId connection = streams_.number(it);
    if (connection) out.push_back({connection, std::move(it)});
  }
}

/// A connection that loses its session is told what becomes of its requests before that.
void Engine::fail_orphans(const core::Decision& decision) {
  if (commands_.size() == 0) return;
  for (const core::Block& block : decision.blocks) {
    if (!block.close) continue;
    for (core::ClientRequest& it : commands_.take_all_of(block.close->connection)) {
      fail(it.request, it.connection, {Errc::target_not_found, "engine.waiting", {}});
    }
  }
}

void Engine::note_touched(const core::Decision& decision) {
  if (commands_.size() == 0) return;
  for (const core::Block& block : decision.blocks) {
    for (const core::Event& event : block.events) {
      std::visit(
          [&](const auto& it) {
            if constexpr (requires { core::InteractionId{it.interaction}; }) {
              touched_.push_back(it.interaction);
            }
          },
          event);
    }
  }
}

void Engine::fail(core::RequestId request, core::ConnectionId connection, Error&& error) {
  const core::Session* session = state_.session_of(connection);
  core::Reply reply{request, connection, tl::make_unexpected(std::move(error)),
                    session == nullptr ? 0 : streams_.last_seq(session->id)};
  metrics_.count_reply(reply);
  Outputs outputs{.sequence = last_sequence_, .messages = {}, .effects = {}};
  outputs.messages.push_back({connection, std::move(reply)});
  outbox_.push(std::move(outputs));
}

void Engine::journal_committed(std::uint64_t sequence, Instant now) {
  committed_ = std::max(committed_, sequence);
  settle(now);
}

void Engine::on_time(Instant now) {
  while (auto due = state_.take_due(now)) step(*due, now);
  while (auto overdue = commands_.take_overdue(now)) {
    fail(overdue->request, overdue->connection,
         {Errc::timeout, "engine.waiting", "an earlier command has not ended"});
  }
  driver_.on_timer(now);
  settle(now);
}

std::optional<Instant> Engine::next_due() const {
  std::optional<Instant> next;
  for (const auto& due : {state_.next_due(), commands_.next_due(), driver_.next_due()}) {
    if (due && (!next || *due < *next)) next = due;
  }
  return next;
}

void Engine::drain(Instant now) {
  is_draining_ = true;
  driver_.drain(now);
  settle(now);
}

// Does what is left to do until nothing is: reports first, then commands whose turn has come, then
// new offers.
void Engine::settle(Instant now) {
  for (;;) {
    release(now);
    if (auto report = reports_.pop()) {
      step(std::move(*report), now);
    } else if (!run_waiting(now) && !offer_next(now)) {
      return;
    }
  }
}

void Engine::release(Instant now) {
  std::vector<ToClient> messages;
  outbox_.release(committed_, messages, released_effects_);
  if (!messages.empty()) clients_.deliver(std::move(messages));
  for (const core::Effect& effect : released_effects_) driver_.execute(effect, now);
  released_effects_.clear();
}

bool Engine::run_waiting(Instant now) {
  while (!touched_.empty()) {
    const core::InteractionId interaction = touched_.back();
    const core::ClientRequest* next = commands_.front(interaction);
    if (next == nullptr || core::waits_for(state_, *next)) {
      touched_.pop_back();
      continue;
    }
    step(commands_.pop(interaction), now);
    return true;
  }
  return false;
}

bool Engine::offer_next(Instant now) {
  if (is_draining_) return false;
  const auto offer = routing::next_offer(state_, now);
  if (!offer) return false;
  if (step(*offer, now)) return true;
  // Asked again it would choose the same: a bug, but not one to spin on.
  log_.error("engine.offer_without_effect", {{"call", offer->call}, {"channel", offer->channel}});
  return false;
}

void Engine::publish_gauges() const {
  metrics_.publish(state_, {.held_messages = outbox_.message_count(),
                            .waiting_commands = commands_.size(),
                            .journal_lag_records = last_sequence_ - committed_});
}

}  // namespace cord::runtime
