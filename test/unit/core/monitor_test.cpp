// A supervisor's part in another agent's call (docs/protocol.md, section 6).
#include <algorithm>

#include <gtest/gtest.h>

#include "support/core_invariants.hpp"
#include "support/core_world.hpp"

namespace cord::test {
namespace {

using core::Cause;
using core::MonitorMode;

core::Directory with_supervisors() {
  core::Directory directory = call_centre();
  directory.agents[carol].may_supervise = directory.agents[eve].may_supervise = true;
  return directory;
}

/// Alice has a customer. Carol, whose phone is up, supervises; so can Eve.
class Supervised : public ::testing::Test {
 protected:
  explicit Supervised(core::Directory directory = with_supervisors())
      : world_(std::move(directory)) {
    world_.on_step = [this] { EXPECT_EQ(broken_invariants(world_.state()), Lines{}); };
    agent_ = world_.log_in_ready(alice);
    customer_ = world_.arrive();
    world_.command(agent_, core::AnswerConversation{});
    chief_ = world_.log_in_ready(carol);
    forget();
  }

  void forget() {
    (void)world_.heard(agent_);
    (void)world_.heard(chief_);
    (void)world_.ordered();
  }

  core::RequestId listen(MonitorMode mode, const std::string& agent = "alice") {
    return world_.command(chief_, core::MonitorAgent{agent, mode});
  }
  core::RequestId end(const std::string& agent = "alice") {
    return world_.command(chief_, core::EndMonitor{agent});
  }
  core::RequestId intercept(const std::string& agent = "alice") {
    return world_.command(chief_, core::InterceptCall{agent});
  }
  [[nodiscard]] const std::optional<core::Monitoring>& part() const {
    return world_.channel_of(chief_)->monitoring;
  }

  World world_;
  Client agent_, chief_;
  core::LegId customer_;
};

using Monitor = Supervised;

Lines not_listening(const char* cause) {
  return {"channel.infochanged ACTIVE READY queues=support",
          fmt::format("state(channel) ACTIVE<-ACTIVE READY {}", cause)};
}

// Proves: channel.monitor, channel.endmonitor
TEST_F(Monitor, ListensWithoutTheAgentsKnowing) {
  listen(MonitorMode::monitor);
  EXPECT_EQ(world_.ordered(), (Lines{"monitor out1 by out2"}));
  EXPECT_EQ(world_.heard(chief_),
            (Lines{"ok", "channel.infochanged ACTIVE READY queues=support monitor=alice",
                   "state(channel) ACTIVE<-ACTIVE READY request"}));
  EXPECT_EQ(world_.heard(agent_), Lines{});
  EXPECT_FALSE(world_.state().takes_offers(*world_.channel_of(chief_)));
  EXPECT_EQ(world_.outcome(end()), "ok");
  EXPECT_EQ(world_.ordered(), (Lines{"park out2"}));
  Lines heard = world_.heard(chief_);
  EXPECT_EQ(heard.front(), "ok");
  heard.erase(heard.begin());
  EXPECT_EQ(heard, not_listening("request"));
  EXPECT_EQ(world_.heard(agent_), Lines{});
  EXPECT_TRUE(world_.state().takes_offers(*world_.channel_of(chief_)));
  EXPECT_EQ(world_.outcome(end()), "ok") << "it holds already";
  EXPECT_EQ(world_.heard(chief_), Lines{"ok"});
  EXPECT_EQ(world_.replayed_dump(), world_.state().dump());
}

// Proves: channel.whisper, channel.barge
TEST_F(Monitor, ChangesItsPart) {
  listen(MonitorMode::monitor);
  forget();
  listen(MonitorMode::whisper);
  EXPECT_EQ(world_.ordered(), (Lines{"whisper out1 by out2"}));
  EXPECT_EQ(world_.heard(chief_),
            (Lines{"ok", "channel.infochanged ACTIVE READY queues=support whisper=alice",
                   "state(channel) ACTIVE<-ACTIVE READY request"}));
  listen(MonitorMode::barge);
  EXPECT_EQ(part()->mode, MonitorMode::barge);
  forget();
  listen(MonitorMode::barge);
  EXPECT_EQ(world_.heard(chief_), (Lines{"ok"}));
  EXPECT_EQ(world_.ordered(), Lines{});
}

TEST_F(Monitor, CallsThePhoneFirst) {
  chief_ = world_.log_in_ready(eve);
  forget();
  listen(MonitorMode::whisper);
  EXPECT_EQ(world_.ordered(),
            (Lines{"originate out3 sip:1005@phones auto", "whisper out1 by out3"}));
  EXPECT_EQ(world_.heard(chief_).front(), "ok");
  world_.report(core::LegReleased{core::LegId{3}, Cause::remote, ""});
  EXPECT_EQ(world_.heard(chief_).back(), "state(channel) ACTIVE<-ACTIVE READY phone");
  EXPECT_FALSE(part().has_value());
}

TEST_F(Monitor, FailsWithThePhone) {
  chief_ = world_.log_in_ready(eve);
  forget();
  world_.mood = Mood::failing;
  EXPECT_EQ(world_.outcome(listen(MonitorMode::monitor)), "cti.error");
  EXPECT_EQ(world_.heard(chief_), Lines{"cti.error"});
  EXPECT_FALSE(part().has_value());
  EXPECT_TRUE(world_.channel_of(agent_)->monitors.empty());
}

TEST_F(Monitor, EndsWithAPhoneThatIsLost) {
  listen(MonitorMode::monitor);
  forget();
  world_.report(core::LegReleased{world_.phone_leg(chief_), Cause::remote, ""});
  EXPECT_FALSE(part().has_value());
  EXPECT_EQ(world_.channel_of(chief_)->state, core::ChannelState::inactive);
  EXPECT_EQ(world_.heard(agent_), Lines{});
}

TEST_F(Monitor, GoesOnWhateverTheAgentDoesWithTheCall) {
  listen(MonitorMode::monitor);
  world_.command(agent_, core::HoldConversation{});
  world_.command(agent_, core::ConsultNumber{"9555"});
  world_.command(agent_, core::ReconnectInteraction{});
  EXPECT_TRUE(part().has_value());
  world_.report(core::LegReleased{customer_, Cause::remote, ""});
  EXPECT_FALSE(part().has_value());
}

TEST_F(Monitor, EndsWithTheAgentsCall) {
  listen(MonitorMode::monitor);
  forget();
  world_.command(agent_, core::ReleaseConversation{});
  EXPECT_EQ(world_.heard(chief_), not_listening("remote"));
  EXPECT_EQ(world_.outcome(listen(MonitorMode::monitor)), "invalid.state");
  EXPECT_EQ(world_.replayed_dump(), world_.state().dump());
}

TEST_F(Monitor, EndsWithATransfer) {
  listen(MonitorMode::monitor);
  forget();
  world_.command(agent_, core::BlindTransfer{"200"});
  EXPECT_EQ(world_.heard(chief_), not_listening("remote"));
  EXPECT_FALSE(part().has_value());
}

TEST_F(Monitor, EndsWithTheSupervisorsSession) {
  listen(MonitorMode::monitor);
  world_.command(chief_, core::LogoutSession{});
  EXPECT_TRUE(world_.channel_of(agent_)->monitors.empty());
}

TEST_F(Monitor, EndsWithTheSupervisorsChannel) {
  listen(MonitorMode::monitor);
  world_.command(chief_, core::RemoveChannel{world_.channel_of(chief_)->id});
  EXPECT_TRUE(world_.channel_of(agent_)->monitors.empty());
}

TEST_F(Monitor, OutlivesATakeover) {
  listen(MonitorMode::monitor);
  const Client fresh = world_.prepare(carol, true);
  world_.command(fresh, core::StartSession{});
  const Lines heard = world_.heard(fresh);
  EXPECT_EQ(std::count(heard.begin(), heard.end(),
                       "channel.infochanged ACTIVE READY queues=support monitor=alice"),
            1);
  chief_ = fresh;
  EXPECT_EQ(world_.outcome(end()), "ok");
  EXPECT_FALSE(part().has_value());
}

TEST_F(Monitor, ThatIsPendingOutlivesATakeover) {
  world_.mood = Mood::silent;
  const auto request = listen(MonitorMode::monitor);
  chief_ = world_.prepare(carol, true);
  EXPECT_EQ(world_.outcome(request), "target.not.found");
  world_.command(chief_, core::StartSession{});
  world_.report(
      core::LegMonitored{world_.phone_leg(chief_), world_.phone_leg(agent_), MonitorMode::monitor});
  EXPECT_TRUE(part()->is_set);
}

TEST_F(Monitor, OutlivesATakeoverByTheAgent) {
  listen(MonitorMode::monitor);
  const Client fresh = world_.prepare(alice, true);
  world_.command(fresh, core::StartSession{});
  EXPECT_TRUE(part().has_value());
  EXPECT_EQ(world_.outcome(end()), "ok");
  EXPECT_FALSE(part().has_value());
}

// Whoever comes back late finds that it is over.
TEST_F(Monitor, EndsWhenTheSupervisorDoesNotComeBack) {
  listen(MonitorMode::monitor);
  world_.run(core::ConnectionLost{chief_.connection});
  world_.advance(59s);
  EXPECT_EQ(world_.channel_of(agent_)->monitors.size(), 1U);
  world_.advance(2s);
  EXPECT_TRUE(world_.channel_of(agent_)->monitors.empty());
}

TEST_F(Monitor, IsRefusedWhereItMakesNoSense) {
  const core::MonitorAgent of_carol{"carol", MonitorMode::monitor};
  EXPECT_EQ(world_.outcome(world_.command(agent_, of_carol)), "permission.denied");
  EXPECT_EQ(world_.outcome(world_.command(agent_, core::EndMonitor{"carol"})), "permission.denied");
  EXPECT_EQ(world_.outcome(listen(MonitorMode::monitor, "nobody")), "target.not.found");
  EXPECT_EQ(world_.outcome(listen(MonitorMode::monitor, "bob")), "invalid.state");
  EXPECT_EQ(world_.outcome(listen(MonitorMode::monitor, "carol")), "invalid.request");
  world_.mood = Mood::silent;
  const auto first = listen(MonitorMode::monitor);
  EXPECT_EQ(world_.outcome(listen(MonitorMode::whisper)), "invalid.state");
  EXPECT_EQ(world_.outcome(world_.command(chief_, core::DialNumber{"9555"})), "invalid.state");
  EXPECT_EQ(world_.outcome(world_.command(chief_, core::DeactivateChannel{})), "invalid.state");
  EXPECT_EQ(world_.outcome(end()), "ok");
  EXPECT_EQ(world_.outcome(first), "invalid.state");
  world_.command(chief_, core::DeactivateChannel{});
  EXPECT_EQ(world_.outcome(listen(MonitorMode::monitor)), "invalid.state");
}

TEST_F(Monitor, IsOfOneAgentAtATime) {
  const Client other = world_.log_in_ready(eve);
  world_.arrive("200");
  world_.command(other, core::AnswerConversation{});
  listen(MonitorMode::monitor);
  EXPECT_EQ(world_.outcome(listen(MonitorMode::monitor, "eve")), "invalid.state");
  EXPECT_EQ(world_.outcome(intercept("eve")), "invalid.state");
  EXPECT_EQ(world_.outcome(end("eve")), "ok") << "it holds already";
  EXPECT_TRUE(part().has_value());
}

TEST_F(Monitor, TakesNoCallsMeanwhile) {
  listen(MonitorMode::monitor);
  const Client caller = world_.log_in_ready(eve);
  EXPECT_EQ(world_.outcome(world_.command(caller, core::DialNumber{"1003"})),
            "endpoint.unreachable");
  world_.command(caller, core::NotReadyChannel{});
  world_.arrive();
  EXPECT_EQ(world_.interaction_of(chief_), nullptr);
  end();
  EXPECT_NE(world_.interaction_of(chief_), nullptr) << "the one who waited";
}

TEST_F(Monitor, ThatThePlatformRefusesLeavesNothing) {
  world_.mood = Mood::failing;
  EXPECT_EQ(world_.outcome(listen(MonitorMode::monitor)), "cti.error");
  EXPECT_FALSE(part().has_value());
  world_.mood = Mood::prompt;
  listen(MonitorMode::monitor);
  world_.mood = Mood::failing;
  EXPECT_EQ(world_.outcome(listen(MonitorMode::barge)), "cti.error");
  EXPECT_EQ(part()->mode, MonitorMode::monitor);
}

TEST_F(Monitor, DoesNotWaitForASilentPlatform) {
  world_.mood = Mood::silent;
  const auto request = listen(MonitorMode::monitor);
  world_.advance(41s);
  EXPECT_EQ(world_.outcome(request), "cti.timeout");
  EXPECT_FALSE(part().has_value());
}

// The agent must not be heard, or hear, in another way than the supervisor is told.
TEST_F(Monitor, IsPutBackToWhatIsToldAfterASilence) {
  listen(MonitorMode::monitor);
  world_.mood = Mood::silent;
  const auto request = listen(MonitorMode::barge);
  (void)world_.ordered();
  world_.advance(41s);
  EXPECT_EQ(world_.outcome(request), "cti.timeout");
  EXPECT_EQ(part()->mode, MonitorMode::monitor);
  EXPECT_EQ(world_.ordered(), (Lines{"monitor out1 by out2"}));
}

TEST_F(Monitor, IsNotSetByALateReportOfAnEarlierOrder) {
  world_.mood = Mood::silent;
  listen(MonitorMode::monitor);
  end();
  const auto second = listen(MonitorMode::barge);
  const core::LegId phone = world_.phone_leg(chief_);
  const core::LegId agent = world_.phone_leg(agent_);
  world_.report(core::LegMonitored{phone, agent, MonitorMode::monitor});
  EXPECT_EQ(world_.outcome(second), "");
  world_.report(core::LegMonitored{phone, agent, MonitorMode::barge});
  EXPECT_EQ(world_.outcome(second), "ok");
}

TEST(MonitorLimits, SoManyMayListen) {
  core::Directory directory = with_supervisors();
  directory.limits.monitors_max = 1;
  World world(std::move(directory));
  const Client agent = world.log_in_ready(alice);
  world.arrive();
  world.command(agent, core::AnswerConversation{});
  const Client one = world.log_in_ready(carol);
  const Client two = world.log_in_ready(eve);
  const core::MonitorAgent command{"alice", MonitorMode::monitor};
  EXPECT_EQ(world.outcome(world.command(one, command)), "ok");
  EXPECT_EQ(world.outcome(world.command(two, command)), "invalid.state");
  world.command(one, core::EndMonitor{"alice"});
  EXPECT_EQ(world.outcome(world.command(two, command)), "ok");
}

TEST(MonitorLimits, APlatformThatCannotSaysSo) {
  core::Directory directory = with_supervisors();
  directory.capabilities.monitor = directory.capabilities.transfer = false;
  World world(std::move(directory));
  const Client chief = world.log_in_ready(carol);
  const Client agent = world.log_in_ready(alice);
  const core::MonitorAgent command{"alice", MonitorMode::monitor};
  EXPECT_EQ(world.outcome(world.command(chief, command)), "unsupported");
  EXPECT_EQ(world.outcome(world.command(chief, core::InterceptCall{"alice"})), "unsupported");
  EXPECT_EQ(world.outcome(world.command(agent, command)), "permission.denied");
}

// --- Taking a call over -------------------------------------------------------------------------

using Intercept = Supervised;

// Proves: channel.intercept
TEST_F(Intercept, OffersTheCallToTheSupervisor) {
  world_.command(agent_, core::SetInteractionData{{{"crm", core::DataValue{false, "7"}}}});
  forget();
  EXPECT_EQ(world_.outcome(intercept()), "ok");
  EXPECT_EQ(world_.ordered(), (Lines{"release out1 supervisor"}));
  EXPECT_EQ(world_.heard(agent_), (Lines{"state(conversation) DISCONNECTED<-CONNECTED supervisor",
                                         "conversation.disposed", "interaction.ended supervisor",
                                         "state(interaction) ENDED<-STARTED NONE supervisor",
                                         "channel.infochanged ACTIVE WRAPUP queues=support",
                                         "state(channel) ACTIVE<-ACTIVE WRAPUP supervisor"}));
  const Lines heard = world_.heard(chief_);
  ASSERT_GT(heard.size(), 3U);
  EXPECT_EQ(heard[0], "ok");
  EXPECT_EQ(heard[1], "channel.infochanged ACTIVE RESERVED queues=support");
  EXPECT_EQ(heard.back(), "interaction.initialized");
  EXPECT_EQ(world_.interaction_of(chief_)->data.at("crm").text, "7");
  world_.command(chief_, core::AnswerConversation{});
  EXPECT_EQ(world_.ordered(), (Lines{"bridge in1 out2"}));
  EXPECT_EQ(world_.customer_leg(chief_), customer_);
  EXPECT_EQ(world_.interaction_of(chief_)->state, core::InteractionState::started);
  EXPECT_EQ(world_.replayed_dump(), world_.state().dump());
}

TEST_F(Intercept, EndsEverybodysListening) {
  const Client other = world_.log_in_ready(eve);
  listen(MonitorMode::monitor);
  world_.command(other, core::MonitorAgent{"alice", MonitorMode::barge});
  (void)world_.heard(other);
  forget();
  EXPECT_EQ(world_.outcome(intercept()), "ok");
  EXPECT_EQ(world_.ordered(),
            (Lines{"release out1 supervisor", "park out2", "release out3 remote"}));
  EXPECT_FALSE(part().has_value());
  EXPECT_EQ(world_.heard(other), (Lines{"channel.infochanged ACTIVE READY queues=support,sales",
                                        "state(channel) ACTIVE<-ACTIVE READY remote"}));
  world_.command(chief_, core::AnswerConversation{});
  EXPECT_EQ(world_.customer_leg(chief_), customer_);
}

TEST_F(Intercept, ThatNobodyAnswersGivesTheCallBack) {
  intercept();
  world_.advance(world_.directory().limits.colleague_ring_max + 1s);
  EXPECT_EQ(world_.interaction_of(chief_), nullptr);
  ASSERT_NE(world_.interaction_of(agent_), nullptr);
  EXPECT_EQ(world_.interaction_of(agent_)->state, core::InteractionState::alerting);
  world_.command(agent_, core::AnswerConversation{});
  EXPECT_EQ(world_.customer_leg(agent_), customer_);
}

TEST_F(Intercept, IsRefusedWhereItMakesNoSense) {
  EXPECT_EQ(world_.outcome(world_.command(agent_, core::InterceptCall{"carol"})),
            "permission.denied");
  EXPECT_EQ(world_.outcome(intercept("nobody")), "target.not.found");
  EXPECT_EQ(world_.outcome(intercept("bob")), "invalid.state");
  EXPECT_EQ(world_.outcome(intercept("carol")), "invalid.request");
  world_.command(agent_, core::ConsultNumber{"9555"});
  EXPECT_EQ(world_.outcome(intercept()), "invalid.state");
  world_.command(agent_, core::ReconnectInteraction{});
  world_.mood = Mood::silent;
  world_.command(agent_, core::HoldConversation{});
  EXPECT_EQ(world_.outcome(intercept()), "invalid.state") << "the phone is about to do something";
}

TEST_F(Intercept, IsNotForACallBetweenAgents) {
  world_.command(agent_, core::ReleaseConversation{});
  world_.command(agent_, core::CompleteInteraction{});
  const Client other = world_.log_in_ready(eve);
  world_.command(agent_, core::DialNumber{"1005"});
  world_.command(other, core::AnswerConversation{});
  EXPECT_EQ(world_.outcome(listen(MonitorMode::monitor)), "ok");
  EXPECT_EQ(world_.outcome(intercept()), "invalid.state");
}

}  // namespace
}  // namespace cord::test
