#include "scenario/support/desktop.hpp"

#include <algorithm>
#include <stdexcept>

namespace cord::scenario {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

net::WebClient connect(net::Address server) {
  auto client = net::WebClient::connect(server, "/v1/agent", {.subprotocol = "cordboard.v1"});
  if (!client) throw std::runtime_error("desktop: " + client.error().detail);
  return std::move(*client);
}

std::string last_segment(std::string_view target) {
  const auto dot = target.rfind('.');
  return std::string(dot == std::string_view::npos ? target : target.substr(dot + 1));
}

std::string description(const object& event) {
  const std::string state = text(event, "data", "state");
  return text(event, "name") + (state.empty() ? "" : " " + state);
}

void demand_success(const object& response) {
  if (text(response, "result") == "success") return;
  throw std::runtime_error("refused: " + boost::json::serialize(response));
}

}  // namespace

std::string text(const object& from, std::string_view key) {
  const auto* found = from.if_contains(key);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

std::string text(const object& from, std::string_view outer, std::string_view key) {
  const auto* found = from.if_contains(outer);
  return found != nullptr && found->is_object() ? text(found->get_object(), key) : std::string();
}

Desktop::Desktop(net::Address server) : client_(connect(server)) {}

void Desktop::send(std::string_view command, std::string_view target, object data) {
  object request{{"command", command}, {"data", std::move(data)}, {"id", ++last_id_}};
  if (!target.empty()) request["target"] = target;
  if (!client_.send(boost::json::serialize(request))) throw std::runtime_error("desktop: closed");
}

object Desktop::response() {
  const auto deadline = SteadyClock::now() + 45s;
  while (responses_.empty() && SteadyClock::now() < deadline) read_one(100ms);
  if (responses_.empty()) throw std::runtime_error("no response");
  object first = std::move(responses_.front());
  responses_.erase(responses_.begin());
  return first;
}

object Desktop::request(std::string_view command, std::string_view target, object data) {
  send(command, target, std::move(data));
  return response();
}

bool Desktop::read_one(Duration patience) {
  const auto message = client_.receive(patience);
  if (!message) {
    if (message.error().code == Errc::timeout) return false;
    throw std::runtime_error("desktop: connection closed: " + message.error().detail);
  }
  object parsed = boost::json::parse(*message).as_object();
  (parsed.contains("messageType") ? events_ : responses_).push_back(std::move(parsed));
  return true;
}

void Desktop::read_for(Duration span) {
  const auto deadline = SteadyClock::now() + span;
  while (SteadyClock::now() < deadline) read_one(20ms);
}

void Desktop::log_in(const std::string& agent, bool takes_over) {
  const object prepared =
      request("prepareSession", {},
              {{"agent", object{{"id", agent}, {"password", "secret-" + agent}}},
               {"override", takes_over}});
  demand_success(prepared);
  session = text(prepared.at("data").as_object(), "session", "id");
  resume_token = text(prepared, "data", "resumeToken");
  demand_success(request("session.start", session));
  channel = text(await("channel.initialized"), "target");
  await("session.initialized");
}

std::int64_t Desktop::last_seq() const {
  return events_.empty() ? 0 : events_.back().at("seq").to_number<std::int64_t>();
}

void Desktop::be_ready(const std::string& agent) {
  log_in(agent);
  demand_success(request("channel.activate", channel));
  demand_success(request("channel.ready", channel));
}

object Desktop::await(std::string_view name, const std::function<bool(const object&)>& matches,
                      Duration patience) {
  const auto deadline = SteadyClock::now() + patience;
  for (;;) {
    while (awaited_ < events_.size()) {
      const object& event = events_[awaited_++];
      if (text(event, "name") == name && (!matches || matches(event))) return event;
    }
    if (SteadyClock::now() >= deadline) break;
    read_one(100ms);
  }
  std::string came;
  for (const auto& it : events_) came += "\n  " + description(it);
  throw std::runtime_error("no event " + std::string(name) + "; what came:" + came);
}

object Desktop::await_state(std::string_view target, std::string_view state, Duration patience) {
  const std::string id = last_segment(target);
  return await(
      "state.updated",
      [&](const object& it) {
        return last_segment(text(it, "target")) == id && text(it, "data", "state") == state;
      },
      patience);
}

void Desktop::await_offer(Duration patience) {
  conversation = text(await("conversation.initialized", {}, patience), "target");
  interaction = text(await("interaction.initialized", {}, patience), "target");
}

bool Desktop::has_seen(std::string_view name) const {
  return std::any_of(events_.begin(), events_.end(),
                     [&](const object& it) { return text(it, "name") == name; });
}

void Desktop::forget_events() {
  events_.erase(events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(awaited_));
  awaited_ = 0;
}

std::vector<std::string> Desktop::names_after(std::int64_t after) const {
  std::vector<std::string> names;
  for (const auto& it : events_) {
    if (it.at("seq").to_number<std::int64_t>() > after) names.push_back(description(it));
  }
  return names;
}

bool Desktop::is_contiguous() const {
  for (std::size_t i = 0; i < events_.size(); ++i) {
    if (events_[i].at("seq").to_number<std::size_t>() != i + 1) return false;
  }
  return true;
}

}  // namespace cord::scenario
