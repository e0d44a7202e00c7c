// The transfer key of an agent's phone: the same transfers as the desktop's, and what the phone is
// told of them.
#include "two_calls.hpp"

namespace cord::test {
namespace {

using core::Cause;
using core::LegId;

class PhoneTransfer : public TwoCalls {
 protected:
  explicit PhoneTransfer(core::Directory directory = call_centre())
      : TwoCalls(std::move(directory)) {}

  void refer(const std::string& to, LegId replaced = {}) { refer_on(phone(), to, replaced); }
  void refer_on(LegId leg, const std::string& to, LegId replaced = {}) {
    const core::RequestId request{core::phone_request_bit | ++last_request_};
    world_.report(core::LegTransferRequested{leg, request, to, replaced});
  }
  // What the phone was told of its last transfer, since it was asked last.
  Lines told() {
    Lines all;
    for (const std::string& order : world_.ordered()) {
      if (order.find("transfer " + std::to_string(last_request_)) != std::string::npos) {
        all.push_back(order.substr(0, order.find(' ')) + order.substr(order.rfind(' ')));
      }
    }
    return all;
  }
  void expect_refused(const std::string& how) {
    EXPECT_EQ(world_.ordered(), (Lines{fmt::format("end transfer {} {}", last_request_, how)}));
    EXPECT_EQ(world_.heard(alice_), Lines{});
    EXPECT_EQ(world_.customer_leg(alice_), customer_);
  }

  std::uint64_t last_request_ = 0;
};

// --- To a number -------------------------------------------------------------------------------

TEST_F(PhoneTransfer, ToAColleagueIsABlindTransfer) {
  const Client other = carol_ready();
  refer("1003");
  EXPECT_EQ(world_.ordered(), (Lines{"accept transfer 1", "release out1 transfer"}));
  EXPECT_EQ(world_.heard(alice_).at(2), "interaction.ended transfer");
  world_.command(other, core::AnswerConversation{});
  EXPECT_EQ(world_.ordered(), (Lines{"bridge in1 out2", "end transfer 1 done"}));
  EXPECT_EQ(world_.customer_leg(other), customer_);
  EXPECT_EQ(world_.replayed_dump(), world_.state().dump());
}

// Word for word what a desktop's command does.
TEST_F(PhoneTransfer, TellsTheDesktopWhatACommandWould) {
  const Client other = carol_ready();
  refer("1003");
  const Lines by_phone = world_.heard(alice_);
  World again;
  const Client second = again.log_in_ready(alice);
  again.arrive();
  again.command(second, core::AnswerConversation{});
  (void)again.log_in_ready(carol);
  (void)again.heard(second);
  again.command(second, core::BlindTransfer{"1003"});
  EXPECT_EQ(with({"ok"}, by_phone), again.heard(second));
}

TEST_F(PhoneTransfer, ToANumberOutside) {
  refer("9555");
  EXPECT_EQ(world_.ordered(),
            (Lines{"accept transfer 1", "dial out2 9555 via carrier", "release out1 transfer"}));
  world_.report(core::LegAnswered{LegId{2}});
  EXPECT_EQ(world_.ordered(), (Lines{"bridge in1 out2", "end transfer 1 done"}));
}

TEST_F(PhoneTransfer, ToAQueue) {
  const Client other = world_.log_in_ready(eve);
  refer("200");
  EXPECT_EQ(told(), (Lines{"accept 1"}));
  world_.command(other, core::AnswerConversation{});
  EXPECT_EQ(told(), (Lines{"end done"}));
}

TEST_F(PhoneTransfer, ThatFailsComesBackAndThePhoneHears) {
  refer("9555");
  forget();
  world_.report(core::LegReleased{LegId{2}, Cause::busy, "486 Busy Here"});
  EXPECT_EQ(told(), (Lines{"end busy"}));
  EXPECT_EQ(world_.customer_leg(alice_), customer_) << "it rings again";
}

TEST_F(PhoneTransfer, ThatNobodyAnswersComesBack) {
  const Client other = carol_ready();
  refer("1003");
  forget(other);
  world_.advance(21s);
  EXPECT_EQ(told(), (Lines{"end timeout"}));
  EXPECT_EQ(world_.customer_leg(alice_), customer_);
}

TEST_F(PhoneTransfer, OfACustomerWhoHangsUpMeanwhile) {
  refer("9555");
  forget();
  world_.report(core::LegReleased{customer_, Cause::remote, ""});
  EXPECT_EQ(told(), (Lines{"end gone"}));
  world_.report(core::LegReleased{LegId{2}, Cause::request, ""});
  expect_all_over();
}

TEST_F(PhoneTransfer, ThatThePlatformDoesNotPlaceChangesNothing) {
  world_.mood = Mood::failing;
  refer("9555");
  EXPECT_EQ(told(), (Lines{"accept 1", "end failed"}));
  EXPECT_EQ(world_.heard(alice_), Lines{});
  EXPECT_EQ(world_.customer_leg(alice_), customer_);
}

// Nobody is there any more to take it back: the phone hears one word, and the caller is let go.
TEST_F(PhoneTransfer, ThatFailsWithNobodyToComeBackToIsToldOnce) {
  world_.command(alice_, core::ReleaseConversation{});
  world_.command(alice_, core::CompleteInteraction{});
  world_.command(alice_, core::DialNumber{"9555"});
  world_.report(core::LegAnswered{world_.state().last_ids().leg});
  forget();
  refer("9666");
  world_.command(alice_, core::CompleteInteraction{});
  world_.command(alice_, core::DeactivateChannel{});
  forget();
  world_.report(core::LegReleased{world_.state().last_ids().leg, Cause::rejected, ""});
  EXPECT_EQ(told(), (Lines{"end rejected"}));
}

// --- To whom the agent consults ----------------------------------------------------------------

TEST_F(PhoneTransfer, ToItsOwnDialogIsAConsultTransfer) {
  const Client other = carol_consulted();
  refer("", phone());
  EXPECT_EQ(world_.ordered(), (Lines{"accept transfer 1", "bridge in1 out2", "end transfer 1 done",
                                     "release out1 transfer"}));
  EXPECT_EQ(world_.customer_leg(other), customer_);
}

TEST_F(PhoneTransfer, ToTheNumberThatIsConsultedIsOneToo) {
  const LegId outside = outside_consulted();
  refer("9555");
  EXPECT_EQ(world_.ordered(), (Lines{"accept transfer 1", "bridge in1 out2", "end transfer 1 done",
                                     "release out1 transfer"}));
  EXPECT_TRUE(world_.state().find(outside) != nullptr);
}

TEST_F(PhoneTransfer, AfterAConsultMayFail) {
  carol_consulted();
  world_.mood = Mood::failing;
  refer("", phone());
  EXPECT_EQ(told(), (Lines{"accept 1", "end failed"}));
  EXPECT_EQ(world_.customer_leg(alice_), customer_);
}

// --- Refused -----------------------------------------------------------------------------------

TEST_F(PhoneTransfer, WhereTheDesktopWouldBeRefused) {
  refer("1001");
  expect_refused("no route");
  refer("no-such-number");
  expect_refused("no route");
  refer("12 34");
  expect_refused("no route");
  refer("1003");
  expect_refused("unreachable");
  consult("9555");
  forget();
  refer("200");
  expect_refused("refused");
  refer("9555");
  expect_refused("refused");
}

TEST_F(PhoneTransfer, WhileACommandIsBeingDone) {
  world_.mood = Mood::silent;
  world_.command(alice_, core::HoldConversation{});
  forget();
  refer("9555");
  expect_refused("pending");
}

TEST_F(PhoneTransfer, OfADialogThatIsNoCallOfTheAgent) {
  carol_consulted();
  refer("", customer_);
  expect_refused("unknown");
}

TEST_F(PhoneTransfer, WithoutAConsult) {
  refer("", phone());
  expect_refused("refused");
}

TEST_F(PhoneTransfer, FromWhoIsNoAgentsPhone) {
  refer_on(customer_, "9555");
  expect_refused("unknown");
  refer_on(LegId{99}, "9555");
  expect_refused("unknown");
}

TEST_F(PhoneTransfer, OfNoCall) {
  const Client other = carol_ready();
  refer_on(world_.phone_leg(other), "9555");
  expect_refused("refused");
}

TEST_F(PhoneTransfer, OnAPlatformWithoutTransfers) {
  core::Directory directory = call_centre();
  directory.capabilities.transfer = false;
  World world(std::move(directory));
  const Client client = world.log_in_ready(alice);
  world.arrive();
  world.command(client, core::AnswerConversation{});
  (void)world.ordered();
  const core::RequestId request{core::phone_request_bit | 1};
  world.report(core::LegTransferRequested{world.phone_leg(client), request, "9555"});
  EXPECT_EQ(world.ordered(), (Lines{"end transfer 1 forbidden"}));
}

}  // namespace
}  // namespace cord::test
