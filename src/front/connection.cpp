#include "front/connection.hpp"

#include <iterator>
#include <utility>

#include "front/sodium.hpp"
#include "wire/event.hpp"
#include "wire/reply.hpp"

namespace cord::front {
namespace {

constexpr std::size_t name_bytes = 24;  // 192 random bits; the protocol asks for 128.

std::string_view reason_of(std::uint16_t code) {
  switch (code) {
    case net::close_code::policy:
      return "too many messages that are no request";
    case net::close_code::too_slow:
      return "messages are not read fast enough";
    case 4001:
      return "another connection has taken over";
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
  submit(std::move(*request));
}

void Connection::refuse_malformed(const wire::RefusedRequest& refused, Instant now) {
  services_->malformed.add();
  if (malformed_.add(now)) return say(failure(refused.echo, refused.error));
  std::vector<Item> items;
  items.emplace_back(core::CloseConnection{names_.id, net::close_code::policy});
  add_unsent(std::move(items), true);
}

void Connection::log_in(wire::Request&& request) {
  auto& wish = std::get<wire::LogIn>(request.what);
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
  }
  LogInAttempt attempt{
      std::move(wish.agent), std::move(wish.password), names_.peer_ip,
      [self = shared_from_this(), id, takes_over = wish.takes_over](
          const Result<core::AgentIndex>& agent) { self->logged_in(id, takes_over, agent); }};
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

void Connection::submit(wire::Request&& request) {
  const std::string digest = request.body.empty() ? std::string() : digest_of(request.body);
  std::unique_lock lock(mutex_);
  auto answer = submit_locked(std::move(request), digest);
  lock.unlock();
  if (answer) say(std::move(*answer));
}

std::optional<std::string> Connection::submit_locked(wire::Request&& request,
                                                     const std::string& digest) {
  const bool is_remembered = memory_ != nullptr && !digest.empty();
  const std::string id_text = request.echo.id;
  if (is_remembered) {
    const IdMemory::Lookup seen = memory_->find(id_text, digest);
    if (seen.seen != IdMemory::Seen::never) return answer_repeated(request, seen);
  }
  if (auto answer = full_answer(request.echo)) return answer;
  const core::RequestId id{++services_->last_request};
  core::ClientRequest order{id, names_.id, std::move(request.target),
                            std::move(std::get<core::Command>(request.what))};
  // The reply cannot overtake this: whoever looks for it in pending_ needs the mutex.
  if (!services_->engine->submit(std::move(order))) {
    return failure(request.echo, {Errc::not_accepting, "front.engine_queue", {}});
  }
  engine_knows_ = true;
  pending_.emplace(id, Pending{std::move(request.echo), is_remembered});
  if (is_remembered) memory_->begin(id_text, digest, id);
  return std::nullopt;
}

std::optional<std::string> Connection::answer_repeated(const wire::Request& request,
                                                       const IdMemory::Lookup& seen) {
  if (seen.seen == IdMemory::Seen::other_body) {
    return failure(request.echo, {Errc::invalid_request, "front.id",
                                  "id has been used for another request of this session"});
  }
  services_->repeated.add();
  if (seen.seen == IdMemory::Seen::answered) return wire::print_reply(request.echo, *seen.outcome);
  if (auto answer = full_answer(request.echo)) return answer;
  ++pending_.at(seen.request).copies;
  ++copies_;
  return std::nullopt;
}

std::optional<std::string> Connection::full_answer(const wire::Echo& echo) {
  if (pending_.size() + copies_ < services_->config.pending_max) return std::nullopt;
  return failure(echo, {Errc::rate_limited, "front.pending", "too many requests are unanswered"});
}

void Connection::set_memory(std::unique_ptr<IdMemory> memory) {
  memory_ = std::move(memory);
  for (auto& [id, pending] : pending_) pending.is_remembered = false;
}

void Connection::on_close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  if (engine_knows_) services_->lost->add(names_.id);
}

void Connection::deliver(std::span<runtime::ToClient> items) {
  std::vector<Item> unsent;
  unsent.reserve(items.size());
  for (runtime::ToClient& item : items) {
    std::visit([&](auto& what) { unsent.emplace_back(std::move(what)); }, item.what);
  }
  add_unsent(std::move(unsent), false);
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
  std::vector<Item> batch;
  for (;;) {
    batch.clear();
    {
      const std::lock_guard lock(unsent_mutex_);
      batch.swap(unsent_);
      if (batch.empty()) {
        is_sending_ = false;
        return;
      }
    }
    for (Item& item : batch) {
      std::visit([this](auto& what) { send(what); }, item);
    }
  }
}

void Connection::send(core::Reply& reply) {
  std::unique_lock lock(mutex_);
  auto node = pending_.extract(reply.request);
  if (node.empty()) return;
  const Pending& pending = node.mapped();
  copies_ -= pending.copies;
  if (pending.is_remembered) memory_->finish(pending.echo.id, reply);
  if (reply.outcome && std::holds_alternative<core::Prepared>(*reply.outcome)) {
    set_memory(std::make_unique<IdMemory>(services_->config.answers_kept_max,
                                          services_->config.answers_kept_bytes_max));
  }
  lock.unlock();
  const std::string text = wire::print_reply(pending.echo, reply);
  for (std::size_t i = 0; i <= pending.copies; ++i) services_->web->send(names_.socket, text);
}

void Connection::send(core::ClientEvent& event) {
  if (std::holds_alternative<core::SessionEnded>(event.data)) {
    const std::lock_guard lock(mutex_);
    set_memory(nullptr);
  }
  services_->web->send(names_.socket, wire::print_event(event));
}

void Connection::send(core::CloseConnection& wish) {
  close(wish.code);
}

void Connection::send(std::string& text) {
  services_->web->send(names_.socket, std::move(text));
}

void Connection::close(std::uint16_t code) {
  services_->log.info("connection.closed", {{"connection", names_.id}, {"code", code}});
  services_->web->close(names_.socket, code, std::string(reason_of(code)));
}

}  // namespace cord::front
