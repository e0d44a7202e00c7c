// Challenges to requests of ours (RFC 3261 §22), and the way requests of a call take.
#include "sip/user_agent_impl.hpp"

namespace cord::sip {

bool UserAgent::Impl::takes_challenge(InviteSession& call, const Message& response) {
  const bool is_challenge = response.status == 401 || response.status == 407;
  return is_challenge && call.digest && call.digest->take(response);
}

// §8.1.3.5: the same request with credentials, in the same call, as a new transaction.
bool UserAgent::Impl::repeat_invite(InviteSession& call, const Message& response, Instant now) {
  if (!takes_challenge(call, response)) return false;
  const CSeq cseq{call.invite.cseq().number + 1, std::string(method::invite)};
  call.invite.set(header::cseq, print(cseq));
  call.early.clear();
  const auto sent = send_invite(call, call.invite, call.flow, now);
  if (!sent) return false;
  call.initial = *sent;
  follow(call, *sent, Role::invite_client);
  return true;
}

void UserAgent::Impl::sign(InviteSession& call, Message& request) {
  if (call.digest) call.digest->sign(request, ids_.tag());
}

// A phone behind a NAT names an address in its Contact that only the NAT's other side can reach.
Flow UserAgent::Impl::flow_in(const InviteSession& call, const Dialog& dialog) const {
  if (call.is_pinned) return call.flow;
  return flow_to(dialog.next_hop(), &call.flow).value();
}

}  // namespace cord::sip
