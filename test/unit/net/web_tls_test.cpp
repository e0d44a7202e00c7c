// The web server on TLS, with a certificate made here.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "net/web_clients.hpp"
#include "web_fixture.hpp"

namespace cord::net {
namespace {

using namespace test;

/// Writes a self-signed certificate for 127.0.0.1 and desk.example, and its key.
void make_certificate(const std::string& certificate_file, const std::string& key_file) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("desk.example"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_EXTENSION* names =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:desk.example,IP:127.0.0.1");
  X509_add_ext(certificate, names, -1);
  X509_EXTENSION_free(names);
  X509_sign(certificate, key, EVP_sha256());
  FILE* out = std::fopen(certificate_file.c_str(), "w");
  PEM_write_X509(out, certificate);
  std::fclose(out);
  out = std::fopen(key_file.c_str(), "w");
  PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(out);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

struct WebTls : WebTest {
  WebTls() {
    std::string pattern = std::filesystem::temp_directory_path() / "cord_tls_XXXXXX";
    folder = ::mkdtemp(pattern.data());
    options.tls_certificate_file = folder / "certificate.pem";
    options.tls_key_file = folder / "key.pem";
    make_certificate(options.tls_certificate_file, options.tls_key_file);
    handle = [](const HttpRequest&) { return HttpResponse{.body = "over tls"}; };
  }
  ~WebTls() override { std::filesystem::remove_all(folder); }

  std::filesystem::path folder;
};

TEST_F(WebTls, ServesHttp) {
  start();
  const auto response = http_get(server->local(), "/", {.tls = true, .insecure = true});
  ASSERT_TRUE(response.has_value()) << response.error().detail;
  EXPECT_EQ(response->body, "over tls");
}

TEST_F(WebTls, ServesWebSockets) {
  start();
  WebClient client = connect({.tls = true, .insecure = true});
  const std::string largest(64 * 1024, 'x');
  for (const std::string& text : {std::string("hello"), largest}) {
    EXPECT_TRUE(client.send(text));
    EXPECT_EQ(client.receive(patience), text);
  }
  EXPECT_TRUE(client.close(1000, "bye"));
  EXPECT_EQ(closed.take()->code, 1000);
}

TEST_F(WebTls, KeepsTheCloseCodes) {
  start();
  {
    WebClient client = connect({.tls = true, .insecure = true});
    EXPECT_TRUE(client.send(std::string(100'000, 'x')));
    EXPECT_FALSE(client.receive(patience).has_value());
    EXPECT_EQ(client.close_code(), 1009);
  }
  {
    WebClient client = connect({.tls = true, .insecure = true});
    EXPECT_TRUE(client.send("\xff"));
    EXPECT_FALSE(client.receive(patience).has_value());
    EXPECT_EQ(client.close_code(), 1007);
  }
  WebClient client = connect({.tls = true, .insecure = true});
  EXPECT_TRUE(client.send_binary("x"));
  EXPECT_FALSE(client.receive(patience).has_value());
  EXPECT_EQ(client.close_code(), 1003);
}

TEST_F(WebTls, IsVerifiedByTheClient) {
  start();
  const std::string trusted = options.tls_certificate_file;
  EXPECT_TRUE(http_get(server->local(), "/", {.tls = true, .tls_ca_file = trusted}).has_value());
  EXPECT_TRUE(
      http_get(server->local(), "/", {.host = "desk.example", .tls = true, .tls_ca_file = trusted})
          .has_value());
  EXPECT_FALSE(
      http_get(server->local(), "/", {.host = "other.example", .tls = true, .tls_ca_file = trusted})
          .has_value());
  EXPECT_FALSE(http_get(server->local(), "/", {.tls = true}).has_value()) << "nobody vouches";
}

TEST_F(WebTls, IsNotSpokenInPlainText) {
  options.handshake_timeout = 100ms;
  start();
  RawSocket plain(server->local());
  plain.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(plain.receive_all().find("HTTP"), std::string::npos);
  RawSocket silent(server->local());
  EXPECT_EQ(silent.receive(), "") << "the handshake has a deadline";
  EXPECT_TRUE(
      eventually([&] { return metric(metrics, "cord_net_web_refused_total", "timeout") >= 1; }));
}

TEST_F(WebTls, ASlowHandshakeHasADeadlineForAllOfIt) {
  options.handshake_timeout = 150ms;
  start();
  RawSocket slow(server->local());
  // A TLS record that announces 512 bytes and comes one by one: no progress that counts.
  const std::string hello = std::string("\x16\x03\x01\x02\x00", 5) + std::string(512, '\0');
  pollfd readable{slow.descriptor(), POLLIN, 0};
  std::size_t sent = 0;
  while (sent < hello.size() && ::poll(&readable, 1, 20) == 0) slow.send(hello.substr(sent++, 1));
  EXPECT_LT(sent, hello.size());
  EXPECT_TRUE(
      eventually([&] { return metric(metrics, "cord_net_web_refused_total", "timeout") == 1; }));
}

/// Whether a client that speaks only this version gets through the handshake.
bool shakes_hands(const Address& server, int version) {
  const RawSocket socket(server);
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_cipher_list(context, "DEFAULT@SECLEVEL=0");  // OpenSSL's own minimum off.
  SSL_CTX_set_min_proto_version(context, version);
  SSL_CTX_set_max_proto_version(context, version);
  SSL* tls = SSL_new(context);
  SSL_set_fd(tls, socket.descriptor());
  const bool is_done = SSL_connect(tls) == 1;
  SSL_free(tls);
  SSL_CTX_free(context);
  return is_done;
}

TEST_F(WebTls, IsVersion12OrLater) {
  start();
  EXPECT_TRUE(shakes_hands(server->local(), TLS1_3_VERSION));
  EXPECT_TRUE(shakes_hands(server->local(), TLS1_2_VERSION));
  EXPECT_FALSE(shakes_hands(server->local(), TLS1_1_VERSION));
  EXPECT_FALSE(shakes_hands(server->local(), TLS1_VERSION));
}

TEST_F(WebTls, TakesANewCertificateWhileConnectionsGoOn) {
  start();
  WebClient before = connect({.tls = true, .insecure = true});
  const std::string old = folder / "old.pem";
  std::filesystem::rename(options.tls_certificate_file, old);
  make_certificate(options.tls_certificate_file, options.tls_key_file);
  const auto trusts = [&](const std::string& authority) {
    return http_get(server->local(), "/", {.tls = true, .tls_ca_file = authority}).has_value();
  };
  EXPECT_TRUE(trusts(old)) << "nothing changes by itself";
  const auto reloaded = server->reload_certificate();
  EXPECT_TRUE(reloaded) << reloaded.error().detail;
  EXPECT_FALSE(trusts(old));
  EXPECT_TRUE(trusts(options.tls_certificate_file));
  EXPECT_TRUE(before.send("still here"));
  EXPECT_EQ(before.receive(patience), "still here");
}

TEST_F(WebTls, KeepsTheCertificateIfTheNewPairIsBad) {
  start();
  const std::string good = folder / "good.pem";
  std::filesystem::copy(options.tls_certificate_file, good);
  const auto still_works = [&] {
    return http_get(server->local(), "/", {.tls = true, .tls_ca_file = good}).has_value();
  };
  make_certificate(folder / "other.pem", options.tls_key_file);  // The key of another one.
  EXPECT_FALSE(server->reload_certificate());
  EXPECT_TRUE(still_works());
  std::ofstream(options.tls_certificate_file) << "half a file";
  EXPECT_FALSE(server->reload_certificate());
  EXPECT_TRUE(still_works());
  std::filesystem::remove(options.tls_certificate_file);
  EXPECT_FALSE(server->reload_certificate());
  EXPECT_TRUE(still_works());
}

TEST_F(WebTls, SaysWhichFileIsBad) {
  const auto error_of = [this] {
    const auto bound = WebServer::bind(io, options, metrics);
    return bound ? std::string() : bound.error().detail;
  };
  const std::string good = options.tls_certificate_file;
  options.tls_certificate_file = folder / "absent.pem";
  EXPECT_EQ(error_of().find("tls certificate " + options.tls_certificate_file + ": "), 0u)
      << error_of();
  options.tls_certificate_file = good;
  const std::string empty = folder / "empty.pem";
  std::ofstream(empty).close();
  options.tls_key_file = empty;
  EXPECT_EQ(error_of().find("tls key " + empty + ": "), 0u) << error_of();
  const std::string other_key = folder / "other_key.pem";
  make_certificate(folder / "other.pem", other_key);
  options.tls_key_file = other_key;
  EXPECT_EQ(error_of().find("tls key " + other_key + ": "), 0u) << error_of();
}

TEST_F(WebTls, IsSpokenByManyClientsToo) {
  start();
  Inbox<ConnectionId> client_opened;
  Inbox<std::string> messages;
  Inbox<WebEnd> ended;
  auto clients = WebClients::make(
      io, {.each = {.tls = true, .tls_ca_file = options.tls_certificate_file}},
      {.on_open = [&](ConnectionId id) { client_opened.put(id); },
       .on_message = [&](ConnectionId, std::string text) { messages.put(std::move(text)); },
       .on_end = [&](ConnectionId, const WebEnd& end) { ended.put(end); }});
  ASSERT_TRUE(clients.has_value()) << clients.error().detail;
  const auto id = (*clients)->connect(server->local(), "/ws");
  ASSERT_TRUE(id.has_value());
  ASSERT_EQ(client_opened.take(), *id);
  EXPECT_TRUE((*clients)->send(*id, "over tls"));
  EXPECT_EQ(messages.take(), "over tls");
  (*clients)->close(*id, 1000, "bye");
  EXPECT_EQ(ended.take().value_or(WebEnd{}).code, 1000);
}

TEST_F(WebTls, IsNotTrustedByManyClientsWithoutItsAuthority) {
  start();
  Inbox<WebEnd> ended;
  auto clients =
      WebClients::make(io, {.each = {.tls = true}},
                       {.on_end = [&](ConnectionId, const WebEnd& end) { ended.put(end); }});
  ASSERT_TRUE(clients.has_value()) << clients.error().detail;
  ASSERT_TRUE((*clients)->connect(server->local(), "/ws").has_value());
  const auto end = ended.take();
  ASSERT_TRUE(end.has_value());
  EXPECT_FALSE(end->was_open);
  EXPECT_NE(end->reason.find("certificate verify failed"), std::string::npos) << end->reason;
}

}  // namespace
}  // namespace cord::net
