#include "drivers/sim/sim_driver.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "base/timer_wheel.hpp"

namespace cord::drivers::sim {
namespace {

using core::Cause;
using core::LegId;
using core::RecordingId;
using Order = core::LegOrderFailed::Order;

std::string words_for(Cause cause) {
  switch (cause) {
    case Cause::busy:
      return "486 Busy Here";
    case Cause::rejected:
      return "603 Decline";
    case Cause::unreachable:
      return "503 Service Unavailable";
    case Cause::timeout:
      return "408 Request Timeout";
    case Cause::failed:
      return "500 Simulated Failure";
    default:
      return "";
  }
}

}  // namespace

class SimDriver::World {
 public:
  World(const SimOptions& options, std::uint64_t seed, ReportSink sink)
      : options_(options), prng_(seed), sink_(std::move(sink)) {}

  [[nodiscard]] const SimOptions& options() const { return options_; }

  Result<LegId> call_arrives(const std::string& called, const std::string& caller, Instant now) {
    if (is_draining_) return refuse(Errc::not_accepting, "sim.call", "draining");
    if (legs_.size() >= options_.legs_max) return refuse(Errc::full, "sim.call", legs_.size());
    const LegId id{core::inbound_leg_bit | ++last_inbound_};
    legs_[id].phase = LegPhase::arrived;
    if (options_.caller_patience) {
      later(draw(*options_.caller_patience), core::LegReleased{id, Cause::remote, ""}, now);
    }
    sink_(core::CallArrived{id, called, caller, "", fmt::format("sim-{}", last_inbound_)});
    return id;
  }

  bool hangs_up(LegId id, Cause cause) {
    LegView* leg = find(id);
    if (leg == nullptr || leg->phase == LegPhase::releasing) return false;
    arrive(core::LegReleased{id, cause, words_for(cause)});
    return true;
  }

  bool is_in(LegId id, LegPhase phase) { return find(id) != nullptr && find(id)->phase == phase; }

  LegView* find(LegId id) {
    const auto it = legs_.find(id);
    return it == legs_.end() ? nullptr : &it->second;
  }

  // --- Orders ----------------------------------------------------------------------------------

  void execute(const core::AcceptLeg& order, Instant) {
    if (is_in(order.leg, LegPhase::arrived)) find(order.leg)->phase = LegPhase::waiting;
  }

  void execute(const core::OriginateLeg& order, Instant now) {
    if (!begins_to_call(order.leg, now)) return;
    if (is_refused()) {
      const Cause cause = draw_refusal();
      return later(draw(options_.order_latency),
                   core::LegReleased{order.leg, cause, words_for(cause)}, now);
    }
    ring(order.leg, {.ring_max = order.ring_max, .picks_up = order.auto_answer}, now);
  }

  // What the descriptions say is nobody's business here.
  void execute(const core::AnswerOffer& order, Instant now) {
    const Duration way = latency();
    const bool is_new = find(order.leg) == nullptr;
    const bool is_full = is_new && legs_.size() >= options_.legs_max;
    if (is_full || is_refused() || is_in(order.leg, LegPhase::releasing)) {
      return later(
          way,
          core::OfferRefused{order.leg, order.channel, order.request,
                             is_full ? Cause::busy : Cause::rejected, words_for(Cause::rejected)},
          now);
    }
    if (is_new) legs_[order.leg].phase = LegPhase::calling;
    later(way, core::OfferAnswered{order.leg, order.channel, order.request, "v=0"}, now);
    later(way + draw(options_.pickup), core::LegMediaUp{order.leg}, now);
  }

  void execute(const core::DialLeg& order, Instant now) {
    if (!begins_to_call(order.leg, now)) return;
    const Duration way = draw(options_.order_latency);
    // Refused by the platform itself, or by the far end.
    const bool is_placed = !is_refused();
    if (is_placed) {
      later(way, core::LegDialed{order.leg, fmt::format("sim-out-{}", order.leg)}, now);
    }
    if (!is_placed || is_refused()) {
      const Cause cause = draw_refusal();
      return later(way, core::LegReleased{order.leg, cause, words_for(cause)}, now);
    }
    ring(order.leg, {.way = way, .ring_max = order.ring_max}, now);
  }

  void execute(const core::PlayRinging&, Instant) {}
  void execute(const core::StopRinging&, Instant) {}

  void execute(const core::ReleaseLeg& order, Instant now) {
    if (LegView* leg = find(order.leg)) {
      if (leg->phase == LegPhase::releasing) return;
      leg->phase = LegPhase::releasing;
      return later(draw(options_.order_latency), core::LegReleased{order.leg, order.cause, ""},
                   now);
    }
    sink_(core::LegReleased{order.leg, order.cause, ""});
  }

  void execute(const core::BridgeLegs& order, Instant now) {
    const bool possible = is_bridgeable(order.customer) && is_in(order.agent, LegPhase::up);
    if (!is_taken({order.agent, Order::bridge, possible}, now)) return;
    find(order.customer)->phase = LegPhase::up;
    connect(order.customer, order.agent);
    connect(order.agent, order.customer);
    later(latency(), core::LegsBridged{order.customer, order.agent}, now);
  }

  // Who talks with several has itself as its peer. All who are in the mix already stay in it.
  void execute(const core::MixLegs& order, Instant now) {
    const bool are_there = std::all_of(order.others.begin(), order.others.end(),
                                       [&](LegId id) { return is_in(id, LegPhase::up); });
    const bool possible = are_there && is_in(order.leg, LegPhase::up);
    if (!is_taken({order.leg, Order::mix, possible}, now)) return;
    connect_to_mix(order.leg, order.mix);
    for (const LegId other : order.others) connect_to_mix(other, order.mix);
    later(latency(), core::LegsMixed{order.leg}, now);
  }
  void execute(const core::LeaveMix& order, Instant) {
    if (is_in_mix(order.leg, order.mix)) connect(order.leg, {});
  }

  void execute(const core::ParkLeg& order, Instant) {
    LegView* leg = find(order.leg);
    if (leg == nullptr) return;
    leave(*leg, order.leg);
    leg->muted = false;
  }

  void execute(const core::HoldLeg& order, Instant now) {
    const bool possible =
        order.customer ? is_with(order.agent, order.customer) : is_in_mix(order.agent, order.mix);
    if (!is_taken({order.agent, Order::hold, possible}, now)) return;
    find(order.agent)->holds = true;
    later(latency(), core::LegHeld{order.agent, order.customer, order.mix}, now);
  }
  void execute(const core::RetrieveLeg& order, Instant now) {
    const LegId peer = order.customer ? order.customer : order.agent;
    const bool possible = is_in(peer, LegPhase::up) && is_in(order.agent, LegPhase::up);
    if (!is_taken({order.agent, Order::retrieve, possible}, now)) return;
    connect(order.agent, peer);
    find(order.agent)->mix = order.mix;
    later(latency(), core::LegRetrieved{order.agent, order.customer, order.mix}, now);
  }
  void execute(const core::MuteLeg& order, Instant now) {
    answer({order.agent, Order::mute, is_in(order.agent, LegPhase::up)},
           core::LegMuted{order.agent}, now);
  }
  void execute(const core::UnmuteLeg& order, Instant now) {
    answer({order.agent, Order::unmute, is_in(order.agent, LegPhase::up)},
           core::LegUnmuted{order.agent}, now);
  }

  void execute(const core::MonitorLeg& order, Instant now) {
    const bool possible = is_in(order.agent, LegPhase::up) && is_in(order.supervisor, LegPhase::up);
    if (!is_taken({order.supervisor, Order::monitor, possible}, now)) return;
    listen(order.supervisor, order.agent);
    find(order.supervisor)->monitor_mode = order.mode;
    later(latency(), core::LegMonitored{order.supervisor, order.agent, order.mode}, now);
  }

  void execute(const core::SendDigits& order, Instant now) {
    answer({order.agent, Order::tones, is_bridged(order.agent)}, core::TonesSent{order.agent}, now);
  }

  void execute(const core::AcceptTransfer&, Instant) {}
  void execute(const core::EndTransfer& order, Instant) {
    if (transfers_.erase(order.request) != 0) last_transfer_ = order.end;
  }
  void ask_for_transfer(LegId leg, const std::string& to) {
    const core::RequestId request{core::phone_request_bit | ++last_request_};
    transfers_.insert(request);
    sink_(core::LegTransferRequested{leg, request, to});
  }
  [[nodiscard]] std::size_t open_transfers() const { return transfers_.size(); }
  [[nodiscard]] std::optional<core::TransferEnd> last_transfer() const { return last_transfer_; }

  void execute(const core::StartRecording& order, Instant now) {
    if (has_recorder(order.recording)) return;
    if (recorders_.size() >= options_.recordings_max) {
      return sink_(core::RecordingFailed{order.recording, "the simulator is full"});
    }
    recorders_[order.recording] = {order.recording};
    answer(order.recording, core::RecordingStarted{order.recording, order.base_name + ".wav"}, now);
  }
  void execute(const core::MoveRecording&, Instant) {}
  void execute(const core::PauseRecording& order, Instant now) {
    answer(order.recording, core::RecordingPaused{order.recording}, now);
  }
  void execute(const core::ResumeRecording& order, Instant now) {
    answer(order.recording, core::RecordingResumed{order.recording}, now);
  }
  void execute(const core::StopRecording& order, Instant now) {
    if (!has_recorder(order.recording)) return;
    later(draw(options_.order_latency), core::RecordingStopped{order.recording}, now);
  }

  // --- Time ------------------------------------------------------------------------------------

  void on_timer(Instant now) {
    while (auto due = timers_.advance(now)) arrive(std::move(*due));
  }
  [[nodiscard]] std::optional<Instant> next_due() const { return timers_.next_due(); }
  void drain() { is_draining_ = true; }
  [[nodiscard]] bool is_draining() const { return is_draining_; }

  /// `report` takes effect now, and is reported, if the world still allows it.
  void arrive(core::Report&& report) {
    if (std::visit([&](const auto& it) { return take_effect(it); }, report)) {
      sink_(std::move(report));
    }
  }

  [[nodiscard]] std::size_t leg_count() const { return legs_.size(); }

  [[nodiscard]] std::vector<LegId> legs() const {
    std::vector<LegId> all;
    for (const auto& [id, leg] : legs_) all.push_back(id);
    return all;
  }
  [[nodiscard]] std::vector<RecorderView> recorders() const {
    std::vector<RecorderView> all;
    for (const auto& [id, recorder] : recorders_) all.push_back(recorder);
    return all;
  }
  [[nodiscard]] std::size_t recording_count() const { return recorders_.size(); }
  [[nodiscard]] bool has_recorder(RecordingId id) const { return recorders_.contains(id); }

 private:
  // --- Whether a report is still true when it arrives, and what it changes ----------------------

  bool take_effect(const core::LegDialed& it) { return is_in(it.leg, LegPhase::calling); }
  bool take_effect(const core::LegRinging& it) {
    if (!is_in(it.leg, LegPhase::calling)) return false;
    find(it.leg)->phase = LegPhase::ringing;
    return true;
  }
  bool take_effect(const core::LegAnswered& it) {
    if (!is_in(it.leg, LegPhase::calling) && !is_in(it.leg, LegPhase::ringing)) return false;
    find(it.leg)->phase = LegPhase::up;
    return true;
  }
  bool take_effect(const core::OfferAnswered& it) { return find(it.leg) != nullptr; }
  bool take_effect(const core::OfferRefused&) { return true; }
  bool take_effect(const core::LegMediaUp& it) {
    if (is_in(it.leg, LegPhase::calling)) find(it.leg)->phase = LegPhase::up;
    return is_in(it.leg, LegPhase::up);
  }
  bool take_effect(const core::LegMediaLost& it) { return is_in(it.leg, LegPhase::up); }
  bool take_effect(const core::LegReleased& it) {
    LegView* leg = find(it.leg);
    if (leg == nullptr) return false;
    // A phone that has answered no longer rings too long.
    if (it.cause == Cause::timeout && leg->phase == LegPhase::up) return false;
    leave(*leg, it.leg);
    legs_.erase(it.leg);
    return true;
  }
  bool take_effect(const core::LegsBridged& it) {
    return is_in(it.customer, LegPhase::up) && is_in(it.agent, LegPhase::up);
  }
  bool take_effect(const core::LegHeld& it) { return is_in(it.leg, LegPhase::up); }
  bool take_effect(const core::LegRetrieved& it) {
    const bool has_peer = !it.customer || is_in(it.customer, LegPhase::up);
    return has_peer && is_in(it.leg, LegPhase::up);
  }
  bool take_effect(const core::LegsMixed& it) { return is_in(it.leg, LegPhase::up); }
  bool take_effect(const core::LegMonitored& it) {
    return is_in(it.leg, LegPhase::up) && find(it.leg)->monitored == it.agent;
  }
  bool take_effect(const core::TonesSent& it) { return is_bridged(it.leg); }
  bool take_effect(const core::LegMuted& it) { return set_muted(it.leg, true); }
  bool take_effect(const core::LegUnmuted& it) { return set_muted(it.leg, false); }
  bool take_effect(const core::LegOrderFailed& it) { return find(it.leg) != nullptr; }
  bool take_effect(const core::RecordingStarted& it) { return set_audio(it.recording, true); }
  bool take_effect(const core::RecordingPaused& it) { return set_audio(it.recording, false); }
  bool take_effect(const core::RecordingResumed& it) { return set_audio(it.recording, true); }
  bool take_effect(const core::RecordingStopped& it) { return recorders_.erase(it.recording) > 0; }
  bool take_effect(const core::RecordingFailed& it) { return recorders_.erase(it.recording) > 0; }
  // The others are reported as they happen.
  bool take_effect(const core::CallArrived&) { return true; }
  bool take_effect(const core::LegHeldByPhone&) { return true; }
  bool take_effect(const core::LegTransferRequested&) { return true; }
  bool take_effect(const core::LegRetrievedByPhone&) { return true; }

  bool set_muted(LegId id, bool value) {
    if (!is_in(id, LegPhase::up)) return false;
    find(id)->muted = value;
    return true;
  }
  bool set_audio(RecordingId id, bool is_taken) {
    if (!has_recorder(id)) return false;
    recorders_[id].takes_audio = is_taken;
    return true;
  }
  [[nodiscard]] bool is_bridged(LegId id) {
    return is_in(id, LegPhase::up) && find(id)->peer != LegId{};
  }
  [[nodiscard]] bool is_bridgeable(LegId id) {
    return is_in(id, LegPhase::arrived) || is_in(id, LegPhase::waiting) || is_in(id, LegPhase::up);
  }

  /// `id` speaks to `peer` if that does so too.
  void connect(LegId id, LegId peer) {
    LegView& leg = *find(id);
    if (LegView* old = find(leg.peer)) std::erase(old->wanted_by, id);
    leg.peer = peer;
    leg.mix = {};
    leg.holds = false;
    if (LegView* fresh = find(peer)) fresh->wanted_by.push_back(id);
  }
  void connect_to_mix(LegId id, core::CallId mix) {
    connect(id, id);
    find(id)->mix = mix;
  }
  /// `id` hears what `agent` does.
  void listen(LegId id, LegId agent) {
    LegView& leg = *find(id);
    if (LegView* old = find(leg.monitored)) std::erase(old->monitored_by, id);
    leg.monitored = agent;
    if (LegView* fresh = find(agent)) fresh->monitored_by.push_back(id);
  }
  /// Nobody speaks to `leg` any more, or listens to it; nor does it.
  void leave(LegView& leg, LegId id) {
    for (const LegId other : std::exchange(leg.wanted_by, {})) {
      find(other)->peer = {};
      find(other)->holds = false;
    }
    for (const LegId other : std::exchange(leg.monitored_by, {})) find(other)->monitored = {};
    connect(id, {});
    listen(id, {});
  }
  [[nodiscard]] bool is_with(LegId id, LegId peer) {
    return is_in(id, LegPhase::up) && peer != LegId{} && find(id)->peer == peer;
  }

  [[nodiscard]] bool is_in_mix(LegId id, core::CallId mix) {
    return is_with(id, id) && find(id)->mix == mix;
  }

  // --- Chance and time --------------------------------------------------------------------------

  Cause draw_refusal() {
    constexpr std::array causes{Cause::busy, Cause::rejected, Cause::unreachable, Cause::failed};
    return causes[prng_.below(causes.size())];
  }
  /// False if nothing more is to be done about the leg: it is there already, or there is no room.
  bool begins_to_call(LegId id, Instant now) {
    if (find(id) != nullptr) return false;
    const bool is_full = legs_.size() >= options_.legs_max;
    legs_[id].phase = is_full ? LegPhase::releasing : LegPhase::calling;
    if (is_full) {
      later(Duration::zero(), core::LegReleased{id, Cause::failed, "the simulator is full"}, now);
    }
    return !is_full;
  }

  struct Ringing {
    Duration way{};       ///< until the far end hears of it
    Duration ring_max{};  ///< from then on
    bool picks_up = false;
  };
  void ring(LegId id, const Ringing& plan, Instant now) {
    later(plan.way + plan.ring_max,
          core::LegReleased{id, Cause::timeout, words_for(Cause::timeout)}, now);
    const Duration rings = plan.way + draw(options_.ring);
    later(rings, core::LegRinging{id}, now);
    if (plan.picks_up || options_.phones_pick_up) {
      later(rings + draw(options_.pickup), core::LegAnswered{id}, now);
    }
  }

  bool is_refused() { return prng_.below(1'000) < options_.refused_permille; }
  bool is_silent() { return prng_.below(1'000) < options_.silent_permille; }

  struct OrderOnLeg {
    LegId leg;
    Order order;
    bool possible;
  };
  /// Whether the platform carries the order out; one that it refuses is reported. Who is connected
  /// with whom changes at once, so that of several orders the last one counts, and is told later.
  bool is_taken(const OrderOnLeg& asked, Instant now) {
    if (find(asked.leg) == nullptr || is_silent()) return false;
    if (asked.possible && !is_refused()) return true;
    later(latency(), core::LegOrderFailed{asked.leg, asked.order, words_for(Cause::failed)}, now);
    return false;
  }
  void answer(const OrderOnLeg& asked, core::Report&& success, Instant now) {
    if (is_taken(asked, now)) later(latency(), std::move(success), now);
  }
  void answer(RecordingId recording, core::Report&& success, Instant now) {
    if (!has_recorder(recording) || is_silent()) return;
    const Duration latency = draw(options_.order_latency);
    if (is_refused()) {
      return later(latency, core::RecordingFailed{recording, "simulated failure"}, now);
    }
    later(latency, std::move(success), now);
  }

  Duration latency() { return draw(options_.order_latency); }

  Duration draw(const Span& span) {
    const auto width = static_cast<std::uint64_t>((span.max - span.min).count());
    return span.min + Duration(static_cast<std::int64_t>(prng_.below(width + 1)));
  }

  void later(Duration delay, core::Report&& report, Instant now) {
    if (delay <= Duration::zero()) return arrive(std::move(report));
    timers_.start(now + delay, std::move(report));
  }

  const SimOptions options_;
  Prng prng_;
  const ReportSink sink_;
  std::map<LegId, LegView> legs_;
  std::map<RecordingId, RecorderView> recorders_;
  TimerWheel<core::Report> timers_;
  std::set<core::RequestId> transfers_;  ///< asked for, and not ended
  std::optional<core::TransferEnd> last_transfer_;
  std::uint64_t last_inbound_ = 0;
  std::uint64_t last_request_ = 0;
  bool is_draining_ = false;
};

SimDriver::SimDriver(const SimOptions& options, std::uint64_t seed, ReportSink sink)
    : world_(std::make_unique<World>(options, seed, std::move(sink))) {}

SimDriver::~SimDriver() = default;

core::Capabilities SimDriver::capabilities() const {
  return world_->options().capabilities;
}

void SimDriver::execute(const core::Effect& order, Instant now) {
  std::visit([&](const auto& it) { world_->execute(it, now); }, order);
}

void SimDriver::on_timer(Instant now) {
  world_->on_timer(now);
}

std::optional<Instant> SimDriver::next_due() const {
  return world_->next_due();
}

void SimDriver::drain(Instant) {
  world_->drain();
}

bool SimDriver::is_quiet() const {
  return leg_count() == 0;
}

std::size_t SimDriver::leg_count() const {
  return world_->leg_count();
}

bool SimDriver::is_draining() const {
  return world_->is_draining();
}

Result<LegId> SimDriver::call_arrives(const std::string& called, const std::string& caller,
                                      Instant now) {
  return world_->call_arrives(called, caller, now);
}

bool SimDriver::hangs_up(LegId leg, Cause cause) {
  return world_->hangs_up(leg, cause);
}

bool SimDriver::phone_answers(LegId leg) {
  if (!world_->is_in(leg, LegPhase::ringing)) return false;
  world_->arrive(core::LegAnswered{leg});
  return true;
}

bool SimDriver::phone_refuses(LegId leg, Cause cause) {
  if (!world_->is_in(leg, LegPhase::calling) && !world_->is_in(leg, LegPhase::ringing)) {
    return false;
  }
  return world_->hangs_up(leg, cause);
}

bool SimDriver::phone_holds(LegId leg) {
  if (!world_->is_in(leg, LegPhase::up)) return false;
  world_->arrive(core::LegHeldByPhone{leg});
  return true;
}

bool SimDriver::phone_retrieves(LegId leg) {
  if (!world_->is_in(leg, LegPhase::up)) return false;
  world_->arrive(core::LegRetrievedByPhone{leg});
  return true;
}

bool SimDriver::browser_is_lost(LegId leg) {
  if (!world_->is_in(leg, LegPhase::up)) return false;
  world_->arrive(core::LegMediaLost{leg});
  return true;
}

bool SimDriver::browser_is_back(LegId leg) {
  if (!world_->is_in(leg, LegPhase::up)) return false;
  world_->arrive(core::LegMediaUp{leg});
  return true;
}

bool SimDriver::phone_transfers(LegId leg, const std::string& to) {
  if (!world_->is_in(leg, LegPhase::up)) return false;
  world_->ask_for_transfer(leg, to);
  return true;
}

std::size_t SimDriver::open_transfers() const {
  return world_->open_transfers();
}

std::optional<core::TransferEnd> SimDriver::last_transfer() const {
  return world_->last_transfer();
}

bool SimDriver::recorder_fails(RecordingId recording) {
  if (!world_->has_recorder(recording)) return false;
  world_->arrive(core::RecordingFailed{recording, "No space left on device"});
  return true;
}

std::optional<LegView> SimDriver::leg(LegId id) const {
  const LegView* leg = world_->find(id);
  return leg == nullptr ? std::nullopt : std::optional(*leg);
}

std::vector<LegId> SimDriver::legs() const {
  return world_->legs();
}

std::vector<RecorderView> SimDriver::recorders() const {
  return world_->recorders();
}

std::size_t SimDriver::recording_count() const {
  return world_->recording_count();
}

}  // namespace cord::drivers::sim
