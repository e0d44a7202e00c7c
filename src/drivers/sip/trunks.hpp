// The trunks as they are just now: whose call an address is, how many calls each has, and which of
// its servers are worth trying first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/instant.hpp"
#include "base/metrics.hpp"
#include "drivers/sip/config.hpp"
#include "drivers/sip/name_book.hpp"
#include "drivers/sip/ports.hpp"
#include "sip/flow.hpp"

namespace cord::drivers {

using TrunkIndex = std::size_t;

/// Where a call to a trunk may go.
struct TrunkHop {
  const Peer* peer = nullptr;  ///< of the trunk
  sip::NextHop hop;
};

class Trunks {
 public:
  /// Adds the peers' names to `names`, which must outlive it.
  Trunks(const std::vector<Trunk>& trunks, NameBook& names, Metrics& metrics);

  [[nodiscard]] const Trunk& at(TrunkIndex trunk) const { return *states_.at(trunk).config; }
  [[nodiscard]] std::optional<TrunkIndex> find(std::string_view name) const;
  /// Whose peer sends from there: one with that port before one with any.
  [[nodiscard]] std::optional<TrunkIndex> of(const sip::Flow& flow) const;

  /// Counts a call, either way. False: the trunk has as many as it may, or as many of late.
  [[nodiscard]] bool admit(TrunkIndex trunk, Instant now);
  /// That call has ended.
  void release(TrunkIndex trunk);
  [[nodiscard]] std::uint32_t calls(TrunkIndex trunk) const { return states_.at(trunk).calls; }

  /// In the order of trying: those that failed of late come last. Empty: no address is known.
  [[nodiscard]] std::vector<TrunkHop> next_hops(TrunkIndex trunk, Instant now) const;
  void hop_failed(TrunkIndex trunk, const sip::NextHop& hop, Instant now);
  /// From where its calls come, and where a redirection of one may lead, as far as that is known;
  /// port 0: any.
  [[nodiscard]] std::vector<sip::Endpoint> sources(TrunkIndex trunk) const;
  /// What is known of names has changed.
  void refresh_sources();
  /// Of all trunks.
  [[nodiscard]] std::vector<sip::Endpoint> sources() const;
  /// The servers of all trunks, as far as they are known.
  [[nodiscard]] std::vector<KnownServer> servers() const;

 private:
  struct PeerState {
    Peer config;
    std::optional<NameIndex> name{};  ///< none: it has an address
  };
  struct Source {
    sip::Endpoint endpoint;
    bool needs_tls = false;
  };
  struct State {
    const Trunk* config = nullptr;
    std::vector<PeerState> peers{};
    std::vector<Source> sources{};
    std::vector<std::pair<sip::NextHop, Instant>> avoided_until{};
    std::uint32_t calls = 0;
    Instant pace{};  ///< when the next call would be due at an even pace
    Gauge* shown = nullptr;
  };
  [[nodiscard]] std::vector<sip::NextHop> known(const PeerState& peer) const;

  std::vector<State> states_;
  NameBook& names_;
  Counter& full_;
  Counter& fast_;
};

}  // namespace cord::drivers
