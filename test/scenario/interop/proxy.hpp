// Programs between us and the phones or the carrier: kamailio for the signalling, rtpengine for the
// media. Each is the Debian package's, with a configuration of the test's own.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "scenario/support/certificates.hpp"
#include "scenario/support/child_process.hpp"

namespace cord::scenario {

/// rtpengine in user space (no kernel module) on loopback.
class Rtpengine {
 public:
  explicit Rtpengine(const std::filesystem::path& directory);
  ~Rtpengine();

  /// Where it takes orders (the "ng" protocol).
  [[nodiscard]] std::uint16_t control_port() const { return control_port_; }
  [[nodiscard]] std::string output() const { return process_->output(); }

 private:
  std::uint16_t control_port_ = 0;
  std::unique_ptr<ChildProcess> process_;
};

/// kamailio as a record-routing proxy on a UDP and a TCP port of the same number, and on a TLS
/// port. Registrations go to us with its Path (RFC 3327); what we send by that goes to the phone,
/// and output() notes it.
class Kamailio {
 public:
  struct Options {
    std::uint16_t port = 0;            ///< chosen before, because the server's settings need it
    std::string user;                  ///< requests for this user go to the phone, others to us
    std::uint16_t phone_port = 0;      ///< UDP
    std::string server;                ///< "127.0.0.1:5060;transport=tcp"
    const Rtpengine* media = nullptr;  ///< every session description passes through it
    std::uint16_t tls_port = 0;        ///< 0: it knows no TLS
    /// With the certificate "kamailio"; it wants ours to be of the same authority.
    const Certificates* certificates = nullptr;
  };
  /// Starts it and waits until it answers.
  Kamailio(const std::filesystem::path& directory, const Options& options);
  /// Its processes end with the first of them, which must be asked for that.
  ~Kamailio();

  [[nodiscard]] std::string output() const { return process_->output(); }

 private:
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace cord::scenario
