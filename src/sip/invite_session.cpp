#include "sip/invite_session.hpp"

#include <fmt/format.h>

namespace cord::sip {

EndCause cause_of_status(std::uint16_t status) {
  switch (status) {
    case 486:
    case 600:
      return EndCause::busy;
    case 401:
    case 403:
    case 407:
    case 603:
      return EndCause::rejected;
    case 404:
    case 408:
    case 410:
    case 480:
    case 502:
    case 503:
    case 504:
    case 604:
      return EndCause::unreachable;
    default:
      return status < 400 ? EndCause::rejected : EndCause::failed;
  }
}

std::string status_line(const Message& response) {
  return fmt::format("{} {}", response.status, response.reason);
}

Result<SessionDescription> sdp_of(const Message& message) {
  if (message.content_type() != "application/sdp") {
    return refuse(Errc::malformed, "invite.content_type", message.content_type());
  }
  return parse_sdp(message.body);
}

std::vector<Codec> common_codecs(const SessionDescription& offer) {
  std::vector<Codec> common;
  for (const Codec codec : all_codecs()) {
    LocalMedia local;
    local.codecs = {codec};
    // Whether its keys are taken is for whoever answers to say.
    local.security = {.policy = SrtpPolicy::optional, .fingerprint = Fingerprint{}};
    LocalSession scratch;
    if (make_answer(scratch, offer, local)) common.push_back(codec);
  }
  return common;
}

Duration glare_delay(bool owns_call_id, IdSource& ids) {
  constexpr std::chrono::milliseconds unit(10);
  if (owns_call_id) return 210 * unit + static_cast<int>(ids.below(191)) * unit;
  return static_cast<int>(ids.below(201)) * unit;
}

}  // namespace cord::sip
