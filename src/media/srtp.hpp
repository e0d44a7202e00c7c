// SRTP and SRTCP, RFC 3711: AES_CM_128_HMAC_SHA1_80, the same with a tag of 32 bits (RFC 4568
// §6.2), and AEAD_AES_128_GCM (RFC 7714). Left out on purpose: key derivation rates, MKI, the F8
// mode, unencrypted and unauthenticated profiles.
//
// A sender has one SSRC, the stream's. A receiver keeps roll-over counter and replay window for
// each SSRC, of which it learns a new one only from a packet that is authentic; what is not leaves
// no trace.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "media/srtp_crypto.hpp"

namespace cord::media {

enum class SrtpSuite : std::uint8_t {
  aes_cm_128_hmac_sha1_80,
  aes_cm_128_hmac_sha1_32,
  aead_aes_128_gcm,
};

inline constexpr std::size_t srtp_salt_bytes_max = 14;
/// What a packet grows by at most: GCM tag, and the index of SRTCP.
inline constexpr std::size_t srtp_growth_bytes_max = 20;
inline constexpr std::size_t srtp_replay_window = 128;  ///< packets, RFC 3711 §3.3.2: 64 or more

/// 14, or 12 with GCM.
[[nodiscard]] std::size_t srtp_salt_bytes(SrtpSuite suite);

/// The master key of one direction. With GCM the last two bytes of the salt are zero.
struct SrtpKey {
  SrtpSuite suite = SrtpSuite::aes_cm_128_hmac_sha1_80;
  AesKey key{};
  std::array<std::uint8_t, srtp_salt_bytes_max> salt{};
  friend bool operator==(const SrtpKey&, const SrtpKey&) = default;
};

/// Which packets of the newest srtp_replay_window have been seen. Indexes have 48 bits for RTP, 31
/// for RTCP.
class ReplayWindow {
 public:
  /// False: seen, or older than the window.
  [[nodiscard]] bool allows(std::uint64_t index) const;
  /// Notes an index that is allowed.
  void take(std::uint64_t index);
  [[nodiscard]] std::optional<std::uint64_t> newest() const { return newest_; }

 private:
  std::optional<std::uint64_t> newest_;
  std::bitset<srtp_replay_window> seen_;  // bit 0: the newest
};

class SrtpSender {
 public:
  explicit SrtpSender(const SrtpKey& key);
  ~SrtpSender();
  SrtpSender(SrtpSender&&) noexcept;
  SrtpSender& operator=(SrtpSender&&) noexcept;

  /// Protects the RTP packet in the first `bytes` of `buffer`, in place, and returns its new size.
  /// The packet is ours: one SSRC; sequence numbers may change places within srtp_replay_window.
  /// Errors: full (no room for the growth in `buffer`, or the key has protected 2^48 packets),
  /// invalid_state (a sequence number that was protected before, or is older than the window: the
  /// key stream must not be used twice, RFC 3711 §9.1).
  [[nodiscard]] Result<std::size_t> protect_rtp(std::span<std::uint8_t> buffer, std::size_t bytes);
  /// The same for a compound RTCP packet; the key lasts for 2^31 of them.
  [[nodiscard]] Result<std::size_t> protect_rtcp(std::span<std::uint8_t> buffer, std::size_t bytes);

 private:
  struct Keys;
  std::unique_ptr<Keys> keys_;
  ReplayWindow sent_;
  std::uint32_t rtcp_index_ = 0;  // of the last packet
};

class SrtpReceiver {
 public:
  static constexpr std::size_t sources_max = 16;  ///< SSRCs; packets of one more are refused

  explicit SrtpReceiver(const SrtpKey& key);
  ~SrtpReceiver();
  SrtpReceiver(SrtpReceiver&&) noexcept;
  SrtpReceiver& operator=(SrtpReceiver&&) noexcept;

  /// Checks and decrypts an RTP packet in place and returns its size without the tag. After an
  /// error `packet` is garbage, and nothing else has changed.
  /// Errors: too_short, bad_version, malformed (its tag is wrong), invalid_state (replayed, or too
  /// old), full (sources_max).
  [[nodiscard]] Result<std::size_t> unprotect_rtp(std::span<std::uint8_t> packet);
  [[nodiscard]] Result<std::size_t> unprotect_rtcp(std::span<std::uint8_t> packet);

 private:
  struct Source {
    std::uint32_t ssrc = 0;
    ReplayWindow window;
  };
  struct Keys;
  static const ReplayWindow* find(const std::vector<Source>& sources, std::uint32_t ssrc);
  static Result<void> admit(const std::vector<Source>& sources, const ReplayWindow* window,
                            std::uint64_t index);
  static void note(std::vector<Source>& sources, std::uint32_t ssrc, std::uint64_t index);

  std::unique_ptr<Keys> keys_;
  std::vector<Source> rtp_, rtcp_;
};

}  // namespace cord::media
