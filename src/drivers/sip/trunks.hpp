// The trunks as they are just now: whose call an address is, how many calls each has, and which of
// its peers are worth trying first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "base/metrics.hpp"
#include "drivers/sip/config.hpp"
#include "sip/flow.hpp"

namespace cord::drivers {

using TrunkIndex = std::size_t;
using PeerIndex = std::size_t;

class Trunks {
 public:
  Trunks(const std::vector<Trunk>& trunks, Metrics& metrics);

  [[nodiscard]] const Trunk& at(TrunkIndex trunk) const { return *states_.at(trunk).config; }
  [[nodiscard]] std::optional<TrunkIndex> find(std::string_view name) const;
  /// Whose peer sends from there: one with that port before one with any.
  [[nodiscard]] std::optional<TrunkIndex> of(const sip::Flow& flow) const;

  /// Counts a call, either way. False: the trunk has as many as it may, or as many of late.
  [[nodiscard]] bool admit(TrunkIndex trunk, Instant now);
  /// That call has ended.
  void release(TrunkIndex trunk);
  [[nodiscard]] std::uint32_t calls(TrunkIndex trunk) const { return states_.at(trunk).calls; }

  /// Peers in the order of trying: those that failed of late come last.
  [[nodiscard]] std::vector<PeerIndex> peers(TrunkIndex trunk, Instant now) const;
  [[nodiscard]] sip::Endpoint peer(TrunkIndex trunk, PeerIndex peer) const;
  void peer_failed(TrunkIndex trunk, PeerIndex peer, Instant now);

 private:
  struct State {
    const Trunk* config = nullptr;
    std::vector<sip::Endpoint> peers{};
    std::vector<Instant> avoided_until{};  ///< by peer
    std::uint32_t calls = 0;
    Instant pace{};  ///< when the next call would be due at an even pace
    Gauge* shown = nullptr;
  };
  std::vector<State> states_;
  Counter& full_;
  Counter& fast_;
};

}  // namespace cord::drivers
