// REFER inside a dialog: RFC 3515, with Replaces (RFC 3891, RFC 5589). What is asked for is not
// done here: who uses the user agent says whether it is, and what comes of it.
//
// Left out on purpose: REFER outside a dialog; Refer-Sub (RFC 4488: we always notify); SUBSCRIBE to
// the subscription; NOTIFYs of provisional responses but the first 100.
#include <algorithm>
#include <array>
#include <utility>

#include "sip/codec/refer_fields.hpp"
#include "sip/transfer_subscription.hpp"
#include "sip/user_agent_impl.hpp"

namespace cord::sip {
namespace {

// Of one dialog, those included whose last NOTIFY has no answer yet.
constexpr std::size_t transfers_max = 4;
// As long as a queue may let the caller wait, within reason.
constexpr Duration report_max = std::chrono::minutes(10);

// RFC 5057 §5.1: some responses end the dialog in which they come, and a phone hangs up the call
// that it may not give away.
std::uint16_t sparing_the_dialog(std::uint16_t status) {
  constexpr std::array ending{404, 408, 410, 416, 480, 481, 482, 483, 484, 485, 501, 502, 604};
  return std::find(ending.begin(), ending.end(), status) != ending.end() ? 603 : status;
}

}  // namespace

// --- Theirs -----------------------------------------------------------------------------------

void UserAgent::Impl::on_refer(RequestReceived& it, const Place& place, Instant now) {
  InviteSession& call = *place.call;
  if (call.phase != CallPhase::confirmed) return decline(it, 603, now);
  if (auto refusal = refusal_of_extensions(it.request)) {
    return decline(it, std::move(*refusal), now);
  }
  const auto targets = it.request.list(header::refer_to);
  if (targets.size() != 1) return decline(it, 400, now);
  auto wanted = parse_refer_to(targets.front());
  if (!wanted) return decline(it, 400, now);
  CallHandle replaced;
  if (wanted->replaces) {
    const InviteSession* other = find_dialog(*wanted->replaces);
    if (other == nullptr || other->phase != CallPhase::confirmed) return decline(it, 603, now);
    replaced = other->handle;
  }
  const bool is_asked =
      std::any_of(call.transfers.begin(), call.transfers.end(),
                  [](const TransferSubscription& its) { return static_cast<bool>(its.asked); });
  if (is_asked || call.transfers.size() >= transfers_max) return decline(it, 491, now);
  ask_for_transfer(call, it, TransferAsked{call.handle, {}, std::move(wanted->target), replaced},
                   now);
}

void UserAgent::Impl::ask_for_transfer(InviteSession& call, RequestReceived& it,
                                       TransferAsked asked, Instant now) {
  asked.transfer = TransferHandle{++last_transfer_};
  const bool is_first = !std::exchange(call.has_referred, true);
  call.transfers.push_back({.handle = asked.transfer,
                            .refer = std::move(it.request),
                            .asked = it.id,
                            .event = {},
                            .due = now + 64 * config_.transactions.t1});
  TransferSubscription& its = call.transfers.back();
  its.event = transfer_event(its.refer, is_first);
  by_transfer_[its.handle] = call.handle;
  time_transfers(call);
  outputs_.emplace_back(std::move(asked));
}

// --- What comes of it -------------------------------------------------------------------------

void UserAgent::Impl::accept_transfer(TransferHandle handle, Instant now) {
  const auto [call, its] = find_transfer(handle);
  if (its == nullptr || !its->asked) return;
  Message response = response_to(its->refer, 202, {});
  response.add(header::contact, contact(call->flow, its->refer.uri));
  transactions_.respond(std::exchange(its->asked, {}), response, now);
  its->due = now + report_max;
  time_transfers(*call);
  its->is_told = false;
  tell_transfer(*call, handle, now);
  pump(now);
}

void UserAgent::Impl::end_transfer(TransferHandle handle, std::uint16_t status, Instant now) {
  const auto [call, its] = find_transfer(handle);
  if (its == nullptr || its->is_over) return;
  if (its->asked) {
    refuse_transfer(*call, *its, status, now);
    return pump(now);
  }
  its->status = status;
  its->is_over = true;
  its->is_told = false;
  tell_transfer(*call, handle, now);
  pump(now);
}

void UserAgent::Impl::refuse_transfer(InviteSession& call, const TransferSubscription& its,
                                      std::uint16_t status, Instant now) {
  ++counters_.requests_refused;
  transactions_.respond(its.asked, response_to(its.refer, sparing_the_dialog(status), {}), now);
  drop_transfer(call, its.handle);
}

// RFC 6665 §4.2.2: after the one before has been answered.
void UserAgent::Impl::tell_transfer(InviteSession& call, TransferHandle handle, Instant now) {
  TransferSubscription& its = *find_transfer(handle).second;
  if (its.notify || its.is_told) return;
  Message notify = call.dialog->make_request(method::notify);
  const Flow flow = flow_in(call, call.dialog->next_hop());
  notify.add(header::contact, contact(flow, notify.uri));
  notify.add(header::user_agent, config_.product);
  write_report(its, now, notify);
  sign(call, notify);
  its.is_told = true;
  const auto sent = transactions_.send_request(std::move(notify), flow, now);
  if (!sent) return drop_transfer(call, handle);
  its.notify = *sent;
  follow(call, *sent, Role::notify_client);
}

void UserAgent::Impl::on_notify_response(InviteSession& call, const ResponseReceived& it,
                                         Instant now) {
  if (it.response.status < 200) return;
  const TransferHandle handle = take_notify(call, it.id);
  if (!handle) return;
  // RFC 6665 §4.2.2: whoever does not know the subscription has none.
  const bool is_unknown = it.response.status == 481 || it.response.status == 489;
  const TransferSubscription& its = *find_transfer(handle).second;
  if (is_unknown || (its.is_over && its.is_told)) return drop_transfer(call, handle);
  tell_transfer(call, handle, now);
}

void UserAgent::Impl::on_notify_lost(InviteSession& call, TransactionId id) {
  if (const TransferHandle handle = take_notify(call, id)) drop_transfer(call, handle);
}

void UserAgent::Impl::transfers_due(InviteSession& call, Instant now) {
  std::vector<TransferHandle> due;
  for (const TransferSubscription& its : call.transfers) {
    if (!its.is_over && its.due <= now) due.push_back(its.handle);
  }
  for (const TransferHandle handle : due) {
    TransferSubscription& its = *find_transfer(handle).second;
    if (its.asked) {
      refuse_transfer(call, its, 500, now);
      continue;
    }
    its.is_over = true;
    its.is_told = false;
    tell_transfer(call, handle, now);
  }
  time_transfers(call);
}

// --- Their places -----------------------------------------------------------------------------

std::pair<InviteSession*, TransferSubscription*> UserAgent::Impl::find_transfer(
    TransferHandle handle) {
  const auto found = by_transfer_.find(handle);
  if (found == by_transfer_.end()) return {nullptr, nullptr};
  InviteSession& call = *find(found->second);
  const auto its =
      std::find_if(call.transfers.begin(), call.transfers.end(),
                   [&](const TransferSubscription& each) { return each.handle == handle; });
  return {&call, &*its};
}

// The one whose NOTIFY that is; it has none under way any more.
TransferHandle UserAgent::Impl::take_notify(InviteSession& call, TransactionId id) {
  const auto its =
      std::find_if(call.transfers.begin(), call.transfers.end(),
                   [&](const TransferSubscription& each) { return each.notify == id; });
  if (its == call.transfers.end()) return {};
  its->notify = {};
  return its->handle;
}

void UserAgent::Impl::drop_transfer(InviteSession& call, TransferHandle handle) {
  by_transfer_.erase(handle);
  std::erase_if(call.transfers,
                [&](const TransferSubscription& its) { return its.handle == handle; });
  time_transfers(call);
  maybe_spent_.push_back(call.handle);
}

void UserAgent::Impl::time_transfers(InviteSession& call) {
  timers_.cancel(call.transfer_timer);
  std::optional<Instant> first;
  for (const TransferSubscription& its : call.transfers) {
    if (!its.is_over && (!first || its.due < *first)) first = its.due;
  }
  if (first) start(call.transfer_timer, call, TimerKind::transfers_due, *first);
}

}  // namespace cord::sip
