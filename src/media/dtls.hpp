// DTLS-SRTP, RFC 5763 and RFC 5764, as a machine without sockets: datagrams and `now` in, datagrams
// and keys out. DTLS 1.2, by OpenSSL. The far end's certificate is worth what the fingerprint in
// its SDP says, and is compared before keys are given out. OpenSSL's retransmission timer reads the
// system's clock: due() asks it, and an early advance() does nothing.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/types.h>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "media/protection_terms.hpp"

namespace cord::media {

/// Our self-signed certificate (ECDSA, P-256), made once in a process. Threads may share it.
class DtlsIdentity {
 public:
  /// Errors: io_failed (OpenSSL could not).
  [[nodiscard]] static Result<std::shared_ptr<const DtlsIdentity>> make();
  ~DtlsIdentity();
  DtlsIdentity(const DtlsIdentity&) = delete;
  DtlsIdentity& operator=(const DtlsIdentity&) = delete;

  [[nodiscard]] const CertificateDigest& fingerprint() const { return fingerprint_; }
  /// For this room only.
  [[nodiscard]] SSL_CTX* context() const { return context_; }

 private:
  explicit DtlsIdentity(SSL_CTX* context) : context_(context) {}

  SSL_CTX* context_;
  CertificateDigest fingerprint_{};
};

class DtlsAssociation {
 public:
  enum class State : std::uint8_t { shaking_hands, done, failed };

  /// `identity` must outlive it. `remote`: what their certificate must have. The client begins with
  /// its first advance().
  DtlsAssociation(const DtlsIdentity& identity, const CertificateDigest& remote, bool is_client);
  ~DtlsAssociation();
  DtlsAssociation(DtlsAssociation&&) noexcept;
  DtlsAssociation& operator=(DtlsAssociation&&) noexcept;

  void receive(std::span<const std::uint8_t> datagram);
  /// Sends again what is due.
  void advance();
  /// How long until advance() has something to do; none: nothing is waited for.
  [[nodiscard]] std::optional<Duration> due() const;

  /// Datagrams to send, in order, since the last call.
  [[nodiscard]] std::vector<std::vector<std::uint8_t>> take_output();

  [[nodiscard]] State state() const { return state_; }
  /// When done: the keys.
  [[nodiscard]] const std::optional<SrtpKeys>& keys() const { return keys_; }
  /// When failed: why, for the log.
  [[nodiscard]] std::string_view failure() const { return failure_; }

 private:
  struct Free {
    void operator()(SSL* ssl) const;
  };
  void shake_hands();
  void finish();
  void fail(std::string_view why);

  std::unique_ptr<SSL, Free> ssl_;
  CertificateDigest remote_;
  bool is_client_;
  State state_ = State::shaking_hands;
  std::optional<SrtpKeys> keys_;
  std::string failure_;
};

/// Whether the datagram is the beginning of a handshake, a ClientHello.
[[nodiscard]] bool is_client_hello(std::span<const std::uint8_t> datagram);

}  // namespace cord::media
