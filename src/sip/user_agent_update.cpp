// UPDATE of others: RFC 3311 §5.2. Ours, which only refresh a session, are in
// user_agent_timers.cpp.
#include <utility>

#include "sip/build.hpp"
#include "sip/user_agent_impl.hpp"

namespace cord::sip {
namespace {

enum class OpenOffer : std::uint8_t { none, ours, theirs };

OpenOffer open_offer_of(const InviteSession& call, const EarlyDialog* early) {
  // Our INVITE's offer is open in each early dialog until it is answered there reliably.
  if (early != nullptr) return early->agreed ? OpenOffer::none : OpenOffer::ours;
  if (call.phase == CallPhase::incoming) {
    if (call.is_settled) return OpenOffer::none;
    return call.offer ? OpenOffer::theirs : OpenOffer::ours;
  }
  const bool is_ours_open =
      (call.reinvite && call.reinvite->transaction) || (call.awaited && call.awaited->holds_offer);
  return is_ours_open ? OpenOffer::ours : OpenOffer::none;
}

}  // namespace

void UserAgent::Impl::on_update(RequestReceived& it, const Place& place, Instant now) {
  if (auto refusal = refusal_of_extensions(it.request))
    return decline(it, std::move(*refusal), now);
  if (auto refusal = refusal_of_interval(it.request)) return decline(it, std::move(*refusal), now);
  InviteSession& call = *place.call;
  Message response = response_to(it.request, 200, {});
  response.add(header::contact, contact(it.flow, it.request.uri));
  if (!it.request.body.empty() && !take_update_offer(it, place, response, now)) return;
  place.dialog->refresh_target(it.request);
  const bool is_answered = call.phase == CallPhase::confirmed && place.early == nullptr;
  if (is_answered) grant_session_timer(call, it.request, response, now);
  transactions_.respond(it.id, response, now);
}

// False: it has been declined.
bool UserAgent::Impl::take_update_offer(RequestReceived& it, const Place& place, Message& response,
                                        Instant now) {
  InviteSession& call = *place.call;
  const OpenOffer open = open_offer_of(call, place.early);
  if (open == OpenOffer::ours) {
    decline(it, 491, now);
    return false;
  }
  if (open == OpenOffer::theirs) {
    decline_pending(it, now);
    return false;
  }
  auto offer = read_offer(it.request);
  if (offer.refusal) {
    decline(it, std::move(*offer.refusal), now);
    return false;
  }
  LocalSession& session = place.early != nullptr ? place.early->session : call.session;
  const auto answer = make_answer(session, *offer.sdp, call.media);
  if (!answer) {
    decline(it, 488, now);
    return false;
  }
  set_body(response, sdp_type, print(answer->sdp));
  if (place.early != nullptr) {
    place.early->agreed = answer->media;
  } else {
    agree(call, answer->media);
  }
  return true;
}

}  // namespace cord::sip
