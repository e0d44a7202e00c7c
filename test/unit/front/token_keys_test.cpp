#include "front/token_keys.hpp"

#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "support/temporary_directory.hpp"
#include "support/token_maker.hpp"

namespace cord::front {
namespace {

using Kind = TokenKeySource::Kind;

TokenKeys keys_of(const std::string& jwks) {
  auto keys = read_jwks(jwks);
  EXPECT_TRUE(keys) << keys.error().detail;
  return keys ? std::move(*keys) : TokenKeys{};
}

std::string error_of(const std::string& jwks) {
  const auto keys = read_jwks(jwks);
  return keys ? "none" : keys.error().detail;
}

// The examples of the RFCs: their keys, what they sign, their signatures.
struct Example {
  std::string name, jwk, text, signature;
};

const std::string& joe() {
  static const std::string text =
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cn"
      "VlfQ";
  return text;
}

class RfcExample : public testing::TestWithParam<Example> {};

TEST_P(RfcExample, IsVerified) {
  const auto& it = GetParam();
  const TokenKeys keys = keys_of(test::jwks_of({it.jwk}));
  ASSERT_EQ(keys.all.size(), 1u);
  const std::string signature = read_base64url(it.signature).value_or("");
  EXPECT_TRUE(keys.all[0].verifies(it.text, signature));
  EXPECT_FALSE(keys.all[0].verifies(it.text + "x", signature));
  for (std::size_t at = 0; at < signature.size(); ++at) {
    std::string other = signature;
    other[at] = static_cast<char>(other[at] ^ 1);
    EXPECT_FALSE(keys.all[0].verifies(it.text, other)) << at;
  }
  EXPECT_FALSE(keys.all[0].verifies(it.text, ""));
  EXPECT_FALSE(keys.all[0].verifies(it.text, signature + '\0'));
  EXPECT_FALSE(keys.all[0].verifies(it.text, signature.substr(1)));
}

INSTANTIATE_TEST_SUITE_P(
    Table, RfcExample,
    testing::Values(
        Example{"Rfc7515A1Hs256",
                R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3)"
                R"(Yj0iPS4hcgUuTwjAzZr1Z9CAow"})",
                "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + joe(),
                "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"},
        Example{"Rfc7515A2Rs256",
                R"({"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHm)"
                R"(fHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r)"
                R"(2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2)"
                R"(R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco)"
                R"(9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"})",
                "eyJhbGciOiJSUzI1NiJ9." + joe(),
                "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5Y"
                "Kt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6x"
                "BArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6"
                "BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_I"
                "oypGlUPQGe77Rw"},
        Example{"Rfc7515A3Es256",
                R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})",
                "eyJhbGciOiJFUzI1NiJ9." + joe(),
                "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6"
                "NU1Q"},
        Example{
            "Rfc8037A4EdDsa",
            R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
            "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM"
            "0KAg"}),
    [](const auto& it) { return it.param.name; });

TEST(Base64Url, HasOneSpellingForEachValue) {
  EXPECT_EQ(read_base64url(""), "");
  EXPECT_EQ(read_base64url("_-8"), "\xff\xef");
  for (const char* text : {"A", "AB", "AAA=", "AA==", "A A", "AA\n", "/+8", "AA.", "AAAAA"}) {
    EXPECT_EQ(read_base64url(text), std::nullopt) << text;
  }
}

TEST(TokenKeyKinds, FixTheAlgorithm) {
  const auto algorithm = [](const test::Key& key) {
    return keys_of(test::jwks_of({test::jwk_of(key)})).all.at(0).algorithm();
  };
  EXPECT_EQ(algorithm(test::rsa()), TokenAlgorithm::rs256);
  EXPECT_EQ(algorithm(test::ec()), TokenAlgorithm::es256);
  EXPECT_EQ(algorithm(test::ed25519()), TokenAlgorithm::eddsa);
}

TEST(Jwks, IgnoresKeysForSomethingElse) {
  const auto good = test::jwk_of(test::ec(), R"(,"kid":"a","use":"sig","alg":"ES256")");
  const TokenKeys keys = keys_of(test::jwks_of(
      {test::jwk_of(test::rsa(), R"(,"kid":"b","use":"enc")"),
       test::jwk_of(test::rsa(), R"(,"kid":"c","alg":"PS256")"), R"({"kty":"EC","crv":"P-384"})",
       R"({"kty":"OKP","crv":"X25519"})", R"({"kty":"new"})", R"({})", good}));
  EXPECT_EQ(keys.all.size(), 1u);
  EXPECT_EQ(keys.skipped, 6u);
  EXPECT_EQ(keys.all[0].id, "a");
}

TEST(Jwks, SaysWhatIsWrongAndWhere) {
  const auto good = test::jwk_of(test::ec(), R"(,"kid":"a")");
  const auto has = [](const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  };
  EXPECT_TRUE(has(error_of("x"), "not JSON"));
  EXPECT_TRUE(has(error_of("{}"), "no list `keys`"));
  EXPECT_TRUE(has(error_of(R"({"keys":[]})"), "has no key for HS256"));
  EXPECT_TRUE(has(error_of(R"({"keys":[7]})"), "keys[0] must be an object"));
  EXPECT_TRUE(has(error_of(R"({"keys":[],"keys":[]})"), "twice"));
  EXPECT_TRUE(has(error_of(test::jwks_of({good, R"({"kty":"oct","k":"c2hvcnQ"})"})),
                  "keys[1]: the secret has 5 bytes; allowed: at least 32"));
  EXPECT_TRUE(has(error_of(test::jwks_of({test::jwk_of(test::rsa(1'024))})), "RSA of 2048"));
  EXPECT_TRUE(has(error_of(test::jwks_of({test::jwk_of(test::ec(), R"(,"d":"x")")})), "private"));
  EXPECT_TRUE(has(error_of(test::jwks_of({good, test::jwk_of(test::ec())})), "has no kid"));
  EXPECT_TRUE(has(error_of(test::jwks_of({good, good})), "two keys have the kid \"a\""));
  EXPECT_TRUE(has(error_of(test::jwks_of({test::jwk_of(test::ec(), R"(,"kid":7)")})), "kid"));
  EXPECT_TRUE(has(error_of(R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":"AAAA"}]})"), "no key"));
}

TEST(Jwks, APointOffTheCurveIsNoKey) {
  const std::string one = test::base64url(std::string(31, '\0') + "\x01");
  EXPECT_NE(
      error_of(R"({"keys":[{"kty":"EC","crv":"P-256","x":")" + one + R"(","y":")" + one + R"("}]})")
          .find("no key"),
      std::string::npos);
}

TEST(Jwks, HasABound) {
  std::vector<std::string> jwks;
  const std::string secret = test::base64url(std::string(32, 's'));
  for (std::size_t i = 0; i <= token_keys_max; ++i) {
    jwks.push_back(R"({"kty":"oct","k":")" + secret + R"(","kid":")" + std::to_string(i) + "\"}");
  }
  EXPECT_NE(error_of(test::jwks_of(jwks)).find("more than 100 keys"), std::string::npos);
  jwks.pop_back();
  EXPECT_EQ(keys_of(test::jwks_of(jwks)).all.size(), token_keys_max);
}

TEST(TokenKeys, AreFoundByKid) {
  const auto a = test::jwk_of(test::ec(), R"(,"kid":"a")");
  const auto b = test::jwk_of(test::ec(), R"(,"kid":"b")");
  const TokenKeys two = keys_of(test::jwks_of({a, b}));
  EXPECT_EQ(two.find("b"), &two.all[1]);
  EXPECT_EQ(two.find("c"), nullptr);
  EXPECT_EQ(two.find(std::nullopt), nullptr);
  const TokenKeys one = keys_of(test::jwks_of({a}));
  EXPECT_EQ(one.find("a"), one.all.data());
  EXPECT_EQ(one.find("b"), nullptr);
  EXPECT_EQ(one.find(std::nullopt), one.all.data());
  const TokenKeys nameless = keys_of(test::jwks_of({test::jwk_of(test::ec())}));
  EXPECT_EQ(nameless.find("b"), nameless.all.data());
  EXPECT_EQ(TokenKeys{}.find("b"), nullptr);
  EXPECT_EQ(TokenKeys{}.find(std::nullopt), nullptr);
}

class TokenKeyFiles : public testing::Test {
 protected:
  Result<TokenKeys> load(Kind kind, const std::string& content) {
    const std::string file = directory_ / "key";
    std::ofstream(file, std::ios::binary) << content;
    return load_token_keys({kind, file});
  }
  std::string error(Kind kind, const std::string& content) {
    const auto keys = load(kind, content);
    return keys ? "none" : keys.error().detail;
  }

 private:
  test::TemporaryDirectory directory_;
};

TEST_F(TokenKeyFiles, AreReadAsTheOperatorCallsThem) {
  const auto pem = load(Kind::pem, test::pem_of(test::ed25519().get()));
  ASSERT_TRUE(pem) << pem.error().detail;
  EXPECT_EQ(pem->all.at(0).algorithm(), TokenAlgorithm::eddsa);
  const std::string secret(32, 's');
  for (const char* end : {"", "\n", "\r\n"}) {
    const auto keys = load(Kind::secret, secret + end);
    ASSERT_TRUE(keys) << keys.error().detail;
    EXPECT_TRUE(keys->all.at(0).verifies("x", test::hmac_sha256(secret, "x")));
  }
  EXPECT_TRUE(load(Kind::jwks, test::jwks_of({test::jwk_of(test::ec())})));
}

TEST_F(TokenKeyFiles, AreRefusedForWhatTheyAreNot) {
  const auto has = [](const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  };
  const auto key = test::rsa();
  EXPECT_TRUE(has(error(Kind::secret, test::pem_of(key.get())), "PEM and no secret"));
  EXPECT_TRUE(has(error(Kind::secret, "short\n"), "5 bytes"));
  EXPECT_TRUE(has(error(Kind::pem, test::pem_of(key.get(), true)), "no public key"));
  EXPECT_TRUE(has(error(Kind::pem, std::string(40, 's')), "no public key"));
  EXPECT_TRUE(has(error(Kind::pem, test::pem_of(test::ec("P-384").get())), "another kind"));
  EXPECT_TRUE(has(error(Kind::pem, test::pem_of(test::rsa(1'024).get())), "another kind"));
  EXPECT_TRUE(has(error(Kind::jwks, test::pem_of(key.get())), "not JSON"));
  EXPECT_TRUE(has(error(Kind::jwks, ""), "empty"));
  EXPECT_TRUE(has(error(Kind::secret, std::string(token_key_file_bytes_max + 1, 's')), "256 KiB"));
  EXPECT_TRUE(has(load_token_keys({Kind::pem, "/nope"}).error().detail, "cannot be read"));
  EXPECT_TRUE(has(load_token_keys({Kind::pem, "/tmp"}).error().detail, "cannot be read"));
}

}  // namespace
}  // namespace cord::front
