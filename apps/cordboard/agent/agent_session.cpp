#include "agent/agent_session.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace cord::app {
namespace {

namespace json = boost::json;

// How long to wait before the next try; the last one again and again. The server keeps a session
// for 60 s.
constexpr std::array<std::int64_t, 5> pauses_ms{100, 500, 1'000, 2'000, 5'000};
constexpr std::size_t tries_max = 16;

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// With the values of secrets as stars: what is shown may be copied into a ticket.
json::value masked(json::value value) {
  if (auto* list = value.if_array()) {
    for (auto& it : *list) it = masked(std::move(it));
  } else if (auto* object = value.if_object()) {
    for (auto& [name, member] : *object) {
      const bool is_secret = name == "password" || name == "token" || name == "resumeToken";
      member = is_secret ? json::value("***") : masked(std::move(member));
    }
  }
  return value;
}

std::string masked_text(const std::string& text) {
  json::error_code error;
  auto value = json::parse(text, error);
  return error ? text : json::serialize(masked(std::move(value)));
}

}  // namespace

AgentSession::AgentSession(AgentLink& link, Credentials credentials, AgentListener& listener)
    : link_(link), credentials_(std::move(credentials)), listener_(listener) {}

void AgentSession::start() {
  link_.connect();
}

void AgentSession::take_over() {
  credentials_.takes_over = true;
  on_opened();
}

void AgentSession::pump() {
  for (const LinkNews& news : link_.take()) take(news);
  if (connect_at_ms_ && *connect_at_ms_ <= now_ms()) {
    connect_at_ms_.reset();
    link_.connect();
  }
}

void AgentSession::take(const LinkNews& news) {
  if (const auto* text = std::get_if<LinkText>(&news)) {
    on_text(text->text);
  } else if (const auto* ended = std::get_if<LinkEnded>(&news)) {
    on_ended(ended->why);
  } else {
    on_opened();
  }
}

void AgentSession::on_opened() {
  if (state_ == State::lost) {
    json::object data{{"resumeToken", token_}, {"after", model_.last_seq()}};
    send({"session.resume", model_.session(), std::move(data)}, true);
    return;
  }
  state_ = State::logging_in;
  json::object agent{{"id", credentials_.agent}, {"password", credentials_.password}};
  json::object data{{"agent", std::move(agent)}};
  if (credentials_.takes_over) data["override"] = true;
  send({"prepareSession", {}, std::move(data)}, true);
}

std::uint64_t AgentSession::send(TypedRequest request, bool is_ours) {
  const std::uint64_t id = ++last_id_;
  std::string text = print_request({request.command, request.target, std::move(request.data), id});
  listener_.on_sent(masked_text(text));
  link_.send(text);
  pending_.emplace(id, Pending{std::move(text), std::move(request.command), is_ours});
  return id;
}

std::uint64_t AgentSession::ask(TypedRequest request) {
  return send(std::move(request), false);
}

std::optional<Answer> AgentSession::take_answer(std::uint64_t id) {
  auto node = answers_.extract(id);
  if (node.empty()) return std::nullopt;
  return std::move(node.mapped());
}

std::optional<Event> AgentSession::take_event() {
  if (unseen_.empty()) return std::nullopt;
  Event event = std::move(unseen_.front());
  unseen_.pop_front();
  return event;
}

void AgentSession::on_text(const std::string& text) {
  auto message = read_message(text);
  if (!message) return listener_.on_note("not of the protocol: " + text);
  if (auto* event = std::get_if<Event>(&*message)) return on_event(std::move(*event), text);
  on_answer(std::get<Answer>(*message), text);
}

void AgentSession::on_event(Event event, const std::string& text) {
  const SessionModel::Order order = model_.take(event);
  if (order == SessionModel::Order::after_a_gap) {
    listener_.on_note(
        fmt::format("{} events before number {} never came", model_.gap(), event.seq));
  } else if (order == SessionModel::Order::doubled) {
    listener_.on_note(fmt::format("event number {} came twice", event.seq));
  }
  if (event.name == "session.initialized") state_ = State::open;
  listener_.on_event(event, text);
  if (!model_.ended().empty()) end("the session has ended: " + model_.ended());
  unseen_.push_back(std::move(event));
  if (unseen_.size() > unseen_max) unseen_.pop_front();
}

void AgentSession::on_answer(const Answer& answer, const std::string& text) {
  const auto node = pending_.extract(answer.id);
  const bool is_ours = !node.empty() && node.mapped().is_ours;
  listener_.on_answer(answer, masked_text(text));
  if (is_ours) return on_binding_answer(node.mapped().command, answer);
  answers_[answer.id] = answer;
  if (answers_.size() > unseen_max) answers_.erase(answers_.begin());
}

void AgentSession::on_binding_answer(const std::string& command, const Answer& answer) {
  if (answer.result == Answer::Result::confirm) {
    state_ = State::asked_to_take_over;
  } else if (command == "session.resume" && answer.is_success()) {
    state_ = State::open;
    tries_ = 0;
    listener_.on_note("connected again; nothing is lost");
    for (const auto& [id, pending] : pending_) {
      if (!pending.is_ours) link_.send(pending.text);
    }
  } else if (command == "session.resume" && answer.code == "resume.gap") {
    listener_.on_note("too much was missed: everything is told anew");
    model_.begin_anew();
    send({"session.start", model_.session(), {}}, true);
  } else if (!answer.is_success()) {
    end(answer.why());
  } else if (command == "prepareSession") {
    model_.begin(text_member(object_member(answer.data, "session"), "id"));
    token_ = text_member(answer.data, "resumeToken");
    send({"session.start", model_.session(), {}}, true);
  }
}

/// Whoever had a session comes back to it; who had none is told why.
void AgentSession::on_ended(const std::string& why) {
  if (state_ == State::over) return;
  std::erase_if(pending_, [](const auto& it) { return it.second.is_ours; });
  const bool has_session = !model_.session().empty() && model_.is_initialized();
  if (!has_session || ++tries_ > tries_max) {
    return end(why.empty() ? "the connection is lost" : why);
  }
  if (state_ != State::lost) {
    listener_.on_note(fmt::format("the connection is lost{}{}; trying to come back",
                                  why.empty() ? "" : ": ", why));
  }
  state_ = State::lost;
  connect_at_ms_ = now_ms() + pauses_ms[std::min(tries_, pauses_ms.size()) - 1];
}

void AgentSession::end(std::string why) {
  if (state_ == State::over) return;
  state_ = State::over;
  why_over_ = std::move(why);
}

}  // namespace cord::app
