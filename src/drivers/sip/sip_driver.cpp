#include "drivers/sip/sip_driver.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "drivers/sip/sip_driver_impl.hpp"

namespace cord::drivers {
namespace {

constexpr std::size_t released_max = 16'384;

sip::RegistrationConfig registration_config(const Trunk& trunk) {
  const Peer at = registrar_of(trunk);
  sip::RegistrationConfig out{.name = trunk.name,
                              .registrars = {},
                              .domain = trunk.domain.empty() ? at.server.host : trunk.domain,
                              .account = trunk.account,
                              .expires = trunk.expires};
  if (at.address) out.registrars = {next_hop(at)};
  return out;
}

std::uint32_t in_seconds(Duration duration) {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

sip::UserAgentConfig agent_config(const SipConfig& config) {
  sip::UserAgentConfig out;
  out.transactions.t1 = config.t1;
  out.transactions.t2 = config.t2;
  out.transactions.transactions_max = config.transactions_max;
  out.transactions_busy_max = transactions_busy(config);
  out.calls_max = config.legs_max;
  out.session_expires_s = in_seconds(config.session_expires);
  out.min_se_s = in_seconds(config.min_se);
  out.dialog_check = config.dialog_check;
  for (const Trunk& trunk : config.trunks) {
    if (trunk.registers) out.registrations.push_back(registration_config(trunk));
  }
  if (!config.registrar.subscribers.empty()) out.registrar = config.registrar;
  return out;
}

// What an unanswered caller is told.
std::uint16_t status_for(core::Cause cause) {
  switch (cause) {
    case core::Cause::rejected:
      return 404;
    case core::Cause::busy:
      return 486;
    case core::Cause::shutdown:
      return 503;
    default:
      return 480;
  }
}

std::optional<Instant> earlier(std::optional<Instant> a, std::optional<Instant> b) {
  if (a && b) return std::min(*a, *b);
  return a ? a : b;
}

}  // namespace

SipDriver::Impl::Impl(SipConfig config, std::vector<sip::Listener> listeners,
                      SipSurroundings surroundings, sip::IdSecret secret, Instant now)
    : config_(std::move(config)),
      listeners_(std::move(listeners)),
      outside_(std::move(surroundings)),
      ids_(sip::IdSecret{secret.k1, secret.k0}),
      agent_(agent_config(config_), listeners_, secret),
      desk_(outside_.media, config_.media_reply_max, config_.recorder_reply_max),
      metrics_(outside_.metrics, config_),
      names_(transports_of(listeners_), outside_.dns, outside_.log, outside_.metrics, ids_.next()),
      trunks_(config_.trunks, names_, outside_.metrics),
      last_inbound_(static_cast<std::uint64_t>(now.time_since_epoch().count())) {
  begin_names();
}

void SipDriver::Impl::on_input(const SipInput& input, Instant now) {
  const std::size_t waiting = outside_.inputs_waiting ? outside_.inputs_waiting() : 0;
  metrics_.show_waiting(waiting);
  agent_.set_busy(waiting >= config_.inputs_busy_max);
  std::visit([&](const auto& it) { read(it, now); }, input);
}

void SipDriver::Impl::read(const DatagramsArrived& it, Instant now) {
  for (const net::Datagram& datagram : it.batch) {
    const sip::Flow flow{
        sip::Transport::udp, it.listener, {datagram.from.ip, datagram.from.port}, 0};
    agent_.receive(datagram.bytes, flow, now);
  }
  settle(now);
}

void SipDriver::Impl::read(const StreamBytes& it, Instant now) {
  const std::size_t framers_max = config_.stream_connections_max * listeners_.size();
  const auto [place, is_new] = framers_.try_emplace(it.flow.connection, sip::StreamFramer{});
  if (is_new && framers_.size() > framers_max) break_stream(it.flow, "too many connections");
  if (!place->second) return;  // Broken: it is being closed.
  sip::StreamFramer& framer = *place->second;
  framer.push(it.bytes);
  for (auto frame = framer.next(); !frame || *frame; frame = framer.next()) {
    if (!frame) {
      break_stream(it.flow, frame.error().detail);
      break;
    }
    if (const auto* message = std::get_if<sip::FramedMessage>(&**frame)) {
      agent_.receive(message->bytes, it.flow, now);
    } else {
      outside_.transport.send(it.flow, std::string(sip::stream_pong));
    }
  }
  settle(now);
}

// A stream whose framing is lost cannot be found into again: RFC 3261 §18.3.
void SipDriver::Impl::break_stream(const sip::Flow& flow, std::string_view why) {
  framers_[flow.connection].reset();
  metrics_.streams_broken.add();
  outside_.log.warn("sip.stream_broken", {{"peer", sip::print(flow.remote)}, {"why", why}});
  outside_.transport.close(flow);
}

void SipDriver::Impl::read(const StreamClosed& it, Instant now) {
  if (!it.detail.empty()) {
    outside_.log.info("sip.stream_failed",
                      {{"peer", sip::print(it.flow.remote)}, {"why", it.detail}});
  }
  framers_.erase(it.flow.connection);
  agent_.transport_failed(it.flow, now);
  settle(now);
}

// Carries out all that has come out of the user agent, and what follows from that. May be called
// from within: the order stays that of the outputs.
void SipDriver::Impl::settle(Instant now) {
  for (;;) {
    for (auto& output : agent_.take_outputs()) outputs_.push_back(std::move(output));
    if (outputs_.empty()) break;
    sip::UserAgentOutput output = std::move(outputs_.front());
    outputs_.pop_front();
    std::visit([&](auto& it) { take(it, now); }, output);
  }
  metrics_.show(agent_, legs_.size());
}

void SipDriver::Impl::on_timer(Instant now) {
  agent_.on_timer(now);
  while (const auto reply = desk_.expire(now)) expire(*reply, now);
  end_farewells(now);
  names_.on_timer(now);
  settle(now);
}

std::optional<Instant> SipDriver::Impl::next_due() const {
  const auto farewell =
      farewells_.empty() ? std::nullopt : std::optional(farewells_.begin()->first);
  return earlier(earlier(farewell, agent_.next_due()),
                 earlier(desk_.next_due(), names_.next_due()));
}

void SipDriver::Impl::drain(Instant now) {
  agent_.drain(now);
  settle(now);
}

Leg* SipDriver::Impl::find(core::LegId id) {
  const auto found = legs_.find(id);
  return found == legs_.end() ? nullptr : &found->second;
}

Leg* SipDriver::Impl::find_up(core::LegId id) {
  Leg* leg = find(id);
  const bool is_up = leg != nullptr && leg->phase == LegPhase::up;
  return is_up && leg->stream_phase == StreamPhase::open ? leg : nullptr;
}

Leg* SipDriver::Impl::find_by_call(sip::CallHandle call) {
  const auto found = by_call_.find(call);
  return found == by_call_.end() ? nullptr : find(found->second);
}

Leg* SipDriver::Impl::find_by_stream(media::StreamId stream) {
  const auto found = by_stream_.find(stream);
  return found == by_stream_.end() ? nullptr : find(found->second);
}

Leg& SipDriver::Impl::add_leg(core::LegId id, bool is_inbound) {
  Leg& leg = legs_[id];
  leg.id = id;
  leg.is_inbound = is_inbound;
  leg.phase = is_inbound ? LegPhase::arriving : LegPhase::calling;
  return leg;
}

// The end comes as CallEnded, or at once if there is no call yet.
void SipDriver::Impl::hang_up(Leg& leg, core::Cause cause, std::string detail, Instant now) {
  if (leg.phase == LegPhase::closing) return;
  if (!leg.call) return end_leg(leg, cause, std::move(detail), now);
  leg.ordered_cause = cause;
  leg.ordered_detail = std::move(detail);
  agent_.hang_up(leg.call, now, status_for(cause));
}

void SipDriver::Impl::end_leg(Leg& leg, core::Cause cause, std::string detail, Instant now) {
  if (leg.phase == LegPhase::closing) return;
  leg.phase = LegPhase::closing;
  leg.cause = cause;
  leg.detail = std::move(detail);
  by_call_.erase(leg.call);
  forget_browser(leg);
  take_orphans(leg);
  leave(leg, now);
  if (leg.stream_phase == StreamPhase::none) return report_released(leg);
  close_stream(leg, 1, now);
}

// Orders under way fail with the leg, but only after its end was told: that is why they fail.
void SipDriver::Impl::take_orphans(Leg& leg) {
  for (auto it = operations_.begin(); it != operations_.end();) {
    const bool is_ours = it->second.customer == leg.id || it->second.agent == leg.id;
    if (is_ours) leg.orphans.push_back(it->second);
    it = is_ours ? operations_.erase(it) : std::next(it);
  }
}

void SipDriver::Impl::report_released(Leg& leg, const std::optional<core::LegQuality>& quality) {
  release_coder(leg);
  const Leg gone = std::move(leg);
  by_stream_.erase(gone.stream);
  legs_.erase(gone.id);
  if (gone.trunk) trunks_.release(*gone.trunk);
  released_.push_back(gone.id);
  released_set_.insert(gone.id);
  if (released_.size() > released_max) {
    released_set_.erase(released_.front());
    released_.pop_front();
  }
  outside_.log.info("leg.released", {{"leg", gone.id}, {"detail", gone.detail}});
  report(core::LegReleased{gone.id, gone.cause, gone.detail, quality});
  for (const Operation& orphan : gone.orphans) report_failed(orphan, "the leg has ended");
}

void SipDriver::Impl::run(const core::ReleaseLeg& it, Instant now) {
  if (Leg* leg = find(it.leg)) {
    if (say_farewell(*leg, it, now)) return;
    return hang_up(*leg, it.cause, "released", now);
  }
  // After a restart the core may know legs that we do not: those are gone, and that is told. One
  // that ended a moment ago has had its report.
  if (released_set_.contains(it.leg)) return;
  report(core::LegReleased{it.leg, it.cause, "no such leg"});
}

SipDriver::SipDriver(SipConfig config, std::vector<sip::Listener> listeners,
                     SipSurroundings surroundings, sip::IdSecret secret, Instant now)
    : impl_(std::make_unique<Impl>(std::move(config), std::move(listeners), std::move(surroundings),
                                   secret, now)) {}
SipDriver::~SipDriver() = default;

void SipDriver::execute(const core::Effect& order, Instant now) {
  impl_->execute(order, now);
}
void SipDriver::on_timer(Instant now) {
  impl_->on_timer(now);
}
std::optional<Instant> SipDriver::next_due() const {
  return impl_->next_due();
}
void SipDriver::drain(Instant now) {
  impl_->drain(now);
}
bool SipDriver::is_quiet() const {
  return impl_->is_quiet();
}
void SipDriver::on_input(const SipInput& input, Instant now) {
  impl_->on_input(input, now);
}
void SipDriver::on_media(const media::Report& report, Instant now) {
  impl_->on_media(report, now);
}
std::size_t SipDriver::legs() const {
  return impl_->legs();
}
std::size_t SipDriver::operations() const {
  return impl_->operations();
}
std::size_t SipDriver::held_calls() const {
  return impl_->held_calls();
}

}  // namespace cord::drivers
