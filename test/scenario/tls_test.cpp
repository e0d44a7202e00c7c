// SIP over TLS, with SDES keys inside: baresip as a phone, Python as the server of a trunk.
#include <atomic>
#include <csignal>

#include <fmt/format.h>

#include "net/io_threads.hpp"
#include "net/stream_sockets.hpp"
#include "scenario/support/certificates.hpp"
#include "scenario/support/fixture.hpp"
#include "scenario/support/name_server.hpp"

namespace cord::scenario {
namespace {

// Arguments: port, certificate, key. (openssl s_server ends when there is nothing to read on its
// standard input.)
constexpr const char* tls_server = R"(
import socket, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2], sys.argv[3])
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("listens", flush=True)
while True:
    try:
        connection = context.wrap_socket(listener.accept()[0], server_side=True)
        while text := connection.recv(65536):
            print(text.decode(), flush=True)
    except OSError as error:
        print(error, flush=True)
)";

class SipTls : public Scenario {
 protected:
  /// A server that writes down what it is sent over TLS, with the certificate "carrier".
  struct Carrier {
    explicit Carrier(const SipTls& test)
        : process({"python3", "-c", tls_server, std::to_string(port),
                   test.certificates.path("carrier.pem"), test.certificates.path("carrier.key")},
                  test.directory("carrier"), test.directory("carrier") / "server.log") {
      EXPECT_TRUE(eventually([&] { return hears("listens"); }, 20s)) << process.output();
    }
    [[nodiscard]] bool hears(std::string_view words) const {
      return process.output().find(words) != std::string::npos;
    }
    const std::uint16_t port = free_port();
    const ChildProcess process;
  };

  void start(std::vector<AgentSetting> agents, const std::string& trunk_peer = "127.0.0.1",
             const std::string& sip = {}) {
    start_server({.agents = std::move(agents),
                  .sip = certificates.settings() + sip,
                  .tls = true,
                  .more = "[registrar]\ndigest = [\"md5\"]\n"
                          "[[route]]\nnumbers = [\"9*\"]\ntrunk = \"carrier\"\n",
                  .trunk_peer = trunk_peer});
  }

  /// Alice dials the carrier.
  void dial() {
    desktop_ = std::make_unique<Desktop>(server->http());
    desktop_->log_in("alice");
    expect_success(desktop_->request("channel.activate", desktop_->channel));
    expect_success(desktop_->request("channel.dial", desktop_->channel, {{"destination", "9555"}}));
  }

  /// A call to a carrier with that certificate is not sent to it, and the log says why.
  void expect_refused(const test::Certificate& shown, const std::string& kind,
                      const std::string& why) {
    certificates.write("carrier", shown);
    const Carrier carrier(*this);
    const Baresip telephone(directory("phone"), "1001");
    start({{"alice", "1001", telephone.port()}},
          fmt::format("127.0.0.1:{};transport=tls", carrier.port));
    dial();
    EXPECT_TRUE(eventually([&] { return handshakes(kind) == 1; }, 15s));
    EXPECT_TRUE(eventually([&] { return log().find(why) != std::string::npos; }, 5s));
    EXPECT_TRUE(eventually([&] { return server->metric("cord_sip_legs") == 0; }, 15s));
    EXPECT_FALSE(carrier.hears("INVITE")) << carrier.process.output();
  }

  [[nodiscard]] double handshakes(const std::string& kind) const {
    return server->metric("cord_net_tls_handshakes_total", kind);
  }
  [[nodiscard]] std::string log() const { return server->process().output(); }

  /// Whether our TLS listener shows a certificate for that name.
  [[nodiscard]] bool is_reached_as(const std::string& name) const {
    net::IoThreads io(1);
    Metrics metrics;
    net::StreamOptions options;
    options.tls = net::StreamTls{.certificate_file = certificates.path("us.pem"),
                                 .key_file = certificates.path("us.key"),
                                 .ca_file = certificates.path("ca.pem")};
    net::StreamSockets client(io, options, metrics);
    std::atomic<bool> has_opened{false}, has_closed{false};
    client.start({.opened = [&](net::ConnectionId, net::Address, bool) { has_opened = true; },
                  .bytes = {},
                  .closed = [&](net::ConnectionId, net::StreamEnd,
                                const std::string&) { has_closed = true; }});
    if (!client.load_certificates()) return false;
    (void)client.connect(net::loopback(server->sip_tls()), {.names = {name}});
    const bool is_decided = eventually([&] { return has_opened || has_closed; }, 10s);
    client.stop();
    return is_decided && has_opened;
  }

  const Certificates certificates{directory("certificates")};
  std::unique_ptr<Desktop> desktop_;
};

TEST_F(SipTls, APhoneRegistersAndTalksWithKeysThatNobodyReads) {
  start({{.id = "alice",
          .extension = "1001",
          .more = "sip-password = \"phone-secret\"\nsrtp = \"required\"\n",
          .phone = "registered"}});
  const Baresip telephone(
      directory("phone"), "1001",
      fmt::format("{};mediaenc=srtp-mand;outbound=\"sip:127.0.0.1:{};transport=tls\"",
                  phones_account, server->sip_tls()),
      server->sip_tls());
  ASSERT_TRUE(eventually([&] { return server->metric("cord_sip_phones") == 1; }, 20s))
      << telephone.output();
  expect_call_with(telephone);
  EXPECT_NE(log().find("leg.protected"), std::string::npos);
  EXPECT_EQ(handshakes("done"), 1) << "all goes over the connection of the REGISTER";
}

TEST_F(SipTls, ATrunkIsCalledIfItsCertificateIsForIt) {
  certificates.issue("carrier", "IP:127.0.0.1");
  const Carrier carrier(*this);
  const Baresip telephone(directory("phone"), "1001");
  start({{"alice", "1001", telephone.port()}},
        fmt::format("127.0.0.1:{};transport=tls", carrier.port));
  dial();
  EXPECT_TRUE(eventually([&] { return carrier.hears("Via: SIP/2.0/TLS 127.0.0.1"); }, 15s))
      << carrier.process.output();
  EXPECT_TRUE(carrier.hears("INVITE sip:9555@127.0.0.1"));
  EXPECT_TRUE(
      carrier.hears(fmt::format("Contact: <sip:127.0.0.1:{};transport=tls>", server->sip_tls())));
}

// The domain prefers TLS, its server is at a name of its own, and the certificate is for the domain
// that was written.
TEST_F(SipTls, ATrunkIsFoundByNameAndKnownByItsDomain) {
  certificates.issue("carrier", "URI:sip:carrier.test,DNS:edge.test");
  const Carrier carrier(*this);
  const NameServer names(
      "carrier.test",
      {"--naptr-record=carrier.test,10,10,s,SIPS+D2T,,_sips._tcp.carrier.test",
       fmt::format("--srv-host=_sips._tcp.carrier.test,edge.carrier.test,{},10,0", carrier.port),
       "--host-record=edge.carrier.test,127.0.0.1"});
  const Baresip telephone(directory("phone"), "1001");
  start({{"alice", "1001", telephone.port()}}, "carrier.test",
        fmt::format("name-servers = [\"127.0.0.1:{}\"]\n", names.port));
  ASSERT_TRUE(eventually([&] { return server->metric("cord_sip_names_unknown") == 0; }, 20s));
  dial();
  EXPECT_TRUE(eventually([&] { return carrier.hears("INVITE sip:9555@carrier.test"); }, 15s))
      << carrier.process.output();
}

TEST_F(SipTls, ATrunkWithAnothersCertificateIsSentNothing) {
  expect_refused(certificates.authority.issue("x", "DNS:another.test,IP:127.0.0.2"), "wrong_name",
                 "its certificate is for another one");
}

TEST_F(SipTls, ATrunkWithACertificateThatHasExpiredIsSentNothing) {
  expect_refused(certificates.authority.issue("x", "IP:127.0.0.1", -30), "untrusted",
                 "certificate has expired");
}

TEST_F(SipTls, ATrunkThatVouchesForItselfIsSentNothing) {
  expect_refused(test::Authority::self_signed("x", "IP:127.0.0.1"), "untrusted",
                 "self-signed certificate");
}

TEST_F(SipTls, ANewCertificateIsShownAfterSighupAndABadOneIsNot) {
  start({{"alice", "1001", 5071}});
  EXPECT_TRUE(is_reached_as("127.0.0.1"));
  EXPECT_FALSE(is_reached_as("new.test"));
  certificates.issue("us", "DNS:new.test");
  server->process().signal(SIGHUP);
  EXPECT_TRUE(eventually([&] { return is_reached_as("new.test"); }, 15s));
  // The key does not fit.
  certificates.authority.issue("x", "DNS:newer.test").write(certificates.path("us.pem"));
  server->process().signal(SIGHUP);
  EXPECT_TRUE(
      eventually([&] { return server->metric("cord_front_reloads_total", "failed") == 1; }, 15s));
  EXPECT_NE(log().find("server.reload_failed"), std::string::npos);
  certificates.issue("us", "DNS:client.test");  // For the test's own side.
  EXPECT_TRUE(is_reached_as("new.test"));
}

}  // namespace
}  // namespace cord::scenario
