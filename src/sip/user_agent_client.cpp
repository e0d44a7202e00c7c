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

Result<CallHandle> UserAgent::Impl::invite(const OutgoingCall& outgoing, Instant now) {
  if (live_ >= config_.calls_max) return refuse(Errc::full, "sip.calls", config_.calls_max);
  const auto flow = outgoing.via ? Result<Flow>(*outgoing.via) : flow_to(outgoing.to, nullptr);
  if (!flow) return tl::make_unexpected(flow.error());
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
  request.add(header::contact, contact(flow));
  request.add(header::allow, std::string(allowed_methods));
  request.add(header::supported, "");
  request.add(header::user_agent, config_.product);
  sign(call, request);
  const LocalMedia& media = call.reinvite ? call.reinvite->media : call.media;
  set_body(request, sdp_type, print(make_offer(call.session, media)));
  return transactions_.send_request(std::move(request), flow, now);
}

void UserAgent::Impl::on_invite_response(InviteSession& call, ResponseReceived& it, Instant now) {
  timers_.cancel(call.silence);
  if (it.response.status < 200) return on_provisional(call, it.response);
  if (it.response.status < 300) return on_success(call, it, now);
  if (call.phase != CallPhase::outgoing || repeat_invite(call, it.response, now)) return;
  end_call(call, cause_of_status(it.response.status), it.response.status, status_line(it.response));
}

void UserAgent::Impl::on_provisional(InviteSession& call, const Message& response) {
  if (call.phase != CallPhase::outgoing || response.status == 100) return;
  const bool rings = response.status == 180 || response.status == 183;
  if (rings && !std::exchange(call.rang, true)) outputs_.emplace_back(CallRinging{call.handle});
  const std::string tag = response.to_tag();
  auto early = std::find_if(call.early.begin(), call.early.end(), [&](const EarlyDialog& known) {
    return known.dialog.remote_tag() == tag;
  });
  if (early == call.early.end()) {
    if (tag.empty() || call.early.size() >= config_.early_dialogs_max) return;
    auto dialog = Dialog::as_client(call.invite, response);
    if (!dialog) return;
    early = call.early.insert(early, EarlyDialog{std::move(*dialog), {}});
    counters_.early_dialogs_most =
        std::max<std::uint64_t>(counters_.early_dialogs_most, call.early.size());
  }
  if (early->sdp.empty() && response.content_type() == sdp_type) early->sdp = response.body;
}

void UserAgent::Impl::on_success(InviteSession& call, ResponseReceived& it, Instant now) {
  if (acknowledge_again(call, it)) return;
  auto dialog = Dialog::as_client(call.invite, it.response);
  const bool is_usable = dialog.has_value();
  if (!is_usable) dialog = Dialog::as_client(call.invite, without_routing(it.response));
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
  std::string text = response.content_type() == sdp_type ? response.body : std::string{};
  for (const EarlyDialog& early : call.early) {
    if (text.empty() && early.dialog.remote_tag() == dialog.remote_tag()) text = early.sdp;
  }
  call.early.clear();
  call.dialog = std::move(dialog);
  const auto answer = parse_sdp(text);
  if (answer) {
    if (const auto media = accept_answer(*call.session.last, *answer, call.media)) {
      agree(call, *media);
      outputs_.emplace_back(CallAnswered{call.handle});
      return;
    }
  }
  send_bye(call, *call.dialog, now);
  end_call(call, EndCause::failed, response.status, "answered without a usable description");
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
  const Flow flow = flow_in(call, dialog);
  transactions_.send_ack(ack, flow);
  if (call.acks.size() >= 2 * config_.early_dialogs_max) return;
  call.acks.push_back({it.id, std::string(dialog.remote_tag()), std::move(ack), flow});
}

void UserAgent::Impl::agree(InviteSession& call, const Negotiated& media) {
  call.has_media = true;
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
  call->reinvite = Reinvite{.media = media, .transaction = {}, .tries = 0, .backoff = {}};
  try_reinvite(*call, now);
  pump(now);
}

void UserAgent::Impl::try_reinvite(InviteSession& call, Instant now) {
  if (call.phase != CallPhase::confirmed || !call.reinvite || call.awaited) return;
  Reinvite& wanted = *call.reinvite;
  if (wanted.transaction || timers_.is_live(wanted.backoff)) return;
  ++wanted.tries;
  const Flow flow = flow_in(call, *call.dialog);
  const auto sent = send_invite(call, call.dialog->make_request(method::invite), flow, now);
  if (!sent) return end_reinvite(call, false, sent.error().detail);
  wanted.transaction = *sent;
  follow(call, *sent, Role::reinvite_client);
}

void UserAgent::Impl::on_reinvite_response(InviteSession& call, ResponseReceived& it, Instant now) {
  const std::uint16_t status = it.response.status;
  if (status < 200) return;
  if (status < 300) return on_reinvite_success(call, it);
  if (!call.reinvite || call.reinvite->transaction != it.id) return;
  if (takes_challenge(call, it.response)) {
    call.reinvite->transaction = {};
    return try_reinvite(call, now);
  }
  if (status == 491 || (status == 500 && it.response.has(header::retry_after))) {
    return retry_reinvite(call, it.response, now);
  }
  end_reinvite(call, false, status_line(it.response));
  if (status != 408 && status != 481) return;
  // RFC 3261 §14.1: the far end does not know the dialog any more.
  send_bye(call, *call.dialog, now);
  end_call(call, EndCause::unreachable, status, status_line(it.response));
}

void UserAgent::Impl::on_reinvite_success(InviteSession& call, ResponseReceived& it) {
  if (acknowledge_again(call, it)) return;
  call.dialog->refresh_target(it.response);
  acknowledge(call, *call.dialog, it);
  if (!call.reinvite || call.reinvite->transaction != it.id) return;
  const auto answer = sdp_of(it.response);
  if (answer) {
    if (const auto media = accept_answer(*call.session.last, *answer, call.reinvite->media)) {
      call.media = call.reinvite->media;
      agree(call, *media);
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
  start(wanted.backoff, call, TimerKind::reinvite_again, now + delay);
}

void UserAgent::Impl::end_reinvite(InviteSession& call, bool ok, std::string detail) {
  if (!call.reinvite) return;
  timers_.cancel(call.reinvite->backoff);
  call.reinvite.reset();
  outputs_.emplace_back(ReinviteEnded{call.handle, ok, std::move(detail)});
}

}  // namespace cord::sip
