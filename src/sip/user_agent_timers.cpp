// How a call ends that nobody hangs up: session timers (RFC 4028) where the far end has them, and
// OPTIONS inside the dialog (RFC 3261 §11, RFC 5057) where it has not.
//
// We refresh by UPDATE if the far end takes it, else by a re-INVITE that offers what was agreed.
#include <algorithm>
#include <utility>

#include "sip/build.hpp"
#include "sip/codec/extension_fields.hpp"
#include "sip/user_agent_impl.hpp"

namespace cord::sip {
namespace {

constexpr std::uint32_t interval_s_least = 90;        // RFC 4028 §5: no Min-SE is below it.
constexpr std::uint32_t interval_s_longest = 86'400;  // A 422 that asks for more is not followed.
constexpr std::uint32_t retry_after_s_longest = 30;

// RFC 4028 §10: the BYE is to be there before the far end, or a proxy, gives the session up.
Duration life_of(std::uint32_t interval_s) {
  return std::chrono::seconds(interval_s - std::min<std::uint32_t>(32, interval_s / 3));
}

}  // namespace

// --- What is asked for ------------------------------------------------------------------------

// Who does not know the extension cannot follow a 422: the interval is a proxy's then (§9).
std::optional<Message> UserAgent::Impl::refusal_of_interval(const Message& request) const {
  if (config_.session_expires_s == 0 || !request.has(header::session_expires)) return std::nullopt;
  const auto asked = parse_session_expires(request.value(header::session_expires));
  if (!asked) return response_to(request, 400, {});
  const bool is_known = knows(request, option_timer);
  if (!is_known || asked->interval_s >= config_.min_se_s) return std::nullopt;
  Message response = response_to(request, 422, {});
  response.add(header::min_se, std::to_string(config_.min_se_s));
  return response;
}

// What the 2xx to an INVITE, re-INVITE or UPDATE says: table 2 of RFC 4028 §9. Where the choice is
// ours, we refresh.
void UserAgent::Impl::grant_session_timer(InviteSession& call, const Message& request,
                                          Message& response, Instant now) {
  const bool is_known = knows(request, option_timer);
  const auto asked = parse_session_expires(request.value(header::session_expires));
  if (config_.session_expires_s == 0 || (!is_known && !asked)) {
    return start_session_timer(call, 0, false, now);
  }
  const auto min = parse_seconds(request.value(header::min_se));
  const std::uint32_t least = std::max(config_.min_se_s, min.value_or(0));
  const std::uint32_t wanted = asked ? asked->interval_s : config_.session_expires_s;
  const std::uint32_t interval_s = std::max(std::min(wanted, config_.session_expires_s), least);
  const bool is_theirs = is_known && asked && asked->refresher == Refresher::uac;
  const Refresher refresher = is_theirs ? Refresher::uac : Refresher::uas;
  response.add(header::session_expires, print(SessionExpires{interval_s, refresher}));
  if (is_known) response.add(header::require, std::string(option_timer));
  start_session_timer(call, interval_s, !is_theirs, now);
}

// What a request of ours asks for: §7.1, §7.4.
void UserAgent::Impl::ask_for_session_timer(const InviteSession& call, Message& request) const {
  if (config_.session_expires_s == 0) return;
  const SessionTimer& timer = call.session_timer;
  SessionExpires wanted{std::max(config_.session_expires_s, timer.min_s), Refresher::unsaid};
  if (timer.interval_s != 0) {
    wanted.interval_s = std::max(timer.interval_s, timer.min_s);
    wanted.refresher = timer.is_ours ? Refresher::uac : Refresher::uas;
  }
  request.add(header::session_expires, print(wanted));
  const std::uint32_t least = std::max(config_.min_se_s, timer.min_s);
  if (least > interval_s_least) request.add(header::min_se, std::to_string(least));
}

// What a 2xx to us says: §7.2.
void UserAgent::Impl::take_session_timer(InviteSession& call, const Message& response,
                                         Instant now) {
  const auto granted = parse_session_expires(response.value(header::session_expires));
  if (config_.session_expires_s == 0 || !granted) {
    return start_session_timer(call, 0, false, now);
  }
  start_session_timer(call, std::max(granted->interval_s, interval_s_least),
                      granted->refresher != Refresher::uas, now);
}

// A 422: §7.4. What is beyond reason is asked for nevertheless, and refused.
void UserAgent::Impl::raise_interval(InviteSession& call, const Message& refusal) const {
  const auto least = parse_seconds(refusal.value(header::min_se));
  if (!least) return;
  std::uint32_t& min_s = call.session_timer.min_s;
  min_s = std::max(min_s, std::min(*least, interval_s_longest));
}

// --- The session ------------------------------------------------------------------------------

void UserAgent::Impl::start_session_timer(InviteSession& call, std::uint32_t interval_s,
                                          bool is_ours, Instant now) {
  SessionTimer& timer = call.session_timer;
  timers_.cancel(timer.timer);
  timer.interval_s = interval_s;
  timer.is_ours = is_ours;
  if (interval_s == 0) return start_check(call, now);
  timers_.cancel(call.check);
  timer.expires = now + life_of(interval_s);
  const Instant due = is_ours ? now + std::chrono::seconds(interval_s) / 2 : timer.expires;
  start(timer.timer, call, TimerKind::session_due, due);
}

void UserAgent::Impl::session_due(InviteSession& call, Instant now) {
  SessionTimer& timer = call.session_timer;
  if (now >= timer.expires) {
    ++counters_.sessions_expired;
    send_bye(call, *call.dialog, now);
    return end_call(call, EndCause::unreachable, 0, "the session was not refreshed");
  }
  // A refresh that fails for a while is tried again, as long as there is time.
  const Instant again = now + std::chrono::seconds(timer.interval_s) / 8;
  start(timer.timer, call, TimerKind::session_due, std::min(again, timer.expires));
  refresh_session(call, now);
}

// A re-INVITE that is wanted or under way does it as well.
void UserAgent::Impl::refresh_session(InviteSession& call, Instant now) {
  if (call.reinvite || call.awaited || call.session_timer.update) return;
  if (!call.takes_update) {
    call.reinvite = Reinvite{
        .media = call.media, .is_refresh = true, .transaction = {}, .tries = 0, .backoff = {}};
    return try_reinvite(call, now);
  }
  Message update = call.dialog->make_request(method::update);
  const Flow flow = flow_in(call, call.dialog->next_hop());
  update.add(header::contact, contact(flow, update.uri));
  update.add(header::allow, std::string(allowed_methods));
  update.add(header::supported, supported());
  update.add(header::user_agent, config_.product);
  ask_for_session_timer(call, update);
  sign(call, update);
  const auto sent = transactions_.send_request(std::move(update), flow, now);
  if (!sent) return;
  call.session_timer.update = *sent;
  follow(call, *sent, Role::update_client);
}

void UserAgent::Impl::on_update_response(InviteSession& call, ResponseReceived& it, Instant now) {
  const std::uint16_t status = it.response.status;
  SessionTimer& timer = call.session_timer;
  if (status < 200 || timer.update != it.id) return;
  timer.update = {};
  if (call.phase != CallPhase::confirmed) return;
  if (takes_challenge(call, it.response)) return refresh_session(call, now);
  const auto try_at = [&](Instant due) {
    start(timer.timer, call, TimerKind::session_due, std::min(due, timer.expires));
  };
  switch (status) {
    case 408:
    case 481:
      return lose_dialog(call, status, status_line(it.response), now);
    case 405:
    case 501:
      call.takes_update = false;
      return refresh_session(call, now);
    case 422: {
      const std::uint32_t before = timer.min_s;
      raise_interval(call, it.response);
      if (timer.min_s > before) refresh_session(call, now);
      return;
    }
    case 491:
      return try_at(now + glare_delay(!call.is_inbound, ids_));
    case 500:
    case 503: {
      const auto after =
          parse_number(it.response.value(header::retry_after), retry_after_s_longest);
      if (after) try_at(now + std::chrono::seconds(*after));
      return;
    }
    default:
      break;
  }
  if (status >= 300) return;
  call.dialog->refresh_target(it.response);
  take_session_timer(call, it.response, now);
}

// --- The dialog -------------------------------------------------------------------------------

void UserAgent::Impl::start_check(InviteSession& call, Instant now) {
  if (config_.dialog_check == Duration{} || call.phase != CallPhase::confirmed) return;
  if (timers_.is_live(call.check)) return;
  start(call.check, call, TimerKind::check_due, now + config_.dialog_check);
}

void UserAgent::Impl::check_dialog(InviteSession& call, Instant now) {
  Message options = call.dialog->make_request(method::options);
  options.add(header::accept, std::string(sdp_type));
  options.add(header::user_agent, config_.product);
  sign(call, options);
  const Flow flow = flow_in(call, call.dialog->next_hop());
  const auto sent = transactions_.send_request(std::move(options), flow, now);
  if (!sent) return start_check(call, now);
  follow(call, *sent, Role::check_client);
}

// Any other answer comes from somebody who is there: RFC 5057 §5.1.
void UserAgent::Impl::on_check_response(InviteSession& call, ResponseReceived& it, Instant now) {
  const std::uint16_t status = it.response.status;
  if (status < 200 || call.phase != CallPhase::confirmed) return;
  if (status == 408 || status == 481) {
    return lose_dialog(call, status, status_line(it.response), now);
  }
  if (call.session_timer.interval_s != 0) return;
  if (takes_challenge(call, it.response)) return check_dialog(call, now);
  start_check(call, now);
}

// RFC 3261 §12.2.1.2: the far end does not know the dialog any more, or is gone.
void UserAgent::Impl::lose_dialog(InviteSession& call, std::uint16_t status, std::string detail,
                                  Instant now) {
  ++counters_.dialogs_lost;
  send_bye(call, *call.dialog, now);
  end_call(call, EndCause::unreachable, status, std::move(detail));
}

}  // namespace cord::sip
