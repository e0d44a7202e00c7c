#include "sip/user_agent.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "sip/build.hpp"
#include "sip/user_agent_impl.hpp"

namespace cord::sip {
namespace {

// RFC 3263 §4.1: what the URI names, else UDP; with sips: it is TLS whatever carries that (RFC 5630
// §3.1.1). None: one that we do not have.
std::optional<Transport> transport_of(const Uri& uri) {
  const std::string_view named = uri.params.value("transport");
  const auto known = named.empty() ? Transport::udp : parse_transport(named);
  if (uri.scheme == "sip") return known;
  const bool is_secure = uri.scheme == "sips" && (named.empty() || (known && is_reliable(*known)));
  return is_secure ? std::optional(Transport::tls) : std::nullopt;
}

bool is_loopback(std::uint32_t address) {
  return address >> 24 == 127;
}

}  // namespace

std::string merge_key(const Message& invite) {
  return fmt::format("{}\n{}\n{}", invite.call_id(), invite.from_tag(), invite.cseq().number);
}

void note_methods(InviteSession& call, const Message& message) {
  if (message.has(header::allow)) call.takes_update = message.lists(header::allow, method::update);
}

UserAgent::Impl::Impl(UserAgentConfig config, std::vector<Listener> listeners, IdSecret secret)
    : config_(std::move(config)),
      listeners_(std::move(listeners)),
      ids_(secret),
      transactions_(config_.transactions, listeners_, ids_.next()),
      callers_(config_.callers) {
  if (config_.registrar) registrar_.emplace(std::move(*config_.registrar), ids_.secret());
  for (RegistrationConfig& it : config_.registrations) {
    registrations_.emplace_back(std::move(it), ids_.call_id(), ids_.tag());
  }
}

void UserAgent::Impl::receive(std::string_view bytes, const Flow& flow, Instant now) {
  transactions_.receive_bytes(bytes, flow, now);
  pump(now);
}

void UserAgent::Impl::transport_failed(const Flow& flow, Instant now) {
  if (is_reliable(flow.transport) && flow.connection != 0) {
    for (auto& [handle, call] : calls_) {
      // The dialog lives on; its next request opens a connection of its own.
      if (call.flow == flow) call.flow.connection = 0;
    }
  }
  if (registrar_ && flow.connection != 0) registrar_->lose_connection(flow);
  transactions_.transport_failed(flow, now);
  tell_registrar_events(now);
  pump(now);
}

void UserAgent::Impl::on_timer(Instant now) {
  transactions_.on_timer(now);
  while (const auto timer = timers_.advance(now)) fire(*timer, now);
  if (registrar_) registrar_->on_timer(now);
  tell_registrar_events(now);
  run_registrations(now);
  pump(now);
}

std::optional<Instant> UserAgent::Impl::next_due() const {
  auto first = timers_.next_due();
  const auto also = [&](std::optional<Instant> due) {
    if (due && (!first || *due < *first)) first = due;
  };
  also(transactions_.next_due());
  if (registrar_) also(registrar_->next_due());
  for (const Registration& it : registrations_) also(it.due());
  return first;
}

std::vector<UserAgentOutput> UserAgent::Impl::take_outputs() {
  return std::exchange(outputs_, {});
}

void UserAgent::Impl::pump(Instant now) {
  for (auto batch = transactions_.take_outputs(); !batch.empty();
       batch = transactions_.take_outputs()) {
    for (auto& output : batch) std::visit([&](auto& it) { take(it, now); }, output);
  }
  sweep();
}

void UserAgent::Impl::take(SendBytes& it, Instant) {
  outputs_.emplace_back(std::move(it));
}

void UserAgent::Impl::take(RequestReceived& it, Instant now) {
  if (it.request.method == method::cancel) return on_cancel(it, now);
  if (it.request.to_tag().empty()) return on_new_request(it, now);
  on_dialog_request(it, now);
}

void UserAgent::Impl::take(ResponseReceived& it, Instant now) {
  const auto found = followed_.find(it.id);
  if (found == followed_.end()) return on_errand_response(it, now);
  // What follows may send, and so move what an iterator points to; a reference stays good.
  Followed& followed = found->second;
  InviteSession* call = find(followed.call);
  CORD_ASSERT(call != nullptr);
  // What a lost branch of a fork says is no word of whom we talk to.
  if (!call->dialog || call->dialog->remote_tag() == it.response.to_tag()) call->flow = it.flow;
  switch (followed.role) {
    case Role::invite_client:
      return on_invite_response(*call, it, now);
    case Role::reinvite_client:
      return on_reinvite_response(*call, it, now);
    case Role::update_client:
      return on_update_response(*call, it, now);
    case Role::check_client:
      return on_check_response(*call, it, now);
    case Role::notify_client:
      return on_notify_response(*call, it, now);
    case Role::bye_client:
      if (it.response.status < 200) return;
      followed.role = Role::bye_answered;
      --byes_;
      return on_bye_answered(*call, it.response, now);
    case Role::invite_server:
    case Role::prack_client:
    case Role::bye_answered:
      return;
  }
}

void UserAgent::Impl::take(AckReceived& it, Instant now) {
  InviteSession* call = find_by_tag(it.ack.to_tag());
  if (call == nullptr || !call->awaited || !call->dialog || !call->dialog->matches(it.ack)) return;
  if (it.ack.cseq().number != call->awaited->cseq) return;
  const bool holds_answer = call->awaited->holds_offer;
  call->flow = it.flow;
  stop_awaiting_ack(*call);
  if (call->bye_when_acked) return send_bye(*call, *call->dialog, now);
  if (holds_answer) take_answer_of_ack(*call, it.ack, now);
  try_reinvite(*call, now);
}

void UserAgent::Impl::take(TransactionTimedOut& it, Instant now) {
  on_lost(it.id, "no answer in time", now);
}

void UserAgent::Impl::take(TransportFailed& it, Instant now) {
  on_lost(it.id, "connection failed", now);
}

void UserAgent::Impl::take(TransactionEnded& it, Instant) {
  unfollow(it.id);
}

void UserAgent::Impl::on_lost(TransactionId id, std::string_view why, Instant now) {
  const auto followed = unfollow(id);
  if (!followed) return on_errand_lost(id, why, now);
  InviteSession& call = *find(followed->call);
  if (followed->role == Role::update_client) call.session_timer.update = {};
  if (followed->role == Role::notify_client) return on_notify_lost(call, id);
  const bool asks_whether_known = followed->role == Role::reinvite_client ||
                                  followed->role == Role::update_client ||
                                  followed->role == Role::check_client;
  // RFC 3261 §12.2.1.2, §14.1: no answer to one of these ends the dialog.
  if (asks_whether_known && call.phase == CallPhase::confirmed) {
    return lose_dialog(call, 0, std::string(why), now);
  }
  const bool is_open = call.phase == CallPhase::incoming || call.phase == CallPhase::outgoing;
  if (id == call.initial && is_open) end_call(call, EndCause::unreachable, 0, std::string(why));
}

std::optional<UserAgent::Impl::Followed> UserAgent::Impl::unfollow(TransactionId id) {
  const auto found = followed_.find(id);
  if (found == followed_.end()) return std::nullopt;
  const Followed followed = found->second;
  followed_.erase(found);
  if (followed.role == Role::bye_client) --byes_;
  InviteSession& call = *find(followed.call);
  --call.transactions;
  // No branch of a fork can win any more.
  if (id == call.initial) call.early.clear();
  std::erase_if(call.acks, [&](const SentAck& it) { return it.transaction == id; });
  maybe_spent_.push_back(call.handle);
  return followed;
}

void UserAgent::Impl::fire(const Timer& timer, Instant now) {
  InviteSession* call = find(timer.call);
  CORD_ASSERT(call != nullptr);
  switch (timer.kind) {
    case TimerKind::provisional:
      send_provisional(*call, Message(*call->provisional), now);
      break;
    case TimerKind::ring_over:
      transactions_.cancel(call->initial, now);
      end_call(*call, EndCause::timeout, 0, "not answered in time");
      break;
    case TimerKind::silence_over:
      transactions_.cancel(call->initial, now);
      end_call(*call, EndCause::unreachable, 0, "no answer at all");
      break;
    case TimerKind::success_again:
      repeat_success(*call, now);
      break;
    case TimerKind::reinvite_again:
      try_reinvite(*call, now);
      break;
    case TimerKind::reliable_again:
      repeat_reliable(*call, now);
      break;
    case TimerKind::session_due:
      session_due(*call, now);
      break;
    case TimerKind::check_due:
      check_dialog(*call, now);
      break;
    case TimerKind::transfers_due:
      transfers_due(*call, now);
      break;
  }
}

void UserAgent::Impl::sweep() {
  for (const CallHandle handle : std::exchange(maybe_spent_, {})) {
    const InviteSession* call = find(handle);
    if (call != nullptr && is_spent(*call)) forget(handle);
  }
}

void UserAgent::Impl::forget(CallHandle handle) {
  const InviteSession& call = calls_.at(handle);
  by_local_tag_.erase(call.local_tag);
  if (call.is_inbound) by_invite_.erase(call.merge_key);
  calls_.erase(handle);
}

InviteSession* UserAgent::Impl::find(CallHandle handle) {
  const auto found = calls_.find(handle);
  return found == calls_.end() ? nullptr : &found->second;
}

std::string UserAgent::Impl::call_id(CallHandle handle) {
  const InviteSession* call = find(handle);
  return call == nullptr ? std::string() : std::string(call->invite.call_id());
}

InviteSession* UserAgent::Impl::find_living(CallHandle handle, CallPhase phase) {
  InviteSession* call = find(handle);
  return call != nullptr && call->phase == phase ? call : nullptr;
}

InviteSession* UserAgent::Impl::find_by_tag(const std::string& local_tag) {
  const auto found = by_local_tag_.find(local_tag);
  return found == by_local_tag_.end() ? nullptr : find(found->second);
}

InviteSession& UserAgent::Impl::add_call(bool is_inbound, std::string local_tag) {
  const CallHandle handle{++last_handle_};
  InviteSession& call = calls_[handle];
  call.handle = handle;
  call.is_inbound = is_inbound;
  call.phase = is_inbound ? CallPhase::incoming : CallPhase::outgoing;
  call.local_tag = std::move(local_tag);
  call.session.session_id = ids_.next() >> 8;  // Room to count versions in 18 digits.
  by_local_tag_[call.local_tag] = handle;
  ++live_;
  return call;
}

void UserAgent::Impl::follow(InviteSession& call, TransactionId id, Role role) {
  followed_[id] = {call.handle, role};
  ++call.transactions;
}

void UserAgent::Impl::start(TimerHandle& handle, InviteSession& call, TimerKind kind, Instant due) {
  timers_.cancel(handle);
  handle = timers_.start(due, Timer{call.handle, kind});
}

void UserAgent::Impl::end_call(InviteSession& call, EndCause cause, std::uint16_t status,
                               std::string detail) {
  if (call.phase == CallPhase::ended) return;
  call.phase = CallPhase::ended;
  --live_;
  timers_.cancel(call.patience);
  timers_.cancel(call.silence);
  timers_.cancel(call.session_timer.timer);
  timers_.cancel(call.check);
  if (call.reliable) timers_.cancel(call.reliable->timer);
  end_reinvite(call, false, "the call has ended");
  outputs_.emplace_back(CallEnded{call.handle, cause, status, std::move(detail)});
  maybe_spent_.push_back(call.handle);
}

void UserAgent::Impl::stop_awaiting_ack(InviteSession& call) {
  if (!call.awaited) return;
  timers_.cancel(call.awaited->timer);
  call.awaited.reset();
  maybe_spent_.push_back(call.handle);
}

Result<Flow> UserAgent::Impl::flow_to(const NextHop& hop) const {
  const auto listener = listener_for(hop.transport, hop.endpoint.address);
  if (!listener) {
    return refuse(Errc::unsupported, "sip.next_hop",
                  fmt::format("no listener for {}", uri_name(hop.transport)));
  }
  Flow flow{hop.transport, *listener, hop.endpoint, 0};
  if (flow.remote.port == 0) flow.remote.port = default_port(hop.transport);
  return flow;
}

// RFC 3263 §4 for numeric hosts. Without one, or without a listener for it, the way the far end
// came is the only one there is.
Result<Flow> UserAgent::Impl::flow_to(const Uri& uri, const Flow* known) const {
  const auto address = parse_ipv4(uri.params.has("maddr") ? uri.params.value("maddr") : uri.host);
  const auto transport = transport_of(uri);
  std::optional<std::uint16_t> listener;
  if (address && transport) listener = listener_for(*transport, *address);
  // What began with TLS does not go on without it: there are keys in it.
  const bool leaves_tls =
      known != nullptr && known->transport == Transport::tls && transport != Transport::tls;
  if (!listener || leaves_tls) {
    if (known != nullptr) return *known;
    return refuse(Errc::unsupported, "sip.next_hop",
                  fmt::format("{}: needs sip: or sips:, a numeric IPv4 host and a transport we "
                              "listen on",
                              uri.host));
  }
  const Endpoint remote{*address, uri.port != 0 ? uri.port : default_port(*transport)};
  if (known != nullptr && known->transport == *transport) {
    const bool same_host = known->remote.address == *address;
    if (is_reliable(*transport) && same_host && known->connection != 0) return *known;
    listener = known->listener;
  }
  return Flow{*transport, *listener, remote, 0};
}

std::optional<std::uint16_t> UserAgent::Impl::listener_for(Transport transport,
                                                           std::uint32_t remote) const {
  std::optional<std::uint16_t> best;
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    if (listeners_[i].transport != transport) continue;
    const bool fits = is_loopback(listeners_[i].address.address) == is_loopback(remote);
    if (fits) return static_cast<std::uint16_t>(i);
    if (!best) best = static_cast<std::uint16_t>(i);
  }
  return best;
}

std::string UserAgent::Impl::contact(const Flow& flow, const Uri& target) const {
  const Listener& listener = listeners_.at(flow.listener);
  Uri uri = sip_uri("", print_ipv4(listener.address.address), listener.address.port);
  // RFC 3261 §8.1.1.8 and §12.1.1; there TLS goes without saying.
  if (target.scheme == "sips") {
    uri.scheme = target.scheme;
  } else if (is_reliable(listener.transport)) {
    uri.params.set("transport", std::string(uri_name(listener.transport)));
  }
  return print(NameAddr{{}, std::move(uri), {}});
}

void UserAgent::Impl::send_bye(InviteSession& call, Dialog& dialog, Instant now) {
  Message bye = dialog.make_request(method::bye);
  bye.add(header::user_agent, config_.product);
  sign(call, bye);
  const Flow flow = flow_in(call, dialog.next_hop());
  // Without room for a transaction the far end has to notice by itself that we are gone.
  const auto sent = transactions_.send_request(std::move(bye), flow, now);
  if (!sent) return;
  follow(call, *sent, Role::bye_client);
  ++byes_;
}

void UserAgent::Impl::on_bye_answered(InviteSession& call, const Message& response, Instant now) {
  // The BYE of a lost branch of a fork is not repeated: its dialog is not kept.
  if (!call.dialog || call.dialog->remote_tag() != response.to_tag()) return;
  if (takes_challenge(call, response)) send_bye(call, *call.dialog, now);
}

void UserAgent::Impl::hang_up(CallHandle handle, std::uint16_t status, Instant now) {
  InviteSession* call = find(handle);
  if (call == nullptr || call->phase == CallPhase::ended) return;
  switch (call->phase) {
    case CallPhase::incoming: {
      Message response = response_to(call->invite, status, call->local_tag);
      if (status == 503) response.add(header::retry_after, std::to_string(config_.retry_after_s));
      transactions_.respond(call->initial, response, now);
      break;
    }
    case CallPhase::outgoing:
      transactions_.cancel(call->initial, now);
      break;
    default:
      call->bye_when_acked = call->awaited.has_value();
      if (!call->bye_when_acked) send_bye(*call, *call->dialog, now);
  }
  end_call(*call, EndCause::request, 0, "released");
  pump(now);
}

UserAgent::UserAgent(UserAgentConfig config, std::vector<Listener> listeners, IdSecret secret)
    : impl_(std::make_unique<Impl>(std::move(config), std::move(listeners), secret)) {}
UserAgent::~UserAgent() = default;
UserAgent::UserAgent(UserAgent&&) noexcept = default;
UserAgent& UserAgent::operator=(UserAgent&&) noexcept = default;

void UserAgent::receive(std::string_view bytes, const Flow& flow, Instant now) {
  impl_->receive(bytes, flow, now);
}
void UserAgent::transport_failed(const Flow& flow, Instant now) {
  impl_->transport_failed(flow, now);
}
void UserAgent::on_timer(Instant now) {
  impl_->on_timer(now);
}
std::optional<Instant> UserAgent::next_due() const {
  return impl_->next_due();
}
std::vector<UserAgentOutput> UserAgent::take_outputs() {
  return impl_->take_outputs();
}
void UserAgent::ring(CallHandle call, Instant now) {
  impl_->ring(call, now);
}
void UserAgent::progress(CallHandle call, const LocalMedia& media, Instant now) {
  impl_->progress(call, media, now);
}
void UserAgent::answer(CallHandle call, const LocalMedia& media, Instant now) {
  impl_->answer(call, media, now);
}
Result<CallHandle> UserAgent::invite(const OutgoingCall& outgoing, Instant now) {
  return impl_->invite(outgoing, now);
}
void UserAgent::hang_up(CallHandle call, Instant now, std::uint16_t status) {
  impl_->hang_up(call, status, now);
}
void UserAgent::reinvite(CallHandle call, const LocalMedia& media, Instant now) {
  impl_->reinvite(call, media, now);
}
void UserAgent::accept_transfer(TransferHandle transfer, Instant now) {
  impl_->accept_transfer(transfer, now);
}
void UserAgent::end_transfer(TransferHandle transfer, std::uint16_t status, Instant now) {
  impl_->end_transfer(transfer, status, now);
}
void UserAgent::drain(Instant now) {
  impl_->drain(now);
}
void UserAgent::set_callers(std::vector<Endpoint> callers) {
  impl_->set_callers(std::move(callers));
}
void UserAgent::set_registrars(std::string_view registration, std::vector<NextHop> registrars) {
  impl_->set_registrars(registration, std::move(registrars));
}
const Registrar* UserAgent::registrar() const {
  return impl_->registrar();
}
std::size_t UserAgent::unregistered() const {
  return impl_->unregistered();
}
void UserAgent::set_busy(bool busy) {
  impl_->set_busy(busy);
}
std::size_t UserAgent::live_calls() const {
  return impl_->live_calls();
}
std::string UserAgent::call_id(CallHandle call) const {
  return impl_->call_id(call);
}
std::size_t UserAgent::held_calls() const {
  return impl_->held_calls();
}

std::size_t UserAgent::byes() const {
  return impl_->byes();
}
const UserAgentCounters& UserAgent::counters() const {
  return impl_->counters();
}
const TransactionLayer& UserAgent::transactions() const {
  return impl_->transactions();
}

}  // namespace cord::sip
