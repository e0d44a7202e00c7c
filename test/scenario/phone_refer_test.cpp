// A phone that names its own dialog in Replaces while its agent consults: SIPp, which checks each
// NOTIFY (message/sipfrag, RFC 3515), while the audio of all ends is judged.
#include <regex>

#include <fmt/format.h>

#include "net/datagram_socket.hpp"
#include "scenario/support/fixture.hpp"

namespace cord::scenario {
namespace {

constexpr double colleague_hz = 600;

class PhoneRefers : public Scenario {
 protected:
  /// Alice talks to a customer; bob can be called.
  void SetUp() override {
    const std::uint16_t port = free_port();
    auto options = phone("phone_refers_replacing.xml", port, handset_);
    options.more.insert(options.more.end(), {"-key", "refer_to", "1002"});
    ours_ = std::make_unique<Sipp>(directory("ours"), options);
    theirs_ = std::make_unique<Baresip>(directory("theirs"), "1002", "answermode=auto",
                                        std::uint16_t{0}, colleague_hz);
    start_server({.agents = {{"alice", "1001", port}, {"bob", "1002", theirs_->port()}}});
    handset_port_ = port;
    alice_ = std::make_unique<Desktop>(server->http());
    alice_->be_ready("alice");
    bob_ = std::make_unique<Desktop>(server->http());
    bob_->log_in("bob");
    expect_success(bob_->request("channel.activate", bob_->channel));
    customer_call_ = std::make_unique<Sipp>(directory("customer"), customer(customer_));
    alice_->await_offer();
    answer(*alice_);
    customer_.send_to(customer_call_->remote_media_port(10s));
    handset_.send_to(ours_->remote_media_port(10s));
    expect_tone(handset_.listen(400ms), customer_hz);
    expect_tone(customer_.listen(400ms), agent_hz);
  }

  static void answer(Desktop& desktop) {
    expect_success(desktop.request("conversation.answer", desktop.conversation));
  }

  void press_transfer() {
    const std::string all = ours_->messages();
    std::smatch call_id;
    ASSERT_TRUE(std::regex_search(all, call_id, std::regex("Call-ID: (\\S+)")));
    finger_->send(
        net::loopback(handset_port_),
        fmt::format("INFO sip:phone@127.0.0.1 SIP/2.0\r\n"
                    "Via: SIP/2.0/UDP {};branch=z9hG4bKfinger\r\n"
                    "From: <sip:finger@127.0.0.1>;tag=1\r\nTo: <sip:phone@127.0.0.1>\r\n"
                    "Call-ID: {}\r\nCSeq: 1 INFO\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
                    finger_->local(), call_id[1].str()));
  }

  /// The two who are left hear each other, and the phone has read all that it was to read.
  void expect_transferred() {
    (void)customer_.listen(300ms);
    expect_tone(customer_.listen(400ms), colleague_hz);
    (void)theirs_->listen(300ms);
    expect_tone(theirs_->listen(400ms), customer_hz);
    EXPECT_EQ(ours_->wait(20s), 0) << ours_->output() << ours_->messages();
    EXPECT_TRUE(eventually([&] { return server->metric("cord_sip_legs") == 2; }, 5s));
  }

  ToneParty customer_{customer_hz}, handset_{agent_hz};
  std::uint16_t handset_port_ = 0;
  net::IoThreads io_{1};
  Metrics metrics_;
  const std::unique_ptr<net::DatagramSocket> finger_ =
      net::DatagramSocket::bind(io_, net::loopback(), metrics_).value();
  std::unique_ptr<Sipp> ours_, customer_call_;
  std::unique_ptr<Baresip> theirs_;
  std::unique_ptr<Desktop> alice_, bob_;
};

TEST_F(PhoneRefers, WithItsOwnDialogToWhomTheAgentConsults) {
  expect_success(
      alice_->request("interaction.consult", alice_->interaction, {{"destination", "1002"}}));
  bob_->await_offer();
  answer(*bob_);
  (void)handset_.listen(300ms);
  expect_tone(handset_.listen(400ms), colleague_hz);
  press_transfer();
  bob_->await("conversation.member.added");
  expect_transferred();
}

}  // namespace
}  // namespace cord::scenario
