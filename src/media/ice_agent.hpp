// The lite side of ICE, RFC 8445 §2.5: answers checks, and sends where the far end nominates. It
// may nominate again at any time. An address from which no check has come for a while has lost its
// consent (the far end's checks are all that we see of it, RFC 7675).
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/instant.hpp"
#include "media/protection_terms.hpp"
#include "media/stun.hpp"

namespace cord::media {

inline constexpr Duration ice_consent = std::chrono::seconds(30);  ///< RFC 7675 §5.1

class IceAgent {
 public:
  explicit IceAgent(IceTerms terms) : terms_(std::move(terms)) {}

  /// Takes a STUN datagram; returns the response, or nothing.
  [[nodiscard]] std::vector<std::uint8_t> receive(Endpoint from,
                                                  std::span<const std::uint8_t> datagram,
                                                  Instant now);
  /// Where to send at `now`; none before the nomination, and without consent.
  [[nodiscard]] std::optional<Endpoint> remote(Instant now) const;
  /// When the nominated address was heard of last.
  [[nodiscard]] Instant checked_at() const { return checked_at_; }
  [[nodiscard]] const IceTerms& terms() const { return terms_; }

 private:
  IceTerms terms_;
  std::optional<Endpoint> nominated_;
  Instant checked_at_{};  // by the nominated address
};

}  // namespace cord::media
