// Any text as a challenge and as credentials: what is read prints and reads again as the same
// value, has room for its answer, and is answered alike both times.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.hpp"
#include "sip/digest.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cord::sip;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto challenge = parse_challenge(text)) {
    CORD_ASSERT(parse_challenge(print(*challenge)) == *challenge);
    Message response, request;
    response.status = 401;
    response.add(header::www_authenticate, std::string(text));
    request.method = "INVITE";
    request.uri = sip_uri("u", "h");
    DigestClient client({"user", "password", ""});
    CORD_ASSERT(client.take(response));
    client.sign(request, "cnonce");
    const auto sent = parse_credentials(request.value(header::authorization));
    CORD_ASSERT(sent && sent->nonce == challenge->nonce && sent->realm == challenge->realm);
  }
  if (const auto credentials = parse_credentials(text)) {
    const auto again = parse_credentials(print(*credentials));
    CORD_ASSERT(again == *credentials);
    const auto answer = digest_response(*credentials, "password", "INVITE");
    CORD_ASSERT(answer.size() == credentials->response.size());
    CORD_ASSERT(answer == digest_response(*again, "password", "INVITE"));
  }
  return 0;
}
