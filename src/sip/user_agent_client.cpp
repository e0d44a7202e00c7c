// Requests of ours: RFC 3261 §8.1, §13.2, §14.1.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "sip/build.hpp"
#include "sip/user_agent_impl.hpp"

namespace cord::sip {
namespace {

constexpr std::uint32_t retry_after_s_max = 30;

// Table 1 of RFC 3261 §19.1.1: neither port nor transport stand in To.
NameAddr as_to(const Uri& uri) {
  NameAddr to{{}, uri, {}};
  to.uri.port = 0;
  to.uri.headers.clear();
  for (const auto* name : {"transport", "maddr", "ttl", "lr", "method"}) to.uri.params.remove(name);
  return to;
}

// The 2xx without what its sender spelled wrongly: an ACK it must get all the same.
Message without_routing(Message response) {
  response.remove(header::contact);
  response.remove(header::record_route);
  return response;
}

}  // namespace

Result<Flow> UserAgent::Impl::first_flow(const OutgoingCall& outgoing) const {
  if (outgoing.via) return *outgoing.via;
  return outgoing.next_hop ? flow_to(*outgoing.next_hop) : flow_to(outgoing.to, nullptr);
}

Result<CallHandle> UserAgent::Impl::invite(const OutgoingCall& outgoing, Instant now) {
  if (live_ >= config_.calls_max) return refuse(Errc::full, "sip.calls", config_.calls_max);
  const auto flow = first_flow(outgoing);
  if (!flow) return tl::make_unexpected(flow.error());
  if (rests(*flow, now)) {
    return refuse(Errc::not_accepting, "sip.next_hop", "a 503 asked for some time without calls");
  }
  InviteSession& call = add_call(false, ids_.tag());
  NameAddr from = outgoing.from;
  from.params.set("tag", call.local_tag);
  const std::string call_id = ids_.call_id();
  Message request = make_request({.method = method::invite,
                                  .uri = outgoing.to,
                                  .from = std::move(from),
                                  .to = as_to(outgoing.to),
                                  .call_id = call_id});
  for (const NameAddr& it : outgoing.routes) request.add(header::route, print(it));
  for (const Header& it : outgoing.headers) request.add(it.name, it.value);
  if (outgoing.account) call.digest.emplace(*outgoing.account);
  call.is_pinned = outgoing.via.has_value();
  call.media = outgoing.media;
  call.flow = *flow;
  call.invite = request;
  call.targets = {.allowed = outgoing.redirects, .next = {}, .tried = {outgoing.to}};
  const auto sent = send_invite(call, std::move(request), *flow, now);
  if (!sent) {
    --live_;
    forget(call.handle);
    return tl::make_unexpected(sent.error());
  }
  call.initial = *sent;
  follow(call, *sent, Role::invite_client);
  start(call.patience, call, TimerKind::ring_over, now + outgoing.ring_max);
  if (outgoing.silence_max > Duration::zero()) {
    start(call.silence, call, TimerKind::silence_over, now + outgoing.silence_max);
  }
  const CallHandle handle = call.handle;
  pump(now);
  return handle;
}

// Completes an INVITE or re-INVITE with what says who and what we are, and our offer.
Result<TransactionId> UserAgent::Impl::send_invite(InviteSession& call, Message request,
                                                   const Flow& flow, Instant now) {
  request.add(header::contact, contact(flow, request.uri));
  request.add(header::allow, std::string(allowed_methods));
  request.add(header::supported, supported());
  request.add(header::user_agent, config_.product);
  ask_for_session_timer(call, request);
  sign(call, request);
  const LocalMedia& media = call.reinvite ? call.reinvite->media : call.media;
  set_body(request, sdp_type, print(make_offer(call.session, media)));
  return transactions_.send_request(std::move(request), flow, now);
}

void UserAgent::Impl::on_invite_response(InviteSession& call, ResponseReceived& it, Instant now) {
  timers_.cancel(call.silence);
  if (it.response.status < 200) return on_provisional(call, it.response, now);
  if (it.response.status < 300) return on_success(call, it, now);
  if (call.phase == CallPhase::outgoing && it.id == call.initial) on_invite_failure(call, it, now);
}

void UserAgent::Impl::on_invite_failure(InviteSession& call, ResponseReceived& it, Instant now) {
  const std::uint16_t status = it.response.status;
  bool is_worth_repeating = takes_challenge(call, it.response);
  if (status == 422 && call.interval_tries++ < config_.reinvite_tries_max) {
    const std::uint32_t before = call.session_timer.min_s;
    raise_interval(call, it.response);
    is_worth_repeating = call.session_timer.min_s > before;
  }
  if (is_worth_repeating && send_invite_again(call, flow_in(call, call.invite.uri), now)) return;
  if (status < 400) note_targets(call, it.response);
  if (status == 503) note_rest(it.flow, it.response, now);
  if (status < 600 && try_next_target(call, now)) return;
  end_call(call, cause_of_status(status), status, status_line(it.response));
}

// To call.invite.uri, in a new transaction of the same call: RFC 3261 §8.1.3.4, §8.1.3.5.
bool UserAgent::Impl::send_invite_again(InviteSession& call, const Flow& flow, Instant now) {
  call.invite.set(header::cseq,
                  print(CSeq{call.invite.cseq().number + 1, std::string(method::invite)}));
  call.early.clear();
  const auto sent = send_invite(call, Message(call.invite), flow, now);
  if (!sent) return false;
  call.flow = flow;
  call.initial = *sent;
  follow(call, *sent, Role::invite_client);
  return true;
}

void UserAgent::Impl::on_provisional(InviteSession& call, const Message& response, Instant now) {
  if (call.phase != CallPhase::outgoing || response.status == 100) return;
  EarlyDialog* early = early_dialog(call, response);
  const bool is_reliable = response.lists(header::require, option_100rel);
  if (is_reliable && !acknowledge_provisional(call, early, response, now)) return;
  const bool rings = response.status == 180 || response.status == 183;
  if (rings && !std::exchange(call.rang, true)) outputs_.emplace_back(CallRinging{call.handle});
  if (early == nullptr || response.content_type() != sdp_type) return;
  if (early->sdp.empty()) early->sdp = response.body;
  if (!is_reliable || early->agreed) return;
  // An answer that cannot be used is one: the 2xx will end the call.
  const auto answer = parse_sdp(response.body);
  if (!answer) return;
  if (const auto media = accept_answer(*early->session.last, *answer, call.media)) {
    early->agreed = *media;
  }
}

// The dialog that `response` belongs to, made if it is new; null: it makes none, or one too many.
EarlyDialog* UserAgent::Impl::early_dialog(InviteSession& call, const Message& response) {
  const std::string tag = response.to_tag();
  const auto known = std::find_if(call.early.begin(), call.early.end(), [&](const EarlyDialog& it) {
    return it.dialog.remote_tag() == tag;
  });
  if (known != call.early.end()) return &*known;
  if (tag.empty() || call.early.size() >= config_.early_dialogs_max) return nullptr;
  auto dialog = Dialog::as_client(call.invite, response);
  if (!dialog) return nullptr;
  call.early.push_back(EarlyDialog{.dialog = std::move(*dialog), .session = call.session});
  counters_.early_dialogs_most =
      std::max<std::uint64_t>(counters_.early_dialogs_most, call.early.size());
  return &call.early.back();
}

void UserAgent::Impl::on_success(InviteSession& call, ResponseReceived& it, Instant now) {
  if (acknowledge_again(call, it)) return;
  auto dialog = Dialog::as_client(call.invite, it.response);
  const bool is_usable = dialog.has_value();
  if (!is_usable) dialog = Dialog::as_client(call.invite, without_routing(it.response));
  for (const EarlyDialog& early : call.early) {
    if (early.dialog.remote_tag() == dialog->remote_tag()) dialog->continue_from(early.dialog);
  }
  acknowledge(call, *dialog, it);
  // Another branch has won, we have given up, or this one cannot be talked to.
  if (call.phase != CallPhase::outgoing || !is_usable) {
    send_bye(call, *dialog, now);
    if (call.phase == CallPhase::outgoing) {
      end_call(call, EndCause::failed, it.response.status, "answered with an unusable Contact");
    }
    return;
  }
  confirm(call, std::move(*dialog), it.response, now);
}

void UserAgent::Impl::confirm(InviteSession& call, Dialog dialog, const Message& response,
                              Instant now) {
  timers_.cancel(call.patience);
  call.phase = CallPhase::confirmed;
  call.dialog = std::move(dialog);
  const auto media = answer_to_invite(call, response);
  std::erase_if(call.early, [&](const EarlyDialog& early) {
    return early.dialog.remote_tag() == call.dialog->remote_tag();
  });
  if (!media) {
    send_bye(call, *call.dialog, now);
    return end_call(call, EndCause::failed, response.status,
                    "answered without a usable description");
  }
  note_methods(call, response);
  take_session_timer(call, response, now);
  agree(call, *media);
  outputs_.emplace_back(CallAnswered{call.handle});
}

// What the 2xx, or an earlier response in its dialog, answers to our offer.
std::optional<Negotiated> UserAgent::Impl::answer_to_invite(InviteSession& call,
                                                            const Message& response) {
  std::string text = response.content_type() == sdp_type ? response.body : std::string{};
  for (const EarlyDialog& early : call.early) {
    if (early.dialog.remote_tag() != call.dialog->remote_tag()) continue;
    call.session = early.session;
    if (early.agreed) return early.agreed;
    if (text.empty()) text = early.sdp;
  }
  const auto answer = parse_sdp(text);
  if (!answer) return std::nullopt;
  const auto media = accept_answer(*call.session.last, *answer, call.media);
  return media ? std::optional(*media) : std::nullopt;
}

bool UserAgent::Impl::acknowledge_again(InviteSession& call, const ResponseReceived& it) {
  const std::string tag = it.response.to_tag();
  for (SentAck& known : call.acks) {
    if (known.transaction != it.id || known.remote_tag != tag) continue;
    transactions_.send_ack(known.ack, known.flow);
    return true;
  }
  return false;
}

void UserAgent::Impl::acknowledge(InviteSession& call, const Dialog& dialog,
                                  const ResponseReceived& it) {
  Message ack = dialog.make_ack(it.response.cseq().number);
  if (call.digest) {
    call.digest->copy_to(ack);
    call.digest->begin();
  }
  const Flow flow = flow_in(call, dialog.next_hop());
  transactions_.send_ack(ack, flow);
  if (call.acks.size() >= 2 * config_.early_dialogs_max) return;
  call.acks.push_back({it.id, std::string(dialog.remote_tag()), std::move(ack), flow});
}

void UserAgent::Impl::agree(InviteSession& call, const Negotiated& media) {
  call.agreed = media;
  outputs_.emplace_back(MediaAgreed{call.handle, media});
}

void UserAgent::Impl::reinvite(CallHandle handle, const LocalMedia& media, Instant now) {
  InviteSession* call = find_living(handle, CallPhase::confirmed);
  if (call == nullptr) return;
  if (call->reinvite && call->reinvite->transaction) {
    outputs_.emplace_back(ReinviteEnded{handle, false, "another one is under way"});
    return;
  }
  if (call->reinvite) end_reinvite(*call, false, "replaced by a newer one");
  call->reinvite =
      Reinvite{.media = media, .is_refresh = false, .transaction = {}, .tries = 0, .backoff = {}};
  try_reinvite(*call, now);
  pump(now);
}

void UserAgent::Impl::try_reinvite(InviteSession& call, Instant now) {
  if (call.phase != CallPhase::confirmed || !call.reinvite || call.awaited) return;
  Reinvite& wanted = *call.reinvite;
  if (wanted.transaction || timers_.is_live(wanted.backoff)) return;
  ++wanted.tries;
  const Flow flow = flow_in(call, call.dialog->next_hop());
  const auto sent = send_invite(call, call.dialog->make_request(method::invite), flow, now);
  if (!sent) return end_reinvite(call, false, sent.error().detail);
  wanted.transaction = *sent;
  follow(call, *sent, Role::reinvite_client);
}

void UserAgent::Impl::on_reinvite_response(InviteSession& call, ResponseReceived& it, Instant now) {
  const std::uint16_t status = it.response.status;
  if (status < 200) return;
  if (status < 300) return on_reinvite_success(call, it, now);
  if (!call.reinvite || call.reinvite->transaction != it.id) return;
  if (takes_challenge(call, it.response)) {
    call.reinvite->transaction = {};
    return try_reinvite(call, now);
  }
  if (status == 491 || (status == 500 && it.response.has(header::retry_after))) {
    return retry_reinvite(call, it.response, now);
  }
  if (status == 422) {
    raise_interval(call, it.response);
    return retry_reinvite(call, it.response, now);
  }
  end_reinvite(call, false, status_line(it.response));
  // RFC 3261 §14.1: the far end does not know the dialog any more.
  if (status == 408 || status == 481) lose_dialog(call, status, status_line(it.response), now);
}

void UserAgent::Impl::on_reinvite_success(InviteSession& call, ResponseReceived& it, Instant now) {
  if (acknowledge_again(call, it)) return;
  call.dialog->refresh_target(it.response);
  acknowledge(call, *call.dialog, it);
  if (!call.reinvite || call.reinvite->transaction != it.id) return;
  note_methods(call, it.response);
  take_session_timer(call, it.response, now);
  const auto answer = sdp_of(it.response);
  if (answer) {
    if (const auto media = accept_answer(*call.session.last, *answer, call.reinvite->media)) {
      call.media = call.reinvite->media;
      // A refresh that changes nothing is nothing to tell.
      if (!call.reinvite->is_refresh || call.agreed != *media) agree(call, *media);
      return end_reinvite(call, true, {});
    }
  }
  end_reinvite(call, false, "answered without a usable description");
}

void UserAgent::Impl::retry_reinvite(InviteSession& call, const Message& response, Instant now) {
  Reinvite& wanted = *call.reinvite;
  if (wanted.tries >= config_.reinvite_tries_max) {
    return end_reinvite(call, false, status_line(response));
  }
  wanted.transaction = {};
  Duration delay = glare_delay(!call.is_inbound, ids_);
  if (response.status == 500) {
    const auto after = parse_number(response.value(header::retry_after), retry_after_s_max);
    delay = std::chrono::seconds(after.value_or(retry_after_s_max));
  }
  if (response.status == 422) delay = Duration{};
  start(wanted.backoff, call, TimerKind::reinvite_again, now + delay);
}

void UserAgent::Impl::end_reinvite(InviteSession& call, bool ok, std::string detail) {
  if (!call.reinvite) return;
  timers_.cancel(call.reinvite->backoff);
  const bool is_refresh = call.reinvite->is_refresh;
  call.reinvite.reset();
  if (is_refresh) return;
  outputs_.emplace_back(ReinviteEnded{call.handle, ok, std::move(detail)});
}

}  // namespace cord::sip
