// Requests of others: RFC 3261 §8.2, §9.2, §11.2, §12.2.2, §13.3, §14.2, §15.1.2.
#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "sip/build.hpp"
#include "sip/user_agent_impl.hpp"

namespace cord::sip {
namespace {

// Methods we know of and do not carry out: 405. Any other is unknown: 501.
constexpr std::array<std::string_view, 10> known_methods{
    method::bye,   method::info, method::message,   method::notify,    method::prack,
    method::refer, "PUBLISH",    method::register_, method::subscribe, method::update};

std::optional<NameAddr> asserted_identity(const Message& invite) {
  const auto identities = invite.addresses(header::p_asserted_identity);
  if (!identities || identities->empty()) return std::nullopt;
  return identities->front();
}

bool wants_privacy(const Message& invite) {
  constexpr std::string_view blank = " \t";
  std::string_view rest = invite.value("Privacy");  // Values are parted by semicolons: RFC 3323.
  while (!rest.empty()) {
    std::string_view item = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(rest.size(), item.size() + 1));
    item.remove_prefix(std::min(item.size(), item.find_first_not_of(blank)));
    item = item.substr(0, item.find_last_not_of(blank) + 1);
    for (const std::string_view kind : {"id", "user", "header"}) {
      if (equals_ignoring_case(item, kind)) return true;
    }
  }
  return false;
}

}  // namespace

void UserAgent::Impl::on_new_request(RequestReceived& it, Instant now) {
  if (it.request.method == method::invite) return on_new_invite(it, now);
  if (it.request.method == method::options) return answer_options(it, now);
  if (it.request.method == method::register_ && registrar_) return on_register(it, now);
  if (it.request.method == method::bye) {
    ++counters_.requests_without_dialog;
    return decline(it, 481, now);
  }
  refuse_method(it, now);
}

void UserAgent::Impl::on_new_invite(RequestReceived& it, Instant now) {
  const Message& invite = it.request;
  const Flow& flow = it.flow;
  const auto permits = [&](const Endpoint& peer) {
    if (peer.address != flow.remote.address) return false;
    // A TCP connection comes from any port.
    return peer.port == 0 || peer.port == flow.remote.port || flow.transport == Transport::tcp;
  };
  const auto& callers = config_.callers;
  const bool is_permitted = std::any_of(callers.begin(), callers.end(), permits);
  if (!is_permitted) {
    ++counters_.requests_from_strangers;
    return decline(it, 403, now);
  }
  if (invite.uri.scheme != "sip" && invite.uri.scheme != "tel") return decline(it, 416, now);
  if (invite.max_forwards() == 0U) return decline(it, 483, now);
  std::string key = merge_key(invite);
  if (by_invite_.contains(key)) {
    ++counters_.requests_merged;
    return decline(it, 482, now);
  }
  auto offer = read_offer(invite);
  if (offer.refusal) return decline(it, std::move(*offer.refusal), now);
  auto dialog = Dialog::as_server(invite, ids_.tag());
  if (!dialog) return decline(it, 400, now);
  if (is_draining_ || live_ >= config_.calls_max) {
    ++counters_.calls_over_limit;
    Message response = response_to(it.request, 503, ids_.tag());
    response.add(header::retry_after, std::to_string(config_.retry_after_s));
    return decline(it, std::move(response), now);
  }
  InviteSession& call = add_call(true, std::string(dialog->local_tag()));
  call.dialog = std::move(*dialog);
  call.offer = std::move(offer.sdp);
  call.merge_key = std::move(key);
  begin_incoming(call, it, std::move(offer.codecs));
}

void UserAgent::Impl::begin_incoming(InviteSession& call, RequestReceived& it,
                                     std::vector<Codec> codecs) {
  call.initial = it.id;
  call.flow = it.flow;
  call.invite = std::move(it.request);
  by_invite_[call.merge_key] = call.handle;
  follow(call, it.id, Role::invite_server);
  outputs_.emplace_back(CallOffered{.call = call.handle,
                                    .flow = it.flow,
                                    .target = call.invite.uri,
                                    .from = call.invite.from(),
                                    .asserted = asserted_identity(call.invite),
                                    .wants_privacy = wants_privacy(call.invite),
                                    .call_id = std::string(call.invite.call_id()),
                                    .codecs = std::move(codecs)});
  if (call.offer) {
    std::get<CallOffered>(outputs_.back()).security = offered_security(*call.offer);
  }
}

void UserAgent::Impl::on_dialog_request(RequestReceived& it, Instant now) {
  InviteSession* call = find_by_tag(it.request.to_tag());
  Dialog* dialog = nullptr;
  bool is_early = false;
  if (call != nullptr && call->dialog && call->dialog->matches(it.request)) {
    dialog = &*call->dialog;
  } else if (call != nullptr) {
    for (EarlyDialog& early : call->early) {
      if (early.dialog.matches(it.request)) dialog = &early.dialog;
    }
    is_early = dialog != nullptr;
  }
  const bool is_over = call != nullptr && call->phase == CallPhase::ended;
  if (dialog == nullptr || (is_over && it.request.method != method::bye)) {
    ++counters_.requests_without_dialog;
    return decline(it, 481, now);
  }
  if (!dialog->accept_cseq(it.request)) return decline(it, 500, now);
  call->flow = it.flow;
  if (it.request.method == method::bye) return on_bye(it, *call, is_early, now);
  if (it.request.method == method::options) return answer_options(it, now);
  if (it.request.method == method::invite) return on_reinvite(it, *call, now);
  refuse_method(it, now);
}

void UserAgent::Impl::on_cancel(RequestReceived& it, Instant now) {
  if (!it.cancels) {
    ++counters_.requests_without_dialog;
    return decline(it, 481, now);
  }
  const auto followed = followed_.find(it.cancels);
  InviteSession* call = followed == followed_.end() ? nullptr : find(followed->second.call);
  // The To tag of this answer is that of the INVITE's: RFC 3261 §9.2.
  const std::string tag = call != nullptr ? call->local_tag : ids_.tag();
  transactions_.respond(it.id, response_to(it.request, 200, tag), now);
  if (call == nullptr || call->phase != CallPhase::incoming) return;
  transactions_.respond(call->initial, response_to(call->invite, 487, call->local_tag), now);
  end_call(*call, EndCause::remote, 0, "cancelled");
}

void UserAgent::Impl::on_bye(RequestReceived& it, InviteSession& call, bool is_early, Instant now) {
  transactions_.respond(it.id, response_to(it.request, 200, {}), now);
  if (is_early) {
    // One branch of a fork is gone; the INVITE itself still gets its final answer.
    std::erase_if(call.early, [&](const EarlyDialog& early) {
      return early.dialog.remote_tag() == it.request.from_tag();
    });
    return;
  }
  if (call.phase == CallPhase::incoming) {
    transactions_.respond(call.initial, response_to(call.invite, 487, call.local_tag), now);
  }
  call.bye_when_acked = false;
  stop_awaiting_ack(call);
  end_call(call, EndCause::remote, 0, "BYE");
}

void UserAgent::Impl::on_reinvite(RequestReceived& it, InviteSession& call, Instant now) {
  if (call.phase == CallPhase::incoming) {
    Message response = response_to(it.request, 500, {});
    response.add(header::retry_after, std::to_string(ids_.below(11)));
    return decline(it, std::move(response), now);
  }
  const bool is_ours_open = call.phase == CallPhase::outgoing ||
                            (call.reinvite && call.reinvite->transaction) ||
                            (call.awaited && call.awaited->holds_offer);
  if (is_ours_open) return decline(it, 491, now);
  auto offer = read_offer(it.request);
  if (offer.refusal) return decline(it, std::move(*offer.refusal), now);
  // Who sends a re-INVITE has our 2xx: its ACK is late or lost, and not needed any more (RFC 5407
  // §3.1.4).
  stop_awaiting_ack(call);
  call.dialog->refresh_target(it.request);
  if (!offer.sdp) {
    return send_success(call, it, make_offer(call.session, call.media), true, now);
  }
  const auto answer = make_answer(call.session, *offer.sdp, call.media);
  if (!answer) {
    decline(it, 488, now);
    return try_reinvite(call, now);
  }
  send_success(call, it, answer->sdp, false, now);
  agree(call, answer->media);
}

void UserAgent::Impl::answer_options(RequestReceived& it, Instant now) {
  if (auto refusal = refusal_of_extensions(it.request))
    return decline(it, std::move(*refusal), now);
  Message response = response_to(it.request, 200, it.request.to_tag().empty() ? ids_.tag() : "");
  response.add(header::accept, std::string(sdp_type));
  transactions_.respond(it.id, response, now);
}

void UserAgent::Impl::refuse_method(RequestReceived& it, Instant now) {
  const auto& known = known_methods;
  const bool is_known =
      std::find(known.begin(), known.end(), std::string_view(it.request.method)) != known.end();
  decline(it, is_known ? 405 : 501, now);
}

// RFC 3261 §8.2.2.3: there is no extension we support.
std::optional<Message> UserAgent::Impl::refusal_of_extensions(const Message& request) const {
  const auto required = request.list(header::require);
  if (required.empty()) return std::nullopt;
  Message response = response_to(request, 420, {});
  response.add(header::unsupported, fmt::format("{}", fmt::join(required, ", ")));
  return response;
}

// The checks that an initial INVITE and a re-INVITE share: RFC 3261 §8.2.3, §13.3.1.
UserAgent::Impl::ReadOffer UserAgent::Impl::read_offer(const Message& request) const {
  if (auto refusal = refusal_of_extensions(request)) return {std::move(refusal), {}, {}};
  if (request.body.empty()) return {{}, {}, LocalMedia{}.codecs};
  const std::string_view encoding = request.value(header::content_encoding);
  if (request.content_type() != sdp_type ||
      !(encoding.empty() || equals_ignoring_case(encoding, "identity"))) {
    Message response = response_to(request, 415, {});
    response.add(header::accept, std::string(sdp_type));
    response.add("Accept-Encoding", "identity");
    return {std::move(response), {}, {}};
  }
  auto offer = parse_sdp(request.body);
  if (!offer) return {response_to(request, 400, {}), {}, {}};
  auto codecs = common_codecs(*offer);
  if (codecs.empty()) return {response_to(request, 488, {}), {}, {}};
  return {{}, std::move(*offer), std::move(codecs)};
}

Message UserAgent::Impl::response_to(const Message& request, std::uint16_t status,
                                     std::string_view to_tag) const {
  Message response = make_response(request, status, {}, to_tag);
  response.add(header::server, config_.product);
  const bool tells_methods = status == 405 || status == 501 || (status >= 200 && status < 300);
  if (tells_methods) response.add(header::allow, std::string(allowed_methods));
  if (status >= 200 && status < 300) response.add(header::supported, "");
  return response;
}

void UserAgent::Impl::decline(RequestReceived& it, Message response, Instant now) {
  if (response.to_tag().empty()) {
    NameAddr to = response.to();
    to.params.set("tag", ids_.tag());
    response.set(header::to, print(to));
  }
  ++counters_.requests_refused;
  transactions_.respond(it.id, response, now);
}

void UserAgent::Impl::decline(RequestReceived& it, std::uint16_t status, Instant now) {
  decline(it, response_to(it.request, status, {}), now);
}

void UserAgent::Impl::ring(CallHandle handle, Instant now) {
  InviteSession* call = find_living(handle, CallPhase::incoming);
  if (call == nullptr) return;
  Message response = response_to(call->invite, 180, call->local_tag);
  response.add(header::contact, contact(call->flow));
  send_provisional(*call, std::move(response), now);
  pump(now);
}

void UserAgent::Impl::progress(CallHandle handle, const LocalMedia& media, Instant now) {
  InviteSession* call = find_living(handle, CallPhase::incoming);
  if (call == nullptr) return;
  if (!call->offer) return ring(handle, now);
  auto answer = make_answer(call->session, *call->offer, media);
  if (!answer) return refuse_call(*call, 488, now);
  call->media = media;
  call->has_answered_offer = true;
  Message response = response_to(call->invite, 183, call->local_tag);
  response.add(header::contact, contact(call->flow));
  set_body(response, sdp_type, print(answer->sdp));
  send_provisional(*call, std::move(response), now);
  agree(*call, answer->media);
  pump(now);
}

void UserAgent::Impl::refuse_call(InviteSession& call, std::uint16_t status, Instant now) {
  transactions_.respond(call.initial, response_to(call.invite, status, call.local_tag), now);
  end_call(call, EndCause::failed, status, std::string(reason_phrase(status)));
  pump(now);
}

void UserAgent::Impl::send_provisional(InviteSession& call, Message response, Instant now) {
  transactions_.respond(call.initial, response, now);
  call.provisional = std::move(response);
  start(call.patience, call, TimerKind::provisional, now + config_.provisional_every);
}

void UserAgent::Impl::answer(CallHandle handle, const LocalMedia& media, Instant now) {
  InviteSession* call = find_living(handle, CallPhase::incoming);
  if (call == nullptr) return;
  RequestReceived initial{call->initial, call->invite, call->flow, {}};
  timers_.cancel(call->patience);
  if (call->has_answered_offer) {
    call->phase = CallPhase::confirmed;
    send_success(*call, initial, *call->session.last, false, now);
    return pump(now);
  }
  call->media = media;
  if (!call->offer) {
    call->phase = CallPhase::confirmed;
    send_success(*call, initial, make_offer(call->session, media), true, now);
    return pump(now);
  }
  const auto answer = make_answer(call->session, *call->offer, media);
  if (!answer) return refuse_call(*call, 488, now);
  call->phase = CallPhase::confirmed;
  send_success(*call, initial, answer->sdp, false, now);
  agree(*call, answer->media);
  pump(now);
}

void UserAgent::Impl::send_success(InviteSession& call, RequestReceived& it,
                                   const SessionDescription& sdp, bool holds_offer, Instant now) {
  Message response = response_to(it.request, 200, call.local_tag);
  response.add(header::contact, contact(it.flow));
  set_body(response, sdp_type, print(sdp));
  transactions_.respond(it.id, response, now);
  const Duration t1 = config_.transactions.t1;
  call.awaited = AwaitedAck{.transaction = it.id,
                            .cseq = it.request.cseq().number,
                            .holds_offer = holds_offer,
                            .interval = t1,
                            .give_up = now + 64 * t1,
                            .timer = {}};
  start(call.awaited->timer, call, TimerKind::success_again, now + t1);
}

void UserAgent::Impl::repeat_success(InviteSession& call, Instant now) {
  AwaitedAck& awaited = *call.awaited;
  if (now < awaited.give_up) {
    transactions_.resend_success(awaited.transaction);
    awaited.interval = std::min(awaited.interval * 2, config_.transactions.t2);
    const Instant due = std::min(now + awaited.interval, awaited.give_up);
    return start(awaited.timer, call, TimerKind::success_again, due);
  }
  ++counters_.calls_without_ack;
  stop_awaiting_ack(call);
  send_bye(call, *call.dialog, now);
  end_call(call, EndCause::failed, 0, "no ACK");
}

void UserAgent::Impl::take_answer_of_ack(InviteSession& call, const Message& ack, Instant now) {
  const auto answer = sdp_of(ack);
  if (answer) {
    if (const auto media = accept_answer(*call.session.last, *answer, call.media)) {
      return agree(call, *media);
    }
  }
  // After a re-INVITE of theirs the session simply stays as it was.
  if (call.has_media) return;
  send_bye(call, *call.dialog, now);
  end_call(call, EndCause::failed, 0, "no usable answer in the ACK");
}

}  // namespace cord::sip
