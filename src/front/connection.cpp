#include "front/connection.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "front/sodium.hpp"
#include "wire/event.hpp"
#include "wire/reply.hpp"

namespace cord::front {
namespace {

constexpr std::size_t name_bytes = 24;  // 192 random bits; the protocol asks for 128.

std::string_view reason_of(std::uint16_t code) {
  switch (code) {
    case net::close_code::going_away:
      return "the server is stopping";
    case net::close_code::policy:
      return "too many messages that are no request";
    case net::close_code::too_slow:
      return "messages are not read fast enough";
    case 4001:
      return "the session has ended here";
    case 4002:
      return "the session goes on over another connection";
    default:
      return {};
  }
}

}  // namespace

Connection::Connection(Names names, std::shared_ptr<Services> services)
    : names_(names),
      services_(std::move(services)),
      bucket_(services_->config.requests_per_second, services_->config.requests_burst,
              services_->now()),
      malformed_(services_->config.malformed_max, services_->config.malformed_window) {}

void Connection::on_message(const std::string& text) {
  services_->requests.add();
  const Instant now = services_->now();
  auto request = wire::parse_request(text);
  if (!request && request.error().is_malformed) return refuse_malformed(request.error(), now);
  const wire::Echo& echo = request ? request->echo : request.error().echo;
  if (!bucket_.take(now)) return say(failure(echo, {Errc::rate_limited, "front.bucket", {}}));
  if (!request) {
    const Error& error = request.error().error;
    (error.code == Errc::unknown_command ? services_->unknown_command : services_->invalid).add();
    return say(failure(echo, error));
  }
  if (std::holds_alternative<wire::LogIn>(request->what)) return log_in(std::move(*request));
  if (std::holds_alternative<wire::Resume>(request->what)) return resume(std::move(*request));
  if (std::holds_alternative<wire::ReadHistory>(request->what)) {
    return ask_history(std::move(*request));
  }
  submit(std::move(*request));
}

void Connection::refuse_malformed(const wire::RefusedRequest& refused, Instant now) {
  services_->malformed.add();
  const bool is_tolerated = malformed_.add(now);
  services_->malformed_used.raise(static_cast<std::int64_t>(malformed_.count()));
  if (is_tolerated) return say(failure(refused.echo, refused.error));
  std::vector<Item> items;
  items.emplace_back(core::CloseConnection{names_.id, net::close_code::policy});
  add_unsent(std::move(items), true);
}

void Connection::log_in(wire::Request&& request) {
  auto& wish = std::get<wire::LogIn>(request.what);
  if (wish.token && !services_->config.token.is_given()) {
    return say(failure(request.echo, {Errc::unsupported, "front.log_in",
                                      "this server is not configured for log-in by token"}));
  }
  const core::RequestId id{++services_->last_request};
  {
    std::unique_lock lock(mutex_);
    auto answer = is_logging_in_ ? failure(request.echo, {Errc::rate_limited, "front.log_in",
                                                          "one prepareSession at a time"})
                                 : full_answer(request.echo);
    if (answer) {
      lock.unlock();
      return say(std::move(*answer));
    }
    is_logging_in_ = true;
    pending_.emplace(id, Pending{std::move(request.echo)});
    services_->pending_used.raise(static_cast<std::int64_t>(pending_.size()));
  }
  LogInAttempt attempt{
      std::move(wish.agent), std::move(wish.password), names_.peer_ip,
      [self = shared_from_this(), id, takes_over = wish.takes_over](
          const Result<core::AgentIndex>& agent) { self->logged_in(id, takes_over, agent); },
      std::move(wish.token)};
  if (!services_->desk->submit(std::move(attempt))) {
    logged_in(id, false, refuse(Errc::not_accepting, "front.log_in_queue"));
  }
}

void Connection::logged_in(core::RequestId id, bool takes_over,
                           const Result<core::AgentIndex>& agent) {
  Result<core::Success> outcome = tl::make_unexpected(Error{});
  if (agent) {
    core::PrepareSession wish{
        id, names_.id, *agent, takes_over, random_name(name_bytes), random_name(name_bytes)};
    const std::lock_guard lock(mutex_);
    is_logging_in_ = false;
    // A session prepared after ConnectionLost would belong to nobody for ever.
    if (is_closed_) return;
    if (services_->engine->submit(std::move(wish))) {
      engine_knows_ = true;
      return;
    }
    outcome = refuse(Errc::not_accepting, "front.engine_queue");
  } else {
    const std::lock_guard lock(mutex_);
    is_logging_in_ = false;
    outcome = tl::make_unexpected(agent.error());
  }
  std::vector<Item> items;
  items.emplace_back(core::Reply{id, names_.id, std::move(outcome)});
  add_unsent(std::move(items), false);
}

void Connection::resume(wire::Request&& request) {
  const auto& wish = std::get<wire::Resume>(request.what);
  const std::string& session = request.target.session;
  if (services_->resumes->is_throttled(session, services_->now())) {
    return say(failure(request.echo, {Errc::authentication_throttled, "front.resume", {}}));
  }
  const core::RequestId id{++services_->last_request};
  hand_over(id, Pending{std::move(request.echo), session},
            core::ResumeSession{id, names_.id, session, wish.token, wish.after});
}

void Connection::submit(wire::Request&& request) {
  core::Command command = std::move(std::get<core::Command>(request.what));
  submit(std::move(request), std::move(command), {});
}

// Whose session it is, and whether it may ask, the engine knows: it is asked for a snapshot.
void Connection::ask_history(wire::Request&& request) {
  const auto which = std::get<wire::ReadHistory>(request.what);
  submit(std::move(request), core::SnapshotSession{}, which);
}

void Connection::submit(wire::Request&& request, core::Command&& command,
                        std::optional<wire::ReadHistory> history) {
  const core::RequestId id{++services_->last_request};
  core::ClientRequest order{id, names_.id, std::move(request.target), std::move(command), {}};
  if (!request.body.empty()) order.key = {request.echo.id, digest_of(request.body)};
  hand_over(id, Pending{std::move(request.echo), {}, std::move(history)}, std::move(order));
}

void Connection::hand_over(core::RequestId id, Pending&& pending, core::Input&& input) {
  std::unique_lock lock(mutex_);
  // A session resumed after ConnectionLost would be bound to nobody for ever.
  if (is_closed_) return;
  auto answer = busy_answer(pending);
  // The reply cannot overtake this: whoever looks for it in pending_ needs the mutex.
  if (!answer && !services_->engine->submit(std::move(input))) {
    answer = failure(pending.echo, {Errc::not_accepting, "front.engine_queue", {}});
  }
  if (!answer) {
    engine_knows_ = true;
    pending_.emplace(id, std::move(pending));
    services_->pending_used.raise(static_cast<std::int64_t>(pending_.size()));
    return;
  }
  lock.unlock();
  say(std::move(*answer));
}

std::optional<std::string> Connection::full_answer(const wire::Echo& echo) {
  if (pending_.size() < services_->config.pending_max) return std::nullopt;
  return failure(echo, {Errc::rate_limited, "front.pending", "too many requests are unanswered"});
}

std::optional<std::string> Connection::busy_answer(const Pending& pending) {
  const bool is_too_often =
      pending.history && std::any_of(pending_.begin(), pending_.end(),
                                     [](const auto& it) { return it.second.history.has_value(); });
  if (!is_too_often) return full_answer(pending.echo);
  return failure(pending.echo,
                 {Errc::rate_limited, "front.history", "one session.request.history at a time"});
}

void Connection::on_close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  if (engine_knows_) services_->lost->add(names_.id);
  if (services_->floor) services_->floor->remove(names_.id);
}

void Connection::show(std::uint64_t watch, std::string text) {
  has_floor_waiting_ = true;
  std::vector<Item> items;
  items.emplace_back(FloorText{watch, std::move(text)});
  add_unsent(std::move(items), false);
}

void Connection::deliver(std::span<runtime::ToClient> items) {
  std::vector<Item> unsent;
  unsent.reserve(items.size());
  for (runtime::ToClient& item : items) {
    std::visit([&](auto& what) { unsent.emplace_back(std::move(what)); }, item.what);
  }
  add_unsent(std::move(unsent), false);
}

void Connection::leave() {
  std::vector<Item> items;
  items.emplace_back(core::CloseConnection{names_.id, net::close_code::going_away});
  add_unsent(std::move(items), false);
}

std::string Connection::failure(const wire::Echo& echo, const Error& error) {
  if (error.code == Errc::rate_limited) services_->rate_limited.add();
  if (error.code == Errc::not_accepting) services_->not_accepting.add();
  return wire::print_failure(echo, error);
}

void Connection::say(std::string text) {
  std::vector<Item> items;
  items.emplace_back(std::move(text));
  add_unsent(std::move(items), true);
}

void Connection::add_unsent(std::vector<Item>&& items, bool is_on_io_thread) {
  bool starts = false;
  bool overflows = false;
  {
    const std::lock_guard lock(unsent_mutex_);
    if (is_overfull_) return;
    overflows = unsent_.size() + items.size() > services_->config.unsent_max;
    is_overfull_ = overflows;
    if (!overflows) {
      unsent_.insert(unsent_.end(), std::make_move_iterator(items.begin()),
                     std::make_move_iterator(items.end()));
      services_->unsent_used.raise(static_cast<std::int64_t>(unsent_.size()));
      starts = !std::exchange(is_sending_, true);
    } else {
      unsent_.clear();
    }
  }
  if (overflows) {
    close(net::close_code::too_slow);
  } else if (starts && is_on_io_thread) {
    send_unsent();
  } else if (starts) {
    services_->web->post(names_.socket, [self = shared_from_this()] { self->send_unsent(); });
  }
}

void Connection::send_unsent() {
  for (;;) {
    if (is_catching_up_ && (helping_messages_ == 0 || helping_bytes_ == 0)) {
      helping_messages_ = services_->config.web.queued_messages_max / 2 + 1;
      helping_bytes_ = services_->config.web.queued_bytes_max / 2;
      // From here on the members are those of whoever goes on.
      // A socket has one such wish: this one is the floor's too.
      if (services_->web->when_drained(names_.socket, [self = shared_from_this()] {
            self->has_floor_waiting_ = false;
            self->send_unsent();
          })) {
        return;
      }
      backlog_.reset();
      is_catching_up_ = false;
    }
    if (backlog_) {
      send_missed();
    } else if (refill()) {
      std::visit([this](auto& what) { send(what); }, batch_[next_++]);
    } else {
      return;
    }
  }
}

/// False if nothing is left to send: somebody else may then begin.
bool Connection::refill() {
  if (next_ < batch_.size()) return true;
  batch_.clear();
  next_ = 0;
  const std::lock_guard lock(unsent_mutex_);
  batch_.swap(unsent_);
  if (!batch_.empty()) return true;
  is_catching_up_ = false;
  is_sending_ = false;
  return false;
}

void Connection::send_missed() {
  const auto event = backlog_->next();
  if (!event) return backlog_.reset();
  put(wire::print_event(*event));
}

void Connection::put(std::string text) {
  helping_messages_ -= std::min<std::size_t>(helping_messages_, 1);
  helping_bytes_ -= std::min(helping_bytes_, text.size());
  services_->web->send(names_.socket, std::move(text));
}

void Connection::send(core::Reply& reply) {
  std::unique_lock lock(mutex_);
  const auto found = pending_.find(reply.request);
  if (found == pending_.end()) return;
  const auto* view = reply.outcome ? std::get_if<core::SessionView>(&*reply.outcome) : nullptr;
  if (view != nullptr && found->second.history) {
    const wire::ReadHistory which = *found->second.history;
    lock.unlock();
    return read_history(reply, view->profile.agent_id, which);
  }
  const auto node = pending_.extract(found);
  lock.unlock();
  const Pending& pending = node.mapped();
  if (!pending.resumes.empty() && !reply.outcome &&
      reply.outcome.error().code == Errc::authentication_failed) {
    services_->resumes_refused.add();
    services_->resumes->add_failure(pending.resumes, services_->now());
  }
  const auto* watch = reply.outcome ? std::get_if<core::FloorWatch>(&*reply.outcome) : nullptr;
  if (watch != nullptr) reply.outcome = set_watch(*watch);
  put(wire::print_reply(pending.echo, reply));
}

// The request stays pending until it is read.
void Connection::read_history(const core::Reply& reply, const std::string& agent,
                              const wire::ReadHistory& which) {
  auto take = [self = shared_from_this(), request = reply.request,
               seq = reply.seq](Result<std::string> added) {
    std::vector<Item> items;
    items.emplace_back(HistoryAnswer{request, seq, std::move(added)});
    self->add_unsent(std::move(items), false);
  };
  if (!services_->own_history) {
    return take(refuse(Errc::unsupported, "front.history", "This server keeps no history."));
  }
  services_->own_history->read(agent, which, std::move(take));
}

void Connection::send(HistoryAnswer& answer) {
  std::unique_lock lock(mutex_);
  const auto node = pending_.extract(answer.request);
  lock.unlock();
  if (node.empty()) return;
  const wire::Echo& echo = node.mapped().echo;
  put(answer.added ? wire::print_success(echo, *answer.added, answer.seq)
                   : wire::print_failure(echo, answer.added.error()));
}

void Connection::send(core::ClientEvent& event) {
  if (is_watching_ && std::holds_alternative<core::SessionEnded>(event.data)) end_watch();
  put(wire::print_event(event));
}

// Who may watch is the engine's business; how many can is known here.
Result<core::Success> Connection::set_watch(const core::FloorWatch& wish) {
  if (!wish.is_on) {
    end_watch();
    return {};
  }
  if (!services_->floor) return refuse(Errc::unsupported, "front.floor", "There is no floor here.");
  const std::lock_guard lock(mutex_);
  // One begun after on_close would never end.
  if (is_closed_) return {};
  ++watch_;
  is_watching_ = services_->floor->add(names_.id, shared_from_this(), wish.session_name, watch_);
  if (is_watching_) return {};
  return refuse(Errc::invalid_state, "front.floor",
                fmt::format("{} connections watch already, and no more can.",
                            services_->config.watchers_max));
}

void Connection::end_watch() {
  if (!std::exchange(is_watching_, false)) return;
  ++watch_;
  services_->floor->remove(names_.id);
}

// The next one is made when this one is on its way, so that who reads slowly hears less often.
void Connection::send(FloorText& update) {
  const bool is_wanted = is_watching_ && update.watch == watch_;
  if (is_wanted) put(std::move(update.text));
  const bool waits =
      is_wanted && services_->web->when_drained(names_.socket, [self = shared_from_this()] {
        self->has_floor_waiting_ = false;
      });
  if (!waits) has_floor_waiting_ = false;
}

void Connection::send(runtime::Backlog& backlog) {
  backlog_.emplace(std::move(backlog));
  is_catching_up_ = true;
  helping_messages_ = 0;
}

// Whatever the session's new connection hears of them, on this one its requests end here.
void Connection::send(core::CloseConnection& wish) {
  std::unique_lock lock(mutex_);
  std::map<core::RequestId, Pending> left(std::make_move_iterator(pending_.begin()),
                                          std::make_move_iterator(pending_.end()));
  pending_.clear();
  lock.unlock();
  const bool is_stopping = wish.code == net::close_code::going_away;
  const Error why =
      is_stopping ? Error{Errc::not_accepting, "front.close", "The server is stopping."}
                  : Error{Errc::target_not_found, "front.close", "The session goes on elsewhere."};
  for (const auto& [id, pending] : left) put(failure(pending.echo, why));
  close(wish.code);
}

void Connection::send(std::string& text) {
  put(std::move(text));
}

void Connection::close(std::uint16_t code) {
  services_->log.info("connection.closed", {{"connection", names_.id}, {"code", code}});
  services_->web->close(names_.socket, code, std::string(reason_of(code)));
}

}  // namespace cord::front
