// What an offer of a browser must have (RFC 8829, RFC 8834, RFC 8835): audio, keys by DTLS, ICE,
// and RTCP on the same port. SIP peers have more ways than that; whoever writes a desktop is told
// which one is missing.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "sip/offer_answer.hpp"

namespace cord::sip {

/// Errors: unsupported, saying what is wrong and what is allowed.
[[nodiscard]] Result<void> check_browser_offer(const SessionDescription& offer,
                                               const std::vector<Codec>& codecs);

/// As if the browser knew no comfort noise (RFC 3389): its pauses would be gaps to whoever takes
/// none.
void leave_out_noise(SessionDescription& offer);

/// The user name of ICE in the offer's audio: with another one the way to the far end is a new one
/// (RFC 8839 §4.4.3.1.1). Empty: there is none.
[[nodiscard]] std::string ice_ufrag_of(const SessionDescription& offer);

}  // namespace cord::sip
