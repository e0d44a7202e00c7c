// channel.dial and conversation.senddtmf: whom a number reaches, in which order that is told, and
// that nothing stays behind of what fails.
#include <gtest/gtest.h>

#include "support/core_invariants.hpp"
#include "support/core_world.hpp"

namespace cord::test {
namespace {

// What a success is followed by: `from` is the agent state before, `data` what is known.
Lines dialled(const std::string& info, const std::string& address, const std::string& data) {
  return {"ok",
          "channel.infochanged ACTIVE BUSY" + info + " queues=support",
          "state(channel) ACTIVE<-ACTIVE BUSY request",
          "interaction.created i-1",
          "state(interaction) DIALING<-DIALING NONE request",
          "conversation.created c-1",
          "state(conversation) DIALING<-DIALING request",
          "conversation.member.added " + address,
          "conversation.initialized",
          "interaction.datachanged " + data,
          "interaction.preview",
          "interaction.initialized"};
}

Lines offered(const std::string& info, const std::string& data) {
  return {"channel.infochanged ACTIVE RESERVED" + info + " queues=support",
          "state(channel) ACTIVE<-ACTIVE RESERVED remote",
          "interaction.created i-2",
          "state(interaction) ALERTING<-ALERTING NONE remote",
          "conversation.created c-2",
          "state(conversation) ALERTING<-ALERTING remote",
          "conversation.member.added 1001",
          "conversation.initialized",
          "interaction.datachanged " + data,
          "interaction.preview",
          "interaction.initialized"};
}

Lines ended(const std::string& previous, const std::string& cause, const std::string& info = "") {
  const std::string state = previous == "DIALING" ? "DIALING" : "STARTED";
  return {"state(conversation) DISCONNECTED<-" + previous + " " + cause,
          "conversation.disposed",
          "interaction.ended " + cause,
          "state(interaction) ENDED<-" + state + " NONE " + cause,
          "channel.infochanged ACTIVE WRAPUP" + info + " queues=support",
          "state(channel) ACTIVE<-ACTIVE WRAPUP " + cause};
}

Lines with(Lines lines, const Lines& more) {
  lines.insert(lines.end(), more.begin(), more.end());
  return lines;
}

class Dial : public ::testing::Test {
 protected:
  Dial() {
    world_.on_step = [this] { EXPECT_EQ(broken_invariants(world_.state()), Lines{}); };
  }

  Client ready(core::AgentIndex agent) {
    const Client client = world_.log_in_ready(agent);
    (void)world_.ordered();
    return client;
  }

  core::RequestId dial(const Client& client, const std::string& number) {
    return world_.command(client, core::DialNumber{number});
  }

  // Alice talks to 9555.
  Client talking() {
    const Client client = ready(alice);
    dial(client, "9555");
    world_.report(core::LegAnswered{world_.customer_leg(client)});
    (void)world_.heard(client);
    (void)world_.ordered();
    return client;
  }

  // Alice dials a colleague, who has answered.
  std::pair<Client, Client> talking_to_colleague(core::AgentIndex colleague,
                                                 const std::string& number) {
    const Client caller = ready(alice);
    const Client called = ready(colleague);
    dial(caller, number);
    world_.command(called, core::AnswerConversation{});
    EXPECT_EQ(world_.conversation_of(caller)->state, core::ConversationState::connected);
    EXPECT_EQ(world_.conversation_of(called)->state, core::ConversationState::connected);
    (void)world_.heard(caller);
    (void)world_.heard(called);
    (void)world_.ordered();
    return {caller, called};
  }

  // Nobody works, nothing waits; each agent that had a call wraps up.
  void expect_all_over() {
    EXPECT_TRUE(world_.state().calls().empty());
    EXPECT_TRUE(world_.state().conversations().empty());
    EXPECT_EQ(world_.replayed_dump(), world_.state().dump());
  }

  World world_;
};

// --- Through a trunk ------------------------------------------------------------------------

// Proves: channel.dial, promise 2
TEST_F(Dial, CallsThePhoneThenTheNumber) {
  const Client client = ready(alice);
  dial(client, "9555");
  EXPECT_EQ(world_.ordered(), (Lines{"originate out1 sip:1001@phones auto",
                                     "dial out2 9555 via carrier", "ringing out1"}));
  EXPECT_EQ(world_.heard(client),
            dialled("", "9555", "ANI=1001 CallId=call-out2 DNIS=9555 Direction=OUTBOUND"));
  world_.report(core::LegAnswered{world_.customer_leg(client)});
  EXPECT_EQ(world_.ordered(), (Lines{"bridge out2 out1"}));
  EXPECT_EQ(world_.heard(client), (Lines{"state(conversation) CONNECTED<-DIALING remote",
                                         "state(interaction) STARTED<-DIALING NONE remote"}));
  world_.command(client, core::ReleaseConversation{});
  EXPECT_EQ(world_.heard(client), with({"ok"}, ended("CONNECTED", "request")));
  expect_all_over();
}

TEST_F(Dial, UsesAPersistentPhoneAsItIs) {
  const Client client = ready(carol);
  dial(client, "9555");
  EXPECT_EQ(world_.ordered(), (Lines{"dial out2 9555 via carrier", "ringing out1"}));
  world_.report(core::LegReleased{world_.customer_leg(client), core::Cause::busy, "486"});
  EXPECT_EQ(world_.ordered(), (Lines{"park out1"}));
  expect_all_over();
}

// Proves: promise 7
TEST_F(Dial, TellsWhyTheFarEndDidNotAnswer) {
  for (const auto cause : {core::Cause::busy, core::Cause::rejected, core::Cause::unreachable,
                           core::Cause::timeout, core::Cause::failed, core::Cause::remote}) {
    World world;
    const Client client = world.log_in_ready(alice);
    world.command(client, core::DialNumber{"9555"});
    (void)world.heard(client);
    world.report(core::LegReleased{world.customer_leg(client), cause, ""});
    EXPECT_EQ(world.heard(client), ended("DIALING", std::string(name_of(cause))));
    EXPECT_TRUE(world.state().legs().empty());
  }
}

TEST_F(Dial, IsNotAnsweredByWhoDialled) {
  const Client client = ready(alice);
  ready(carol);
  dial(client, "1003");
  EXPECT_EQ(world_.outcome(world_.command(client, core::AnswerConversation{})), "invalid.state");
  EXPECT_EQ(world_.outcome(world_.command(client, core::AcceptInteraction{})), "invalid.state");
}

TEST_F(Dial, IsLetGoOfBeforeItIsAnswered) {
  const Client client = ready(alice);
  dial(client, "9555");
  (void)world_.heard(client);
  (void)world_.ordered();
  world_.command(client, core::ReleaseConversation{});
  EXPECT_EQ(world_.ordered(), (Lines{"release out2 request", "release out1 request"}));
  EXPECT_EQ(world_.heard(client), with({"ok"}, ended("DIALING", "request")));
  expect_all_over();
}

TEST_F(Dial, EndsWithThePhone) {
  const Client client = ready(alice);
  dial(client, "9555");
  (void)world_.heard(client);
  (void)world_.ordered();
  world_.report(core::LegReleased{world_.phone_leg(client), core::Cause::remote, ""});
  EXPECT_EQ(world_.ordered(), (Lines{"release out2 phone"}));
  EXPECT_EQ(world_.heard(client), ended("DIALING", "phone"));
  expect_all_over();
}

TEST_F(Dial, DoesNotRingForEver) {
  const Client client = ready(alice);
  dial(client, "9555");
  (void)world_.heard(client);
  world_.advance(71s);
  EXPECT_EQ(world_.heard(client), ended("DIALING", "timeout"));
  expect_all_over();
}

TEST_F(Dial, EndsIfTheTwoCannotBeJoined) {
  const Client client = ready(alice);
  dial(client, "9555");
  (void)world_.heard(client);
  world_.mood = Mood::failing;
  world_.report(core::LegAnswered{world_.customer_leg(client)});
  EXPECT_EQ(world_.heard(client), ended("DIALING", "failed"));
  expect_all_over();
}

TEST_F(Dial, EndsIfThePlatformDoesNotJoinThem) {
  const Client client = ready(alice);
  dial(client, "9555");
  (void)world_.heard(client);
  world_.mood = Mood::silent;
  world_.report(core::LegAnswered{world_.customer_leg(client)});
  world_.advance(41s);
  EXPECT_EQ(world_.heard(client), ended("DIALING", "timeout"));
  expect_all_over();
}

// --- What fails leaves nothing ---------------------------------------------------------------

// Proves: endpoint.unreachable
TEST_F(Dial, FailsWithThePhone) {
  const Client client = ready(alice);
  world_.mood = Mood::silent;
  const auto request = dial(client, "9555");
  EXPECT_EQ(world_.outcome(request), "");
  world_.report(core::LegReleased{world_.phone_leg(client), core::Cause::timeout, ""});
  EXPECT_EQ(world_.heard(client), (Lines{"endpoint.unreachable"}));
  EXPECT_TRUE(world_.state().legs().empty());
  EXPECT_TRUE(world_.state().takes_offers(*world_.channel_of(client)));
}

TEST_F(Dial, FailsIfThePlatformRefuses) {
  const Client client = ready(carol);
  world_.mood = Mood::failing;
  const auto request = dial(client, "9555");
  EXPECT_EQ(world_.outcome(request), "cti.error");
  EXPECT_EQ(world_.state().legs().size(), 1U) << "but for the persistent phone's";
  EXPECT_TRUE(world_.state().takes_offers(*world_.channel_of(client)));
}

// Proves: promise 3, cti.timeout
TEST_F(Dial, FailsIfThePlatformSaysNothing) {
  const Client client = ready(carol);
  world_.mood = Mood::silent;
  const auto request = dial(client, "9555");
  const auto second = dial(client, "9556");
  EXPECT_EQ(world_.outcome(second), "invalid.state");
  world_.advance(39s);
  EXPECT_EQ(world_.outcome(request), "");
  (void)world_.ordered();
  world_.advance(2s);
  EXPECT_EQ(world_.outcome(request), "cti.timeout");
  EXPECT_EQ(world_.ordered(), (Lines{"release out2 request", "park out1"}));
  EXPECT_EQ(world_.state().legs().size(), 1U);
}

TEST_F(Dial, FailsIfThePhoneIsHungUpMeanwhile) {
  const Client client = ready(alice);
  world_.mood = Mood::silent;
  const auto request = dial(client, "9555");
  world_.report(core::LegAnswered{world_.phone_leg(client)});
  (void)world_.ordered();
  world_.report(core::LegReleased{world_.phone_leg(client), core::Cause::remote, ""});
  EXPECT_EQ(world_.outcome(request), "cti.error");
  EXPECT_EQ(world_.ordered(), (Lines{"release out2 request"}));
  EXPECT_TRUE(world_.state().legs().empty());
}

TEST_F(Dial, TakesNoOfferMeanwhile) {
  const Client client = ready(alice);
  world_.mood = Mood::silent;
  dial(client, "9555");
  world_.arrive();
  EXPECT_EQ(world_.interaction_of(client), nullptr);
  world_.report(core::LegReleased{world_.phone_leg(client), core::Cause::busy, ""});
  EXPECT_NE(world_.interaction_of(client), nullptr);
}

TEST_F(Dial, IsGivenUpByLogoutRemovalAndTakeover) {
  const Client client = ready(alice);
  world_.mood = Mood::silent;
  const auto request = dial(client, "9555");
  EXPECT_EQ(world_.outcome(world_.command(client, core::DeactivateChannel{})), "invalid.state");
  world_.report(core::LegAnswered{world_.phone_leg(client)});
  const Client fresh = world_.prepare(alice, true);
  EXPECT_EQ(world_.outcome(request), "target.not.found");
  world_.command(fresh, core::StartSession{});
  (void)world_.heard(fresh);
  world_.report(core::LegDialed{core::LegId{2}, "id"});
  EXPECT_EQ(world_.heard(fresh).front(), "channel.infochanged ACTIVE BUSY queues=support");
  world_.report(core::LegReleased{world_.phone_leg(fresh), core::Cause::remote, ""});
  world_.command(fresh, core::CompleteInteraction{});
  const auto second = dial(fresh, "9555");
  world_.report(core::LegAnswered{world_.phone_leg(fresh)});
  world_.command(fresh, core::LogoutSession{});
  EXPECT_EQ(world_.outcome(second), "invalid.state");
  EXPECT_TRUE(world_.state().legs().empty());
  EXPECT_EQ(world_.state().deadline_count(), 0U);
}

TEST_F(Dial, RefusesWhatLeadsNowhere) {
  const Client client = ready(alice);
  for (const char* number : {"", "5", "no such number", "1001", "9555@evil", "9\r\n"}) {
    EXPECT_EQ(world_.outcome(dial(client, number)), "invalid.request") << number;
  }
  EXPECT_EQ(world_.outcome(dial(client, "9" + std::string(63, '5'))), "ok");
  world_.command(client, core::ReleaseConversation{});
  EXPECT_EQ(world_.outcome(dial(client, "9555")), "ongoing.interaction");
  world_.command(client, core::CompleteInteraction{});
  EXPECT_EQ(world_.outcome(dial(client, "9" + std::string(64, '5'))), "invalid.request");
  world_.command(client, core::DeactivateChannel{});
  EXPECT_EQ(world_.outcome(dial(client, "9555")), "invalid.state");
  EXPECT_TRUE(world_.state().legs().empty());
}

// --- The agent's state ------------------------------------------------------------------------

TEST_F(Dial, WhoWasNotReadyIsSoAgainAfterwards) {
  const Client client = ready(alice);
  world_.command(client, core::NotReadyChannel{"lunch"});
  (void)world_.heard(client);
  dial(client, "9555");
  EXPECT_EQ(world_.heard(client)[1],
            "channel.infochanged ACTIVE BUSY pending=NOT_READY:lunch queues=support");
  world_.command(client, core::ReleaseConversation{});
  world_.command(client, core::CompleteInteraction{});
  EXPECT_EQ(world_.heard(client).back(), "state(channel) ACTIVE<-ACTIVE NOT_READY request");
  EXPECT_EQ(world_.channel_of(client)->reason, "lunch");
}

// --- Colleagues -------------------------------------------------------------------------------

TEST_F(Dial, OffersTheCallToAColleague) {
  const Client caller = ready(alice);
  const Client called = ready(bob);
  dial(caller, "1002");
  const std::string data = "ANI=1001 DNIS=1002 Direction=INTERNAL";
  EXPECT_EQ(world_.heard(caller), dialled("", "1002", data));
  EXPECT_EQ(world_.heard(called), offered("", data));
  EXPECT_EQ(world_.ordered(), (Lines{"originate out1 sip:1001@phones auto", "ringing out1",
                                     "originate out2 sip:1002@phones"}));
  world_.report(core::LegAnswered{world_.phone_leg(called)});
  EXPECT_EQ(world_.ordered(), (Lines{"bridge out1 out2"}));
  EXPECT_EQ(world_.heard(caller), (Lines{"state(conversation) CONNECTED<-DIALING remote",
                                         "state(interaction) STARTED<-DIALING NONE remote"}));
  EXPECT_EQ(world_.heard(called),
            (Lines{"state(conversation) CONNECTED<-ALERTING phone", "interaction.screenpop",
                   "state(interaction) STARTED<-ALERTING NONE phone",
                   "channel.infochanged ACTIVE BUSY queues=support",
                   "state(channel) ACTIVE<-ACTIVE BUSY phone"}));
}

TEST_F(Dial, EitherColleagueEndsTheCall) {
  for (const bool caller_ends : {true, false}) {
    World world;
    const Client caller = world.log_in_ready(alice);
    const Client called = world.log_in_ready(carol);
    world.command(caller, core::DialNumber{"1003"});
    world.command(called, core::AnswerConversation{});
    (void)world.heard(caller);
    (void)world.heard(called);
    (void)world.ordered();
    world.command(caller_ends ? caller : called, core::ReleaseConversation{});
    EXPECT_EQ(world.heard(caller_ends ? caller : called),
              with({"ok"}, ended("CONNECTED", "request")));
    EXPECT_EQ(world.heard(caller_ends ? called : caller), ended("CONNECTED", "remote"));
    // Alice's phone was called for this; Carol's stays up.
    const Lines orders = world.ordered();
    EXPECT_EQ(std::count(orders.begin(), orders.end(), "park out1"), 1);
    EXPECT_EQ(orders.size(), 2U);
    EXPECT_EQ(broken_invariants(world.state()), Lines{});
    EXPECT_TRUE(world.state().calls().empty());
  }
}

TEST_F(Dial, EachColleagueHoldsAndMutesForThemselves) {
  const auto [caller, called] = talking_to_colleague(carol, "1003");
  world_.command(caller, core::HoldConversation{});
  world_.command(called, core::MuteConversation{});
  EXPECT_EQ(world_.heard(caller), (Lines{"ok", "state(conversation) HELD<-CONNECTED request"}));
  EXPECT_EQ(world_.heard(called),
            (Lines{"ok", "state(conversation) CONNECTED<-CONNECTED request muted"}));
  world_.command(called, core::HoldConversation{});
  world_.command(caller, core::RetrieveConversation{});
  EXPECT_EQ(world_.conversation_of(called)->state, core::ConversationState::held);
  EXPECT_EQ(world_.conversation_of(caller)->state, core::ConversationState::connected);
  EXPECT_EQ(world_.ordered(),
            (Lines{"hold out1 out2", "mute out1", "hold out2 out1", "retrieve out1 out2"}));
  world_.command(caller, core::ControlRecording{core::ControlRecording::Verb::start});
  EXPECT_EQ(world_.interaction_of(caller)->recording_state, core::RecordingState::recording);
  EXPECT_EQ(world_.interaction_of(called)->recording_state, core::RecordingState::none);
}

TEST_F(Dial, AColleagueWhoIsNotReadyCanBeCalled) {
  const Client caller = ready(alice);
  const Client called = ready(carol);
  world_.command(called, core::NotReadyChannel{"mail"});
  (void)world_.heard(called);
  dial(caller, "1003");
  EXPECT_EQ(world_.heard(called),
            offered(" pending=NOT_READY:mail", "ANI=1001 DNIS=1003 Direction=INTERNAL"));
  world_.command(called, core::RejectInteraction{});
  EXPECT_EQ(world_.channel_of(called)->agent_state, core::AgentState::not_ready);
  EXPECT_EQ(world_.channel_of(called)->reason, "mail");
}

TEST_F(Dial, AColleagueMayRefuse) {
  const Client caller = ready(alice);
  const Client called = ready(carol);
  dial(caller, "1003");
  (void)world_.heard(caller);
  (void)world_.heard(called);
  world_.command(called, core::RejectInteraction{});
  EXPECT_EQ(world_.heard(caller), ended("DIALING", "rejected"));
  EXPECT_EQ(world_.heard(called), (Lines{"ok", "state(interaction) ENDED<-ALERTING NONE request",
                                         "interaction.ended request", "interaction.disposed",
                                         "channel.infochanged ACTIVE READY queues=support",
                                         "state(channel) ACTIVE<-ACTIVE READY request"}));
  expect_all_over();
}

TEST_F(Dial, AColleagueMayNotHearIt) {
  const Client caller = ready(alice);
  ready(carol);
  dial(caller, "1003");
  (void)world_.heard(caller);
  world_.advance(21s);
  EXPECT_EQ(world_.heard(caller), ended("DIALING", "timeout"));
  expect_all_over();
}

TEST_F(Dial, AColleaguesPhoneMayNotCome) {
  const Client caller = ready(alice);
  const Client called = ready(eve);
  dial(caller, "1005");
  (void)world_.heard(caller);
  world_.mood = Mood::silent;
  const auto request = world_.command(called, core::AnswerConversation{});
  world_.report(core::LegReleased{world_.phone_leg(called), core::Cause::unreachable, ""});
  EXPECT_EQ(world_.outcome(request), "endpoint.unreachable");
  EXPECT_EQ(world_.heard(caller), ended("DIALING", "unreachable"));
  expect_all_over();
}

TEST_F(Dial, TheCallerMayGiveUp) {
  const Client caller = ready(alice);
  const Client called = ready(carol);
  dial(caller, "1003");
  (void)world_.heard(called);
  world_.command(caller, core::ReleaseConversation{});
  EXPECT_EQ(world_.heard(called),
            (Lines{"state(conversation) DISCONNECTED<-ALERTING remote", "conversation.disposed",
                   "interaction.ended remote", "state(interaction) ENDED<-ALERTING NONE remote",
                   "interaction.disposed", "channel.infochanged ACTIVE READY queues=support",
                   "state(channel) ACTIVE<-ACTIVE READY remote"}));
  expect_all_over();
}

TEST_F(Dial, RefusesAColleagueWhoCannotBeReached) {
  const Client caller = ready(alice);
  EXPECT_EQ(world_.outcome(dial(caller, "1003")), "endpoint.unreachable");
  const Client called = ready(carol);
  const core::LegId customer = world_.arrive();
  ASSERT_NE(world_.interaction_of(caller), nullptr) << "Alice is idle longest";
  EXPECT_EQ(world_.outcome(dial(called, "1001")), "endpoint.unreachable");
  world_.report(core::LegReleased{customer, core::Cause::remote, ""});
  world_.run(core::ConnectionLost{caller.connection});
  world_.advance(6s);
  EXPECT_EQ(world_.outcome(dial(called, "1001")), "endpoint.unreachable");
  EXPECT_EQ(world_.ordered(), (Lines{"accept in1"})) << "nobody's phone is called in vain";
}

// --- Queues -----------------------------------------------------------------------------------

TEST_F(Dial, ReachesAQueue) {
  const Client caller = ready(alice);
  dial(caller, "200");
  const std::string data = "ANI=1001 DNIS=200 Direction=INTERNAL Queue=sales";
  EXPECT_EQ(world_.heard(caller), dialled("", "200", data));
  const Client called = ready(eve);
  ASSERT_NE(world_.interaction_of(called), nullptr);
  EXPECT_EQ(world_.interaction_of(called)->direction, core::Direction::internal);
  world_.command(called, core::RejectInteraction{});
  EXPECT_EQ(world_.interaction_of(caller)->state, core::InteractionState::dialing);
  world_.advance(6s);
  world_.command(called, core::AnswerConversation{});
  EXPECT_EQ(world_.conversation_of(caller)->state, core::ConversationState::connected);
  EXPECT_EQ(world_.heard(caller), (Lines{"state(conversation) CONNECTED<-DIALING remote",
                                         "state(interaction) STARTED<-DIALING NONE remote"}));
}

TEST_F(Dial, WaitsInAQueueNoLongerThanThatAllows) {
  const Client caller = ready(alice);
  dial(caller, "200");
  (void)world_.heard(caller);
  world_.advance(601s);
  EXPECT_EQ(world_.heard(caller), ended("DIALING", "timeout"));
  expect_all_over();
}

TEST_F(Dial, IsRefusedByAFullQueue) {
  core::Directory directory = call_centre();
  directory.queues[1].waiting_max = 1;
  World world(std::move(directory));
  const Client client = world.log_in_ready(alice);
  world.arrive("200");
  EXPECT_EQ(world.outcome(world.command(client, core::DialNumber{"200"})), "endpoint.unreachable");
}

TEST_F(Dial, HearsRingingAgainIfAQueuesAgentCannotBeJoined) {
  const Client caller = ready(alice);
  dial(caller, "200");
  const Client called = ready(eve);
  (void)world_.ordered();
  world_.mood = Mood::silent;
  world_.command(called, core::AnswerConversation{});
  world_.report(core::LegAnswered{world_.phone_leg(called)});
  (void)world_.ordered();
  world_.report(
      core::LegOrderFailed{world_.phone_leg(called), core::LegOrderFailed::Order::bridge, ""});
  EXPECT_EQ(world_.ordered(), (Lines{"ringing out1", "release out2 failed"}));
  EXPECT_EQ(world_.interaction_of(caller)->state, core::InteractionState::dialing);
}

// --- Tones --------------------------------------------------------------------------------------

// Proves: conversation.senddtmf
TEST_F(Dial, SendsTones) {
  const Client client = talking();
  world_.command(client, core::SendTones{"0123456789ABCD*#,"});
  EXPECT_EQ(world_.ordered(), (Lines{"tones out2 out1 0123456789ABCD*#,"}));
  EXPECT_EQ(world_.heard(client), (Lines{"ok"}));
}

TEST_F(Dial, SendsTonesToACustomerToo) {
  const Client client = ready(alice);
  world_.arrive();
  EXPECT_EQ(world_.outcome(world_.command(client, core::SendTones{"1"})), "invalid.state");
  world_.command(client, core::AnswerConversation{});
  (void)world_.ordered();
  EXPECT_EQ(world_.outcome(world_.command(client, core::SendTones{"1"})), "ok");
  EXPECT_EQ(world_.ordered(), (Lines{"tones in1 out1 1"}));
}

TEST_F(Dial, RefusesTonesThatAreNone) {
  const Client client = talking();
  for (const std::string& digits : {std::string(), std::string("E"), std::string("1 2"),
                                    std::string("a"), std::string(65, '1')}) {
    EXPECT_EQ(world_.outcome(world_.command(client, core::SendTones{digits})), "invalid.request");
  }
  EXPECT_EQ(world_.outcome(world_.command(client, core::SendTones{std::string(64, ',')})), "ok");
  world_.command(client, core::HoldConversation{});
  EXPECT_EQ(world_.outcome(world_.command(client, core::SendTones{"1"})), "invalid.state");
}

TEST_F(Dial, TonesHaveTimeAndAnEnd) {
  const Client client = talking();
  world_.mood = Mood::silent;
  const auto request = world_.command(client, core::SendTones{std::string(64, '5')});
  world_.advance(39s);
  EXPECT_EQ(world_.outcome(request), "");
  world_.advance(2s);
  EXPECT_EQ(world_.outcome(request), "cti.timeout");
  world_.mood = Mood::failing;
  EXPECT_EQ(world_.outcome(world_.command(client, core::SendTones{"1"})), "cti.error");
}

}  // namespace
}  // namespace cord::test
