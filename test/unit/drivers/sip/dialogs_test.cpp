// What SIP's extensions mean to legs: reliable early media, redirection, calls that replace others,
// ghosts, overload.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "driver_world.hpp"
#include "sip/build.hpp"

namespace cord::drivers::test {
namespace {

using core::Cause;
using core::LegId;

class SipDriverDialogs : public DriverWorld {
 protected:
  void answer_from(std::uint16_t port, const sip::Message& response) {
    driver->on_input(DatagramsArrived{0, {{{loopback, port}, print(response)}}}, now);
    settle();
  }

  /// The number is dialled at the trunk, which sends us on to `contact`.
  void dial_and_be_sent_to(const std::string& contact) {
    std::optional<sip::Message> asked;
    drops = [&](const sip::Message& it) {
      const bool is_it = it.method == "INVITE" && it.uri.port == carrier_port;
      if (is_it) asked = it;
      return is_it;
    };
    order(core::DialLeg{.leg = {2},
                        .trunk = "carrier",
                        .number = "900",
                        .caller = "1001",
                        .caller_name = "Alice",
                        .ring_max = 20s});
    drops = nullptr;
    ASSERT_TRUE(asked.has_value());
    sip::Message moved = sip::make_response(*asked, 302, {}, "moved");
    moved.add(sip::header::contact, contact);
    answer_from(carrier_port, moved);
  }

  /// The carrier calls in with Replaces of the customer's call, and another port for RTP.
  Result<sip::CallHandle> replace_the_customer() {
    sip::Message answered;
    for (const sip::Message& it : messages) {
      if (it.status == 200 && it.cseq().method == "INVITE") answered = it;
    }
    sip::LocalMedia elsewhere = carrier->media();
    elsewhere.address.port = 31'000;
    const std::string replaces = fmt::format("{};to-tag={};from-tag={}", answered.call_id(),
                                             answered.to_tag(), answered.from_tag());
    auto call =
        carrier->agent.invite({.to = sip::parse_uri("sip:18005550100@127.0.0.1:5060").value(),
                               .from = sip::parse_name_addr("<sip:+15559999@carrier.test>").value(),
                               .headers = {{"Replaces", replaces}},
                               .media = elsewhere,
                               .ring_max = 1min},
                              now);
    settle();
    return call;
  }

  void restart_with_two_peers() {
    SipConfig config;
    config.trunks = {{"carrier", {"127.0.0.1:5080", "127.0.0.1:5071"}}};
    restart(config);
  }
};

TEST_F(SipDriverDialogs, EarlyMediaIsHeardByWhoAcknowledgesIt) {
  const LegId customer = call_in();
  order(core::AcceptLeg{customer, core::Waiting::tone});
  const auto rings = carrier->all<sip::CallRinging>();
  EXPECT_EQ(rings.size(), 1U);
  order(to_phone());
  order(core::BridgeLegs{customer, {1}});
  EXPECT_EQ(carrier->all<sip::CallAnswered>().size(), 1U);
  finish({customer, {1}});
}

TEST_F(SipDriverDialogs, ATrunkMaySendUsToAnotherOfItsPeers) {
  restart_with_two_peers();
  dial_and_be_sent_to("<sip:900@127.0.0.1:5071>");
  EXPECT_EQ(all<core::LegAnswered>().size(), 1U);
  EXPECT_EQ(phone->all<sip::CallOffered>().size(), 1U);
  finish({{2}});
}

TEST_F(SipDriverDialogs, ATrunkMayNotSendUsElsewhere) {
  restart_with_two_peers();
  dial_and_be_sent_to("<sip:900@127.0.0.9:5071>");
  EXPECT_EQ(last<core::LegReleased>().cause, Cause::rejected);
  finish({{2}});
}

TEST_F(SipDriverDialogs, ACallThatReplacesAnotherTakesItsLeg) {
  const auto [customer, agent] = bridged();
  const sip::CallHandle old = carrier->call;
  const auto call = replace_the_customer();
  EXPECT_EQ(carrier->all<sip::CallAnswered>().back().call, call.value());
  EXPECT_EQ(carrier->all<sip::CallEnded>().back().call, old);
  EXPECT_EQ(all<core::CallArrived>().size(), 1U);
  EXPECT_TRUE(all<core::LegReleased>().empty());
  EXPECT_EQ(media->configured.at({2}).remote.port, 31'000);
  EXPECT_EQ(media->sources.at({2}).source, media::Source::peer);
  // The new one is the leg from now on.
  carrier->agent.hang_up(call.value(), now);
  settle();
  EXPECT_EQ(last<core::LegReleased>().leg, customer);
  finish({agent});
}

TEST_F(SipDriverDialogs, ACallThatReplacesAnotherIsNoFurtherOneOfItsTrunk) {
  SipConfig config;
  config.trunks = {{.name = "carrier", .peers = {"127.0.0.1:5080"}, .calls = 1}};
  restart(config);
  const auto [customer, agent] = bridged();
  const auto call = replace_the_customer();
  EXPECT_EQ(carrier->all<sip::CallAnswered>().back().call, call.value());
  finish({customer, agent});
  call_in();
  EXPECT_EQ(all<core::CallArrived>().size(), 2U) << "there is room again";
}

TEST_F(SipDriverDialogs, ACallThatReplacesAnotherGetsKeysOfItsOwn) {
  carrier->security.policy = sip::SrtpPolicy::optional;
  carrier->security.key.fill(9);
  const auto [customer, agent] = bridged();
  carrier->security.key.fill(7);
  ASSERT_TRUE(replace_the_customer().has_value());
  const auto protections = media->all<media::SetProtection>();
  ASSERT_EQ(protections.size(), 2U);
  ASSERT_TRUE(protections[0].terms.keys && protections[1].terms.keys);
  EXPECT_EQ(protections[1].stream, protections[0].stream);
  EXPECT_EQ(protections[1].terms.keys->remote.key.front(), 7);
  EXPECT_NE(protections[1].terms.keys->local.key, protections[0].terms.keys->local.key);
  finish({customer, agent});
}

TEST_F(SipDriverDialogs, AGhostIsGoneWithTheNextRefresh) {
  const auto [customer, agent] = bridged();
  // Of the session timers that both have, 15 minutes pass before the first refresh.
  drops = [](const sip::Message& it) { return it.uri.port == carrier_port; };
  for (int minutes = 0; minutes < 30 && released[customer] == 0; ++minutes) pass(1min);
  EXPECT_EQ(released[customer], 1);
  drops = nullptr;
  finish({agent});
}

TEST_F(SipDriverDialogs, AGhostWithoutSessionTimersIsGoneInTwoMinutes) {
  SipConfig config;
  config.session_expires = {};
  restart(config);
  const auto [customer, agent] = bridged();
  drops = [](const sip::Message& it) { return it.method == "OPTIONS" || it.method == "BYE"; };
  pass(60s + 33s);
  EXPECT_EQ(released[customer], 1);
  EXPECT_EQ(released[agent], 1);
  EXPECT_EQ(last<core::LegReleased>().cause, Cause::unreachable);
}

TEST_F(SipDriverDialogs, CallsThatComeWhileWeLagBehindAreTurnedAway) {
  SipConfig config;
  config.inputs_busy_max = 10;
  restart(config);
  inputs_waiting = 9;
  const auto [customer, agent] = bridged();
  inputs_waiting = 10;
  const auto call = carrier->agent.invite({.to = sip::parse_uri("sip:1@127.0.0.1:5060").value(),
                                           .from = sip::parse_name_addr("<sip:a@b.test>").value(),
                                           .headers = {},
                                           .media = carrier->media(),
                                           .ring_max = 20s},
                                          now);
  ASSERT_TRUE(call.has_value());
  settle();
  EXPECT_EQ(carrier->all<sip::CallEnded>().back().status, 503);
  EXPECT_EQ(all<core::CallArrived>().size(), 1U);
  finish({customer, agent});
}

}  // namespace
}  // namespace cord::drivers::test
