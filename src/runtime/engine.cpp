#include "runtime/engine.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "base/assert.hpp"
#include "routing/next_offer.hpp"

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
  if (const auto* it = std::get_if<core::ResumeSession>(&input)) {
    return {it->request, it->connection};
  }
  if (const auto* it = std::get_if<core::SubmitTask>(&input)) {
    return {it->request, it->connection};
  }
  if (const auto* it = std::get_if<core::WithdrawTask>(&input)) {
    return {it->request, it->connection};
  }
  return {};
}

/// What would bring more calls.
bool brings_work(const core::Command& command) {
  if (const auto* set = std::get_if<core::SetAgentState>(&command)) return set->ready;
  return std::holds_alternative<core::ReadyChannel>(command) ||
         std::holds_alternative<core::EachChannel<core::ReadyChannel>>(command) ||
         std::holds_alternative<core::DialNumber>(command);
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
      flight_(parts.flight),
      board_(parts.board),
      floor_(parts.floor),
      options_(options),
      metrics_(parts.metrics),
      bounds_(parts.metrics, parts.directory, options),
      commands_(options.waiting_commands_max),
      streams_(options.session_events_max),
      memory_(options.answers) {}

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
    if (auto* lost = std::get_if<core::ConnectionLost>(&input)) give_up_waiting(lost->connection);
    if (auto* resume = std::get_if<core::ResumeSession>(&input)) look_up_gap(*resume);
    step(input, now);
  }
  settle(now);
}

bool Engine::is_admitted(const core::Input& input) const {
  const auto* request = std::get_if<core::ClientRequest>(&input);
  const bool prepares = std::holds_alternative<core::PrepareSession>(input);
  const bool resumes = std::holds_alternative<core::ResumeSession>(input);
  const bool submits = std::holds_alternative<core::SubmitTask>(input);
  if (request == nullptr && !prepares && !resumes && !submits) return true;
  if (outbox_.message_count() >= options_.held_messages_max) return false;
  if (!is_draining_ || resumes) return true;
  return !prepares && !submits && !brings_work(request->command);
}

void Engine::look_up_gap(core::ResumeSession& resume) const {
  const core::Session* session = state_.session_named(resume.session_name);
  resume.has_gap = session != nullptr && !streams_.reaches_back_to(session->id, resume.after);
  if (resume.has_gap) resume.numbers_after = streams_.beyond(session->id, resume.after);
}

/// False if `request` is to be carried out.
bool Engine::answer_repeated(const core::ClientRequest& request) {
  const core::Session* session = state_.session_of(request.connection);
  if (session == nullptr || request.key.id.empty()) return false;
  RequestMemory::Verdict verdict = memory_.note(session->id, request);
  switch (verdict.seen) {
    case RequestMemory::Seen::never:
      return false;
    case RequestMemory::Seen::pending:
      break;
    case RequestMemory::Seen::answered:
      send(std::move(verdict.outcome));
      break;
    case RequestMemory::Seen::other_body:
      fail(request.request, request.connection,
           {Errc::invalid_request, "engine.id",
            "id has been used for another request of this session"});
      break;
    case RequestMemory::Seen::too_often:
      fail(request.request, request.connection,
           {Errc::rate_limited, "engine.id", "it has been asked too often and is being done"});
      break;
  }
  metrics_.count_repeated();
  return true;
}

void Engine::take_request(core::ClientRequest&& request, Instant now) {
  if (answer_repeated(request)) return;
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
  const auto* request = std::get_if<core::ClientRequest>(&input);
  asked_ = request == nullptr ? core::RequestId{} : request->request;
  if (flight_ != nullptr) flight_->note(state_, input, now);
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
  for (const core::Block& block : decision.blocks) {
    if (block.close) give_up_waiting(block.close->connection);
  }
  const bool changes = has_events(decision);
  if (changes) journal_decision(decision, now);
  Outputs outputs{.sequence = last_sequence_, .messages = {}, .effects = {}};
  for (core::Block& block : decision.blocks) present(block, now, outputs.messages);
  if (is_restarting_) return changes;
  outputs.effects = std::move(decision.effects);
  outbox_.push(std::move(outputs));
  note_touched(decision);
  return changes;
}

void Engine::journal_decision(const core::Decision& decision, Instant now) {
  RecordContent content;
  note_answers(decision, content);
  for (const core::Block& block : decision.blocks) {
    content.events.insert(content.events.end(), block.events.begin(), block.events.end());
  }
  ++last_sequence_;
  journal_.append({last_sequence_, now, encode_record(std::move(content), state_.directory())});
}

// Answers that come with data are those of commands that change nothing, and can be given again.
void Engine::note_answers(const core::Decision& decision, RecordContent& content) const {
  if (auto noted = memory_.noted(asked_)) content.requests.push_back(std::move(*noted));
  std::size_t events = 0;
  for (const core::Block& block : decision.blocks) {
    events += block.events.size();
    if (!block.reply || !memory_.session_of(block.reply->request)) continue;
    const Result<core::Success>& outcome = block.reply->outcome;
    if (!outcome) {
      content.answers.push_back(
          {block.reply->request, events, outcome.error().code, outcome.error().detail});
    } else if (std::holds_alternative<std::monostate>(*outcome)) {
      content.answers.push_back({block.reply->request, events, std::nullopt, {}});
    }
  }
}

void Engine::load(std::uint64_t sequence, EngineImage&& image) {
  CORD_ASSERT(last_sequence_ == 0);
  last_sequence_ = committed_ = sequence;
  streams_.go_on_from(image.streams);
  for (const NotedRequest& it : image.pending) note_again(it);
  core::restore(state_, std::move(image.state));
}

void Engine::note_snapshot(std::uint64_t sequence, Instant time) {
  snapshot_sequence_ = sequence;
  snapshot_time_ = time;
}

void Engine::note_again(const NotedRequest& noted) {
  core::ClientRequest request{
      noted.request, {}, {}, core::SnapshotSession{}, {noted.id, noted.digest}};
  static_cast<void>(memory_.note(noted.session, request));
}

void Engine::replay(std::uint64_t sequence, Instant time, const RecordContent& content) {
  CORD_ASSERT(sequence == last_sequence_ + 1);
  last_sequence_ = committed_ = sequence;
  for (const NotedRequest& it : content.requests) note_again(it);
  finish_noted(content, 0);
  for (std::size_t done = 0; done < content.events.size(); ++done) {
    present_event(content.events[done], time, news_);
    finish_noted(content, done + 1);
  }
  news_.clear();
  for (const core::SessionId ended : streams_.drop_ended()) memory_.drop(ended);
}

void Engine::finish_noted(const RecordContent& content, std::size_t events_before) {
  for (const NotedAnswer& it : content.answers) {
    if (it.events_before != events_before) continue;
    core::Reply reply{it.request, {}, core::Success{}, 0};
    if (it.failure) reply.outcome = refuse(*it.failure, "journal", it.detail);
    reply.seq = streams_.last_seq(memory_.session_of(it.request));
    memory_.finish(reply);
  }
}

// A thing that cannot be ended must not keep the server from starting, or from stopping.
void Engine::take_all(Steps steps_of, Instant now) {
  constexpr int rounds_max = 8;
  auto steps = steps_of(state_);
  for (int round = 0; round < rounds_max && !steps.empty(); ++round) {
    for (const core::Input& it : steps) step(it, now);
    steps = steps_of(state_);
  }
  if (!steps.empty()) log_.error("engine.steps_left", {{"count", steps.size()}});
}

void Engine::restart(Instant stopped, Instant now) {
  is_restarting_ = true;
  step(core::Restarted{stopped}, now);
  take_all(core::steps_after_restart, now);
  memory_.forget_pending();
  touched_.clear();
  is_restarting_ = false;
}

// The reply comes before the events it announces, and carries the number of the last of them.
void Engine::present(core::Block& block, Instant now, std::vector<ToClient>& out) {
  core::SessionId session{};
  const auto find_session = [&] {
    const core::Session* bound = block.reply ? state_.session_of(block.reply->connection) : nullptr;
    if (bound != nullptr) session = bound->id;
  };
  find_session();
  for (const core::Event& event : block.events) present_news(event, now);
  if (!session) find_session();
  if (block.reply && !block.reply_last) tell(std::move(*block.reply), session, out);
  std::move(news_.begin(), news_.end(), std::back_inserter(out));
  news_.clear();
  if (block.reply && block.reply_last) tell(std::move(*block.reply), session, out);
  if (block.close) out.push_back({block.close->connection, *block.close});
  for (const core::SessionId ended : streams_.drop_ended()) memory_.drop(ended);
}

// What happens now, and is not only replayed.
void Engine::present_news(const core::Event& event, Instant now) {
  if (board_ != nullptr) board_->note(state_, event, now);
  if (floor_ != nullptr) floor_->note(state_, event, now);
  present_event(event, now, news_);
  if (floor_ != nullptr) floor_->note(state_, event, now);
}

// Whoever has asked the same thing is told the same thing.
void Engine::tell(core::Reply&& reply, core::SessionId session, std::vector<ToClient>& out) {
  auto* resumed = reply.outcome ? std::get_if<core::Resumed>(&*reply.outcome) : nullptr;
  if (resumed != nullptr) session = resumed->session;
  // Its connection may be gone, and its session alive.
  if (!session) session = memory_.session_of(reply.request);
  reply.seq = streams_.last_seq(session);
  metrics_.count_reply(reply);
  const auto askers = memory_.askers(reply.request);
  memory_.finish(reply);
  const core::ConnectionId connection = reply.connection;
  std::optional<Backlog> backlog;
  if (resumed != nullptr) {
    resumed->to = reply.seq;
    if (resumed->from <= resumed->to) backlog = streams_.after(session, resumed->from - 1);
    if (backlog) backlog->session_name = state_.at(session).name;
  }
  for (const auto& asker : askers) {
    core::Reply same = reply;
    same.request = asker.request;
    same.connection = asker.connection;
    out.push_back({asker.connection, std::move(same)});
  }
  out.push_back({connection, std::move(reply)});
  if (backlog) out.push_back({connection, std::move(*backlog)});
}

void Engine::present_event(const core::Event& event, Instant now, std::vector<ToClient>& out) {
  core::apply(state_, event, now);
  bounds_.note(state_, event);
  streams_.note(state_, event);
  projected_.clear();
  core::project(state_, event, projected_);
  for (core::ClientEvent& it : projected_) {
    it.time = now;
    const core::ConnectionId connection = streams_.number(it);
    if (connection) out.push_back({connection, std::move(it)});
  }
}

/// What waits for its turn is not carried out for a connection that is gone or has lost its
/// session: it may be asked for again.
void Engine::give_up_waiting(core::ConnectionId connection) {
  if (commands_.size() == 0) return;
  for (core::ClientRequest& it : commands_.take_all_of(connection)) {
    memory_.forget(it.request);
    fail(it.request, it.connection, {Errc::target_not_found, "engine.waiting", {}});
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
  Outputs outputs{.sequence = last_sequence_, .messages = {}, .effects = {}};
  const core::Session* session = state_.session_of(connection);
  tell({request, connection, tl::make_unexpected(std::move(error)), 0},
       session == nullptr ? core::SessionId{} : session->id, outputs.messages);
  outbox_.push(std::move(outputs));
}

void Engine::send(core::Reply&& reply) {
  Outputs outputs{.sequence = last_sequence_, .messages = {}, .effects = {}};
  const core::ConnectionId connection = reply.connection;
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

void Engine::shut_down(Instant now) {
  CORD_ASSERT(is_draining_);
  take_all(core::steps_to_shut_down, now);
  settle(now);
}

void Engine::settle(Instant now) {
  settle_all(now);
  if (is_snapshot_due(now)) take_snapshot(now);
}

// Clients who come back after a restart find what they have missed only behind the snapshot that
// the restart begins with, which is the one before the newest.
bool Engine::is_snapshot_due(Instant now) const {
  const core::Limits& limits = state_.directory().limits;
  return last_sequence_ - snapshot_sequence_ >= options_.snapshot_records &&
         now - snapshot_time_ >= limits.detached_grace + limits.request_timeout;
}

void Engine::take_snapshot(Instant now) {
  std::string payload = encode_snapshot({.state = core::image_of(state_),
                                         .streams = streams_.positions(),
                                         .pending = memory_.noted()},
                                        state_.directory());
  metrics_.count_snapshot(payload.size());
  journal_.append({last_sequence_, now, std::move(payload), true});
  note_snapshot(last_sequence_, now);
  if (flight_ != nullptr) flight_->check(state_, now);
}

void Engine::finish(Instant now) {
  if (flight_ != nullptr) flight_->check(state_, now);
}

// Does what is left to do until nothing is: reports first, then commands whose turn has come, then
// new offers.
void Engine::settle_all(Instant now) {
  for (;;) {
    release(now);
    if (auto report = reports_.pop()) {
      step(std::move(*report), now);
    } else if (!run_waiting(now) && !serve_next(now)) {
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

// Who waits is offered to an agent, or, when no more work is taken, told so.
bool Engine::serve_next(Instant now) {
  if (is_draining_) {
    const auto waiting = core::next_to_turn_away(state_);
    return waiting && step(*waiting, now);
  }
  const auto offer = routing::next_offer(state_, now);
  if (!offer) return false;
  if (step(*offer, now)) return true;
  // Asked again it would choose the same: a bug, but not one to spin on.
  log_.error("engine.offer_without_effect", {{"call", offer->call}, {"channel", offer->channel}});
  return false;
}

void Engine::publish_gauges() const {
  if (board_ != nullptr) board_->publish(state_);
  if (floor_ != nullptr) floor_->publish(state_);
  metrics_.publish(state_, {.held_messages = outbox_.message_count(),
                            .kept_events = streams_.events_count(),
                            .kept_event_bytes = streams_.events_bytes(),
                            .kept_answers = memory_.answers_count(),
                            .waiting_commands = commands_.size(),
                            .journal_lag_records = last_sequence_ - committed_});
  bounds_.publish(state_, {.held_messages = outbox_.message_count(),
                           .waiting_commands = commands_.longest(),
                           .session_events = streams_.longest(),
                           .answers = memory_.peaks()});
}

}  // namespace cord::runtime
