#include "load/load_desktop.hpp"

#include <utility>

#include <boost/json.hpp>

#include "base/utc_text.hpp"

namespace cord::app {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr Duration retry_after = 1s;

/// Answers that ask to come again later.
bool asks_for_patience(const std::string& code) {
  return code == "not.accepting" || code == "rate.limited";
}

}  // namespace

LoadDesktop::LoadDesktop(std::size_t index, std::string agent, const DesktopHabits& habits,
                         DesktopWorld& world, Tally& tally)
    : index_(index), agent_(std::move(agent)), habits_(habits), world_(world), tally_(tally) {}

void LoadDesktop::on_open(Instant now) {
  if (model_.session().empty()) {
    phase_ = Phase::logging_in;
    return ask("prepareSession", "",
               {{"agent", {{"id", agent_}, {"password", habits_.password}}}, {"override", true}},
               now);
  }
  phase_ = Phase::resuming;
  ask("session.resume", model_.session(), {{"resumeToken", token_}, {"after", model_.last_seq()}},
      now);
}

// What binds a connection goes with it; anything else will be asked again, by the same id.
void LoadDesktop::on_lost() {
  if (phase_ == Phase::given_up) return;
  if (phase_ == Phase::working && asked_) kept_ = std::move(asked_);
  asked_.reset();
  is_put_off_ = false;
  awaited_seq_ = 0;
  if (phase_ == Phase::logging_in) model_.begin({});
  phase_ = Phase::offline;
}

void LoadDesktop::ask(std::string_view command, std::string_view target, json::object data,
                      Instant due) {
  Asked asked;
  asked.id = ++last_id_;
  asked.command = command;
  asked.text = print_request({command, target, std::move(data), asked.id});
  asked.due = due;
  world_.send(index_, asked.text);
  asked_ = std::move(asked);
}

void LoadDesktop::on_message(std::string_view text, Instant now) {
  const auto message = read_message(text);
  if (!message) {
    ++tally_.malformed;
    return;
  }
  std::visit([&](const auto& it) { take(it, now); }, *message);
}

void LoadDesktop::take(const Event& event, Instant now) {
  ++tally_.events;
  switch (model_.take(event)) {
    case SessionModel::Order::next:
      break;
    case SessionModel::Order::doubled:
      ++tally_.events_doubled;
      return;
    case SessionModel::Order::after_a_gap:
      tally_.events_lost += model_.gap();
      break;
  }
  if (event.seq > resumed_to_) {
    if (const auto at = parse_utc_text(event.time)) tally_.event.add(now - *at);
  }
  if (awaited_seq_ != 0 && event.seq >= awaited_seq_) {
    tally_.command_to_last.add(now - awaited_since_);
    awaited_seq_ = 0;
  }
  if (event.name == "session.ended") return give_up("session.ended: " + model_.ended());
  if (phase_ == Phase::resuming) note_caught_up();
  plan(Duration::zero());
}

void LoadDesktop::take(const Answer& answer, Instant now) {
  if (!asked_ || asked_->id != answer.id) {
    ++tally_.answers_doubled;
    return;
  }
  const Asked asked = *std::exchange(asked_, std::nullopt);
  if (answer.is_success()) {
    take_success(asked, answer, now);
  } else {
    take_failure(asked, answer);
  }
  if (phase_ != Phase::working || asked.is_final_look) return;
  ++tally_.commands;
  if (!asked.is_sent_again) tally_.command.add(now - asked.due);
  plan(answer.is_success() ? Duration::zero() : retry_after);
}

void LoadDesktop::take_success(const Asked& asked, const Answer& answer, Instant now) {
  if (asked.command == "prepareSession") {
    model_.begin(text_member(object_member(answer.data, "session"), "id"));
    token_ = text_member(answer.data, "resumeToken");
    return ask("session.start", model_.session(), {}, now);
  }
  if (asked.command == "session.resume") return take_resumed(answer);
  if (asked.is_final_look) {
    // What is in it was told before it, so all of that must be here.
    const std::uint64_t last = number_member(answer.data, "seq");
    if (last > model_.last_seq()) tally_.events_lost += last - model_.last_seq();
    return;
  }
  if (asked.command == "conversation.answer") ++tally_.calls;
  if (asked.command == "channel.ready") has_been_ready_ = true;
  if (!asked.is_sent_again && answer.seq > model_.last_seq()) {
    awaited_seq_ = answer.seq;
    awaited_since_ = asked.due;
  }
}

void LoadDesktop::take_failure(const Asked& asked, const Answer& answer) {
  ++tally_.failures[answer.code.empty() ? "confirm" : answer.code];
  const bool is_binding = phase_ == Phase::logging_in || phase_ == Phase::resuming;
  if (!is_binding) return;
  if (!asks_for_patience(answer.code)) return give_up(asked.command + ": " + answer.code);
  is_put_off_ = is_woken_ = true;
  world_.wake(index_, retry_after);
}

void LoadDesktop::take_resumed(const Answer& answer) {
  ++tally_.resumes;
  resumed_to_ = number_member(answer.data, "to");
  note_caught_up();
}

/// All that was missed is here: what had no answer is asked again.
void LoadDesktop::note_caught_up() {
  if (asked_ || model_.last_seq() < resumed_to_) return;
  phase_ = Phase::working;
  if (kept_) {
    asked_ = std::exchange(kept_, std::nullopt);
    asked_->is_sent_again = true;
    ++tally_.resent;
    world_.send(index_, asked_->text);
  }
  world_.settled(index_);
}

void LoadDesktop::give_up(const std::string& why) {
  if (phase_ == Phase::given_up) return;
  phase_ = Phase::given_up;
  ++tally_.sessions_lost[why];
  asked_.reset();
  world_.settled(index_);
}

void LoadDesktop::on_due(Instant now) {
  is_woken_ = false;
  if (asked_) return;
  if (std::exchange(is_put_off_, false)) return on_open(now);
  if (phase_ != Phase::working) return;
  if (const auto act = next_act()) ask(act->command, act->target, {}, now);
}

/// If there is something to do by itself, it will be done, after a delay.
void LoadDesktop::plan(Duration at_least) {
  if (phase_ == Phase::logging_in && model_.is_initialized() && !asked_) {
    phase_ = Phase::working;
    world_.settled(index_);
  }
  if (phase_ != Phase::working || is_woken_ || asked_) return;
  if (const auto act = next_act()) {
    is_woken_ = true;
    world_.wake(index_, std::max(at_least, act->delay));
  }
}

std::optional<LoadDesktop::Act> LoadDesktop::next_act() const {
  if (model_.channels().empty()) return std::nullopt;
  const ChannelView& channel = model_.channels().front();
  if (channel.state == "INACTIVE") return Act{"channel.activate", channel.target, {}};
  if (channel.state == "ACTIVE" && !has_been_ready_)
    return Act{"channel.ready", channel.target, {}};
  for (const InteractionView& it : channel.interactions) {
    const ConversationView* talk = focus_of(it);
    if (it.state == "ENDED") return Act{"interaction.complete", it.target, habits_.complete_after};
    if (talk != nullptr && talk->state == "ALERTING" && it.state == "ALERTING") {
      return Act{"conversation.answer", talk->target, habits_.answer_after};
    }
  }
  return std::nullopt;
}

const InteractionView* LoadDesktop::call() const {
  if (model_.channels().empty()) return nullptr;
  const auto& all = model_.channels().front().interactions;
  return all.empty() ? nullptr : &all.front();
}

Mood LoadDesktop::mood() const {
  if (phase_ != Phase::working || asked_ || is_woken_ || model_.channels().empty()) {
    return Mood::none;
  }
  if (const InteractionView* it = call()) {
    const ConversationView* talk = focus_of(*it);
    if (talk == nullptr || it->state != "STARTED") return Mood::none;
    if (talk->state == "CONNECTED") return Mood::connected;
    return talk->state == "HELD" ? Mood::held : Mood::none;
  }
  const std::string& state = model_.channels().front().agent_state;
  if (state == "READY") return Mood::ready;
  return state == "NOT_READY" ? Mood::not_ready : Mood::none;
}

const std::string* LoadDesktop::target_of(const MixRow& row) const {
  if (row.object == "session") return &model_.session();
  if (row.object == "channel") return &model_.channels().front().target;
  const InteractionView* it = call();
  if (it == nullptr) return nullptr;
  if (row.object == "interaction") return &it->target;
  return &focus_of(*it)->target;
}

bool LoadDesktop::run(const MixRow& row, Instant due) {
  if (!row.suits(mood())) return false;
  const std::string* const target = target_of(row);
  if (target == nullptr) return false;
  if (!row.recording.empty()) {
    const std::string& now = call()->recording;
    if (now.empty() || row.recording.find(now) == std::string_view::npos) return false;
  }
  ask(row.command, *target, json::parse({row.data.data(), row.data.size()}).as_object(), due);
  return true;
}

void LoadDesktop::ask_for_snapshot(Instant now) {
  ask("session.snapshot", model_.session(), {}, now);
  asked_->is_final_look = true;
}

}  // namespace cord::app
