// What stands between a stream and its sockets: SRTP with keys from SDP or from a DTLS handshake,
// and ICE-lite. Datagrams of the RTP port are told apart by their first byte (RFC 7983) and RTCP by
// its packet type (RFC 5761 §4). Pure, but for OpenSSL's handshake timer (dtls.hpp).
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "media/channel.hpp"
#include "media/dtls.hpp"
#include "media/ice_agent.hpp"
#include "media/protection_terms.hpp"
#include "media/srtp.hpp"
#include "media/stun.hpp"

namespace cord::media {

/// What a datagram is by its first byte, RFC 7983 §7.
enum class DatagramKind : std::uint8_t { stun, dtls, media, unknown };
[[nodiscard]] DatagramKind kind_of(std::span<const std::uint8_t> datagram);

/// Whether a packet of RTP or SRTP kind is RTCP, RFC 5761 §4.
[[nodiscard]] bool is_rtcp(std::span<const std::uint8_t> packet);

/// Handshakes that may begin in a second, of all streams: each costs the thread about 0.3 ms.
class HandshakeBudget {
 public:
  explicit HandshakeBudget(std::size_t per_second) : per_second_(per_second) {}
  /// False: not now.
  [[nodiscard]] bool take(Instant now);
  /// Those that began in the second of the last take().
  [[nodiscard]] std::size_t used() const { return used_; }

 private:
  std::size_t per_second_;
  std::size_t used_ = 0;
  Instant second_begins_{};
};

class Protection {
 public:
  /// What the protections of a plane share. Must outlive them.
  struct Shared {
    const DtlsIdentity* identity = nullptr;  ///< null: no DTLS
    HandshakeBudget* handshakes = nullptr;
  };

  Protection(const Shared& shared, ProtectionTerms terms);

  /// New terms: what is the same goes on.
  void change(ProtectionTerms terms);

  /// What became of a datagram.
  struct Opened {
    enum class Kind : std::uint8_t { rtp, rtcp, own, refused, postponed };
    Kind kind = Kind::refused;
    std::span<const std::uint8_t> packet{};  ///< rtp, rtcp: in the clear; valid until the next call
  };
  /// What has come to one of the stream's ports.
  struct Arrival {
    Channel channel;
    Endpoint from;
    std::span<const std::uint8_t> datagram;
  };
  /// Where the far end is, as far as the stream knows: its SDP's address. Without port: not known.
  struct Usual {
    Endpoint rtp{}, rtcp{};
  };
  [[nodiscard]] Opened open(const Arrival& arrival, const Usual& usual, Instant now);

  /// Protects the first `bytes` of `buffer` in place. Returns the new size; 0: it must not be sent.
  [[nodiscard]] std::size_t seal_rtp(std::span<std::uint8_t> buffer, std::size_t bytes);
  [[nodiscard]] std::size_t seal_rtcp(std::span<std::uint8_t> buffer, std::size_t bytes);

  [[nodiscard]] bool muxes_rtcp() const { return terms_.rtcp_mux; }
  [[nodiscard]] bool has_ice() const { return ice_.has_value(); }
  /// With ICE: where to send.
  [[nodiscard]] std::optional<Endpoint> remote(Instant now) const {
    return ice_ ? ice_->remote(now) : std::nullopt;
  }

  /// With ICE: when the far end's last check came.
  [[nodiscard]] Instant checked_at() const { return ice_ ? ice_->checked_at() : Instant{}; }

  /// Answers to checks, and the handshakes: what leaves by `channel`.
  struct Own {
    Channel channel;
    Endpoint to;
    std::vector<std::uint8_t> bytes;
  };
  /// Those since the last call.
  [[nodiscard]] std::vector<Own> take_output(const Usual& usual, Instant now);

  void advance(const Usual& usual, Instant now);
  [[nodiscard]] std::optional<Instant> due(Instant now) const;

  /// Whether a handshake has given keys for RTP; told once.
  [[nodiscard]] bool take_success();
  /// Why there are no keys for RTP and will be none; told once.
  [[nodiscard]] std::optional<std::string_view> take_failure();

 private:
  // What the packets of a pair of ports are protected with.
  struct Flow {
    Channel channel;
    std::optional<SrtpKeys> keys{};
    std::optional<SrtpSender> sender{};
    std::optional<SrtpReceiver> receiver{};
    std::optional<DtlsAssociation> dtls{};
    std::optional<Endpoint> dtls_peer{};  // who began the handshake, if we did not

    void set_keys(const SrtpKeys& given);
    [[nodiscard]] bool gives_way_to(Endpoint from, Endpoint expected) const;
    void look_at_handshake(Endpoint expected);
  };

  // A handshake is for one pair of ports, RFC 5764 §4: RTCP on a port of its own has its own.
  [[nodiscard]] std::size_t flow_count() const { return terms_.dtls && !terms_.rtcp_mux ? 2 : 1; }
  [[nodiscard]] std::span<Flow> flows() { return std::span(flows_).first(flow_count()); }
  [[nodiscard]] std::span<const Flow> flows() const {
    return std::span(flows_).first(flow_count());
  }
  [[nodiscard]] Flow& flow_of(Channel channel) {
    return channel == Channel::rtp ? flows().front() : flows().back();
  }
  [[nodiscard]] bool begins() const;
  [[nodiscard]] Endpoint expected(Channel channel, const Usual& usual, Instant now) const;
  Opened receive_dtls(const Arrival& arrival, const Usual& usual, Instant now);

  Shared shared_;
  ProtectionTerms terms_;
  std::array<Flow, 2> flows_{Flow{Channel::rtp}, Flow{Channel::rtcp}};
  std::optional<IceAgent> ice_;
  std::vector<Own> output_;
  bool success_told_ = false;
  bool failure_told_ = false;
  std::array<std::uint8_t, 1500> clear_{};
};

}  // namespace cord::media
