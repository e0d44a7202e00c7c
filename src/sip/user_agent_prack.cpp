// Reliable provisional responses, ours and theirs: RFC 3262, with the offers and answers that
// travel in them (§5, RFC 6337).
#include <utility>

#include "sip/build.hpp"
#include "sip/codec/extension_fields.hpp"
#include "sip/user_agent_impl.hpp"

namespace cord::sip {
namespace {

constexpr std::uint16_t status_without_prack = 504;

// RFC 3262 §3: the first number is between 1 and 2^31 - 1, and there must be room to count on.
constexpr std::uint64_t first_rseq_bound = 1U << 30;

}  // namespace

// --- Ours -------------------------------------------------------------------------------------

// One at a time: what comes next waits for the PRACK, the latest only.
void UserAgent::Impl::send_reliably(InviteSession& call, Message response, Instant now) {
  if (call.reliable) {
    call.provisional_next = std::move(response);
    return;
  }
  if (call.last_rseq == 0) {
    call.last_rseq = static_cast<std::uint32_t>(ids_.below(first_rseq_bound));
  }
  ++call.last_rseq;
  const bool holds_offer = !call.offer && !response.body.empty();
  response.add(header::require, std::string(option_100rel));
  response.add(header::rseq, std::to_string(call.last_rseq));
  transactions_.respond(call.initial, response, now);
  const Duration t1 = config_.transactions.t1;
  call.reliable = ReliableResponse{.message = std::move(response),
                                   .rseq = call.last_rseq,
                                   .holds_offer = holds_offer,
                                   .interval = t1,
                                   .give_up = now + 64 * t1,
                                   .timer = {}};
  start(call.reliable->timer, call, TimerKind::reliable_again, now + t1);
}

void UserAgent::Impl::repeat_reliable(InviteSession& call, Instant now) {
  ReliableResponse& waiting = *call.reliable;
  if (now >= waiting.give_up) {
    ++counters_.calls_without_prack;
    return refuse_call(call, status_without_prack, now);
  }
  transactions_.respond(call.initial, waiting.message, now);
  waiting.interval *= 2;
  const Instant due = std::min(now + waiting.interval, waiting.give_up);
  start(waiting.timer, call, TimerKind::reliable_again, due);
}

void UserAgent::Impl::on_prack(RequestReceived& it, InviteSession& call, Instant now) {
  const auto rack = parse_rack(it.request.value(header::rack));
  if (!rack) return decline(it, 400, now);
  const bool is_awaited = call.is_inbound && call.reliable && call.reliable->rseq == rack->rseq &&
                          rack->cseq == call.invite.cseq();
  if (!is_awaited) {
    ++counters_.requests_without_dialog;
    return decline(it, 481, now);
  }
  timers_.cancel(call.reliable->timer);
  const ReliableResponse done = std::move(*call.reliable);
  call.reliable.reset();
  if (call.phase != CallPhase::incoming) {
    return transactions_.respond(it.id, response_to(it.request, 200, {}), now);
  }
  if (!done.message.body.empty() && !done.holds_offer) call.is_settled = true;
  if (!answer_prack(it, call, done.holds_offer, now)) return;
  if (call.is_answer_wanted) return accept_call(call, now);
  if (auto next = std::exchange(call.provisional_next, std::nullopt)) {
    send_provisional(call, std::move(*next), now);
  }
}

// False: the call has ended over it.
bool UserAgent::Impl::answer_prack(RequestReceived& it, InviteSession& call, bool holds_offer,
                                   Instant now) {
  Message response = response_to(it.request, 200, {});
  if (holds_offer) {
    transactions_.respond(it.id, response, now);
    const auto answer = sdp_of(it.request);
    const auto media = answer ? accept_answer(*call.session.last, *answer, call.media)
                              : Result<Negotiated>(tl::make_unexpected(answer.error()));
    if (!media) {
      refuse_call(call, 488, now);
      return false;
    }
    call.is_settled = true;
    agree(call, *media);
    return true;
  }
  if (it.request.body.empty()) {
    transactions_.respond(it.id, response, now);
    return true;
  }
  // Nobody offers while an offer is open: RFC 6337 §2.2.
  if (!call.is_settled) {
    decline(it, 491, now);
    return true;
  }
  auto offer = read_offer(it.request);
  const auto answer = offer.sdp ? make_answer(call.session, *offer.sdp, call.media)
                                : Result<Answer>(refuse(Errc::unsupported, "sip.prack", ""));
  if (!answer) {
    decline(it, offer.refusal ? std::move(*offer.refusal) : response_to(it.request, 488, {}), now);
    return true;
  }
  set_body(response, sdp_type, print(answer->sdp));
  transactions_.respond(it.id, response, now);
  agree(call, answer->media);
  return true;
}

// --- Theirs -----------------------------------------------------------------------------------

// False: it came before, or one before it did not, and it is not to be looked at (§4).
bool UserAgent::Impl::acknowledge_provisional(InviteSession& call, EarlyDialog* early,
                                              const Message& response, Instant now) {
  const auto rseq = parse_number(response.value(header::rseq), INT32_MAX);
  if (early == nullptr || !rseq || *rseq == 0) return false;
  if (early->rseq != 0 && *rseq != early->rseq + 1) return false;
  early->rseq = *rseq;
  Message prack = early->dialog.make_request(method::prack);
  prack.add(header::rack, print(RAck{*rseq, response.cseq()}));
  prack.add(header::user_agent, config_.product);
  sign(call, prack);
  const Flow flow = flow_in(call, early->dialog.next_hop());
  // Without room for a transaction the far end repeats its response, and then gives up.
  const auto sent = transactions_.send_request(std::move(prack), flow, now);
  if (sent) follow(call, *sent, Role::prack_client);
  return true;
}

}  // namespace cord::sip
