// What the SIP driver needs of the outside, as interfaces, and what the outside tells it, as
// values. The real ones are sip_sockets.hpp and media_thread_port.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/dns.hpp"
#include "base/result.hpp"
#include "media/orders.hpp"
#include "net/datagram_socket.hpp"
#include "sip/flow.hpp"

namespace cord::drivers {

/// The way to the media plane. Reports come back through SipDriver::on_media.
class MediaPort {
 public:
  virtual ~MediaPort() = default;
  /// False if the plane's queue is full: the order is lost and will not be answered.
  [[nodiscard]] virtual bool submit(media::Order order) = 0;
};

/// A server of a trunk.
struct KnownServer {
  std::uint32_t address = 0;
  std::string host;         ///< as the configuration has it: what its certificate must be for
  bool is_verified = true;  ///< false: any certificate will do
  friend bool operator==(const KnownServer&, const KnownServer&) = default;
};

/// The way to the sockets. Never blocks; what fails on a stream comes back as StreamClosed.
class SipTransport {
 public:
  virtual ~SipTransport() = default;
  /// A TCP or TLS flow without connection takes the one that is open to its remote, or opens one.
  virtual void send(const sip::Flow& flow, std::string bytes) = 0;
  /// Ends the connection of a TCP or TLS flow.
  virtual void close(const sip::Flow& flow) = 0;
  /// The servers of trunks, from now on: what comes from there is nothing of a stranger, and whom a
  /// TLS connection leads to is compared with what is expected there.
  virtual void know(const std::vector<KnownServer>& servers) = 0;
};

/// The way to the domain name system. Answers come back as DnsAnswered.
class DnsPort {
 public:
  virtual ~DnsPort() = default;
  /// False if too many questions are under way: this one will not be answered.
  [[nodiscard]] virtual bool ask(DnsQuestion question) = 0;
};

/// Read at once from the UDP listener of that index.
struct DatagramsArrived {
  std::uint16_t listener = 0;
  std::vector<net::Datagram> batch;
};
/// Read from a TCP or TLS connection.
struct StreamBytes {
  sip::Flow flow;
  std::string bytes;
};
/// A TCP or TLS connection, ours or theirs, has ended or could not be made.
struct StreamClosed {
  sip::Flow flow;
  std::string detail;
};

/// What DnsPort::ask() asked; no records of the kind: empty ones.
struct DnsAnswered {
  DnsQuestion question;
  Result<DnsRecords> records;
};

using SipInput = std::variant<DatagramsArrived, StreamBytes, StreamClosed, DnsAnswered>;

}  // namespace cord::drivers
