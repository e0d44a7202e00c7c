#include "sim/desktop.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/json.hpp>

#include "sim/violation.hpp"

namespace cord::sim {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

std::string_view text(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(key);
  if (found == nullptr || !found->is_string()) return {};
  return {found->get_string().data(), found->get_string().size()};
}

std::int64_t number(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(key);
  return found == nullptr || !found->is_int64() ? -1 : found->get_int64();
}

}  // namespace

Desktop::Desktop(Surroundings& world, Network& network, const WorldOptions& options,
                 core::AgentIndex agent)
    : world_(world),
      network_(network),
      options_(options),
      agent_(agent),
      prng_(stream(options.seed, fmt::format("desktop {}", agent))) {}

void Desktop::begin() {
  plan(draw(prng_, 0ms, 3 * options_.think));
}

void Desktop::go_home() {
  is_leaving_ = true;
  plan(draw(prng_, 0ms, 500ms));
}

// Only the newest plan counts.
void Desktop::plan(Duration delay) {
  const std::uint64_t number = ++planned_;
  world_.agenda().at(world_.now() + delay, [this, number] {
    if (number == planned_) act();
  });
}

void Desktop::act() {
  if (is_home()) return;
  plan(is_leaving_ ? draw(prng_, 50ms, 1s) : draw(prng_, 10ms, 2 * options_.think));
  switch (phase_) {
    case Phase::away:
      if (is_leaving_) return;
      if (can_resume_ && !connection_ && chance(prng_, 900)) return resume();
      return log_in(options_.has(Fault::takeovers) && chance(prng_, 400));
    case Phase::preparing:
    case Phase::starting:
    case Phase::resuming:
      if (options_.has(Fault::drops) && chance(prng_, 30)) drop();
      return;
    case Phase::working:
      return work();
  }
}

void Desktop::log_in(bool takes_over) {
  if (!connection_) connection_ = network_.connect(*this);
  phase_ = Phase::preparing;
  ask("prepareSession", "",
      fmt::format(R"({{"agent":{{"id":"{}","password":"secret"}},"override":{}}})",
                  world_.directory().agents[agent_].id, takes_over));
}

void Desktop::resume() {
  connection_ = network_.connect(*this);
  phase_ = Phase::resuming;
  ask("session.resume", model_.session(),
      fmt::format(R"({{"resumeToken":"{}","after":{}}})", token_, model_.last_seq()));
}

void Desktop::drop() {
  // Some stay away for longer than a session's grace.
  if (!is_leaving_ && chance(prng_, 100)) plan(draw(prng_, 30s, 3min));
  network_.hang_up(connection_);
  on_close(connection_, 0);
}

void Desktop::work() {
  if (options_.has(Fault::drops) && !is_leaving_ && chance(prng_, 15)) return drop();
  if (options_.has(Fault::nonsense) && !is_leaving_ && chance(prng_, 150)) return ask_nonsense();
  const std::vector<Choice> choices = sensible_choices();
  int total = 0;
  for (const Choice& it : choices) total += it.weight;
  if (total == 0) return;
  auto left = static_cast<int>(prng_.below(static_cast<std::uint64_t>(total)));
  for (const Choice& it : choices) {
    left -= it.weight;
    if (left >= 0) continue;
    const std::string target = *it.target;
    return ask(it.row->name, target, fill_in(it.row->data, world_.directory(), prng_));
  }
}

std::vector<Desktop::Choice> Desktop::sensible_choices() const {
  std::vector<Choice> choices;
  for (const auto& [target, node] : model_.nodes()) {
    if (!node.initialized) continue;
    const std::string mood = model_.mood_of(node);
    for (const CommandRow& row : command_rows()) {
      const int weight = is_leaving_ ? row.weight_at_end : row.weight;
      if (weight > 0 && row.target == node.kind && suits(row, mood)) {
        choices.push_back({&row, &target, weight});
      }
    }
  }
  return choices;
}

void Desktop::ask_nonsense() {
  const auto rows = command_rows();
  const CommandRow& row = rows[prng_.below(rows.size())];
  std::vector<const std::string*> targets;
  for (const auto& entry : model_.nodes()) targets.push_back(&entry.first);
  std::string target = *targets[prng_.below(targets.size())];
  switch (prng_.below(6)) {
    case 0:
      target += ".ch-1";
      break;
    case 1:
      target += ".i-77";
      break;
    case 2:
      target = "0123456789abcdef0123456789abcdef";
      break;
    default:
      break;
  }
  ask(row.name, target, fill_in(row.data, world_.directory(), prng_));
}

void Desktop::ask(std::string_view name, const std::string& target, const std::string& data) {
  const std::int64_t id = ++last_id_;
  const std::string at = target.empty() ? "" : fmt::format(R"("target":"{}",)", target);
  std::string text = fmt::format(R"({{"command":"{}",{}"data":{},"id":{}}})", name, at, data, id);
  network_.send(connection_, text);
  asked_[id] = {std::move(text)};
}

void Desktop::on_text(core::ConnectionId connection, const std::string& text) {
  if (connection != connection_) return;
  const json::value value = json::parse(text);
  const json::object& object = value.as_object();
  if (object.contains("messageType")) {
    model_.apply(object);
    if (model_.has_ended()) {
      phase_ = Phase::away;
      can_resume_ = false;
      announced_ = 0;
    } else if (model_.is_initialized() && phase_ == Phase::starting) {
      phase_ = Phase::working;
      can_resume_ = true;
      plan(draw(prng_, 0ms, options_.think));
    }
    return;
  }
  on_reply(object);
}

// The response to a logout comes behind the session's last event, all others before theirs.
void Desktop::check_place(const json::object& reply) {
  if (model_.last_seq() < announced_) {
    violated("a response is followed by its events", "{} of {} when came {}", model_.last_seq(),
             announced_, json::serialize(reply));
  }
  const auto seq = static_cast<std::uint64_t>(std::max<std::int64_t>(number(reply, "seq"), 0));
  const bool is_ours = text(reply, "target").starts_with(model_.session());
  if (text(reply, "result") == "success" && is_ours && !model_.has_ended()) announced_ = seq;
}

void Desktop::on_reply(const json::object& reply) {
  const std::int64_t id = number(reply, "id");
  const auto asked = asked_.find(id);
  if (asked == asked_.end()) {
    violated("every request has at most one response", "{}", json::serialize(reply));
  }
  if (--asked->second.expected == 0) asked_.erase(asked);
  const std::string_view command = text(reply, "command");
  if (command == "prepareSession") return on_prepared(reply);
  if (command == "session.resume") return on_resumed(reply);
  check_place(reply);
  if (command == "session.start" && text(reply, "result") == "failure") {
    phase_ = Phase::away;  // Somebody else has taken over meanwhile.
  }
}

void Desktop::on_prepared(const json::object& reply) {
  if (text(reply, "result") == "success") {
    const json::object& data = reply.at("data").as_object();
    model_.begin(std::string(text(data.at("session").as_object(), "id")));
    token_ = text(data, "resumeToken");
    can_resume_ = false;
    lost_.clear();
    announced_ = 0;
    phase_ = Phase::starting;
    return ask("session.start", model_.session(), "{}");
  }
  phase_ = Phase::away;
  const bool insists = is_leaving_ || chance(prng_, 700);
  if (text(reply, "result") == "confirm" && insists) log_in(true);
}

void Desktop::on_resumed(const json::object& reply) {
  if (text(reply, "result") == "success") {
    phase_ = Phase::working;
    announced_ = static_cast<std::uint64_t>(number(reply.at("data").as_object(), "to"));
    return repeat_unanswered();
  }
  const std::string_view code = text(reply.at("failure").as_object(), "code");
  if (code == "resume.gap") {
    model_.start_over();
    phase_ = Phase::starting;
    return ask("session.start", model_.session(), "{}");
  }
  phase_ = Phase::away;
  can_resume_ = code == "not.accepting" || code == "rate.limited";
}

// With the ids they had: none is carried out twice.
void Desktop::repeat_unanswered() {
  for (auto& [id, asked] : std::exchange(lost_, {})) {
    if (!chance(prng_, 700)) continue;
    network_.send(connection_, asked.text);
    asked_[id] = {std::move(asked.text)};
  }
}

void Desktop::on_close(core::ConnectionId connection, std::uint16_t) {
  if (connection != connection_) return;
  connection_ = {};
  if (phase_ == Phase::working) lost_.merge(asked_);
  asked_.clear();
  phase_ = Phase::away;
  announced_ = 0;
}

std::string Desktop::status() const {
  constexpr std::array<std::string_view, 5> names{"away", "preparing", "starting", "resuming",
                                                  "working"};
  return fmt::format("agent {} {} connection {} waits for {} answers\n{}", agent_,
                     names.at(static_cast<std::size_t>(phase_)), connection_, asked_.size(),
                     model_.dump());
}

}  // namespace cord::sim
