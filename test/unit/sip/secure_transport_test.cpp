// SIP over TLS: ;transport=tls, sips: URIs (RFC 3261 §26.2, RFC 5630), and that what began with TLS
// does not go on without it.
#include <gtest/gtest.h>

#include "user_agent_world.hpp"

namespace cord::sip::test {
namespace {

const Flow over_tls{Transport::tls, 2, {loopback, 5071}, 9};
const Flow over_tcp{Transport::tcp, 1, {loopback, 5071}, 8};

class SecureTransport : public World {
 protected:
  SecureTransport() {
    UserAgentConfig config = quiet_config();
    config.callers = {{loopback, 5080}};
    agent.emplace(std::move(config),
                  std::vector<Listener>{{Transport::udp, {loopback, 5060}},
                                        {Transport::tcp, {loopback, 5060}},
                                        {Transport::tls, {loopback, 5061}}},
                  IdSecret{1, 2});
  }

  static Written to_sips() {
    return {.uri = "sips:18005550100@127.0.0.1:5061", .body = sdp_text()};
  }

  static OutgoingCall with_redirects() {
    OutgoingCall call = outgoing("sip:1001@127.0.0.1:5071;transport=tls");
    call.redirects = {{loopback, 0}};
    return call;
  }
};

TEST_F(SecureTransport, IsNamedByTheUri) {
  call_phone(outgoing("sip:1001@127.0.0.1:5071;transport=tls"));
  EXPECT_EQ(last_flow, (Flow{Transport::tls, 2, {loopback, 5071}, 0}));
  EXPECT_TRUE(invite.value(header::via).starts_with("SIP/2.0/TLS 127.0.0.1:5061;"));
  EXPECT_EQ(invite.value(header::contact), "<sip:127.0.0.1:5061;transport=tls>");
}

TEST_F(SecureTransport, IsAtAnotherPortUnlessOneIsGiven) {
  call_phone(outgoing("sip:1001@127.0.0.1;transport=tls"));
  EXPECT_EQ(last_flow.remote.port, 5061);
}

TEST_F(SecureTransport, GoesWithoutSayingInASipsUri) {
  for (const auto* to : {"sips:1001@127.0.0.1:5071", "sips:1001@127.0.0.1:5071;transport=tcp"}) {
    call_phone(outgoing(to));
    EXPECT_EQ(last_flow.transport, Transport::tls);
    EXPECT_EQ(invite.value(header::contact), "<sips:127.0.0.1:5061>");
  }
  const auto over_udp = agent->invite(outgoing("sips:1001@127.0.0.1;transport=udp"), now);
  EXPECT_EQ(over_udp.error().code, Errc::unsupported);
}

TEST_F(SecureTransport, BringsCallsToASipsUri) {
  receive(to_sips(), over_tls);
  const CallHandle call = next<CallOffered>().value().call;
  agent->ring(call, now);
  agent->answer(call, our_media(), now);
  collect();
  EXPECT_EQ(next_sent("180").value().value(header::contact), "<sips:127.0.0.1:5061>");
  EXPECT_EQ(next_sent("200").value().value(header::contact), "<sips:127.0.0.1:5061>");
}

TEST_F(SecureTransport, IsAskedForBySipsUris) {
  receive(to_sips(), over_tcp);
  EXPECT_TRUE(next_sent("416").has_value());
  EXPECT_FALSE(next<CallOffered>().has_value());
}

// The far end's Contact says UDP, and our BYE, and what else we say in the call, stays protected.
TEST_F(SecureTransport, IsNotLeftWithinACall) {
  const CallHandle call = call_phone(outgoing("sip:1001@127.0.0.1:5071;transport=tls"));
  receive(reply(invite, 200, "phone", sdp_text()), over_tls);
  EXPECT_TRUE(next_sent("ACK").has_value());
  EXPECT_EQ(last_flow.transport, Transport::tls);
  agent->hang_up(call, now);
  collect();
  EXPECT_TRUE(next_sent("BYE").has_value());
  EXPECT_EQ(last_flow.transport, Transport::tls);
}

TEST_F(SecureTransport, IsNotLeftForARedirection) {
  call_phone(with_redirects());
  receive(reply(invite, 302, "gone", {}, "Contact: <sip:1001@127.0.0.1:5072>\r\n"), over_tls);
  EXPECT_FALSE(next_sent("INVITE").has_value());
  EXPECT_TRUE(next<CallEnded>().has_value());
  call_phone(with_redirects());
  receive(reply(invite, 302, "gone", {}, "Contact: <sip:1001@127.0.0.1:5072;transport=tls>\r\n"),
          over_tls);
  EXPECT_TRUE(next_sent("INVITE").has_value());
  EXPECT_EQ(last_flow.remote.port, 5072);
}

}  // namespace
}  // namespace cord::sip::test
