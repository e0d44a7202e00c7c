#include "sim/checks.hpp"

#include <algorithm>
#include <string_view>

#include "sim/violation.hpp"
#include "support/core_invariants.hpp"
#include "support/queue_invariants.hpp"
#include "wire/names.hpp"
#include "wire/target.hpp"

namespace cord::sim {
namespace {

using namespace std::chrono_literals;

constexpr Duration tick = 2ms;  // A timer wheel's, and a little more.

void check_timer(const core::Timer& timer, std::string_view owner, std::uint64_t id, Instant now) {
  if (!timer.runs() || timer.due + tick >= now) return;
  violated("no waiting state lasts past its deadline", "{} {}: deadline of kind {} passed {} ago",
           owner, id, static_cast<int>(timer.kind), (now - timer.due).count());
}

void check_deadlines(const core::State& state, Instant now) {
  for (const auto& [id, it] : state.sessions()) {
    check_timer(it.lifetime, "session", id.value, now);
    check_timer(it.rest, "session", id.value, now);
  }
  for (const auto& [id, it] : state.channels()) {
    if (it.activation) check_timer(it.activation->timer, "channel", id.value, now);
    if (it.dial) check_timer(it.dial->timer, "channel", id.value, now);
    if (it.monitoring) check_timer(it.monitoring->timer, "channel", id.value, now);
  }
  for (const auto& [id, it] : state.interactions()) {
    check_timer(it.timer, "interaction", id.value, now);
    if (it.operation) check_timer(it.operation->timer, "interaction", id.value, now);
  }
  for (const auto& [id, it] : state.calls()) {
    check_timer(it.wait, "call", id.value, now);
    check_timer(it.rest, "call", id.value, now);
  }
}

/// The first line in which two dumps differ.
std::string first_difference(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    const std::string_view line_a = a.substr(0, a.find('\n'));
    const std::string_view line_b = b.substr(0, b.find('\n'));
    if (line_a != line_b) return fmt::format("\n  live:     {}\n  replayed: {}", line_a, line_b);
    a.remove_prefix(std::min(a.size(), line_a.size() + 1));
    b.remove_prefix(std::min(b.size(), line_b.size() + 1));
  }
  return "nowhere";
}

/// Compares one object of the state with what the client made of the events.
class NodeCheck {
 public:
  NodeCheck(const Desktop& desktop, std::size_t& found) : desktop_(desktop), found_(found) {}

  const Node& at(const std::string& target) {
    ++found_;
    const Node* node = desktop_.model().find(target);
    if (node == nullptr) differs(target, "is unknown to the client", "");
    return *node;
  }
  void same(const std::string& target, std::string_view told, std::string_view real) {
    if (told != real) differs(target, told, real);
  }

 private:
  [[noreturn]] void differs(const std::string& target, std::string_view told,
                            std::string_view real) {
    violated("the client's view is the server's", "{}: '{}', but '{}'\n{}", target, told, real,
             desktop_.status());
  }

  const Desktop& desktop_;
  std::size_t& found_;
};

void check_model(const core::State& state, const Desktop& desktop) {
  const core::Session* session = state.session_of(desktop.connection());
  if (session == nullptr || session->name != desktop.model().session()) return;
  std::size_t found = 1;
  NodeCheck check(desktop, found);
  for (const auto& [id, it] : state.channels()) {
    if (it.session != session->id) continue;
    const std::string target = wire::path_text(state.path_of(it));
    const Node& node = check.at(target);
    check.same(target, node.state, wire::name_of(it.state));
    check.same(target, node.agent_state, wire::name_of(it.agent_state));
  }
  for (const auto& [id, it] : state.interactions()) {
    if (state.at(it.channel).session != session->id) continue;
    const std::string target = wire::path_text(state.path_of(it));
    const Node& node = check.at(target);
    check.same(target, node.state, wire::name_of(it.state));
    check.same(target, node.recording, wire::name_of(it.recording_state));
  }
  for (const auto& [id, it] : state.conversations()) {
    const core::Interaction& interaction = state.at(it.interaction);
    if (state.at(interaction.channel).session != session->id) continue;
    core::ObjectPath path = state.path_of(interaction);
    path.conversation = id;
    const std::string target = wire::path_text(path);
    const Node& node = check.at(target);
    check.same(target, node.state, wire::name_of(it.state));
    check.same(target, node.muted ? "muted" : "", it.muted ? "muted" : "");
  }
  for (const auto& [id, it] : state.groups()) found += it.session == session->id ? 1 : 0;
  check.same(session->name, std::to_string(desktop.model().nodes().size()), std::to_string(found));
}

}  // namespace

void Checks::after_step(const Process& process, const Network& network, Instant now) {
  if (!process.log.first_error().empty()) {
    violated("the engine finds no fault in itself", "{}", process.log.first_error());
  }
  check_delays(network, now);
}

void Checks::thoroughly(const Process& process, const Network& network, Desktops desktops,
                        Instant now) {
  const core::State& state = process.engine.state();
  const auto broken = test::broken_invariants(state);
  if (!broken.empty()) violated("the state is sound", "{}", broken.front());
  const std::string live = state.dump();
  const std::string replayed = process.ledger.state().dump();
  if (live != replayed) {
    violated("the journal gives the live state", "{}", first_difference(live, replayed));
  }
  // What is due at this very instant is decided next.
  const auto due = process.engine.next_due();
  if (!due || *due > now) check_deadlines(state, now);
  check_offers(process, now);
  if (process.journal.is_idle()) {
    check_recorders(process);
    check_legs(process);
    check_listeners(process);
    check_models(process, network, desktops);
  }
}

void Checks::check_delays(const Network& network, Instant now) const {
  if (network.unanswered().empty() || now < delays_excused_until_) return;
  const core::Limits& limits = directory_.limits;
  // The longest: to wait for another command, and then for an answer.
  const Duration longest = limits.request_timeout + limits.answer_timeout + tick;
  const auto& [request, asked] = *network.unanswered().begin();
  const Instant since = std::max(asked, delays_excused_until_);
  if (now - since <= longest + 1s) return;
  violated("every request is answered in time", "request {} waits for {} s", request,
           std::chrono::duration_cast<std::chrono::seconds>(now - asked).count());
}

// Success of a pause is told when the state says so, and not before.
void Checks::check_recorders(const Process& process) const {
  const core::State& state = process.engine.state();
  for (const auto& recorder : process.platform.recorders()) {
    if (!recorder.takes_audio || stop_ordered_.contains(recorder.recording)) continue;
    const core::InteractionId* owner = state.find(recorder.recording);
    if (owner == nullptr) violated("no recorder is left alone", "recording {}", recorder.recording);
    const core::Interaction& it = state.at(*owner);
    const bool resumes =
        it.operation && it.operation->kind == core::OperationKind::recording_resume;
    if (it.recording_state == core::RecordingState::recording || resumes) continue;
    violated("no audio is recorded while paused", "recording {} of interaction {} in state {}",
             recorder.recording, it.id, wire::name_of(it.recording_state));
  }
}

void Checks::check_legs(const Process& process) const {
  const core::State& state = process.engine.state();
  for (const core::LegId leg : process.platform.legs()) {
    if (release_ordered_.contains(leg) || state.find(leg) != nullptr) continue;
    violated("no caller and no phone is forgotten", "leg {:x}", leg.value);
  }
  for (const auto& [id, it] : state.legs()) {
    if (process.platform.leg(id)) continue;
    violated("no ghost is waited for", "leg {:x} is known to the core only", id.value);
  }
}

void Checks::check_listeners(const Process& process) const {
  const core::State& state = process.engine.state();
  for (const core::LegId id : process.platform.legs()) {
    if (!process.platform.leg(id)->monitored || release_ordered_.contains(id)) continue;
    const core::Leg* leg = state.find(id);
    const core::Channel* channel = leg == nullptr ? nullptr : state.find(leg->channel);
    if (channel != nullptr && channel->monitoring) continue;
    violated("nobody listens but who is said to", "leg {:x}", id.value);
  }
}

void Checks::check_offers(const Process& process, Instant now) const {
  const core::State& state = process.engine.state();
  if (process.platform.is_draining()) return;
  const auto starving = test::starving_calls(state, now - tick);
  if (!starving.empty()) violated("nobody waits while an agent is free", "{}", starving.front());
}

void Checks::check_models(const Process& process, const Network& network, Desktops desktops) const {
  for (const auto& desktop : desktops) {
    if (!desktop->is_at_work() || network.in_flight(desktop->connection()) > 0) continue;
    check_model(process.engine.state(), *desktop);
  }
}

void Checks::after_death(const Disk& disk) {
  Ledger ledger(directory_);
  for (const journal::Record& record : disk.committed) ledger.take(record);
  const auto broken = test::broken_invariants(ledger.state());
  if (!broken.empty()) violated("what is committed is a sound state", "{}", broken.front());
}

void Checks::after_restart(const Process& process, Instant now) const {
  const auto broken = test::broken_after_restart(process.engine.state(), now);
  if (!broken.empty()) violated("nothing is stuck after a restart", "{}", broken.front());
}

void Checks::after_shut_down(const Process& process) {
  const core::State& state = process.engine.state();
  // Chats and e-mails are another system's, and wait for the next start.
  const std::size_t calls = state.phone_call_count();
  if (state.sessions().empty() && calls == 0 && state.legs().empty()) return;
  violated("nothing outlives the server", "{} sessions, {} calls and {} legs do",
           state.sessions().size(), calls, state.legs().size());
}

void Checks::at_end(Process& process, const Network& network, Desktops desktops) {
  for (const auto& desktop : desktops) {
    if (!desktop->is_home()) violated("everybody gets home", "{}", desktop->status());
  }
  if (!network.unanswered().empty()) {
    violated("every request has a response in the end", "request {} has none",
             network.unanswered().begin()->first);
  }
  const core::State& state = process.engine.state();
  const auto gone = [](std::size_t left, std::string_view what) {
    if (left != 0) violated("nothing is left in the end", "{} {}", left, what);
  };
  gone(state.sessions().size(), "sessions");
  gone(state.groups().size(), "groups");
  gone(state.channels().size(), "channels");
  gone(state.interactions().size(), "interactions");
  gone(state.conversations().size(), "conversations");
  gone(state.calls().size(), "calls");
  gone(state.legs().size(), "legs");
  gone(state.recordings().size(), "recordings");
  gone(state.deadline_count(), "deadlines");
  gone(process.platform.legs().size(), "legs of the platform");
  gone(process.platform.recording_count(), "recorders of the platform");
  gone(process.platform.open_transfers(), "transfers of phones that nobody has ended");
  gone(process.engine.is_idle() ? 0 : 1, "busy engine");
  process.engine.publish_gauges();
  for (const MetricSample& it : process.metrics.collect()) {
    const bool is_of_the_past =
        it.name == "cord_journal_snapshot_bytes" || it.name.starts_with("cord_bound_");
    if (!it.counts_up && !is_of_the_past) gone(static_cast<std::size_t>(it.value), it.name);
  }
}

void Checks::note_order(const core::Effect& order) {
  if (const auto* stop = std::get_if<core::StopRecording>(&order)) {
    stop_ordered_.insert(stop->recording);
  } else if (const auto* release = std::get_if<core::ReleaseLeg>(&order)) {
    release_ordered_.insert(release->leg);
  }
}

void Checks::process_started() {
  stop_ordered_.clear();
  release_ordered_.clear();
}

}  // namespace cord::sim
