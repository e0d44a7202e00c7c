#include "media/srtp.hpp"

#include <algorithm>
#include <variant>

#include "base/assert.hpp"
#include "media/big_endian.hpp"
#include "media/rtp_header.hpp"

namespace cord::media {
namespace {

using Bytes = std::span<std::uint8_t>;
using Salt = std::array<std::uint8_t, srtp_salt_bytes_max>;

constexpr std::size_t rtcp_header_bytes = 8;  // That much stays clear, RFC 3711 §3.4.
constexpr std::size_t index_bytes = 4;
constexpr std::size_t rtcp_tag_bytes = 10;  // Of HMAC; RFC 4568 §6.2: even where RTP has 4.
constexpr std::uint32_t encrypted_bit = 0x80000000;
constexpr std::uint64_t index_end = std::uint64_t{1} << 48;

enum Label : std::uint8_t { rtp_cipher, rtp_auth, rtp_salt, rtcp_cipher, rtcp_auth, rtcp_salt };

// XORs what tells packets of a key apart into an initialization vector: SSRC, then index.
constexpr std::size_t packet_bytes = 4 + 6;
void add_packet(std::span<std::uint8_t, packet_bytes> iv, std::uint32_t ssrc, std::uint64_t index) {
  for (std::size_t i = 0; i < 4; ++i) iv[i] ^= static_cast<std::uint8_t>(ssrc >> (24 - 8 * i));
  for (std::size_t i = 0; i < 6; ++i) iv[4 + i] ^= static_cast<std::uint8_t>(index >> (40 - 8 * i));
}

// Of one of the two protocols: what differs between them is labels, tags and the size of the tag.
struct CounterMode {
  Salt salt{};
  AesCounter cipher;
  HmacSha1 hmac;
  std::size_t tag_bytes;

  // RFC 3711 §4.1.1: salt * 2^16 XOR SSRC * 2^64 XOR index * 2^16.
  [[nodiscard]] AesBlock iv(std::uint32_t ssrc, std::uint64_t index) const {
    AesBlock out{};
    std::copy(salt.begin(), salt.end(), out.begin());
    add_packet(std::span(out).subspan<4, packet_bytes>(), ssrc, index);
    return out;
  }
};

struct GaloisMode {
  Salt salt{};
  AesGcm cipher;

  // RFC 7714 §8.1 and §9.1: two zero bytes, SSRC, and an index of 48 bits, XOR the salt.
  [[nodiscard]] GcmIv iv(std::uint32_t ssrc, std::uint64_t index) const {
    GcmIv out{};
    std::copy_n(salt.begin(), out.size(), out.begin());
    add_packet(std::span(out).subspan<2, packet_bytes>(), ssrc, index);
    return out;
  }
};

using Mode = std::variant<CounterMode, GaloisMode>;

Mode make_mode(const SrtpKey& key, bool is_rtcp, AesGcm::Direction direction) {
  const auto derive = [&](Label label, Bytes out) {
    const auto shifted = static_cast<std::uint8_t>(label + (is_rtcp ? rtcp_cipher : rtp_cipher));
    derive_srtp_key(key.key, key.salt, shifted, out);
  };
  AesKey cipher_key{};
  Salt salt{};
  derive(rtp_cipher, cipher_key);
  derive(rtp_salt, std::span(salt).first(srtp_salt_bytes(key.suite)));
  if (key.suite == SrtpSuite::aead_aes_128_gcm) {
    return GaloisMode{.salt = salt, .cipher = AesGcm(cipher_key, direction)};
  }
  Sha1Tag auth_key{};
  derive(rtp_auth, auth_key);
  const bool is_short = key.suite == SrtpSuite::aes_cm_128_hmac_sha1_32 && !is_rtcp;
  return CounterMode{.salt = salt,
                     .cipher = AesCounter(cipher_key),
                     .hmac = HmacSha1(auth_key),
                     .tag_bytes = is_short ? 4 : rtcp_tag_bytes};
}

std::size_t tag_bytes_of(const Mode& mode) {
  const auto* counter = std::get_if<CounterMode>(&mode);
  return counter != nullptr ? counter->tag_bytes : gcm_tag_bytes;
}

/// The index that `sequence` most probably means, RFC 3711 §3.3.1 and appendix A: the nearest to
/// the newest. None: it would lie before the first packet.
std::optional<std::uint64_t> guess_index(std::optional<std::uint64_t> newest,
                                         std::uint16_t sequence) {
  if (!newest) return sequence;
  const auto distance = static_cast<std::int16_t>(sequence - static_cast<std::uint16_t>(*newest));
  if (distance < 0 && *newest < static_cast<std::uint64_t>(-distance)) return std::nullopt;
  return *newest + static_cast<std::uint64_t>(std::int64_t{distance});
}

std::array<std::uint8_t, 4> roll_over_bytes(std::uint64_t index) {
  std::array<std::uint8_t, 4> out{};
  store_be32(out, 0, static_cast<std::uint32_t>(index >> 16));
  return out;
}

}  // namespace

std::size_t srtp_salt_bytes(SrtpSuite suite) {
  return suite == SrtpSuite::aead_aes_128_gcm ? gcm_iv_bytes : srtp_salt_bytes_max;
}

bool ReplayWindow::allows(std::uint64_t index) const {
  if (!newest_ || index > *newest_) return true;
  const std::uint64_t age = *newest_ - index;
  return age < srtp_replay_window && !seen_[age];
}

void ReplayWindow::take(std::uint64_t index) {
  if (!newest_ || index > *newest_) {
    const std::uint64_t step = newest_ ? index - *newest_ : srtp_replay_window;
    seen_ = step < srtp_replay_window ? seen_ << step : decltype(seen_){};
    newest_ = index;
  }
  seen_.set(*newest_ - index);
}

struct SrtpSender::Keys {
  Mode rtp, rtcp;
};

SrtpSender::SrtpSender(const SrtpKey& key)
    : keys_(new Keys{make_mode(key, false, AesGcm::Direction::seal),
                     make_mode(key, true, AesGcm::Direction::seal)}) {}
SrtpSender::~SrtpSender() = default;
SrtpSender::SrtpSender(SrtpSender&&) noexcept = default;
SrtpSender& SrtpSender::operator=(SrtpSender&&) noexcept = default;

Result<std::size_t> SrtpSender::protect_rtp(Bytes buffer, std::size_t bytes) {
  const auto payload_at = rtp_header_bytes(buffer.first(bytes));
  if (!payload_at) return payload_at;
  Mode& mode = keys_->rtp;
  const std::size_t tag_bytes = tag_bytes_of(mode);
  const auto index = guess_index(sent_.newest(), load_be16(buffer, 2));
  if (!index || !sent_.allows(*index)) return refuse(Errc::invalid_state, "srtp.protect");
  if (buffer.size() < bytes + tag_bytes || *index >= index_end) {
    return refuse(Errc::full, "srtp.protect");
  }
  sent_.take(*index);
  const std::uint32_t ssrc = load_be32(buffer, 8);
  const Bytes payload = buffer.first(bytes).subspan(*payload_at);
  if (auto* galois = std::get_if<GaloisMode>(&mode)) {
    galois->cipher.seal(galois->iv(ssrc, *index), {.first = buffer.first(*payload_at)}, payload,
                        buffer.subspan(bytes).first<gcm_tag_bytes>());
  } else {
    auto& counter = std::get<CounterMode>(mode);
    counter.cipher.apply(counter.iv(ssrc, *index), payload);
    const Sha1Tag tag = counter.hmac.of(buffer.first(bytes), roll_over_bytes(*index));
    std::copy_n(tag.begin(), tag_bytes, buffer.subspan(bytes).begin());
  }
  return bytes + tag_bytes;
}

// The index follows the packet, RFC 3711 §3.4; with GCM the tag stands before it, RFC 7714 §9.2.
Result<std::size_t> SrtpSender::protect_rtcp(Bytes buffer, std::size_t bytes) {
  if (bytes < rtcp_header_bytes) return refuse(Errc::too_short, "srtcp.protect");
  Mode& mode = keys_->rtcp;
  const std::size_t tag_bytes = tag_bytes_of(mode);
  if (buffer.size() < bytes + index_bytes + tag_bytes || rtcp_index_ + 1 >= encrypted_bit) {
    return refuse(Errc::full, "srtcp.protect");
  }
  const std::uint32_t index = ++rtcp_index_;
  const std::uint32_t ssrc = load_be32(buffer, 4);
  const Bytes payload = buffer.first(bytes).subspan(rtcp_header_bytes);
  if (auto* galois = std::get_if<GaloisMode>(&mode)) {
    const std::size_t index_at = bytes + tag_bytes;
    store_be32(buffer, index_at, encrypted_bit | index);
    galois->cipher.seal(
        galois->iv(ssrc, index),
        {.first = buffer.first(rtcp_header_bytes), .second = buffer.subspan(index_at, index_bytes)},
        payload, buffer.subspan(bytes).first<gcm_tag_bytes>());
  } else {
    auto& counter = std::get<CounterMode>(mode);
    counter.cipher.apply(counter.iv(ssrc, index), payload);
    store_be32(buffer, bytes, encrypted_bit | index);
    const Sha1Tag tag = counter.hmac.of(buffer.first(bytes + index_bytes));
    std::copy_n(tag.begin(), tag_bytes, buffer.subspan(bytes + index_bytes).begin());
  }
  return bytes + index_bytes + tag_bytes;
}

struct SrtpReceiver::Keys {
  Mode rtp, rtcp;
};

SrtpReceiver::SrtpReceiver(const SrtpKey& key)
    : keys_(new Keys{make_mode(key, false, AesGcm::Direction::open),
                     make_mode(key, true, AesGcm::Direction::open)}) {}
SrtpReceiver::~SrtpReceiver() = default;
SrtpReceiver::SrtpReceiver(SrtpReceiver&&) noexcept = default;
SrtpReceiver& SrtpReceiver::operator=(SrtpReceiver&&) noexcept = default;

const ReplayWindow* SrtpReceiver::find(const std::vector<Source>& sources, std::uint32_t ssrc) {
  const auto found = std::find_if(sources.begin(), sources.end(),
                                  [&](const Source& it) { return it.ssrc == ssrc; });
  return found == sources.end() ? nullptr : &found->window;
}

Result<void> SrtpReceiver::admit(const std::vector<Source>& sources, const ReplayWindow* window,
                                 std::uint64_t index) {
  if (window == nullptr && sources.size() >= sources_max) return refuse(Errc::full, "srtp.sources");
  if (window != nullptr && !window->allows(index))
    return refuse(Errc::invalid_state, "srtp.replay");
  return {};
}

void SrtpReceiver::note(std::vector<Source>& sources, std::uint32_t ssrc, std::uint64_t index) {
  auto found = std::find_if(sources.begin(), sources.end(),
                            [&](const Source& it) { return it.ssrc == ssrc; });
  if (found == sources.end()) found = sources.insert(found, Source{.ssrc = ssrc, .window = {}});
  found->window.take(index);
}

Result<std::size_t> SrtpReceiver::unprotect_rtp(Bytes packet) {
  Mode& mode = keys_->rtp;
  const std::size_t tag_bytes = tag_bytes_of(mode);
  if (packet.size() < tag_bytes) return refuse(Errc::too_short, "srtp.tag");
  const Bytes body = packet.first(packet.size() - tag_bytes);
  const auto tag = packet.subspan(body.size());
  const auto payload_at = rtp_header_bytes(body);
  if (!payload_at) return payload_at;
  const std::uint32_t ssrc = load_be32(packet, 8);
  const ReplayWindow* window = find(rtp_, ssrc);
  const auto index =
      guess_index(window != nullptr ? window->newest() : std::nullopt, load_be16(packet, 2));
  if (!index) return refuse(Errc::invalid_state, "srtp.replay");
  if (auto may = admit(rtp_, window, *index); !may) return tl::make_unexpected(may.error());
  const Bytes payload = body.subspan(*payload_at);
  if (auto* galois = std::get_if<GaloisMode>(&mode)) {
    const AesGcm::Associated clear{.first = body.first(*payload_at)};
    if (!galois->cipher.open(galois->iv(ssrc, *index), clear, payload,
                             tag.first<gcm_tag_bytes>())) {
      return refuse(Errc::malformed, "srtp.tag");
    }
  } else {
    auto& counter = std::get<CounterMode>(mode);
    const Sha1Tag expected = counter.hmac.of(body, roll_over_bytes(*index));
    if (!equal_in_constant_time(std::span(expected).first(tag_bytes), tag)) {
      return refuse(Errc::malformed, "srtp.tag");
    }
    counter.cipher.apply(counter.iv(ssrc, *index), payload);
  }
  note(rtp_, ssrc, *index);
  return body.size();
}

Result<std::size_t> SrtpReceiver::unprotect_rtcp(Bytes packet) {
  Mode& mode = keys_->rtcp;
  const std::size_t tag_bytes = tag_bytes_of(mode);
  if (packet.size() < rtcp_header_bytes + index_bytes + tag_bytes) {
    return refuse(Errc::too_short, "srtcp");
  }
  if (packet[0] >> 6 != 2) return refuse(Errc::bad_version, "srtcp");
  auto* galois = std::get_if<GaloisMode>(&mode);
  const std::size_t body_bytes = packet.size() - index_bytes - tag_bytes;
  const std::size_t index_at = galois != nullptr ? body_bytes + tag_bytes : body_bytes;
  const std::uint32_t index_word = load_be32(packet, index_at);
  const std::uint32_t index = index_word & ~encrypted_bit;
  const std::uint32_t ssrc = load_be32(packet, 4);
  if ((index_word & encrypted_bit) == 0) return refuse(Errc::malformed, "srtcp.clear");
  if (auto may = admit(rtcp_, find(rtcp_, ssrc), index); !may) {
    return tl::make_unexpected(may.error());
  }
  const Bytes payload = packet.first(body_bytes).subspan(rtcp_header_bytes);
  if (galois != nullptr) {
    const AesGcm::Associated clear{.first = packet.first(rtcp_header_bytes),
                                   .second = packet.subspan(index_at, index_bytes)};
    if (!galois->cipher.open(galois->iv(ssrc, index), clear, payload,
                             packet.subspan(body_bytes).first<gcm_tag_bytes>())) {
      return refuse(Errc::malformed, "srtcp.tag");
    }
  } else {
    auto& counter = std::get<CounterMode>(mode);
    const Sha1Tag expected = counter.hmac.of(packet.first(body_bytes + index_bytes));
    if (!equal_in_constant_time(std::span(expected).first(tag_bytes),
                                packet.subspan(body_bytes + index_bytes))) {
      return refuse(Errc::malformed, "srtcp.tag");
    }
    counter.cipher.apply(counter.iv(ssrc, index), payload);
  }
  note(rtcp_, ssrc, index);
  return body_bytes;
}

}  // namespace cord::media
