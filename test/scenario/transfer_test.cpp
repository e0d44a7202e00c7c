// Two calls for one phone, and calls that go on without their agent, with real peers: what each of
// them hears.
#include "scenario/support/two_desks.hpp"

namespace cord::scenario {
namespace {

constexpr double ringing_hz = 425;

class Transfers : public TwoDesks {
 protected:
  object of_interaction(const std::string& verb, object data = {}) {
    return alice_->request("interaction." + verb, alice_->interaction, std::move(data));
  }

  void expect_music(ToneParty& party) {
    (void)party.listen(200ms);
    const auto heard = party.listen(600ms);
    EXPECT_GT(loudness(heard), 200) << "music";
    expect_no_tone(heard, agent_hz);
  }

  // A phone's jitter buffer still has what it heard a moment ago.
  static std::vector<std::int16_t> heard_now(const Baresip& phone) {
    (void)phone.listen(300ms);
    return phone.listen(400ms);
  }

  void consult_bob() {
    expect_success(of_interaction("consult", {{"destination", "1002"}}));
    bob_->await_offer();
    answer(*bob_);
    await_answer();
  }

  void await_answer() {
    alice_->await("state.updated", [](const object& event) {
      return text(event, "data", "state") == "CONNECTED" &&
             text(event, "data", "previous") == "DIALING";
    });
  }
};

TEST_F(Transfers, AfterAConsultCustomerAndColleagueHearEachOther) {
  bob_comes();
  expect_success(of_interaction("consult", {{"destination", "1002"}}));
  bob_->await_offer();
  expect_tone(heard_now(*ours_), ringing_hz);
  expect_music(customer_);
  expect_success(bob_->request("conversation.answer", bob_->conversation));
  expect_tone(heard_now(*ours_), agent_hz);
  expect_tone(heard_now(*theirs_), agent_hz);
  expect_music(customer_);

  expect_success(of_interaction("alternate"));
  expect_tone(heard_now(*ours_), customer_hz);
  expect_tone(customer_.listen(400ms), agent_hz);
  expect_no_tone(heard_now(*theirs_), agent_hz);

  expect_success(of_interaction("consulttransfer"));
  expect_tone(heard_now(*theirs_), customer_hz);
  expect_tone(customer_.listen(400ms), agent_hz);
  EXPECT_TRUE(eventually([&] { return server->metric("cord_sip_legs") == 2; }, 5s))
      << "the first agent's phone hears nothing: it was hung up";
  const object added = bob_->await("conversation.member.added");
  EXPECT_EQ(text(added.at("data").as_object(), "member", "role"), "customer");
  expect_success(bob_->request("conversation.release", bob_->conversation));
  EXPECT_EQ(customer_call_->wait(10s), 0) << customer_call_->output();
  EXPECT_TRUE(alice_->is_contiguous());
  EXPECT_TRUE(bob_->is_contiguous());
}

TEST_F(Transfers, ReconnectBringsTheCustomerBack) {
  bob_comes();
  consult_bob();
  expect_success(of_interaction("reconnect"));
  bob_->await_state(bob_->conversation, "DISCONNECTED");
  expect_tone(heard_now(*ours_), customer_hz);
  expect_tone(customer_.listen(400ms), agent_hz);
  expect_success(alice_->request("conversation.release", alice_->conversation));
  EXPECT_EQ(customer_call_->wait(10s), 0) << customer_call_->output();
  EXPECT_TRUE(eventually([&] { return server->metric("cord_sip_legs") == 0; }, 5s));
}

TEST_F(Transfers, OfTheCustomerToAnExpertOutside) {
  Sipp expert(directory("expert"), phone("phone.xml", carrier_port_, expert_, 700));
  expect_success(of_interaction("consult", {{"destination", "9555"}}));
  expect_tone(heard_now(*ours_), ringing_hz);
  await_answer();
  expert_.send_to(expert.remote_media_port(5s));
  expect_tone(heard_now(*ours_), expert_hz);
  expect_tone(expert_.listen(400ms), agent_hz);
  expect_music(customer_);
  expect_success(of_interaction("consulttransfer"));
  (void)customer_.listen(200ms);
  expect_tone(customer_.listen(400ms), expert_hz);
  expect_tone(expert_.listen(400ms), customer_hz);
  expect_success(of_interaction("complete"));
  EXPECT_EQ(customer_.discontinuities(), 0U) << "one RTP stream through all of it";
}

TEST_F(Transfers, BlindlyToAColleague) {
  bob_comes();
  expect_success(alice_->request("conversation.blindtransfer", alice_->conversation,
                                 {{"destination", "1002"}}));
  expect_success(of_interaction("complete"));
  bob_->await_offer();
  expect_music(customer_);
  expect_success(bob_->request("conversation.answer", bob_->conversation));
  expect_tone(heard_now(*theirs_), customer_hz);
  expect_tone(customer_.listen(400ms), agent_hz);
}

TEST_F(Transfers, BlindlyOutsideComesBackFromABusyNumber) {
  Sipp expert(directory("expert"), phone("phone_busy.xml", carrier_port_, expert_));
  expect_success(alice_->request("conversation.blindtransfer", alice_->conversation,
                                 {{"destination", "9555"}}));
  alice_->await_offer();
  expect_music(customer_);
  expect_success(alice_->request("conversation.answer", alice_->conversation));
  expect_tone(heard_now(*ours_), customer_hz);
  expect_tone(customer_.listen(400ms), agent_hz);
}

TEST_F(Transfers, BlindlyOutsideJoinsTheTwo) {
  // It rings for longer than the music is listened to.
  Sipp expert(directory("expert"), phone("phone.xml", carrier_port_, expert_, 2'000));
  expect_success(alice_->request("conversation.blindtransfer", alice_->conversation,
                                 {{"destination", "9555"}}));
  expect_music(customer_);
  expert_.send_to(expert.remote_media_port(5s));
  EXPECT_TRUE(
      eventually([&] { return share_of_tone(customer_.listen(200ms), expert_hz) > 0.9; }, 10s));
  expect_tone(expert_.listen(400ms), customer_hz);
  EXPECT_TRUE(eventually([&] { return server->metric("cord_sip_legs") == 2; }, 5s));
}

}  // namespace
}  // namespace cord::scenario
