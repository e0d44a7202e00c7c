// Nonces for digest challenges: RFC 7616 §3.3 and §5.4. Making one keeps nothing: it is a time and
// a serial number under a MAC. Only those used with a right password are remembered, so that no
// request can be sent twice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/instant.hpp"
#include "sip/id_source.hpp"

namespace cord::sip {

class Nonces {
 public:
  struct Limits {
    Duration life = std::chrono::minutes(5);  ///< an older one is stale
    std::size_t nonces_max = 16'384;  ///< used ones in memory; beyond it the oldest become stale
  };

  Nonces(IdSecret secret, Limits limits) : secret_(secret), limits_(limits) {}

  /// 56 hexadecimal digits.
  [[nodiscard]] std::string make(Instant now);

  /// Whether a request with this nonce and `nc` (8 hexadecimal digits; empty: without qop) is the
  /// first such: the nonce is ours, not too old, and nc was not used with it. To be asked only once
  /// the response has been found right, for it remembers. Of nc, the last 64 are told apart; one
  /// below them counts as used. Without qop a nonce is for one request.
  [[nodiscard]] bool use(std::string_view nonce, std::string_view nc, Instant now);

  /// Used ones in memory.
  [[nodiscard]] std::size_t used() const { return used_.size(); }

 private:
  struct Window {
    std::uint32_t highest = 0;
    std::uint64_t seen = 0;  ///< bit n: highest - n
  };
  [[nodiscard]] std::string seal(std::string_view text) const;
  void forget_old(Instant now);
  static bool take(Window& window, std::uint32_t number);

  IdSecret secret_;
  Limits limits_;
  std::uint32_t serial_ = 0;
  Instant floor_{};  ///< nonces made no later than this are stale: their uses are forgotten
  std::unordered_map<std::string, Window> used_;
  std::deque<std::string> order_;  ///< of first use
};

}  // namespace cord::sip
