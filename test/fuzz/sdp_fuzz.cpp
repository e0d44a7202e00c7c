// Fuzz target of session descriptions: what was read can be written and read again, and an answer
// that is made of it is one.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.hpp"
#include "sip/offer_answer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cord::sip;
  const auto sdp = parse_sdp({reinterpret_cast<const char*>(data), size});
  if (!sdp) return 0;
  static_cast<void>(parse_sdp(print(*sdp)));
  static_cast<void>(offered_security(*sdp));
  LocalMedia local;
  local.address = {0x7f000001, 20000};
  local.security.policy = SrtpPolicy::optional;
  local.security.fingerprint = Fingerprint{1};
  local.security.ice_ufrag = "ours";
  local.security.ice_pwd = "ourourourourourourouro";
  LocalSession session{1};
  const auto answer = make_answer(session, *sdp, local);
  if (!answer) return 0;
  const auto heard = parse_sdp(print(answer->sdp));
  CORD_ASSERT(heard && heard->media.size() == sdp->media.size());
  return 0;
}
