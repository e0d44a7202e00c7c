// Registration both ways: phones at our registrar (RFC 3261 §10.3), kept in sight by OPTIONS, and
// ours at others (§10.2).
#include <utility>

#include "sip/build.hpp"
#include "sip/user_agent_impl.hpp"

namespace cord::sip {

void UserAgent::Impl::on_register(RequestReceived& it, Instant now) {
  if (auto refusal = refusal_of_extensions(it.request)) {
    return decline(it, std::move(*refusal), now);
  }
  Message response = registrar_->on_register(it.request, it.flow, now);
  NameAddr to = response.to();
  to.params.set("tag", ids_.tag());
  response.set(header::to, print(to));
  response.add(header::server, config_.product);
  transactions_.respond(it.id, response, now);
  tell_registrar_events(now);
}

void UserAgent::Impl::tell_registrar_events(Instant now) {
  if (!registrar_) return;
  for (RegistrarEvent& event : registrar_->take_events()) {
    if (event.kind == RegistrarEvent::Kind::check) {
      check(event.binding, now);
    } else {
      outputs_.emplace_back(PhoneChanged{std::move(event)});
    }
  }
}

void UserAgent::Impl::check(const Binding& binding, Instant now) {
  const Listener& listener = listeners_.at(binding.flow.listener);
  NameAddr from{{}, sip_uri("", print_ipv4(listener.address.address)), {}};
  from.params.set("tag", ids_.tag());
  Message request = make_request({.method = method::options,
                                  .uri = binding.contact,
                                  .from = std::move(from),
                                  .to = NameAddr{{}, binding.contact, {}},
                                  .call_id = ids_.call_id()});
  for (const NameAddr& it : binding.path) request.add(header::route, print(it));
  request.add(header::contact, contact(binding.flow, binding.contact));
  request.add(header::accept, std::string(sdp_type));
  request.add(header::user_agent, config_.product);
  const auto sent = transactions_.send_request(std::move(request), binding.flow, now);
  if (sent) {
    errands_[*sent] = {.binding = binding.id};
  } else {
    // No room for the question says nothing about the phone.
    registrar_->answered(binding.id, now);
  }
}

void UserAgent::Impl::on_errand_response(const ResponseReceived& it, Instant now) {
  const auto found = errands_.find(it.id);
  if (found == errands_.end()) return;
  const Errand errand = found->second;
  if (it.response.status >= 200) errands_.erase(found);
  if (errand.binding) return on_check_answered(errand.binding, it.response.status, now);
  Registration& registration = registrations_.at(errand.registration);
  const RegistrationStep step = registration.on_response(it.response, now, ids_);
  follow_registration(errand.registration, step, now);
}

// Whatever the phone answers, it is there (RFC 3261 §11); these are a proxy's answers in its place.
void UserAgent::Impl::on_check_answered(BindingId id, std::uint16_t status, Instant now) {
  if (status < 200) return;
  const bool is_silent = status == 408 || status == 503 || status == 504;
  if (is_silent) {
    registrar_->silent(id, now);
  } else {
    registrar_->answered(id, now);
  }
  tell_registrar_events(now);
}

void UserAgent::Impl::on_errand_lost(TransactionId id, std::string_view why, Instant now) {
  const auto found = errands_.find(id);
  if (found == errands_.end()) return;
  const Errand errand = found->second;
  errands_.erase(found);
  if (errand.binding) {
    registrar_->silent(errand.binding, now);
    return tell_registrar_events(now);
  }
  Registration& registration = registrations_.at(errand.registration);
  follow_registration(errand.registration, registration.on_lost(why, now, ids_), now);
}

void UserAgent::Impl::set_registrars(std::string_view registration,
                                     std::vector<NextHop> registrars) {
  for (Registration& it : registrations_) {
    if (it.config().name == registration) it.set_registrars(registrars);
  }
}

void UserAgent::Impl::run_registrations(Instant now) {
  for (std::size_t i = 0; i < registrations_.size(); ++i) {
    const auto due = registrations_[i].due();
    if (due && *due <= now) send_registration(i, now);
  }
}

void UserAgent::Impl::send_registration(std::size_t index, Instant now) {
  Registration& registration = registrations_.at(index);
  const RegistrationConfig& config = registration.config();
  const auto flow = flow_to(registration.next_hop());
  if (!flow) {
    const auto step = registration.on_lost(flow.error().detail, now, ids_);
    return follow_registration(index, step, now);
  }
  const Listener& listener = listeners_.at(flow->listener);
  Uri contact =
      sip_uri(config.account.user, print_ipv4(listener.address.address), listener.address.port);
  if (is_reliable(listener.transport)) {
    contact.params.set("transport", std::string(uri_name(listener.transport)));
  }
  Message request = registration.request(contact, ids_);
  request.add(header::user_agent, config_.product);
  const auto sent = transactions_.send_request(std::move(request), *flow, now);
  if (!sent) {
    const auto step = registration.on_lost(sent.error().detail, now, ids_);
    return follow_registration(index, step, now);
  }
  errands_[*sent] = {.binding = {}, .registration = index};
}

void UserAgent::Impl::follow_registration(std::size_t index, RegistrationStep step, Instant now) {
  if (step == RegistrationStep::repeat) return send_registration(index, now);
  const bool is_news = step == RegistrationStep::registered || step == RegistrationStep::failed ||
                       step == RegistrationStep::left;
  if (!is_news) return;
  const Registration& it = registrations_.at(index);
  outputs_.emplace_back(RegistrationChanged{it.config().name, step, it.detail()});
}

void UserAgent::Impl::drain(Instant now) {
  is_draining_ = true;
  for (Registration& it : registrations_) it.leave(now);
  run_registrations(now);
  pump(now);
}

std::size_t UserAgent::Impl::unregistered() const {
  std::size_t count = 0;
  for (const Registration& it : registrations_) count += it.is_registered() ? 0 : 1;
  return count;
}

}  // namespace cord::sip
