#include "sip/digest.hpp"

#include <gtest/gtest.h>

#include "sip/build.hpp"

namespace cord::sip {
namespace {

DigestCredentials of_rfc_7616() {
  return {.username = "Mufasa",
          .realm = "http-auth@example.org",
          .nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
          .uri = "/dir/index.html",
          .response = {},
          .opaque = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
          .cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
          .nc = "00000001",
          .algorithm = DigestAlgorithm::md5};
}

// RFC 7616 §3.9.1.
TEST(Digest, ComputesWhatRfc7616Computes) {
  DigestCredentials it = of_rfc_7616();
  EXPECT_EQ(digest_response(it, "Circle of Life", "GET"), "8ca523f5e9506fed4657c9700eebdbec");
  it.algorithm = DigestAlgorithm::sha256;
  EXPECT_EQ(digest_response(it, "Circle of Life", "GET"),
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

// RFC 2617 §3.5.
TEST(Digest, ComputesWhatRfc2617Computes) {
  const DigestCredentials it{.username = "Mufasa",
                             .realm = "testrealm@host.com",
                             .nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093",
                             .uri = "/dir/index.html",
                             .response = {},
                             .opaque = {},
                             .cnonce = "0a4f113b",
                             .nc = "00000001"};
  EXPECT_EQ(digest_response(it, "Circle Of Life", "GET"), "6629fae49393a05397450978507c4ef1");
}

// RFC 2069 §2.4 with erratum 749: no qop.
TEST(Digest, ComputesTheFormWithoutQop) {
  const DigestCredentials it{.username = "Mufasa",
                             .realm = "testrealm@host.com",
                             .nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093",
                             .uri = "/dir/index.html",
                             .response = {},
                             .opaque = {},
                             .cnonce = {},
                             .nc = {}};
  EXPECT_EQ(digest_response(it, "CircleOfLife", "GET"), "1949323746fe6a43ef61f9606e7febea");
}

// RFC 7616 §3.9.1, as it stands there.
TEST(Digest, ReadsAndPrintsCredentials) {
  const auto read = parse_credentials(
      R"(Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", )"
      R"(algorithm=MD5, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, )"
      R"(cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, )"
      R"(response="8ca523f5e9506fed4657c9700eebdbec", )"
      R"(opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS")");
  ASSERT_TRUE(read.has_value()) << read.error().detail;
  DigestCredentials expected = of_rfc_7616();
  expected.response = "8ca523f5e9506fed4657c9700eebdbec";
  EXPECT_EQ(*read, expected);
  EXPECT_EQ(parse_credentials(print(*read)), *read);
}

// RFC 8760 §2.5: SHA-256 with a list of qop, as in its example.
TEST(Digest, ReadsAndPrintsChallenges) {
  const auto read = parse_challenge(
      R"(Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, )"
      R"(nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe", stale=TRUE)");
  ASSERT_TRUE(read.has_value()) << read.error().detail;
  EXPECT_EQ(read->realm, "http-auth@example.org");
  EXPECT_EQ(read->algorithm, DigestAlgorithm::sha256);
  EXPECT_TRUE(read->has_qop);
  EXPECT_TRUE(read->stale);
  EXPECT_EQ(parse_challenge(print(*read)), *read);
  const auto old = parse_challenge(R"(digest   realm = "a" ,nonce="b")");
  ASSERT_TRUE(old.has_value());
  EXPECT_FALSE(old->has_qop);
  EXPECT_EQ(old->algorithm, DigestAlgorithm::md5);
}

TEST(Digest, RefusesChallengesItCannotAnswer) {
  const auto code = [](std::string_view text) { return parse_challenge(text).error().code; };
  EXPECT_EQ(code("Basic realm=\"a\""), Errc::unsupported);
  EXPECT_EQ(code("Digest"), Errc::unsupported);
  EXPECT_EQ(code(R"(Digest realm="a", nonce="b", qop="auth-int")"), Errc::unsupported);
  EXPECT_EQ(code(R"(Digest realm="a", nonce="b", algorithm=MD5-sess)"), Errc::unsupported);
  EXPECT_EQ(code(R"(Digest realm="a")"), Errc::malformed);
  EXPECT_EQ(code(R"(Digest nonce="b")"), Errc::malformed);
  EXPECT_EQ(code(R"(Digest realm="a", nonce="b)"), Errc::malformed);
  EXPECT_EQ(code(R"(Digest realm="a" nonce="b")"), Errc::malformed);
  EXPECT_EQ(code(R"(Digest realm="a", nonce="b", realm="c")"), Errc::malformed);
  EXPECT_EQ(code(R"(Digest realm="a", nonce="b",)"), Errc::malformed);
}

TEST(Digest, RefusesCredentialsThatLackAPart) {
  const std::string start = R"(Digest username="u", realm="r", nonce="n", uri="sip:h")";
  const std::string md5 = R"(, response="8ca523f5e9506fed4657c9700eebdbec")";
  EXPECT_TRUE(parse_credentials(start + md5).has_value());
  for (const std::string& text :
       {start, start + R"(, response="abc")", start + R"(, response="xyz523f5e9506fed4657c970")",
        start + md5 + ", algorithm=SHA-256", start + md5 + ", qop=auth",
        start + md5 + R"(, qop=auth, cnonce="c", nc=1)",
        start + md5 + R"(, qop=auth, cnonce="c", nc=0000000g)",
        start + md5 + R"(, qop=auth, cnonce="", nc=00000001)"}) {
    ASSERT_FALSE(parse_credentials(text).has_value()) << text;
    EXPECT_EQ(parse_credentials(text).error().code, Errc::malformed) << text;
  }
  EXPECT_EQ(
      parse_credentials(start + md5 + R"(, qop=auth-int, cnonce="c", nc=00000001)").error().code,
      Errc::unsupported);
  // As many parameters as anybody may send.
  std::string many = start + md5;
  for (int i = 0; i < 100; ++i) many += ", x" + std::to_string(i) + "=1";
  EXPECT_EQ(parse_credentials(many).error().code, Errc::too_long);
}

TEST(Digest, ComparesSecrets) {
  EXPECT_TRUE(equal_secrets("abc", "abc"));
  EXPECT_FALSE(equal_secrets("abc", "abd"));
  EXPECT_FALSE(equal_secrets("abc", "abcd"));
  EXPECT_FALSE(equal_secrets("", "a"));
}

class DigestClientTest : public testing::Test {
 protected:
  static Message refusal(std::uint16_t status, const std::vector<std::string>& challenges) {
    Message response;
    response.status = status;
    for (const std::string& it : challenges) {
      response.add(status == 401 ? header::www_authenticate : header::proxy_authenticate, it);
    }
    return response;
  }
  static std::string challenge(const std::string& nonce, bool stale = false,
                               const std::string& realm = "carrier") {
    DigestChallenge it{.realm = realm, .nonce = nonce, .opaque = {}};
    it.has_qop = true;
    it.stale = stale;
    return print(it);
  }
  static Message request(std::string_view method = method::invite) {
    Message it;
    it.method = method;
    it.uri = parse_uri("sip:4930@192.0.2.1").value();
    return it;
  }
  DigestClient client_{{.user = "u", .password = "p", .realm = {}}};
};

TEST_F(DigestClientTest, SignsWhatWasChallenged) {
  client_.begin();
  Message first = request();
  client_.sign(first, "c1");
  EXPECT_FALSE(first.has(header::authorization));
  ASSERT_TRUE(client_.take(refusal(407, {challenge("n1")})));
  Message again = request();
  client_.sign(again, "c2");
  EXPECT_FALSE(again.has(header::authorization));
  const auto sent = parse_credentials(again.value(header::proxy_authorization));
  ASSERT_TRUE(sent.has_value());
  EXPECT_EQ(sent->uri, "sip:4930@192.0.2.1");
  EXPECT_EQ(sent->nc, "00000001");
  EXPECT_EQ(sent->response, digest_response(*sent, "p", "INVITE"));
  Message ack = request(method::ack);
  client_.copy_to(ack);
  EXPECT_EQ(ack.value(header::proxy_authorization), again.value(header::proxy_authorization));
  Message bye = request(method::bye);
  client_.sign(bye, "c3");
  EXPECT_EQ(parse_credentials(bye.value(header::proxy_authorization))->nc, "00000002");
}

TEST_F(DigestClientTest, TakesAWrongPasswordForAnAnswer) {
  client_.begin();
  EXPECT_TRUE(client_.take(refusal(401, {challenge("n1")})));
  EXPECT_FALSE(client_.take(refusal(401, {challenge("n2")})));
  client_.begin();
  EXPECT_TRUE(client_.take(refusal(401, {challenge("n3")})));
}

TEST_F(DigestClientTest, ReplacesAStaleNonceOnce) {
  client_.begin();
  EXPECT_TRUE(client_.take(refusal(401, {challenge("n1")})));
  EXPECT_TRUE(client_.take(refusal(401, {challenge("n2", true)})));
  EXPECT_FALSE(client_.take(refusal(401, {challenge("n3", true)})));
}

TEST_F(DigestClientTest, AnswersAProxyAndTheFarEndInOneRequest) {
  client_.begin();
  EXPECT_TRUE(client_.take(refusal(407, {challenge("n1", false, "proxy")})));
  EXPECT_TRUE(client_.take(refusal(401, {challenge("n2", false, "far")})));
  Message it = request();
  client_.sign(it, "c");
  EXPECT_TRUE(it.has(header::authorization));
  EXPECT_TRUE(it.has(header::proxy_authorization));
}

// RFC 8760 §2.4.
TEST_F(DigestClientTest, TakesTheFirstChallengeItKnows) {
  EXPECT_TRUE(client_.take(refusal(401, {R"(Digest realm="r", nonce="a", algorithm=SHA-512-256)",
                                         R"(Digest realm="r", nonce="b", algorithm=SHA-256)",
                                         R"(Digest realm="r", nonce="c")"})));
  Message it = request();
  client_.sign(it, "c");
  const auto sent = parse_credentials(it.value(header::authorization));
  EXPECT_EQ(sent->nonce, "b");
  EXPECT_EQ(sent->algorithm, DigestAlgorithm::sha256);
  EXPECT_TRUE(sent->nc.empty()) << "no qop was offered";
}

TEST_F(DigestClientTest, KeepsItsPasswordFromOtherRealms) {
  DigestClient client({.user = "u", .password = "p", .realm = "carrier"});
  EXPECT_FALSE(client.take(refusal(401, {challenge("n", false, "elsewhere")})));
  EXPECT_TRUE(client.take(refusal(401, {challenge("n")})));
  EXPECT_FALSE(client_.take(refusal(401, {})));
}

}  // namespace
}  // namespace cord::sip
