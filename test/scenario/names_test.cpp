// Trunks whose servers have names, with a real domain name system and SIPp as the carrier.
#include <fmt/format.h>

#include "scenario/support/fixture.hpp"
#include "scenario/support/name_server.hpp"

namespace cord::scenario {
namespace {

class Names : public Scenario {
 protected:
  /// carrier.test has two servers; the first is to be tried first.
  static std::vector<std::string> carrier(std::uint16_t first, std::uint16_t second) {
    return {"--naptr-record=carrier.test,10,10,s,SIP+D2U,,_sip._udp.carrier.test",
            fmt::format("--srv-host=_sip._udp.carrier.test,one.carrier.test,{},10,0", first),
            fmt::format("--srv-host=_sip._udp.carrier.test,two.carrier.test,{},20,0", second),
            "--host-record=one.carrier.test,127.0.0.1", "--host-record=two.carrier.test,127.0.0.1"};
  }

  void start(const NameServer& names, std::vector<AgentSetting> agents,
             const std::string& more = {}) {
    start_server({.agents = std::move(agents),
                  .sip = fmt::format("name-servers = [\"127.0.0.1:{}\"]\n", names.port),
                  .more = more + "[[route]]\nnumbers = [\"9*\"]\ntrunk = \"carrier\"\n",
                  .trunk_peer = "carrier.test"});
  }

  [[nodiscard]] bool unknown(int count) const {
    return eventually([&] { return server->metric("cord_sip_names_unknown") == count; }, 20s);
  }

  [[nodiscard]] bool logs(std::string_view words) const {
    return server->process().output().find(words) != std::string::npos;
  }

  void dial(Desktop& desktop, const std::string& agent, const std::string& number) {
    desktop.log_in(agent);
    expect_success(desktop.request("channel.activate", desktop.channel));
    expect_success(desktop.request("channel.dial", desktop.channel, {{"destination", number}}));
  }

  ToneParty far_{customer_hz};
};

TEST_F(Names, LeadToTheServerThatIsThere) {
  const std::uint16_t first = free_port(), second = free_port();
  const NameServer names("carrier.test", carrier(first, second));
  Baresip telephone(directory("phone"), "1001");
  start(names, {{"alice", "1001", telephone.port()}});
  ASSERT_TRUE(unknown(0)) << names.process.output();
  // Of the first priority nobody is there.
  Sipp carrier(directory("carrier"), phone("phone.xml", second, far_));
  Desktop desktop(server->http());
  dial(desktop, "alice", "9555");
  desktop.await_offer();
  desktop.await_state(desktop.conversation, "CONNECTED");
  far_.send_to(carrier.remote_media_port(15s));
  expect_tone(far_.listen(400ms), agent_hz);
  (void)telephone.listen(300ms);
  expect_tone(telephone.listen(400ms), customer_hz);
  EXPECT_NE(carrier.messages().find("INVITE sip:9555@carrier.test SIP/2.0"), std::string::npos);
  EXPECT_TRUE(eventually([&] { return logs("leg.next_target"); }, 5s));
  expect_success(desktop.request("conversation.release", desktop.conversation));
  EXPECT_EQ(carrier.wait(10s), 0) << carrier.output();
}

TEST_F(Names, MayCallFromWhereTheyAre) {
  const NameServer names("carrier.test", carrier(free_port(), free_port()));
  Baresip telephone(directory("phone"), "1001");
  start(names, {{"alice", "1001", telephone.port()}});
  ASSERT_TRUE(unknown(0)) << names.process.output();
  Desktop desktop(server->http());
  desktop.be_ready("alice");
  Sipp call(directory("customer"), customer(far_));
  desktop.await_offer();
  expect_success(desktop.request("conversation.answer", desktop.conversation));
  far_.send_to(call.remote_media_port(10s));
  expect_tone(far_.listen(400ms), agent_hz);
  expect_success(desktop.request("conversation.release", desktop.conversation));
  EXPECT_EQ(call.wait(10s), 0) << call.output();
}

TEST_F(Names, ThatAreNotThereHoldNobodyUp) {
  const std::uint16_t second = free_port();
  const NameServer names("carrier.test", carrier(second, second));
  Baresip telephone(directory("phone"), "1001"), second_telephone(directory("second"), "1002");
  start(names, {{"alice", "1001", telephone.port()}, {"bob", "1002", second_telephone.port()}},
        "[[trunk]]\nname = \"lost\"\npeers = [\"nowhere.carrier.test\"]\n"
        "[[route]]\nnumbers = [\"8*\"]\ntrunk = \"lost\"\n");
  ASSERT_TRUE(unknown(1)) << names.process.output();
  EXPECT_TRUE(
      eventually([&] { return server->metric("cord_sip_name_lookups_failed_total") >= 1; }, 10s));
  EXPECT_TRUE(eventually([&] { return logs("sip.name_not_found"); }, 5s));
  Desktop desktop(server->http());
  desktop.log_in("alice");
  expect_success(desktop.request("channel.activate", desktop.channel));
  const object refused =
      desktop.request("channel.dial", desktop.channel, {{"destination", "8555"}});
  expect_failure(refused, "cti.error");
  EXPECT_EQ(text(refused, "failure", "message"), "no address is known of trunk lost");
  Sipp carrier(directory("carrier"), phone("phone.xml", second, far_));
  Desktop other(server->http());
  dial(other, "bob", "9555");
  other.await_offer();
  other.await_state(other.conversation, "CONNECTED");
  EXPECT_NE(carrier.remote_media_port(10s), 0);
}

}  // namespace
}  // namespace cord::scenario
