// Keys in INFO, and the methods that a call may see besides.
#include <string>

#include <gtest/gtest.h>

#include "user_agent_world.hpp"

namespace cord::sip::test {
namespace {

class Info : public World {
 protected:
  void press(const std::string& type, const std::string& body) {
    Written it = in_dialog("INFO", ++cseq_);
    it.type = type;
    it.body = body;
    receive(it);
  }

 private:
  int cseq_ = 1;
};

TEST_F(Info, TellsKeys) {
  const CallHandle call = inbound_call();
  press("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n");
  EXPECT_TRUE(next_sent("200").has_value());
  auto key = next<KeyPressed>();
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(key->call, call);
  EXPECT_EQ(key->event, 5);
  press("application/dtmf-relay", "Duration=160\nSignal= #\n");
  EXPECT_EQ(next<KeyPressed>().value().event, 11);
  press("application/dtmf", "*");
  EXPECT_EQ(next<KeyPressed>().value().event, 10);
  press("application/dtmf", "d\r\n");
  EXPECT_EQ(next<KeyPressed>().value().event, 15);
}

TEST_F(Info, OfNoKeyIsRefused) {
  inbound_call();
  press("application/dtmf-relay", "Duration=160\r\n");
  EXPECT_TRUE(next_sent("400").has_value());
  press("application/dtmf", "16");
  EXPECT_TRUE(next_sent("400").has_value());
  press("application/media_control+xml", "<x/>");
  EXPECT_EQ(next_sent("415").value().value(header::accept),
            "application/dtmf-relay, application/dtmf");
  EXPECT_FALSE(next<KeyPressed>().has_value());
}

TEST_F(Info, WithoutBodyIsAnswered) {
  inbound_call();
  receive(in_dialog("INFO", 2));
  EXPECT_TRUE(next_sent("200").has_value());
}

TEST_F(Info, PackagesAreNotKnown) {
  inbound_call();
  Written it = in_dialog("INFO", 2);
  it.extra = "Info-Package: x\r\n";
  receive(it);
  EXPECT_TRUE(next_sent("469").value().has("Recv-Info"));
}

// --- Overload ---------------------------------------------------------------------------------

class Overload : public World {};

TEST_F(Overload, TurnsNewCallsAwayWhileBusy) {
  inbound_call();
  agent->set_busy(true);
  receive(Written{.branch = "z9hG4bK3", .call_id = "c", .body = sdp_text()});
  EXPECT_EQ(next_sent("503").value().value(header::retry_after), "5");
  EXPECT_EQ(agent->counters().calls_in_overload, 1U);
  receive(in_dialog("OPTIONS", 2));
  EXPECT_TRUE(next_sent("200").has_value());
  agent->set_busy(false);
  offered({.branch = "z9hG4bK4", .call_id = "d"});
}

TEST_F(Overload, TurnsNewCallsAwayBeforeTransactionsRunOut) {
  UserAgentConfig config = quiet_config();
  config.transactions.transactions_max = 4;
  config.transactions_busy_max = 3;
  restart(config);
  inbound_call();
  receive(Written{.branch = "z9hG4bK2", .call_id = "b", .body = sdp_text()});
  EXPECT_TRUE(next<CallOffered>().has_value());
  receive(Written{.branch = "z9hG4bK3", .call_id = "c", .body = sdp_text()});
  EXPECT_TRUE(next_sent("503").has_value());
  EXPECT_EQ(agent->counters().calls_in_overload, 1U);
  // What lives has the rest.
  receive(in_dialog("OPTIONS", 2));
  EXPECT_TRUE(next_sent("200").has_value());
}

}  // namespace
}  // namespace cord::sip::test
