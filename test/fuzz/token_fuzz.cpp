// Any bytes as a token, as the claims of a token that is signed, and as a file of keys. What is
// believed must be signed, and name somebody.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "front/token.hpp"
#include "support/token_maker.hpp"

namespace {

using namespace cord;

const std::string& secret() {
  static const std::string bytes(front::token_secret_bytes_min, 's');
  return bytes;
}

const front::TokenKeys& keys() {
  static const front::TokenKeys all = [] {
    front::TokenKeys made;
    made.all.push_back(front::TokenKey::secret(secret()).value());
    return made;
  }();
  return all;
}

const front::TokenConfig& config() {
  static const front::TokenConfig made{
      .keys = {front::TokenKeySource::Kind::secret, "x"}, .issuer = "i", .audience = "a"};
  return made;
}

/// The header ends at the first zero byte; the claims follow.
std::string signed_token(std::string_view text) {
  const auto cut = text.find('\0');
  if (cut == std::string_view::npos) return test::token(secret(), R"({"alg":"HS256"})", text);
  return test::token(secret(), text.substr(0, cut), text.substr(cut + 1));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Instant now{Duration(1'700'000'000'000'000)};
  // Nobody guesses an HMAC.
  if (front::check_token(text, keys(), config(), now)) std::abort();
  const auto agent = front::check_token(signed_token(text), keys(), config(), now);
  if (agent && agent->empty()) std::abort();
  if (const auto read = front::read_jwks(text)) {
    if (read->all.empty() || read->all.size() > front::token_keys_max) std::abort();
    for (const auto& key : read->all) (void)key.verifies("text", text);
  }
  return 0;
}
