// Challenges to requests of ours (RFC 3261 §22), and the way requests of a call take.
#include "sip/user_agent_impl.hpp"

namespace cord::sip {

// Whatever else is answered finally, our credentials were taken: the next challenge is a new one.
bool UserAgent::Impl::takes_challenge(InviteSession& call, const Message& response) {
  if (!call.digest) return false;
  const bool is_challenge = response.status == 401 || response.status == 407;
  if (is_challenge) return call.digest->take(response);
  call.digest->begin();
  return false;
}

void UserAgent::Impl::sign(InviteSession& call, Message& request) {
  if (call.digest) call.digest->sign(request, ids_.tag());
}

// A phone behind a NAT names an address in its Contact that only the NAT's other side can reach.
Flow UserAgent::Impl::flow_in(const InviteSession& call, const Uri& next_hop) const {
  if (call.is_pinned) return call.flow;
  return flow_to(next_hop, &call.flow).value();
}

}  // namespace cord::sip
