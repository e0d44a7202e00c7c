// Where calls of ours go next, and where not. A 3xx is followed (RFC 3261 §8.1.3.4): one target
// after the other, the most wanted first, none twice, and only where OutgoingCall::redirects
// allows. A 503 with Retry-After is respected (§21.5.4).
#include <algorithm>
#include <utility>

#include "sip/codec/extension_fields.hpp"
#include "sip/user_agent_impl.hpp"

namespace cord::sip {
namespace {

constexpr std::size_t targets_max = 16;    // Of one call, waiting.
constexpr std::size_t resting_max = 64;    // Of those beyond it nothing is remembered.
constexpr std::uint32_t rest_s_max = 300;  // Nobody is left alone for ever by mistake.

// RFC 3261 §20.10: 0 to 1 with at most three decimals, 1 if it is missing. In thousandths.
std::uint32_t preference(const NameAddr& contact) {
  const std::string_view q = contact.params.value("q");
  if (q.empty()) return 1'000;
  if (q.front() != '0') return q.front() == '1' ? 1'000 : 0;
  std::string digits(q.substr(std::min<std::size_t>(q.size(), 2), 3));
  digits.resize(3, '0');
  return parse_number(digits, 999).value_or(0);
}

bool is_before(const NameAddr& a, const NameAddr& b) {
  return preference(a) > preference(b);
}

}  // namespace

void UserAgent::Impl::note_targets(InviteSession& call, const Message& response) const {
  const auto contacts = response.contacts();
  if (!contacts) return;
  Targets& targets = call.targets;
  for (NameAddr contact : contacts->items) {
    const auto flow = flow_to(contact.uri, nullptr);
    if (!flow || targets.next.size() >= targets_max) continue;
    const bool leaves_tls =
        call.flow.transport == Transport::tls && flow->transport != Transport::tls;
    if (leaves_tls) continue;
    const auto leads_to = [&](const Endpoint& peer) {
      return peer.address == flow->remote.address &&
             (peer.port == 0 || peer.port == flow->remote.port);
    };
    const auto is_same = [&](const Uri& tried) { return equivalent(tried, contact.uri); };
    // Header fields of the INVITE are ours to say.
    contact.uri.headers.clear();
    contact.uri.params.remove("method");
    if (std::none_of(targets.allowed.begin(), targets.allowed.end(), leads_to)) continue;
    if (std::any_of(targets.tried.begin(), targets.tried.end(), is_same)) continue;
    targets.next.push_back(std::move(contact));
  }
  std::stable_sort(targets.next.begin(), targets.next.end(), is_before);
}

bool UserAgent::Impl::try_next_target(InviteSession& call, Instant now) {
  Targets& targets = call.targets;
  while (!targets.next.empty() && targets.tried.size() <= config_.redirects_max) {
    const Uri uri = std::move(targets.next.front().uri);
    targets.next.erase(targets.next.begin());
    const auto is_same = [&](const Uri& tried) { return equivalent(tried, uri); };
    if (std::any_of(targets.tried.begin(), targets.tried.end(), is_same)) continue;
    targets.tried.push_back(uri);
    const auto flow = call.is_pinned ? Result<Flow>(call.flow) : flow_to(uri, nullptr);
    if (!flow) continue;
    call.invite.uri = uri;
    if (!send_invite_again(call, *flow, now)) continue;
    ++counters_.redirects_followed;
    return true;
  }
  return false;
}

void UserAgent::Impl::note_rest(const Flow& flow, const Message& response, Instant now) {
  const auto wanted = parse_seconds(response.value(header::retry_after));
  if (!wanted || *wanted == 0) return;
  const auto is_needless = [&](const Rest& it) {
    return it.until <= now || it.remote == flow.remote;
  };
  std::erase_if(resting_, is_needless);
  if (resting_.size() >= resting_max) return;
  resting_.push_back({flow.remote, now + std::chrono::seconds(std::min(*wanted, rest_s_max))});
}

bool UserAgent::Impl::rests(const Flow& flow, Instant now) const {
  return std::any_of(resting_.begin(), resting_.end(),
                     [&](const Rest& it) { return it.remote == flow.remote && now < it.until; });
}

}  // namespace cord::sip
