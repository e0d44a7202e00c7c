// Bad input while a call is up: none of it may be heard, and each kind is counted.
#include <array>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/prng.hpp"
#include "scenario/support/offered_call.hpp"

namespace cord::scenario {
namespace {

/// A UDP socket that throws things at a port of the server.
class Thrower {
 public:
  Thrower() : socket_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}
  ~Thrower() { close(socket_); }
  Thrower(const Thrower&) = delete;
  Thrower& operator=(const Thrower&) = delete;

  void send(std::uint16_t port, std::string_view bytes) const {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(port);
    sendto(socket_, bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&to), sizeof to);
  }

  [[nodiscard]] std::string receive(Duration patience) const {
    std::array<char, 4'096> buffer;
    ssize_t got = -1;
    eventually(
        [&] {
          got = recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
          return got > 0;
        },
        patience);
    return got > 0 ? std::string(buffer.data(), static_cast<std::size_t>(got)) : std::string();
  }

 private:
  int socket_;
};

class Hostile : public OfferedCall {
 protected:
  void SetUp() override {
    OfferedCall::SetUp();
    answer();
  }

  void TearDown() override {
    if (media_port_ == 0) return Scenario::TearDown();  // It did not come to a call.
    expect_both_hear_each_other();
    expect_success(desktop_->request("conversation.release", desktop_->conversation));
    EXPECT_EQ(call_->wait(10s), 0) << call_->output();
    Scenario::TearDown();
  }
};

TEST_F(Hostile, TenThousandRandomDatagramsAtTheSipPort) {
  const double before = server->metric("cord_sip_messages_malformed_total", "incomplete");
  Thrower thrower;
  Prng random(20261122);
  for (int i = 0; i < 10'000; ++i) {
    std::string bytes(1 + random.below(600), '\0');
    for (char& it : bytes) it = static_cast<char>(random.next());
    thrower.send(server->sip_udp(), bytes);
  }
  EXPECT_TRUE(eventually(
      [&] { return server->metric("cord_sip_messages_malformed_total", "incomplete") > before; },
      5s));
}

TEST_F(Hostile, ARequestWithAWrongContentLengthGetsFourHundred) {
  Thrower thrower;
  thrower.send(server->sip_udp(),
               "OPTIONS sip:x@127.0.0.1 SIP/2.0\r\n"
               "Via: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK-wrong\r\n"
               "From: <sip:a@127.0.0.1>;tag=1\r\nTo: <sip:x@127.0.0.1>\r\nCall-ID: wrong\r\n"
               "CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 9999\r\n\r\nshort");
  EXPECT_EQ(thrower.receive(5s).rfind("SIP/2.0 400", 0), 0u);
}

TEST_F(Hostile, RtpFromAStrangerIsNotHeard) {
  const double before = server->metric("cord_media_rtp_dropped_packets_total", "stranger");
  ToneParty stranger(2'000);
  stranger.send_to(media_port_);
  const auto heard = phone_->listen(600ms);
  expect_no_tone(heard, 2'000);
  expect_tone(heard, customer_hz);
  EXPECT_GT(server->metric("cord_media_rtp_dropped_packets_total", "stranger"), before);
}

TEST_F(Hostile, AByeOfNoDialogOfOursEndsNothing) {
  Thrower thrower;
  thrower.send(server->sip_udp(),
               "BYE sip:x@127.0.0.1 SIP/2.0\r\n"
               "Via: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK-bye\r\n"
               "From: <sip:a@127.0.0.1>;tag=1\r\nTo: <sip:x@127.0.0.1>;tag=2\r\nCall-ID: none\r\n"
               "CSeq: 2 BYE\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(thrower.receive(5s).rfind("SIP/2.0 481", 0), 0u);
}

// Proves: target.not.found
TEST_F(Hostile, AnotherSessionsTargetsDoNotExist) {
  Desktop other(server->http());
  expect_failure(other.request("conversation.release", desktop_->conversation),
                 "session.not.started");
  expect_failure(other.request("prepareSession", {},
                               {{"agent", object{{"id", "alice"}, {"password", "wrong"}}}}),
                 "authentication.failed");
}

}  // namespace
}  // namespace cord::scenario
