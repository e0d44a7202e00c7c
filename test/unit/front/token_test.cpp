#include "front/token.hpp"

#include <string>

#include <gtest/gtest.h>

#include "support/token_maker.hpp"

namespace cord::front {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t now_s = 1'700'000'000;
constexpr const char* es256 = R"({"alg":"ES256"})";

/// A token service, and the server it logs people in to.
class Token : public testing::Test {
 protected:
  Token() { trust({test::jwk_of(key)}); }

  void trust(const std::vector<std::string>& jwks) {
    auto read = read_jwks(test::jwks_of(jwks));
    ASSERT_TRUE(read) << read.error().detail;
    keys = std::move(*read);
  }

  /// What all good tokens say, and `more`, which begins with a comma.
  static std::string claims(const std::string& more = R"(,"exp":1700000060)") {
    return R"({"iss":"https://login.example","aud":"cordboard","sub":"alice")" + more + "}";
  }

  /// The agent, or what is wrong.
  std::string outcome(const std::string& token) {
    const auto agent = check_token(token, keys, config, now);
    if (agent) return *agent;
    named = agent.error().agent;
    return "refused: " +
           std::string(token_fault_names.at(static_cast<std::size_t>(agent.error().fault)));
  }
  std::string outcome_of_claims(const std::string& text) {
    return outcome(test::token(key, es256, text));
  }
  std::string outcome_of_header(const std::string& header) {
    return outcome(test::token(key, header, claims()));
  }

  test::Key key = test::ec();
  TokenKeys keys;
  TokenConfig config{.keys = {TokenKeySource::Kind::jwks, "keys.json"},
                     .issuer = "https://login.example",
                     .audience = "cordboard"};
  Instant now{Duration(now_s * 1'000'000)};
  std::string named;
};

TEST_F(Token, IsBelievedInEachAlgorithm) {
  const std::string secret(32, 's');
  const auto rsa = test::rsa();
  const auto ed = test::ed25519();
  trust({test::jwk_of(rsa, R"(,"kid":"r")"), test::jwk_of(key, R"(,"kid":"e")"),
         test::jwk_of(ed, R"(,"kid":"d")"),
         R"({"kty":"oct","kid":"h","k":")" + test::base64url(secret) + "\"}"});
  EXPECT_EQ(outcome(test::token(rsa, R"({"alg":"RS256","kid":"r"})", claims())), "alice");
  EXPECT_EQ(outcome(test::token(key, R"({"alg":"ES256","kid":"e"})", claims())), "alice");
  EXPECT_EQ(outcome(test::token(ed, R"({"alg":"EdDSA","kid":"d"})", claims())), "alice");
  EXPECT_EQ(outcome(test::token(secret, R"({"alg":"HS256","kid":"h"})", claims())), "alice");
}

TEST_F(Token, WithoutASignatureIsNothing) {
  for (const char* none : {"none", "None", "NONE", "nOnE", ""}) {
    const std::string header = R"({"alg":")" + std::string(none) + "\"}";
    EXPECT_EQ(outcome(test::unsigned_token(header, claims()) + "."), "refused: algorithm") << none;
    EXPECT_EQ(outcome(test::token(key, header, claims())), "refused: algorithm") << none;
  }
  EXPECT_EQ(outcome(test::unsigned_token(es256, claims()) + "."), "refused: signature");
  EXPECT_EQ(outcome(test::unsigned_token(es256, claims())), "refused: malformed");
  EXPECT_EQ(outcome_of_header("{}"), "refused: algorithm");
  EXPECT_EQ(outcome_of_header(R"({"alg":["ES256"]})"), "refused: algorithm");
  EXPECT_EQ(outcome_of_header(R"({"alg":"es256"})"), "refused: algorithm");
}

TEST_F(Token, MayNotTurnAPublicKeyIntoASecret) {
  const auto rsa = test::rsa();
  trust({test::jwk_of(rsa)});
  const std::string pem = test::pem_of(rsa.get());
  for (const std::string& secret : {pem, pem.substr(0, pem.size() - 1), test::jwk_of(rsa)}) {
    EXPECT_EQ(outcome(test::token(secret, R"({"alg":"HS256"})", claims())), "refused: algorithm");
  }
  EXPECT_EQ(outcome(test::token(rsa, R"({"alg":"RS256"})", claims())), "alice");
}

TEST_F(Token, OfAnotherCurveOrAlgorithmIsRefused) {
  const auto p384 = test::ec("P-384");
  EXPECT_EQ(outcome(test::token(p384, es256, claims())), "refused: signature");
  EXPECT_EQ(outcome(test::token(p384, R"({"alg":"ES384"})", claims())), "refused: algorithm");
  EXPECT_EQ(outcome(test::token(test::ec("secp256k1"), es256, claims())), "refused: signature");
  for (const char* alg : {"RS256", "EdDSA", "HS256", "PS256", "HS512", "ES256K"}) {
    EXPECT_EQ(outcome_of_header(R"({"alg":")" + std::string(alg) + "\"}"), "refused: algorithm");
  }
}

TEST_F(Token, DoesNotBringItsOwnKey) {
  const auto own = test::ec();
  for (const std::string& member :
       {R"("jwk":)" + test::jwk_of(own), std::string(R"("jku":"https://evil.example/keys")"),
        std::string(R"("x5c":["MIIB"])")}) {
    const std::string header = R"({"alg":"ES256",)" + member + "}";
    EXPECT_EQ(outcome(test::token(own, header, claims())), "refused: signature") << member;
  }
}

TEST_F(Token, IsCheckedWithTheKeyOfItsKid) {
  const auto other = test::ec();
  trust({test::jwk_of(key, R"(,"kid":"a")"), test::jwk_of(other, R"(,"kid":"b")")});
  EXPECT_EQ(outcome_of_header(R"({"alg":"ES256","kid":"a"})"), "alice");
  EXPECT_EQ(outcome_of_header(R"({"alg":"ES256","kid":"b"})"), "refused: signature");
  EXPECT_EQ(outcome_of_header(R"({"alg":"ES256","kid":"c"})"), "refused: key");
  EXPECT_EQ(outcome_of_header(R"({"alg":"ES256","kid":7})"), "refused: malformed");
  EXPECT_EQ(outcome_of_header(es256), "refused: key");
}

TEST_F(Token, SaysWhoMayReadIt) {
  EXPECT_EQ(outcome_of_claims(R"({"iss":"https://login.example","aud":["x","cordboard"],)"
                              R"("sub":"alice","exp":1700000060})"),
            "alice");
  for (const char* audience : {R"("other")", R"(["x"])", "[]", R"([["cordboard"]])", "null",
                               R"({"x":"cordboard"})", R"("cordboard2")", R"("")"}) {
    EXPECT_EQ(outcome_of_claims(R"({"iss":"https://login.example","sub":"alice","exp":1700000060,)"
                                R"("aud":)" +
                                std::string(audience) + "}"),
              "refused: audience")
        << audience;
  }
  EXPECT_EQ(outcome_of_claims(R"({"iss":"https://login.example","sub":"alice","exp":1700000060})"),
            "refused: audience");
  EXPECT_EQ(outcome_of_claims(R"({"iss":"https://evil.example","aud":"cordboard","sub":"alice",)"
                              R"("exp":1700000060})"),
            "refused: issuer");
  EXPECT_EQ(outcome_of_claims(R"({"aud":"cordboard","sub":"alice","exp":1700000060})"),
            "refused: issuer");
}

TEST_F(Token, LastsUntilItExpiresAndTheLeewayIsOver) {
  const auto at = [&](Duration after) {
    now = Instant(Duration(now_s * 1'000'000)) + after;
    return outcome_of_claims(claims());
  };
  EXPECT_EQ(at(60s + 30s - 1us), "alice");
  EXPECT_EQ(at(60s + 30s), "refused: expired");
  config.leeway = 0s;
  EXPECT_EQ(at(60s - 1us), "alice");
  EXPECT_EQ(at(60s), "refused: expired");
  EXPECT_EQ(named, "alice") << "it was hers";
}

TEST_F(Token, BeginsWhenItSaysLessTheLeeway) {
  const auto outcome_before = [&](Duration before) {
    now = Instant(Duration(now_s * 1'000'000)) - before;
    return outcome_of_claims(claims(R"(,"nbf":1700000000,"exp":1700000060)"));
  };
  EXPECT_EQ(outcome_before(30s), "alice");
  EXPECT_EQ(outcome_before(30s + 1us), "refused: not_yet_valid");
}

TEST_F(Token, NeedsTimesThatAreTimes) {
  EXPECT_EQ(outcome_of_claims(claims("")), "refused: expired");
  EXPECT_EQ(outcome_of_claims(claims(R"(,"exp":1700000060.5)")), "alice");
  for (const char* time : {R"("1700000060")", "null", "-1", "true", "[1700000060]", "1e300",
                           "253402300800", "18446744073709551615"}) {
    EXPECT_EQ(outcome_of_claims(claims(R"(,"exp":)" + std::string(time))), "refused: malformed")
        << time;
    EXPECT_EQ(outcome_of_claims(claims(R"(,"exp":1700000060,"nbf":)" + std::string(time))),
              "refused: malformed")
        << time;
  }
}

TEST_F(Token, NamesTheAgentInTheConfiguredClaim) {
  config.agent_claim = "agent_id";
  EXPECT_EQ(outcome_of_claims(claims(R"(,"agent_id":"bob","exp":1700000060)")), "bob");
  EXPECT_EQ(outcome_of_claims(claims()), "refused: agent");
  for (const char* id : {"7", R"("")", "null", R"(["bob"])"}) {
    EXPECT_EQ(outcome_of_claims(claims(R"(,"exp":1700000060,"agent_id":)" + std::string(id))),
              "refused: agent")
        << id;
  }
}

TEST_F(Token, ClaimsAreNotReadBeforeTheSignatureHolds) {
  EXPECT_EQ(outcome(test::token(test::ec(), es256, "no json")), "refused: signature");
  EXPECT_EQ(named, "");
  EXPECT_EQ(outcome_of_claims("no json"), "refused: malformed");
}

TEST_F(Token, HasNoMemberTwice) {
  EXPECT_EQ(outcome_of_header(R"({"alg":"none","alg":"ES256"})"), "refused: malformed");
  EXPECT_EQ(outcome_of_header(R"({"alg":"ES256","\u0061lg":"ES256"})"), "refused: malformed");
  EXPECT_EQ(outcome_of_claims(claims(R"(,"exp":1700000060,"sub":"bob")")), "refused: malformed");
}

TEST_F(Token, WithCriticalExtensionsOrOfAnotherTypeIsRefused) {
  EXPECT_EQ(outcome_of_header(R"({"alg":"ES256","crit":["b64"],"b64":false})"),
            "refused: critical");
  EXPECT_EQ(outcome_of_header(R"({"alg":"ES256","typ":"dpop+jwt"})"), "refused: critical");
  EXPECT_EQ(outcome_of_header(R"({"alg":"ES256","typ":7})"), "refused: critical");
  EXPECT_EQ(outcome_of_header(R"({"alg":"ES256","typ":"jwt"})"), "alice");
  EXPECT_EQ(outcome_of_header(R"({"alg":"ES256","typ":"at+JWT"})"), "alice");
}

TEST_F(Token, HasALengthAndThreeParts) {
  const auto of_size = [&](std::size_t filler) {
    return test::token(key, es256,
                       claims(R"(,"exp":1700000060,"x":")" + std::string(filler, 'x') + "\""));
  };
  std::size_t filler = 5'800;
  while (of_size(filler + 1).size() <= token_bytes_max) ++filler;
  EXPECT_EQ(outcome(of_size(filler)), "alice");
  EXPECT_EQ(outcome(of_size(filler + 1)), "refused: too_long");
  const std::string good = test::token(key, es256, claims());
  EXPECT_EQ(outcome(good), "alice");
  for (const std::string& text :
       {std::string(), std::string("."), std::string(".."), good + ".", good + ".x", "." + good,
        good + "=", good + " ", " " + good, good + "\n", std::string("a.b.c")}) {
    EXPECT_EQ(outcome(text), "refused: malformed") << text;
  }
}

TEST_F(Token, EveryChangedCharacterIsNoticed) {
  const std::string good = test::token(key, es256, claims());
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string other = good;
    other[at] = other[at] == 'A' ? 'B' : 'A';
    EXPECT_TRUE(outcome(other).starts_with("refused: ")) << at;
  }
}

TEST(TokenConfig, NamesTheFirstBadField) {
  const TokenConfig good{{TokenKeySource::Kind::pem, "x"}, "i", "a"};
  EXPECT_TRUE(good.validate());
  EXPECT_TRUE(TokenConfig{}.validate());
  const auto error = [&](auto change) {
    TokenConfig config = good;
    change(config);
    const auto valid = config.validate();
    return valid ? "none" : valid.error().detail;
  };
  EXPECT_TRUE(error([](auto& it) { it.issuer = ""; }).starts_with("token.issuer"));
  EXPECT_TRUE(error([](auto& it) { it.audience = ""; }).starts_with("token.audience"));
  EXPECT_TRUE(error([](auto& it) { it.agent_claim = ""; }).starts_with("token.agent_claim"));
  EXPECT_TRUE(error([](auto& it) { it.leeway = 301s; }).starts_with("token.leeway"));
  EXPECT_TRUE(error([](auto& it) { it.leeway = -1s; }).starts_with("token.leeway"));
}

}  // namespace
}  // namespace cord::front
