// What the domain name system says, as values: whoever asks it (net) and whoever reads the answers
// (sip) share these.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/instant.hpp"

namespace cord {

enum class DnsKind : std::uint8_t {
  naptr,    ///< RFC 3403
  srv,      ///< RFC 2782
  address,  ///< A, and what the system's hosts file says
};

struct DnsQuestion {
  DnsKind kind = DnsKind::address;
  std::string name;
  friend bool operator==(const DnsQuestion&, const DnsQuestion&) = default;
};

struct NaptrRecord {
  std::uint16_t order = 0;
  std::uint16_t preference = 0;
  std::string flags;
  std::string service;
  std::string replacement;
  friend bool operator==(const NaptrRecord&, const NaptrRecord&) = default;
};

struct SrvRecord {
  std::uint16_t priority = 0;
  std::uint16_t weight = 0;
  std::uint16_t port = 0;
  std::string target;
  friend bool operator==(const SrvRecord&, const SrvRecord&) = default;
};

/// The records of one question, those of its kind only. All empty: there are none.
struct DnsRecords {
  std::vector<NaptrRecord> naptr;
  std::vector<SrvRecord> srv;
  std::vector<std::uint32_t> addresses;  ///< IPv4, in host byte order
  Duration ttl{};                        ///< the shortest of `addresses`; 0: not known
  friend bool operator==(const DnsRecords&, const DnsRecords&) = default;
};

}  // namespace cord
