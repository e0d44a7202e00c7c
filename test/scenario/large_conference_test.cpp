// The largest conference there may be, with a real phone for each who is in it.
#include <fstream>

#include <fmt/format.h>

#include "scenario/support/fixture.hpp"

namespace cord::scenario {
namespace {

constexpr std::size_t others_count = 30;  // With the agent and the customer: as many as may.
constexpr double first_hz = 700, last_hz = 1'400, silence_hz = 0;

// Of the others two speak.
double tone_of(std::size_t other) {
  if (other == 0) return first_hz;
  return other + 1 == others_count ? last_hz : silence_hz;
}

class LargeConference : public Scenario {
 protected:
  LargeConference() {
    std::ofstream ports(directory("carrier") / "ports.csv");
    ports << "SEQUENTIAL\n";
    for (std::size_t i = 0; i < others_count; ++i) {
      others_.push_back(std::make_unique<ToneParty>(tone_of(i)));
      ports << others_.back()->port() << ";\n";
    }
  }

  void begin() {
    // Chosen when all audio has its ports: none of those is one of these.
    const std::uint16_t carriers_port = free_port(), alices_port = free_port();
    auto phones = phone("phones.xml", carriers_port, customer_, 50);
    phones.count = others_count;
    phones.more.insert(phones.more.end(), {"-inf", directory("carrier") / "ports.csv"});
    carrier_ = std::make_unique<Sipp>(directory("carrier"), phones);
    alices_call_ =
        std::make_unique<Sipp>(directory("phone"), phone("phone.xml", alices_port, alices_phone_));
    start_server({.agents = {{"alice", "1001", alices_port}},
                  .more = fmt::format("[[trunk]]\nname = \"outside\"\npeers = [\"127.0.0.1:{}\"]\n"
                                      "[[route]]\nnumbers = [\"9*\"]\ntrunk = \"outside\"\n",
                                      carriers_port)});
    alice_ = std::make_unique<Desktop>(server->http());
    alice_->be_ready("alice");
    customers_call_ = std::make_unique<Sipp>(directory("customer"), customer(customer_));
    alice_->await_offer();
    expect_success(alice_->request("conversation.answer", alice_->conversation));
    talk(customer_, *customers_call_);
    talk(alices_phone_, *alices_call_);
  }

  static void talk(ToneParty& party, const Sipp& sipp) {
    const auto port = sipp.remote_media_port(5s);
    ASSERT_NE(port, 0);
    party.send_to(port);
  }

  object invite(std::size_t number) {
    return alice_->request("conversation.blindconference", alice_->conversation,
                           {{"destination", fmt::format("9{:03}", number)}});
  }

  static bool tells_of_conference(const object& event) {
    return text(event, "data", "state") == "CONNECTED" &&
           text(event, "data", "cause") == "conference";
  }

  void join(ToneParty& party, std::size_t number) {
    expect_success(invite(number));
    // One when it is called, one when it is in.
    for (int told = 0; told < 2; ++told) alice_->await("state.updated", tells_of_conference);
    talk(party, *carrier_);
  }

  /// All four tones but its own.
  static void expect_others(const std::vector<std::int16_t>& heard, double own_hz) {
    ASSERT_FALSE(heard.empty());
    for (const double hz : {customer_hz, agent_hz, first_hz, last_hz}) {
      const double loud = loudness_of_tone(heard, hz);
      if (hz == own_hz) {
        EXPECT_LT(loud, 0.1) << hz << " Hz, its own";
      } else {
        EXPECT_GT(loud, 0.7) << hz << " Hz";
        EXPECT_LT(loud, 1.3) << hz << " Hz";
      }
    }
  }

  ToneParty customer_{customer_hz}, alices_phone_{agent_hz};
  std::vector<std::unique_ptr<ToneParty>> others_;
  std::unique_ptr<Sipp> carrier_, alices_call_, customers_call_;
  std::unique_ptr<Desktop> alice_;
};

TEST_F(LargeConference, EachOf32HearsAllOthersAndNotItself) {
  begin();
  for (std::size_t i = 0; i < others_count; ++i) {
    SCOPED_TRACE(i);
    join(*others_[i], i);
    if (HasFatalFailure()) return;
  }
  EXPECT_EQ(server->metric("cord_sip_legs"), others_count + 2);
  expect_failure(invite(others_count), "invalid.state");

  (void)customer_.listen(300ms);
  const auto from = WallClock::now();
  (void)customer_.listen(600ms);
  const auto to = WallClock::now();
  expect_others(customer_.heard(from, to), customer_hz);
  expect_others(alices_phone_.heard(from, to), agent_hz);
  for (std::size_t i = 0; i < others_count; ++i) {
    SCOPED_TRACE(i);
    expect_others(others_[i]->heard(from, to), tone_of(i));
  }

  expect_success(alice_->request("conversation.release", alice_->conversation));
  EXPECT_EQ(alices_call_->wait(10s), 0) << alices_call_->output();
  (void)customer_.listen(300ms);
  expect_no_tone(customer_.listen(500ms), agent_hz);
  EXPECT_EQ(server->metric("cord_sip_legs"), others_count + 1) << "the others stay";
}

}  // namespace
}  // namespace cord::scenario
