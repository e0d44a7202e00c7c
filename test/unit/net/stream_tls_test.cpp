// TLS streams: who is let through, and who is not.
#include "net/detail/stream_tls.hpp"

#include <memory>

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "raw_socket.hpp"
#include "stream_side.hpp"
#include "support/certificate_maker.hpp"
#include "support/temporary_directory.hpp"

namespace cord::net {
namespace {

using namespace test;
using cord::test::Authority;
using cord::test::Certificate;

struct StreamTlsTest : testing::Test {
  /// Whose certificate is for carrier.test and 127.0.0.1, unless a test wants otherwise.
  StreamOptions options(const Certificate& shown) const {
    const std::string name = directory.path() + "/" + std::to_string(++files);
    shown.write(name + ".pem", name + ".key");
    authority.write(directory.path() + "/ca.pem");
    StreamOptions made;
    made.tls = StreamTls{.certificate_file = name + ".pem",
                         .key_file = name + ".key",
                         .ca_file = directory.path() + "/ca.pem"};
    return made;
  }
  StreamOptions ours() const { return options(authority.issue("us", "DNS:us.test")); }

  static void load(Side& side) {
    const auto loaded = side.sockets.load_certificates();
    ASSERT_TRUE(loaded) << loaded.error().detail;
  }

  /// How a connection for `wanted` to a server with `shown` ends; peer_closed: it was opened, said
  /// something and was closed by the server.
  StreamEnd outcome(const Certificate& shown, const TlsPeer& wanted) {
    Side server(io, options(shown));
    Side client(io, ours());
    load(server);
    load(client);
    const Address at = *server.sockets.listen(loopback());
    const ConnectionId out = client.sockets.connect(at, wanted);
    client.sockets.send(out, "hello");
    EXPECT_TRUE(eventually([&] { return client.opened.total() + client.closed.total() > 0; }));
    if (client.opened.total() > 0) {
      EXPECT_TRUE(server.wait_for_bytes(5));
      server.sockets.close(server.opened.take()->id);
    }
    const auto closed = client.closed.take();
    EXPECT_TRUE(closed.has_value());
    detail = closed ? closed->detail : "";
    for (const auto* kind : {"done", "failed", "untrusted", "wrong_name"}) {
      if (metric(client.metrics, "cord_net_tls_handshakes_total", kind) == 1) counted = kind;
    }
    if (closed && closed->end != StreamEnd::peer_closed) {
      EXPECT_EQ(server.received, "");
    }
    return closed ? closed->end : StreamEnd::stopped;
  }

  const cord::test::TemporaryDirectory directory;
  const Authority authority{"Authority of the test"};
  mutable int files = 0;
  IoThreads io{2};
  std::string detail, counted;
};

TEST_F(StreamTlsTest, CarryBytesBothWaysAndCloseInOrder) {
  Side server(io, ours());
  Side client(io, ours());
  load(server);
  load(client);
  const ConnectionId out =
      client.sockets.connect(*server.sockets.listen(loopback()), {{"us.test"}});
  const std::string big(900'000, 'x');
  EXPECT_TRUE(client.sockets.send(out, big));
  ASSERT_TRUE(server.wait_for_bytes(big.size()));
  EXPECT_EQ(server.received, big);
  const auto in = server.opened.take();
  ASSERT_TRUE(in.has_value());
  EXPECT_TRUE(in->is_inbound);
  EXPECT_TRUE(server.sockets.send(in->id, "answer"));
  ASSERT_TRUE(client.wait_for_bytes(6));
  client.sockets.close(out);
  EXPECT_EQ(client.closed.take()->end, StreamEnd::asked);
  EXPECT_EQ(server.closed.take()->end, StreamEnd::peer_closed);
}

TEST_F(StreamTlsTest, LeadToWhoTheCertificateIsFor) {
  const auto both = authority.issue("x", "DNS:carrier.test,IP:127.0.0.1");
  EXPECT_EQ(outcome(both, {{"carrier.test"}}), StreamEnd::peer_closed) << detail;
  EXPECT_EQ(outcome(both, {{"other.test", "Carrier.Test"}}), StreamEnd::peer_closed) << detail;
  EXPECT_EQ(outcome(both, {}), StreamEnd::peer_closed) << detail;
  EXPECT_EQ(outcome(authority.issue("carrier.test", ""), {{"carrier.test"}}),
            StreamEnd::peer_closed);
}

TEST_F(StreamTlsTest, LeadNowhereElse) {
  const auto of_another = authority.issue("carrier.test", "DNS:other.test,IP:127.0.0.2");
  EXPECT_EQ(outcome(of_another, {{"carrier.test"}}), StreamEnd::connect_failed);
  EXPECT_NE(detail.find("for another one"), std::string::npos) << detail;
  EXPECT_EQ(counted, "wrong_name");
  EXPECT_EQ(outcome(of_another, {}), StreamEnd::connect_failed);
  // RFC 5922 §7.2.
  const auto wildcard = authority.issue("x", "DNS:*.carrier.test");
  EXPECT_EQ(outcome(wildcard, {{"sip.carrier.test"}}), StreamEnd::connect_failed);
}

// The name is right, each time.
TEST_F(StreamTlsTest, LeadToNobodyWhoseCertificateIsNotVouchedFor) {
  const Authority stranger("Authority of a stranger");
  const auto expect_refused = [&](const Certificate& shown, std::string_view why) {
    EXPECT_EQ(outcome(shown, {{"carrier.test"}}), StreamEnd::connect_failed);
    EXPECT_NE(detail.find(why), std::string::npos) << detail;
    EXPECT_EQ(counted, "untrusted");
  };
  expect_refused(stranger.issue("x", "DNS:carrier.test"), "unable to get local issuer certificate");
  expect_refused(Authority::self_signed("x", "DNS:carrier.test"), "self-signed certificate");
  expect_refused(authority.issue("x", "DNS:carrier.test", -30), "certificate has expired");
}

TEST_F(StreamTlsTest, LeadNowhereWithoutTls) {
  Side client(io, ours());
  load(client);
  Side plain(io);
  const ConnectionId out = client.sockets.connect(*plain.sockets.listen(loopback()), {{"us.test"}});
  client.sockets.send(out, "hello");
  const auto in = plain.opened.take();
  ASSERT_TRUE(in.has_value());
  EXPECT_TRUE(plain.sockets.send(in->id, "SIP/2.0 200 OK\r\n"));
  EXPECT_EQ(client.closed.take()->end, StreamEnd::connect_failed);
  EXPECT_EQ(plain.received.find("hello"), std::string::npos);
}

TEST_F(StreamTlsTest, LeadAnywhereIfThatIsWanted) {
  const Authority stranger("Authority of a stranger");
  EXPECT_EQ(outcome(stranger.issue("x", "DNS:x"), {{"carrier.test"}, false}),
            StreamEnd::peer_closed);
}

TEST_F(StreamTlsTest, AreForTheDomainOfAUriBeforeAnyName) {
  const auto identities = [&](const std::string& name, const std::string& alternatives) {
    return detail::identities_of(authority.issue(name, alternatives).it.get());
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(identities("cn.test", "URI:sip:a.test,DNS:b.test"), Names{"a.test"});
  EXPECT_EQ(identities("cn.test", "URI:sip:user@a.test,DNS:b.test"), Names{"b.test"});
  EXPECT_EQ(identities("cn.test", "URI:https://a.test,DNS:b.test,IP:10.0.0.1"),
            (Names{"b.test", "10.0.0.1"}));
  EXPECT_EQ(identities("cn.test", ""), Names{"cn.test"});
}

TEST_F(StreamTlsTest, AskForACertificateIfThereIsAnAuthorityForIt) {
  StreamOptions asks = ours();
  asks.tls->client_ca_file = directory.path() + "/ca.pem";
  Side server(io, asks);
  Side client(io, ours());
  const Authority stranger("Authority of a stranger");
  Side intruder(io, options(stranger.issue("us", "DNS:us.test")));
  for (Side* it : {&server, &client, &intruder}) load(*it);
  const Address at = *server.sockets.listen(loopback());
  (void)intruder.sockets.connect(at, {{"us.test"}});
  EXPECT_TRUE(intruder.closed.take().has_value());
  EXPECT_EQ(server.opened.total(), 0U);
  (void)client.sockets.connect(at, {{"us.test"}});
  EXPECT_TRUE(server.opened.take().has_value());
}

TEST_F(StreamTlsTest, EndHandshakesThatTakeTooLong) {
  StreamOptions hasty = ours();
  hasty.handshake_timeout = 50ms;
  Side server(io, hasty);
  load(server);
  RawSocket silent(*server.sockets.listen(loopback()));
  EXPECT_EQ(silent.receive_all(), "");
  EXPECT_EQ(server.opened.total(), 0U);
  EXPECT_EQ(server.closed.total(), 0U) << "nobody knew of it";
}

TEST_F(StreamTlsTest, BeginABoundedNumberOfHandshakesAtOnce) {
  StreamOptions one = ours();
  one.handshakes_max = 1;
  Side server(io, one);
  Side client(io, ours());
  load(server);
  load(client);
  const Address at = *server.sockets.listen(loopback());
  {
    const RawSocket silent(at);
    ASSERT_TRUE(eventually(
        [&] { return metric(server.metrics, "cord_bound_used", "tcp.handshakes_max") == 1; }));
    RawSocket second(at);
    EXPECT_EQ(second.receive_all(), "");
    EXPECT_TRUE(eventually(
        [&] { return metric(server.metrics, "cord_net_tcp_ended_total", "limit") == 1; }));
  }
  // The first has given up.
  ASSERT_TRUE(eventually([&] { return server.sockets.connections() == 0; }));
  (void)client.sockets.connect(at, {{"us.test"}});
  EXPECT_TRUE(server.opened.take().has_value());
}

TEST_F(StreamTlsTest, TakeNothingBelowTls12) {
  Side server(io, ours());
  load(server);
  const Address at = *server.sockets.listen(loopback());
  const auto version = [&](int most) {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(
        SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    SSL_CTX_set_security_level(context.get(), 0);
    SSL_CTX_set_max_proto_version(context.get(), most);
    RawSocket socket(at);
    const std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context.get()), SSL_free);
    SSL_set_fd(tls.get(), socket.descriptor());
    return SSL_connect(tls.get()) == 1 ? SSL_version(tls.get()) : 0;
  };
  EXPECT_EQ(version(TLS1_1_VERSION), 0);
  EXPECT_EQ(version(TLS1_2_VERSION), TLS1_2_VERSION);
  EXPECT_EQ(version(TLS1_3_VERSION), TLS1_3_VERSION);
}

TEST_F(StreamTlsTest, TakeANewCertificateAndKeepTheOldOneIfTheNewIsBad) {
  const StreamOptions first = options(authority.issue("x", "DNS:old.test"));
  Side server(io, first);
  Side client(io, ours());
  load(server);
  load(client);
  const Address at = *server.sockets.listen(loopback());
  authority.issue("x", "DNS:new.test").write(first.tls->certificate_file);
  EXPECT_FALSE(server.sockets.load_certificates()) << "the key is another one";
  (void)client.sockets.connect(at, {{"old.test"}});
  EXPECT_TRUE(client.opened.take().has_value());
  authority.issue("x", "DNS:new.test").write(first.tls->certificate_file, first.tls->key_file);
  load(server);
  (void)client.sockets.connect(at, {{"new.test"}});
  EXPECT_TRUE(client.opened.take().has_value());
}

}  // namespace
}  // namespace cord::net
