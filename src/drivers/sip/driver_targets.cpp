// Where a leg is called: a fixed phone, the contacts a phone has registered, or the peers of a
// trunk, one after the other until one takes the call (RFC 3261 §8.1.2, RFC 3263 §4.3); and who has
// registered, for the log.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "drivers/sip/sip_driver_impl.hpp"

namespace cord::drivers {
namespace {

// A far end that has heard an INVITE says 100 at once. In eight times T1 it was sent four times.
constexpr int silence_t1 = 8;

// There is no one way to ask a phone to pick up by itself: RFC 5373, Call-Info (Polycom, Snom,
// Grandstream, Cisco SPA, baresip) and Alert-Info (Yealink, Mitel, Gigaset).
std::vector<sip::Header> auto_answer_headers(const std::string& host) {
  return {{std::string(sip::header::call_info), fmt::format("<sip:{}>;answer-after=0", host)},
          {std::string(sip::header::alert_info),
           fmt::format("<sip:{}>;info=alert-autoanswer;delay=0", host)},
          {"Answer-Mode", "Auto"}};
}

// What is looked up does not stand in the Request-URI: RFC 3263 §4.
sip::Uri address_of(const std::string& user, const sip::ServerName& server) {
  sip::Uri uri = sip::sip_uri("", server.host, server.port);
  uri.user = user;
  if (server.transport && sip::is_reliable(*server.transport)) {
    uri.params.set("transport", std::string(sip::uri_name(*server.transport)));
  }
  return uri;
}

// Whether another target may do better. A carrier's 404 or 486 is an answer; a registered phone
// that says 480 is just not the one in use.
bool is_worth_another(const sip::CallEnded& it, bool is_trunk) {
  if (it.cause != sip::EndCause::unreachable) return false;
  return !is_trunk || it.status == 503 || it.status == 0;
}

std::string_view name_of(sip::RegistrarEvent::Kind kind) {
  using Kind = sip::RegistrarEvent::Kind;
  switch (kind) {
    case Kind::registered:
      return "phone.registered";
    case Kind::removed:
      return "phone.unregistered";
    case Kind::expired:
      return "phone.expired";
    case Kind::unreachable:
      return "phone.unreachable";
    case Kind::reachable:
      return "phone.reachable";
    case Kind::check:
    case Kind::locked_out:
      break;
  }
  return "registrar.locked_out";
}

}  // namespace

void SipDriver::Impl::take(const sip::PhoneChanged& it, Instant) {
  using Kind = sip::RegistrarEvent::Kind;
  const sip::Binding& binding = it.event.binding;
  const std::string peer = sip::print(binding.flow.remote);
  if (it.event.kind == Kind::locked_out) {
    return outside_.log.warn(name_of(it.event.kind), {{"peer", peer}});
  }
  outside_.log.info(name_of(it.event.kind), {{"extension", binding.user}, {"peer", peer}});
}

void SipDriver::Impl::take(const sip::RegistrationChanged& it, Instant) {
  if (it.step == sip::RegistrationStep::failed) {
    return outside_.log.warn("trunk.not_registered", {{"trunk", it.name}, {"why", it.detail}});
  }
  const bool is_there = it.step == sip::RegistrationStep::registered;
  outside_.log.info(is_there ? "trunk.registered" : "trunk.unregistered", {{"trunk", it.name}});
}

// The stream is open: the phone or the number can be called.
void SipDriver::Impl::place_call(Leg& leg, Instant now) {
  if (auto found = find_targets(leg, now); !found) {
    return end_leg(leg, core::Cause::unreachable, found.error().detail, now);
  }
  call_next(leg, now);
}

Result<void> SipDriver::Impl::find_targets(Leg& leg, Instant now) {
  sip::Uri to = sip::parse_uri(leg.plan->to).value();
  if (leg.trunk) {
    for (const TrunkHop& it : trunks_.next_hops(*leg.trunk, now)) {
      leg.targets.push_back({.to = address_of(to.user, it.peer->server), .hop = it.hop});
    }
    if (leg.targets.empty()) {
      return refuse(Errc::endpoint_unreachable, "sip.names",
                    "no address is known of trunk " + trunks_.at(*leg.trunk).name);
    }
  } else if (const auto user = registered_user(to)) {
    if (!finds_contacts(leg, *user)) {
      return refuse(Errc::endpoint_unreachable, "sip.registered",
                    fmt::format("extension {} is not registered", *user));
    }
  } else {
    leg.targets.push_back({.to = std::move(to)});
  }
  std::reverse(leg.targets.begin(), leg.targets.end());
  return {};
}

bool SipDriver::Impl::finds_contacts(Leg& leg, std::string_view user) {
  const sip::Registrar* registrar = agent_.registrar();
  if (registrar == nullptr) return false;
  for (sip::Binding& it : registrar->contacts(user)) {
    leg.targets.push_back(
        {.to = std::move(it.contact), .via = it.flow, .routes = std::move(it.path)});
  }
  return !leg.targets.empty();
}

sip::OutgoingCall SipDriver::Impl::outgoing_call(const Leg& leg, const Target& target,
                                                 Instant now) const {
  const core::OriginateLeg& plan = *leg.plan;
  const std::string host = sip::print_ipv4(listeners_.front().address.address);
  const Trunk* trunk = leg.trunk ? &trunks_.at(*leg.trunk) : nullptr;
  const bool has_domain = trunk != nullptr && !trunk->domain.empty();
  const sip::Uri caller = plan.caller.empty()
                              ? sip::sip_uri("anonymous", "anonymous.invalid")
                              : sip::sip_uri(plan.caller, has_domain ? trunk->domain : host);
  sip::OutgoingCall call{.to = target.to,
                         .from = {plan.caller_name, caller, {}},
                         .headers = {},
                         .media = leg.local,
                         .ring_max = leg.ring_over - now,
                         .via = target.via,
                         .routes = target.routes,
                         .next_hop = target.hop};
  if (plan.auto_answer) call.headers = auto_answer_headers(host);
  if (trunk != nullptr && !trunk->account.user.empty()) call.account = trunk->account;
  if (leg.trunk) call.redirects = trunks_.sources(*leg.trunk);
  const bool gives_up_early = target.via || !leg.targets.empty();
  if (gives_up_early) call.silence_max = silence_t1 * config_.t1;
  return call;
}

void SipDriver::Impl::call_next(Leg& leg, Instant now) {
  if (now >= leg.ring_over) {
    return end_leg(leg, core::Cause::timeout, "no time left to ring", now);
  }
  const Target target = std::move(leg.targets.back());
  leg.targets.pop_back();
  leg.hop = target.hop;
  const auto call = agent_.invite(outgoing_call(leg, target, now), now);
  if (!call) {
    const bool is_full = call.error().code == Errc::full;
    if (!is_full && !leg.targets.empty()) return call_next(leg, now);
    return end_leg(leg, is_full ? core::Cause::failed : core::Cause::unreachable,
                   call.error().detail, now);
  }
  by_call_.erase(leg.call);
  leg.call = *call;
  by_call_[*call] = leg.id;
  const bool is_first = leg.is_dialled && !std::exchange(leg.is_on_its_way, true);
  if (is_first) report(core::LegDialed{leg.id, agent_.call_id(*call)});
}

bool SipDriver::Impl::call_another(Leg& leg, const sip::CallEnded& it, Instant now) {
  if (leg.phase != LegPhase::calling) return false;
  const bool is_open = !leg.has_rung && !leg.ordered_cause;
  if (!is_open || !is_worth_another(it, leg.trunk.has_value())) return false;
  if (leg.trunk && leg.hop) trunks_.hop_failed(*leg.trunk, *leg.hop, now);
  if (leg.targets.empty()) return false;
  outside_.log.info("leg.next_target", {{"leg", leg.id}, {"why", it.detail}});
  leg.media.reset();
  call_next(leg, now);
  return true;
}

}  // namespace cord::drivers
