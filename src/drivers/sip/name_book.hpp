// The servers that the configuration names instead of giving their address: looked up before they
// are needed, and kept fresh. A call never waits for the name system, and one that is down for a
// while changes nothing: what was known last stays.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/dns.hpp"
#include "base/instant.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/prng.hpp"
#include "base/result.hpp"
#include "drivers/sip/ports.hpp"
#include "sip/locate.hpp"

namespace cord::drivers {

/// How long answers are used before they are looked up again: as long as those say that have an
/// address (c-ares does not tell of the others), within these.
inline constexpr Duration name_refresh_min = std::chrono::seconds(30);
inline constexpr Duration name_refresh_max = std::chrono::minutes(10);
/// Without a time to live in the answers, and after a look-up that failed.
inline constexpr Duration name_refresh = std::chrono::minutes(1);
/// After a look-up that failed, of a name of which nothing is known.
inline constexpr Duration name_retry = std::chrono::seconds(5);
/// A look-up that is not answered for so long has failed.
inline constexpr Duration name_answer_max = std::chrono::minutes(1);

using NameIndex = std::size_t;

class NameBook {
 public:
  /// `ours`: the transports we have, the preferred one first. Without `dns` every look-up fails.
  /// All must outlive it. `seed` decides between servers of the same priority.
  NameBook(std::vector<sip::Transport> ours, DnsPort* dns, Log& log, Metrics& metrics,
           std::uint64_t seed);

  /// Takes a name in, once however often it is given.
  NameIndex add(const sip::ServerName& name);

  /// Looks up what is due.
  void on_timer(Instant now);
  [[nodiscard]] std::optional<Instant> next_due() const;
  /// True if what is known of some name may have changed.
  bool take(const DnsAnswered& answer, Instant now);

  /// Where to try, in this order, chosen anew each time (RFC 2782). Empty: nothing is known.
  [[nodiscard]] std::vector<sip::NextHop> next_hops(NameIndex name);
  /// The same ones, in any order: from where callers come.
  [[nodiscard]] const std::vector<sip::NextHop>& known(NameIndex name) const {
    return entries_.at(name).hops;
  }

 private:
  struct Entry {
    sip::ServerName name;
    std::optional<sip::Locator> found{};
    std::vector<sip::NextHop> hops{};  ///< of `found`
    std::optional<sip::Locator> asking{};
    bool has_failed = false;  ///< the last look-up
    Instant due{};            ///< the next look-up, or the end of the one under way
  };

  void look_up(Entry& entry, Instant now);
  void ask(Entry& entry, Instant now);
  [[nodiscard]] bool finish(Entry& entry, Instant now);
  void fail(Entry& entry, Instant now);
  void show();

  std::vector<Entry> entries_;
  std::vector<sip::Transport> ours_;
  DnsPort* dns_;
  Log& log_;
  Gauge& unknown_;
  Counter& failed_;
  Prng random_;
};

}  // namespace cord::drivers
