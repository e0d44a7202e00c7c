#include "drivers/sip/config.hpp"

#include <gtest/gtest.h>

namespace cord::drivers {
namespace {

TEST(SipConfig, TheDefaultsAreValid) {
  EXPECT_TRUE(SipConfig{}.validate().has_value());
}

TEST(SipConfig, ReadsListeners) {
  const auto udp = parse_listen("udp:127.0.0.1:5060").value();
  EXPECT_EQ(udp.transport, sip::Transport::udp);
  EXPECT_EQ(udp.address, (sip::Endpoint{0x7f000001, 5060}));
  EXPECT_EQ(parse_listen("tcp:10.0.0.1:0").value().transport, sip::Transport::tcp);
  for (const auto* text : {"", "udp", "udp:", "sctp:127.0.0.1:5061", "127.0.0.1:5060",
                           "udp:0.0.0.0:5060", "udp:localhost:5060", "udp:127.0.0.1:99999"}) {
    const auto refused = parse_listen(text);
    ASSERT_FALSE(refused.has_value()) << text;
    EXPECT_EQ(refused.error().code, Errc::invalid_request);
    EXPECT_NE(refused.error().detail.find("expected"), std::string::npos);
  }
}

TEST(SipConfig, ReadsPeers) {
  const Peer any = parse_peer("127.0.0.1").value();
  EXPECT_EQ(any.address, 0x7f000001U);
  EXPECT_EQ(next_hop(any), (sip::NextHop{sip::Transport::udp, {0x7f000001, 0}}));
  EXPECT_EQ(next_hop(parse_peer("127.0.0.1:5080;transport=tcp").value()),
            (sip::NextHop{sip::Transport::tcp, {0x7f000001, 5080}}));
  const Peer named = parse_peer("sip.carrier.test").value();
  EXPECT_FALSE(named.address.has_value());
  EXPECT_EQ(named.server, (sip::ServerName{"sip.carrier.test", 0, std::nullopt}));
  EXPECT_EQ(parse_peer("carrier.test:5099;transport=TCP").value().server,
            (sip::ServerName{"carrier.test", 5099, sip::Transport::tcp}));
  for (const auto* text : {"", "127.0.0.1:x", "carrier test", "127.0.0.300", "10.1", "[::1]",
                           "user@carrier.test", "carrier.test;lr", "carrier.test?a=b",
                           "carrier.test;transport=sctp", "carrier.test;transport=udp;lr"}) {
    EXPECT_FALSE(parse_peer(text).has_value()) << text;
  }
}

TEST(SipConfig, RewritesNumbersByTheFirstRuleThatFits) {
  const std::vector<RewriteRule> rules{{"900", "+"}, {"90", "+49"}, {"9", ""}};
  EXPECT_EQ(rewrite(rules, "900441234"), "+441234");
  EXPECT_EQ(rewrite(rules, "9030123"), "+4930123");
  EXPECT_EQ(rewrite(rules, "9110"), "110");
  EXPECT_EQ(rewrite(rules, "110"), "110");
  EXPECT_EQ(rewrite({{"", "+"}}, "4930"), "+4930");
  EXPECT_EQ(rewrite({}, "1"), "1");
}

TEST(SipConfig, NamesPhonesThatRegister) {
  const std::string phone = registered_phone("10 01");
  EXPECT_EQ(registered_user(sip::parse_uri(phone).value()), "10 01");
  EXPECT_FALSE(registered_user(sip::parse_uri("sip:1001@127.0.0.1").value()).has_value());
}

TEST(SipConfig, NamesTheFirstBadField) {
  const auto where = [](auto change) {
    SipConfig config;
    change(config);
    const auto valid = config.validate();
    return valid ? std::string("valid") : std::string(valid.error().where);
  };
  EXPECT_EQ(where([](SipConfig& it) { it.listen.clear(); }), "sip.listen");
  EXPECT_EQ(where([](SipConfig& it) { it.listen = {"x"}; }), "sip.listen");
  EXPECT_EQ(where([](SipConfig& it) { it.listen.resize(17, "udp:127.0.0.1:0"); }), "sip.listen");
  EXPECT_EQ(where([](SipConfig& it) { it.trunks = {{"", {}}}; }), "trunk.name");
  EXPECT_EQ(where([](SipConfig& it) { it.trunks = {{"a", {"b b"}}}; }), "trunk.peers");
  EXPECT_EQ(where([](SipConfig& it) {
              it.trunks = {{"a", std::vector<std::string>(1'025, "127.0.0.1")}};
            }),
            "trunk.peers");
  const auto trunk = [&](auto change) {
    return where([&](SipConfig& it) {
      it.trunks = {{"a", {"127.0.0.1"}}};
      change(it.trunks[0]);
    });
  };
  EXPECT_EQ(trunk([](Trunk& it) { it.registers = true; }), "trunk.register");
  EXPECT_EQ(trunk([](Trunk& it) { it.registrar = "carrier test"; }), "trunk.registrar");
  EXPECT_EQ(trunk([](Trunk& it) { it.expires = Duration{1}; }), "trunk.expires");
  EXPECT_EQ(trunk([](Trunk& it) { it.rewrite_called.resize(65); }), "trunk.rewrite");
  EXPECT_EQ(trunk([](Trunk& it) { it.rewrite_dialled.resize(65); }), "trunk.rewrite");
  EXPECT_EQ(where([](SipConfig& it) { it.name_servers = {"x"}; }), "sip.name-servers");
  EXPECT_EQ(where([](SipConfig& it) { it.name_servers.resize(9, "127.0.0.1:53"); }),
            "sip.name-servers");
  const auto registrar = [&](auto change) {
    return where([&](SipConfig& it) { change(it.registrar); });
  };
  EXPECT_EQ(registrar([](sip::RegistrarConfig& it) { it.algorithms.clear(); }), "registrar.digest");
  EXPECT_EQ(registrar([](sip::RegistrarConfig& it) { it.expires_min = Duration{1}; }),
            "registrar.expires-min");
  EXPECT_EQ(registrar([](sip::RegistrarConfig& it) { it.expires_max = Duration{1}; }),
            "registrar.expires-max");
  EXPECT_EQ(registrar([](sip::RegistrarConfig& it) { it.check_every = -Duration{1}; }),
            "registrar.check");
  EXPECT_EQ(where([](SipConfig& it) { it.t1 = Duration{1}; }), "sip.t1");
  EXPECT_EQ(where([](SipConfig& it) { it.t2 = Duration{1}; }), "sip.t2");
  EXPECT_EQ(where([](SipConfig& it) { it.rtp_timeout = -Duration{1}; }), "sip.rtp-timeout");
  EXPECT_EQ(where([](SipConfig& it) { it.media_reply_max = {}; }), "sip.media-reply-max");
  EXPECT_EQ(where([](SipConfig& it) { it.recorder_reply_max = {}; }), "sip.recorder-reply-max");
  EXPECT_EQ(where([](SipConfig& it) { it.dialog_check = -Duration{1}; }), "sip.dialog-check");
  EXPECT_EQ(where([](SipConfig& it) { it.session_expires = Duration{1}; }), "sip.session-expires");
  EXPECT_EQ(where([](SipConfig& it) { it.session_expires = {}; }), "valid");
  EXPECT_EQ(where([](SipConfig& it) { it.min_se = std::chrono::hours(1); }), "sip.min-se");
  EXPECT_EQ(where([](SipConfig& it) { it.inputs_busy_max = 0; }), "sip.inputs-busy-max");
  EXPECT_EQ(where([](SipConfig& it) { it.legs_max = 0; }), "sip.legs-max");
  EXPECT_EQ(where([](SipConfig& it) { it.transactions_max = 0; }), "sip.transactions-max");
  EXPECT_EQ(where([](SipConfig& it) { it.stream_connections_max = 0; }),
            "sip.stream-connections-max");
}

}  // namespace
}  // namespace cord::drivers
