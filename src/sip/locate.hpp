// Where a SIP server is: RFC 3263 §4.1 and §4.2, from the answers of the domain name system. Pure:
// the questions are asked elsewhere.
//
// Left out on purpose: IPv6, and the domains of NAPTR replacements that a TLS certificate would
// have to be valid for (RFC 5922 compares the name one began with).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/dns.hpp"
#include "base/prng.hpp"
#include "sip/flow.hpp"

namespace cord::sip {

/// Records beyond it, of one answer, are not looked at.
inline constexpr std::size_t located_records_max = 32;
/// What one name leads to, beyond it, is not tried.
inline constexpr std::size_t located_hops_max = 64;

/// What is known of a server before it is looked up.
struct ServerName {
  std::string host;        ///< a domain name
  std::uint16_t port = 0;  ///< 0: none given
  /// As its URI says. None: whatever the domain prefers of what we speak.
  std::optional<Transport> transport;
  friend bool operator==(const ServerName&, const ServerName&) = default;
};

/// Looks one name up. Questions come in up to three rounds: take those of a round, answer each,
/// and look for more.
class Locator {
 public:
  /// `ours`: the transports we have, the preferred one first.
  Locator(ServerName name, std::vector<Transport> ours);

  /// The questions of this round; each is given once. None after all are answered: it is done.
  [[nodiscard]] std::vector<DnsQuestion> take_questions();

  /// Whether `question` is one of this round that has not been answered.
  [[nodiscard]] bool awaits(const DnsQuestion& question) const;

  /// An answer to a question of this round, empty if there are no such records. One that was not
  /// asked is ignored.
  void answer(const DnsQuestion& question, DnsRecords records);

  [[nodiscard]] bool is_done() const { return round_ == Round::done; }

  /// Where to try, in this order: by priority, and of one priority by chance in proportion to the
  /// weights (RFC 2782), which `random` decides. Empty: nothing was found.
  [[nodiscard]] std::vector<NextHop> next_hops(Prng& random) const;

  /// For how long the answers hold, as far as they say; 0: they do not.
  [[nodiscard]] Duration ttl() const { return ttl_; }

 private:
  enum class Round : std::uint8_t { naptr, srv, addresses, done };
  struct Service {
    Transport transport = Transport::udp;
    std::string name;  ///< of its SRV records
    std::vector<SrvRecord> records;
  };

  void ask(DnsKind kind, std::string name);
  void finish_round();
  void begin_services();
  void begin_addresses();
  [[nodiscard]] bool has_transport(Transport transport) const;
  [[nodiscard]] Transport default_transport() const;
  [[nodiscard]] std::vector<std::uint32_t> addresses_of(std::string_view name) const;
  void add_hops(std::vector<NextHop>& out, const Service& service, Prng& random) const;

  ServerName name_;
  std::vector<Transport> ours_;
  Round round_ = Round::naptr;
  std::vector<DnsQuestion> asked_;  ///< of this round, not answered yet
  std::vector<DnsQuestion> untold_;
  std::vector<NaptrRecord> naptr_;
  std::vector<Service> services_;  ///< in order of preference
  std::vector<std::pair<std::string, std::vector<std::uint32_t>>> addresses_;
  Duration ttl_{};
};

}  // namespace cord::sip
