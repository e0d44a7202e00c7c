#include "sip/registrar.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "sip/build.hpp"

namespace cord::sip {
namespace {

using Kind = RegistrarEvent::Kind;

constexpr std::uint32_t retry_after_s = 30;

std::uint64_t whole_seconds(Duration it) {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(it).count());
}

// RFC 3261 §25.1 qvalue, in thousandths; what is none counts as 1.
std::uint32_t read_q(std::string_view text) {
  if (text.size() < 2 || text.size() > 5 || text[0] != '0' || text[1] != '.') {
    return text == "0" ? 0 : 1'000;
  }
  std::string digits(text.substr(2));
  digits.resize(3, '0');
  return parse_number(digits, 999).value_or(1'000);
}

std::string instance_of(const NameAddr& contact) {
  return std::string(contact.params.value("+sip.instance"));
}

// The address may name the user's password or headers: neither belongs to a Request-URI.
Uri as_target(Uri uri) {
  uri.headers.clear();
  uri.params.remove("method");
  return uri;
}

}  // namespace

Registrar::Registrar(RegistrarConfig config, IdSecret secret)
    : config_(std::move(config)), nonces_(secret, config_.nonces), guard_(config_.addresses) {
  for (Subscriber& it : config_.subscribers) accounts_[it.user].password = std::move(it.password);
  config_.subscribers.clear();
}

Message Registrar::on_register(const Message& request, const Flow& flow, Instant now) {
  if (auto refusal = guard(request, flow, now)) return std::move(*refusal);
  if (auto refusal = authenticate(request, flow, now)) return std::move(*refusal);
  Account& account = accounts_.at(request.to().uri.user_text());
  const auto contacts = request.contacts();
  if (!contacts) return refuse_request(request, 400);
  if (contacts->is_star) return remove_all(request, account, now);
  return update(request, flow, account, now);
}

std::optional<Message> Registrar::guard(const Message& request, const Flow& flow, Instant now) {
  const std::uint32_t address = flow.remote.address;
  // One phone with a wrong password must not cost its neighbours behind the same NAT their place.
  const bool is_locked = guard_.is_locked_out(address, now) && !is_bound_at(request, flow);
  if (guard_.admit(address, now) && !is_locked) return std::nullopt;
  ++counters_.throttled;
  Message response = make_response(request, 503);
  response.add(header::retry_after, std::to_string(retry_after_s));
  return response;
}

bool Registrar::is_bound_at(const Message& request, const Flow& flow) const {
  const auto account = accounts_.find(request.to().uri.user_text());
  if (account == accounts_.end()) return false;
  const auto& all = account->second.bindings;
  return std::any_of(all.begin(), all.end(),
                     [&](BindingId id) { return bindings_.at(id).flow == flow; });
}

// RFC 3261 §10.3, items 3 and 4. Whether there is such a user must not show: neither in the answer
// nor in its time.
std::optional<Message> Registrar::authenticate(const Message& request, const Flow& flow,
                                               Instant now) {
  const std::string_view text = request.value(header::authorization);
  const auto credentials = parse_credentials(text);
  const auto& offered = config_.algorithms;
  const bool is_ours =
      credentials && credentials->realm == config_.realm &&
      std::find(offered.begin(), offered.end(), credentials->algorithm) != offered.end();
  if (!is_ours) return challenge(request, false, now);
  const auto account = accounts_.find(credentials->username);
  const std::string_view password =
      account != accounts_.end() ? std::string_view(account->second.password) : "nobody's";
  const std::string expected = digest_response(*credentials, password, request.method);
  // The digest's URI need not be the Request-URI: RFC 3261 §22.4; proxies may change it.
  const bool is_right =
      equal_secrets(expected, credentials->response) && account != accounts_.end();
  if (!is_right) {
    ++counters_.wrong;
    const bool locks = guard_.add_failure(flow.remote.address, now);
    if (locks) {
      Binding nobody;
      nobody.flow = flow;
      tell(Kind::locked_out, nobody);
    }
    Message response = challenge(request, false, now);
    --counters_.challenged;
    return response;
  }
  if (!nonces_.use(credentials->nonce, credentials->nc, now)) return challenge(request, true, now);
  // Nobody registers others.
  const bool is_own = request.to().uri.user_text() == credentials->username;
  return is_own ? std::nullopt : std::optional(refuse_request(request, 403));
}

Message Registrar::challenge(const Message& request, bool stale, Instant now) {
  ++counters_.challenged;
  Message response = make_response(request, 401);
  for (const DigestAlgorithm algorithm : config_.algorithms) {
    response.add(header::www_authenticate, print(DigestChallenge{.realm = config_.realm,
                                                                 .nonce = nonces_.make(now),
                                                                 .opaque = {},
                                                                 .algorithm = algorithm,
                                                                 .has_qop = true,
                                                                 .stale = stale}));
  }
  return response;
}

Message Registrar::refuse_request(const Message& request, std::uint16_t status) {
  ++counters_.refused;
  Message response = make_response(request, status);
  if (status == 423) {
    response.add(header::min_expires, std::to_string(whole_seconds(config_.expires_min)));
  }
  return response;
}

// Item 6: `*` alone, with Expires: 0, and not behind a newer request.
Message Registrar::remove_all(const Message& request, Account& account, Instant now) {
  if (request.expires_s() != 0U) return refuse_request(request, 400);
  const auto is_newer = [&](BindingId id) {
    const Binding& it = bindings_.at(id);
    return it.call_id == request.call_id() && it.cseq >= request.cseq().number;
  };
  const std::vector<BindingId> all = account.bindings;
  if (std::any_of(all.begin(), all.end(), is_newer)) return refuse_request(request, 500);
  for (const BindingId id : all) remove(id, Kind::removed);
  ++counters_.accepted;
  return list(request, account, now);
}

Result<std::vector<Registrar::Wish>> Registrar::wishes(const Message& request) const {
  const auto contacts = request.contacts();
  if (!contacts) return tl::make_unexpected(contacts.error());
  std::vector<Wish> all;
  for (const NameAddr& contact : contacts->items) {
    if (!contact.uri.is_sip()) return refuse(Errc::malformed, "registrar.contact", "not sip:");
    const auto of_contact = parse_number(contact.params.value("expires"), UINT32_MAX);
    const auto seconds = of_contact ? std::optional(*of_contact) : request.expires_s();
    Duration wanted = config_.expires_max;
    if (seconds) wanted = std::min<Duration>(std::chrono::seconds(*seconds), config_.expires_max);
    all.push_back({contact, wanted});
  }
  return all;
}

// Item 7: all of it or nothing.
Message Registrar::update(const Message& request, const Flow& flow, Account& account, Instant now) {
  const auto wanted = wishes(request);
  const auto path = request.addresses("Path");
  if (!wanted || !path || wanted->size() > config_.contacts_max)
    return refuse_request(request, 400);
  for (const Wish& wish : *wanted) {
    if (wish.expires > Duration::zero() && wish.expires < config_.expires_min) {
      return refuse_request(request, 423);
    }
    const Binding* known = find(account, wish.contact);
    const bool is_old = known != nullptr && known->call_id == request.call_id() &&
                        known->cseq >= request.cseq().number;
    if (is_old) return refuse_request(request, 500);
  }
  for (const Wish& wish : *wanted) bind(request, flow, wish, now);
  ++counters_.accepted;
  Message response = list(request, account, now);
  if (request.lists(header::supported, "path")) {
    for (const NameAddr& it : *path) response.add("Path", print(it));
  }
  return response;
}

Binding* Registrar::find(const Account& account, const NameAddr& contact) {
  const std::string instance = instance_of(contact);
  for (const BindingId id : account.bindings) {
    Binding& it = bindings_.at(id);
    const bool is_same_device = !instance.empty() && it.instance == instance;
    if (is_same_device || equivalent(it.contact, contact.uri)) return &it;
  }
  return nullptr;
}

void Registrar::bind(const Message& request, const Flow& flow, const Wish& wish, Instant now) {
  const std::string user = request.to().uri.user_text();
  Account& account = accounts_.at(user);
  Binding* binding = find(account, wish.contact);
  if (wish.expires == Duration::zero()) {
    if (binding != nullptr) remove(binding->id, Kind::removed);
    return;
  }
  const bool is_new = binding == nullptr || !(binding->flow == flow);
  if (binding == nullptr) {
    make_room(account);
    const BindingId id{++last_binding_};
    binding = &bindings_[id];
    binding->id = id;
    binding->user = user;
    account.bindings.push_back(id);
    contacts_most_ = std::max(contacts_most_, account.bindings.size());
  }
  binding->contact = as_target(wish.contact.uri);
  binding->instance = instance_of(wish.contact);
  binding->q = wish.contact.params.has("q") ? read_q(wish.contact.params.value("q")) : 1'000;
  binding->path = request.addresses("Path").value();
  binding->flow = flow;
  binding->call_id = request.call_id();
  binding->cseq = request.cseq().number;
  binding->refreshed = now;
  binding->expires = now + wish.expires;
  set_reachable(*binding, true);
  timers_.cancel(binding->expiry);
  binding->expiry = timers_.start(binding->expires, {binding->id, true});
  if (is_new) tell(Kind::registered, *binding);
  const bool is_checked = config_.check_every > Duration::zero();
  if (is_checked && !timers_.is_live(binding->check)) check_again(*binding, now);
}

void Registrar::make_room(Account& account) {
  if (account.bindings.size() < config_.contacts_max) return;
  const auto oldest = std::min_element(
      account.bindings.begin(), account.bindings.end(), [&](BindingId a, BindingId b) {
        return bindings_.at(a).refreshed < bindings_.at(b).refreshed;
      });
  remove(*oldest, Kind::removed);
}

void Registrar::remove(BindingId id, Kind why) {
  Binding& it = bindings_.at(id);
  timers_.cancel(it.expiry);
  timers_.cancel(it.check);
  set_reachable(it, true);
  tell(why, it);
  std::erase(accounts_.at(it.user).bindings, id);
  bindings_.erase(id);
}

void Registrar::tell(Kind kind, const Binding& binding) {
  events_.push_back({kind, binding});
}

// Item 8: all contacts there are, each with what is left of its time.
Message Registrar::list(const Message& request, const Account& account, Instant now) const {
  Message response = make_response(request, 200);
  for (const BindingId id : account.bindings) {
    const Binding& it = bindings_.at(id);
    NameAddr contact{{}, it.contact, {}};
    contact.params.set("expires", std::to_string(whole_seconds(it.expires - now)));
    response.add(header::contact, print(contact));
  }
  return response;
}

std::vector<Binding> Registrar::contacts(std::string_view user) const {
  std::vector<Binding> found;
  const auto account = accounts_.find(std::string(user));
  if (account == accounts_.end()) return found;
  for (const BindingId id : account->second.bindings) found.push_back(bindings_.at(id));
  std::sort(found.begin(), found.end(), [](const Binding& a, const Binding& b) {
    if (a.is_reachable != b.is_reachable) return a.is_reachable;
    if (a.q != b.q) return a.q > b.q;
    return std::pair(a.refreshed, a.id.value) > std::pair(b.refreshed, b.id.value);
  });
  return found;
}

bool Registrar::knows(std::string_view user) const {
  return accounts_.contains(std::string(user));
}

void Registrar::answered(BindingId id, Instant now) {
  checked(id, true, now);
}

void Registrar::silent(BindingId id, Instant now) {
  checked(id, false, now);
}

void Registrar::checked(BindingId id, bool has_answered, Instant now) {
  const auto found = bindings_.find(id);
  if (found == bindings_.end()) return;
  Binding& it = found->second;
  check_again(it, now);
  const Kind kind = has_answered ? Kind::reachable : Kind::unreachable;
  if (set_reachable(it, has_answered)) tell(kind, it);
}

void Registrar::check_again(Binding& binding, Instant now) {
  timers_.cancel(binding.check);
  binding.check = timers_.start(now + config_.check_every, {binding.id, false});
}

bool Registrar::set_reachable(Binding& binding, bool is_reachable) {
  if (std::exchange(binding.is_reachable, is_reachable) == is_reachable) return false;
  unreachable_ += is_reachable ? std::size_t(-1) : 1;
  return true;
}

void Registrar::lose_connection(const Flow& flow) {
  std::vector<BindingId> lost;
  for (const auto& [id, binding] : bindings_) {
    if (binding.flow == flow) lost.push_back(id);
  }
  for (const BindingId id : lost) remove(id, Kind::removed);
}

void Registrar::on_timer(Instant now) {
  while (const auto timer = timers_.advance(now)) {
    if (timer->is_expiry) {
      remove(timer->binding, Kind::expired);
    } else {
      tell(Kind::check, bindings_.at(timer->binding));
    }
  }
}

std::vector<RegistrarEvent> Registrar::take_events() {
  return std::exchange(events_, {});
}

}  // namespace cord::sip
