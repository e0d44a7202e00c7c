// Requests of others: RFC 3261 §8.2, §9.2, §11.2, §12.2.2, §13.3, §14.2, §15.1.2.
#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "sip/build.hpp"
#include "sip/codec/extension_fields.hpp"
#include "sip/user_agent_impl.hpp"

namespace cord::sip {
namespace {

// Methods we know of and do not carry out: 405. Any other is unknown: 501.
constexpr std::array<std::string_view, 9> known_methods{
    method::bye,     method::info,      method::message,   method::notify, method::prack,
    method::publish, method::register_, method::subscribe, method::update};

// Those that mean something only inside a dialog, or a subscription (RFC 6665 §4.1.3).
constexpr std::array<std::string_view, 5> methods_inside{method::bye, method::info, method::notify,
                                                         method::prack, method::update};

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

// RFC 5630 §5.3: what is sent to a SIPS URI comes over TLS, or somebody on its way was careless.
bool takes_target(const Uri& uri, const Flow& from) {
  if (uri.scheme == "sips") return from.transport == Transport::tls;
  return uri.scheme == "sip" || uri.scheme == "tel";
}

bool demands_100rel(const Message& invite) {
  return invite.lists(header::require, option_100rel);
}

bool knows_100rel(const Message& invite) {
  return knows(invite, option_100rel);
}

}  // namespace

void UserAgent::Impl::on_new_request(RequestReceived& it, Instant now) {
  if (it.request.method == method::invite) return on_new_invite(it, now);
  if (it.request.method == method::options) return answer_options(it, now);
  if (it.request.method == method::register_ && registrar_) return on_register(it, now);
  const auto& inside = methods_inside;
  if (std::find(inside.begin(), inside.end(), std::string_view(it.request.method)) !=
      inside.end()) {
    ++counters_.requests_without_dialog;
    return decline(it, 481, now);
  }
  // There is no call that it could be about.
  if (it.request.method == method::refer) return decline(it, 603, now);
  refuse_method(it, now);
}

void UserAgent::Impl::on_new_invite(RequestReceived& it, Instant now) {
  const Message& invite = it.request;
  const bool is_permitted =
      std::any_of(callers_.begin(), callers_.end(),
                  [&](const Endpoint& peer) { return may_be_of(it.flow, peer); });
  if (!is_permitted) {
    ++counters_.requests_from_strangers;
    return decline(it, 403, now);
  }
  const std::size_t live = transactions_.live_transactions();
  if (is_busy_ || live >= config_.transactions_busy_max) {
    ++counters_.calls_in_overload;
    return decline_overload(it, now);
  }
  if (!takes_target(invite.uri, it.flow)) return decline(it, 416, now);
  if (invite.max_forwards() == 0U) return decline(it, 483, now);
  std::string key = merge_key(invite);
  if (by_invite_.contains(key)) {
    ++counters_.requests_merged;
    return decline(it, 482, now);
  }
  auto offer = read_offer(invite);
  if (offer.refusal) return decline(it, std::move(*offer.refusal), now);
  if (auto refusal = refusal_of_interval(invite)) return decline(it, std::move(*refusal), now);
  auto dialog = Dialog::as_server(invite, ids_.tag());
  if (!dialog) return decline(it, 400, now);
  if (is_draining_ || live_ >= config_.calls_max) {
    ++counters_.calls_over_limit;
    return decline_overload(it, now);
  }
  CallHandle replaced;
  if (auto refusal = find_replaced(invite, replaced)) return decline(it, std::move(*refusal), now);
  InviteSession& call = add_call(true, std::string(dialog->local_tag()));
  call.dialog = std::move(*dialog);
  call.offer = std::move(offer.sdp);
  call.merge_key = std::move(key);
  begin_incoming(call, it, std::move(offer.codecs), replaced);
}

void UserAgent::Impl::begin_incoming(InviteSession& call, RequestReceived& it,
                                     std::vector<Codec> codecs, CallHandle replaced) {
  call.initial = it.id;
  call.flow = it.flow;
  call.invite = std::move(it.request);
  by_invite_[call.merge_key] = call.handle;
  note_methods(call, call.invite);
  follow(call, it.id, Role::invite_server);
  outputs_.emplace_back(CallOffered{.call = call.handle,
                                    .flow = it.flow,
                                    .target = call.invite.uri,
                                    .from = call.invite.from(),
                                    .asserted = asserted_identity(call.invite),
                                    .wants_privacy = wants_privacy(call.invite),
                                    .call_id = std::string(call.invite.call_id()),
                                    .codecs = std::move(codecs),
                                    .replaces = replaced});
  if (call.offer) {
    std::get<CallOffered>(outputs_.back()).security = offered_security(*call.offer);
  }
}

UserAgent::Impl::Place UserAgent::Impl::place_of(const Message& request) {
  InviteSession* call = find_by_tag(request.to_tag());
  if (call == nullptr) return {};
  if (call->dialog && call->dialog->matches(request)) return {call, &*call->dialog, nullptr};
  for (EarlyDialog& early : call->early) {
    if (early.dialog.matches(request)) return {call, &early.dialog, &early};
  }
  return {};
}

void UserAgent::Impl::on_dialog_request(RequestReceived& it, Instant now) {
  const Place place = place_of(it.request);
  const std::string& name = it.request.method;
  // What ends a call may cross what still belongs to it.
  const bool fits_ended = name == method::bye || name == method::prack;
  const bool is_over = place.call != nullptr && place.call->phase == CallPhase::ended;
  if (place.dialog == nullptr || (is_over && !fits_ended)) {
    ++counters_.requests_without_dialog;
    return decline(it, 481, now);
  }
  if (!place.dialog->accept_cseq(it.request)) return decline(it, 500, now);
  InviteSession& call = *place.call;
  call.flow = it.flow;
  if (name == method::bye) return on_bye(it, place, now);
  if (name == method::options) return answer_options(it, now);
  if (name == method::invite && place.early != nullptr) return decline(it, 491, now);
  if (name == method::invite) return on_reinvite(it, call, now);
  if (name == method::prack) return on_prack(it, call, now);
  if (name == method::update) return on_update(it, place, now);
  if (name == method::info) return on_info(it, call, now);
  if (name == method::notify) return decline(it, 481, now);  // RFC 6665 §4.1.3.
  if (name == method::refer) return on_refer(it, place, now);
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

void UserAgent::Impl::on_bye(RequestReceived& it, const Place& place, Instant now) {
  InviteSession& call = *place.call;
  transactions_.respond(it.id, response_to(it.request, 200, {}), now);
  if (place.early != nullptr) {
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
  if (call.phase == CallPhase::incoming) return decline_pending(it, now);
  const bool is_ours_open =
      (call.reinvite && call.reinvite->transaction) || (call.awaited && call.awaited->holds_offer);
  if (is_ours_open) return decline(it, 491, now);
  auto offer = read_offer(it.request);
  if (offer.refusal) return decline(it, std::move(*offer.refusal), now);
  if (auto refusal = refusal_of_interval(it.request)) return decline(it, std::move(*refusal), now);
  // Who sends a re-INVITE has our 2xx: its ACK is late or lost, and not needed any more (RFC 5407
  // §3.1.4).
  stop_awaiting_ack(call);
  call.dialog->refresh_target(it.request);
  if (!offer.sdp) {
    const SessionDescription ours = make_offer(call.session, call.media);
    return send_success(call, it, &ours, true, now);
  }
  const auto answer = make_answer(call.session, *offer.sdp, call.media);
  if (!answer) {
    decline(it, 488, now);
    return try_reinvite(call, now);
  }
  send_success(call, it, &answer->sdp, false, now);
  agree(call, answer->media);
}

void UserAgent::Impl::answer_options(RequestReceived& it, Instant now) {
  if (!takes_target(it.request.uri, it.flow)) return decline(it, 416, now);
  if (auto refusal = refusal_of_extensions(it.request))
    return decline(it, std::move(*refusal), now);
  Message response = response_to(it.request, 200, it.request.to_tag().empty() ? ids_.tag() : "");
  response.add(header::accept, std::string(sdp_type));
  transactions_.respond(it.id, response, now);
}

// Keys, and the empty INFO of those who ask whether we live. Info-Package (RFC 6086): we have none.
void UserAgent::Impl::on_info(RequestReceived& it, InviteSession& call, Instant now) {
  if (it.request.has("Info-Package")) {
    Message response = response_to(it.request, 469, {});
    response.add("Recv-Info", "");
    return decline(it, std::move(response), now);
  }
  if (it.request.body.empty()) {
    return transactions_.respond(it.id, response_to(it.request, 200, {}), now);
  }
  const auto key = parse_key(it.request.content_type(), it.request.body);
  if (!key && key.error().code == Errc::unsupported) {
    Message response = response_to(it.request, 415, {});
    response.add(header::accept, std::string(key_types));
    return decline(it, std::move(response), now);
  }
  if (!key) return decline(it, 400, now);
  transactions_.respond(it.id, response_to(it.request, 200, {}), now);
  outputs_.emplace_back(KeyPressed{call.handle, key->event});
}

void UserAgent::Impl::refuse_method(RequestReceived& it, Instant now) {
  const std::string& name = it.request.method;
  // RFC 6665 §4.2.1.3, RFC 3903 §6: there is no event of ours to subscribe to, or to publish.
  if (name == method::subscribe || name == method::publish) return decline(it, 489, now);
  const auto& known = known_methods;
  const bool is_known =
      std::find(known.begin(), known.end(), std::string_view(name)) != known.end();
  decline(it, is_known ? 405 : 501, now);
}

bool UserAgent::Impl::knows_option(std::string_view option) const {
  if (equals_ignoring_case(option, option_timer)) return config_.session_expires_s != 0;
  return equals_ignoring_case(option, option_100rel) ||
         equals_ignoring_case(option, option_replaces);
}

std::string UserAgent::Impl::supported() const {
  std::string text = fmt::format("{}, {}", option_100rel, option_replaces);
  if (config_.session_expires_s != 0) text.append(", ").append(option_timer);
  return text;
}

// RFC 3261 §8.2.2.3.
std::optional<Message> UserAgent::Impl::refusal_of_extensions(const Message& request) const {
  auto required = request.list(header::require);
  std::erase_if(required, [&](std::string_view option) { return knows_option(option); });
  if (required.empty()) return std::nullopt;
  Message response = response_to(request, 420, {});
  response.add(header::unsupported, fmt::format("{}", fmt::join(required, ", ")));
  return response;
}

// The checks that an initial INVITE and a re-INVITE share: RFC 3261 §8.2.3, §13.3.1.
UserAgent::Impl::ReadOffer UserAgent::Impl::read_offer(const Message& request) const {
  if (auto refusal = refusal_of_extensions(request)) return {std::move(refusal), {}, {}};
  if (request.body.empty()) return {{}, {}, all_codecs()};
  const std::string_view encoding = request.value(header::content_encoding);
  if (request.content_type() != sdp_type ||
      !(encoding.empty() || equals_ignoring_case(encoding, "identity"))) {
    Message response = response_to(request, 415, {});
    response.add(header::accept, std::string(sdp_type));
    response.add(header::accept_encoding, "identity");
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
  const bool tells_methods =
      status == 405 || status == 489 || status == 501 || (status >= 200 && status < 300);
  if (tells_methods) response.add(header::allow, std::string(allowed_methods));
  if (status >= 200 && status < 300) response.add(header::supported, supported());
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

void UserAgent::Impl::decline_overload(RequestReceived& it, Instant now) {
  Message response = response_to(it.request, 503, ids_.tag());
  response.add(header::retry_after, std::to_string(config_.retry_after_s));
  decline(it, std::move(response), now);
}

// An offer of theirs has no answer yet: RFC 3261 §14.2, RFC 3311 §5.2.
void UserAgent::Impl::decline_pending(RequestReceived& it, Instant now) {
  Message response = response_to(it.request, 500, {});
  response.add(header::retry_after, std::to_string(ids_.below(11)));
  decline(it, std::move(response), now);
}

void UserAgent::Impl::ring(CallHandle handle, Instant now) {
  InviteSession* call = find_living(handle, CallPhase::incoming);
  if (call == nullptr) return;
  const bool owes_offer = !call->offer && !call->session.last;
  if (owes_offer && demands_100rel(call->invite)) return;
  Message response = response_to(call->invite, 180, call->local_tag);
  response.add(header::contact, contact(call->flow, call->invite.uri));
  send_provisional(*call, std::move(response), now);
  pump(now);
}

void UserAgent::Impl::progress(CallHandle handle, const LocalMedia& media, Instant now) {
  InviteSession* call = find_living(handle, CallPhase::incoming);
  if (call == nullptr || call->session.last) return;
  if (!call->offer && !knows_100rel(call->invite)) return ring(handle, now);
  Message response = response_to(call->invite, 183, call->local_tag);
  response.add(header::contact, contact(call->flow, call->invite.uri));
  if (!call->offer) {
    call->media = media;
    set_body(response, sdp_type, print(make_offer(call->session, media)));
    send_provisional(*call, std::move(response), now);
    return pump(now);
  }
  auto answer = make_answer(call->session, *call->offer, media);
  if (!answer) {
    refuse_call(*call, 488, now);
    return pump(now);
  }
  call->media = media;
  call->has_answered_offer = true;
  set_body(response, sdp_type, print(answer->sdp));
  send_provisional(*call, std::move(response), now);
  agree(*call, answer->media);
  pump(now);
}

void UserAgent::Impl::refuse_call(InviteSession& call, std::uint16_t status, Instant now) {
  transactions_.respond(call.initial, response_to(call.invite, status, call.local_tag), now);
  end_call(call, EndCause::failed, status, std::string(reason_phrase(status)));
}

void UserAgent::Impl::send_provisional(InviteSession& call, Message response, Instant now) {
  start(call.patience, call, TimerKind::provisional, now + config_.provisional_every);
  const bool has_media = !response.body.empty();
  const bool is_reliable = has_media ? knows_100rel(call.invite) : demands_100rel(call.invite);
  call.provisional = response;
  if (!is_reliable) return transactions_.respond(call.initial, response, now);
  // Said once, it is known to have been heard.
  call.provisional->remove(header::content_type);
  call.provisional->body.clear();
  send_reliably(call, std::move(response), now);
}

void UserAgent::Impl::answer(CallHandle handle, const LocalMedia& media, Instant now) {
  InviteSession* call = find_living(handle, CallPhase::incoming);
  if (call == nullptr) return;
  timers_.cancel(call->patience);
  // RFC 3262 §3: what a reliable response has said must have been heard before the 2xx.
  call->is_answer_wanted = call->reliable && !call->reliable->message.body.empty();
  if (!call->has_answered_offer && !call->is_settled && !call->is_answer_wanted) {
    call->media = media;
  }
  if (!call->is_answer_wanted) accept_call(*call, now);
  pump(now);
}

void UserAgent::Impl::accept_call(InviteSession& call, Instant now) {
  RequestReceived initial{call.initial, call.invite, call.flow, {}};
  if (call.reliable) timers_.cancel(call.reliable->timer);
  if (call.is_settled || call.has_answered_offer) {
    call.phase = CallPhase::confirmed;
    const SessionDescription* said = call.is_settled ? nullptr : &*call.session.last;
    return send_success(call, initial, said, false, now);
  }
  if (!call.offer) {
    call.phase = CallPhase::confirmed;
    const SessionDescription ours = make_offer(call.session, call.media);
    return send_success(call, initial, &ours, true, now);
  }
  const auto answer = make_answer(call.session, *call.offer, call.media);
  if (!answer) return refuse_call(call, 488, now);
  call.phase = CallPhase::confirmed;
  send_success(call, initial, &answer->sdp, false, now);
  agree(call, answer->media);
}

void UserAgent::Impl::send_success(InviteSession& call, RequestReceived& it,
                                   const SessionDescription* sdp, bool holds_offer, Instant now) {
  Message response = response_to(it.request, 200, call.local_tag);
  response.add(header::contact, contact(it.flow, it.request.uri));
  note_methods(call, it.request);
  grant_session_timer(call, it.request, response, now);
  if (sdp != nullptr) set_body(response, sdp_type, print(*sdp));
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
  if (call.agreed) return;
  send_bye(call, *call.dialog, now);
  end_call(call, EndCause::failed, 0, "no usable answer in the ACK");
}

}  // namespace cord::sip
