// Digest headers: what is printed is read back as the same value, whatever is in it, and what is
// read from any text can be printed and read again.
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "property/text_of.hpp"
#include "sip/digest.hpp"

namespace cord::sip {
namespace {

using test::text_of;

constexpr std::string_view quotable = "abZ09 ,=:;/+\xc3\xa4";
constexpr std::string_view hex = "0123456789abcdefABCDEF";

rc::Gen<DigestChallenge> challenge() {
  return rc::gen::build<DigestChallenge>(
      rc::gen::set(&DigestChallenge::realm, text_of(quotable, 0, 12)),
      rc::gen::set(&DigestChallenge::nonce, text_of(quotable, 1, 40)),
      rc::gen::set(&DigestChallenge::opaque, text_of(quotable, 0, 12)),
      rc::gen::set(&DigestChallenge::algorithm,
                   rc::gen::element(DigestAlgorithm::md5, DigestAlgorithm::sha256)),
      rc::gen::set(&DigestChallenge::has_qop, rc::gen::arbitrary<bool>()),
      rc::gen::set(&DigestChallenge::stale, rc::gen::arbitrary<bool>()));
}

DigestCredentials credentials() {
  DigestCredentials it;
  it.username = *text_of(quotable, 0, 12);
  it.realm = *text_of(quotable, 0, 12);
  it.nonce = *text_of(quotable, 0, 40);
  it.uri = *text_of(quotable, 0, 20);
  it.opaque = *text_of(quotable, 0, 12);
  const bool is_md5 = *rc::gen::arbitrary<bool>();
  it.algorithm = is_md5 ? DigestAlgorithm::md5 : DigestAlgorithm::sha256;
  it.response = *text_of(hex, is_md5 ? 32 : 64, is_md5 ? 32 : 64);
  if (*rc::gen::arbitrary<bool>()) {
    it.cnonce = *text_of(quotable, 1, 20);
    it.nc = *text_of(hex, 8, 8);
  }
  return it;
}

RC_GTEST_PROP(DigestProperty, AChallengeIsReadAsItWasPrinted, ()) {
  const DigestChallenge it = *challenge();
  const auto read = parse_challenge(print(it));
  RC_ASSERT(read.has_value());
  RC_ASSERT(*read == it);
}

RC_GTEST_PROP(DigestProperty, CredentialsAreReadAsTheyWerePrinted, ()) {
  const DigestCredentials it = credentials();
  const auto read = parse_credentials(print(it));
  RC_ASSERT(read.has_value());
  RC_ASSERT(*read == it);
}

// Only the right password is taken, for the method it was meant for.
RC_GTEST_PROP(DigestProperty, AnswersDifferByPasswordAndMethod, ()) {
  const DigestCredentials it = credentials();
  const auto password = *text_of(quotable, 1, 12);
  const auto right = digest_response(it, password, "REGISTER");
  RC_ASSERT(right.size() == it.response.size());
  RC_ASSERT(right != digest_response(it, password + "x", "REGISTER"));
  RC_ASSERT(right != digest_response(it, password, "INVITE"));
}

RC_GTEST_PROP(DigestProperty, AnyTextIsReadOrRefused, ()) {
  const auto text = "Digest " + *text_of("abrealmnonc=\",\\ 0", 0, 60);
  if (const auto read = parse_challenge(text)) RC_ASSERT(parse_challenge(print(*read)) == *read);
  if (const auto read = parse_credentials(text))
    RC_ASSERT(parse_credentials(print(*read)) == *read);
}

}  // namespace
}  // namespace cord::sip
