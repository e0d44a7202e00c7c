#include "media/stun.hpp"

#include <algorithm>

#include "media/big_endian.hpp"
#include "media/srtp_crypto.hpp"

namespace cord::media {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint32_t magic_cookie = 0x2112a442;
constexpr std::uint32_t fingerprint_mask = 0x5354554e;
constexpr std::uint16_t binding_method = 0x0001, method_bits = 0x3eef, class_bits = 0x0110;
constexpr std::size_t attribute_header_bytes = 4;
constexpr std::size_t fingerprint_bytes = attribute_header_bytes + 4;
constexpr std::uint16_t comprehension_optional = 0x8000;
constexpr std::uint8_t ipv4_family = 1;

enum Attribute : std::uint16_t {
  username = 0x0006,
  message_integrity = 0x0008,
  error_code = 0x0009,
  unknown_attributes = 0x000a,
  xor_mapped_address = 0x0020,
  priority = 0x0024,
  use_candidate = 0x0025,
  fingerprint = 0x8028,
  ice_controlled = 0x8029,
  ice_controlling = 0x802a,
};

constexpr auto crc_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t it = i;
    for (int bit = 0; bit < 8; ++bit) it = (it & 1U) != 0 ? 0xedb88320U ^ it >> 1 : it >> 1;
    table[i] = it;
  }
  return table;
}();

// CRC-32 of ITU V.42, RFC 5389 §15.5.
std::uint32_t crc32(Bytes bytes) {
  std::uint32_t crc = 0xffffffffU;
  for (const std::uint8_t byte : bytes) crc = crc_table[(crc ^ byte) & 0xffU] ^ crc >> 8;
  return ~crc;
}

Sha1Tag integrity_of(Bytes before, std::string_view password) {
  // The length in the header is then that of a message that ends with MESSAGE-INTEGRITY, §15.4.
  std::array<std::uint8_t, stun_header_bytes> header{};
  std::copy_n(before.begin(), header.size(), header.begin());
  const std::size_t length = before.size() + attribute_header_bytes + sha1_bytes;
  store_be16(header, 2, static_cast<std::uint16_t>(length - stun_header_bytes));
  HmacSha1 hmac({reinterpret_cast<const std::uint8_t*>(password.data()), password.size()});
  return hmac.of(header, before.subspan(stun_header_bytes));
}

class Builder {
 public:
  Builder(std::uint16_t type, const StunTransaction& transaction) : bytes_(stun_header_bytes) {
    store_be16(bytes_, 0, type);
    store_be32(bytes_, 4, magic_cookie);
    std::copy(transaction.begin(), transaction.end(), bytes_.begin() + 8);
  }

  void add(Attribute type, Bytes value) {
    const std::size_t at = bytes_.size();
    bytes_.resize(at + attribute_header_bytes);
    store_be16(bytes_, at, type);
    store_be16(bytes_, at + 2, static_cast<std::uint16_t>(value.size()));
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    bytes_.resize((bytes_.size() + 3) / 4 * 4);
    store_be16(bytes_, 2, static_cast<std::uint16_t>(bytes_.size() - stun_header_bytes));
  }
  void add(Attribute type, std::string_view text) {
    add(type, Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
  }

  std::vector<std::uint8_t> finish(std::string_view password) && {
    if (!password.empty()) {
      const Sha1Tag tag = integrity_of(bytes_, password);
      add(message_integrity, tag);
    }
    // The length counts FINGERPRINT too, §15.5.
    store_be16(bytes_, 2,
               static_cast<std::uint16_t>(bytes_.size() + fingerprint_bytes - stun_header_bytes));
    std::array<std::uint8_t, 4> crc{};
    store_be32(crc, 0, crc32(bytes_) ^ fingerprint_mask);
    add(fingerprint, crc);
    return std::move(bytes_);
  }

 private:
  std::vector<std::uint8_t> bytes_;
};

std::optional<Endpoint> read_mapped(Bytes value) {
  if (value.size() != 8 || value[1] != ipv4_family) return std::nullopt;
  return Endpoint{load_be32(value, 4) ^ magic_cookie,
                  static_cast<std::uint16_t>(load_be16(value, 2) ^ magic_cookie >> 16)};
}

void read_attribute(std::uint16_t type, Bytes value, StunMessage& out) {
  switch (type) {
    case username:
      out.username = {reinterpret_cast<const char*>(value.data()), value.size()};
      return;
    case use_candidate:
      out.use_candidate = true;
      return;
    case ice_controlled:
      out.is_controlled = true;
      return;
    case xor_mapped_address:
      out.mapped = read_mapped(value);
      return;
    case priority:
    case error_code:
    case unknown_attributes:
      return;
    default:
      if (type >= comprehension_optional || out.has_unknown) return;
      out.has_unknown = true;
      out.unknown = type;
  }
}

StunKind kind_of(std::uint16_t type) {
  switch (type & class_bits) {
    case 0x0000:
      return StunKind::request;
    case 0x0010:
      return StunKind::indication;
    case 0x0100:
      return StunKind::success;
    default:
      return StunKind::error;
  }
}

bool has_right_fingerprint(Bytes datagram) {
  if (datagram.size() < stun_header_bytes + fingerprint_bytes) return false;
  const std::size_t at = datagram.size() - fingerprint_bytes;
  return load_be16(datagram, at) == fingerprint && load_be16(datagram, at + 2) == 4 &&
         load_be32(datagram, at + 4) == (crc32(datagram.first(at)) ^ fingerprint_mask);
}

}  // namespace

Result<StunMessage> parse_stun(Bytes datagram) {
  if (datagram.size() < stun_header_bytes) return refuse(Errc::too_short, "stun.header");
  const std::uint16_t type = load_be16(datagram, 0);
  const std::size_t length = load_be16(datagram, 2);
  const bool is_framed = (type & 0xc000U) == 0 && load_be32(datagram, 4) == magic_cookie &&
                         length % 4 == 0 && length + stun_header_bytes == datagram.size();
  if (!is_framed || !has_right_fingerprint(datagram)) return refuse(Errc::malformed, "stun.frame");
  if ((type & method_bits) != binding_method) return refuse(Errc::unsupported, "stun.method");
  StunMessage out{.kind = kind_of(type)};
  std::copy_n(datagram.begin() + 8, out.transaction.size(), out.transaction.begin());
  std::size_t attributes = 0;
  const std::size_t end = datagram.size() - fingerprint_bytes;
  for (std::size_t at = stun_header_bytes; at < end && !out.integrity_at;) {
    if (at + attribute_header_bytes > end || ++attributes > stun_attributes_max) {
      return refuse(Errc::malformed, "stun.attribute");
    }
    const std::uint16_t attribute = load_be16(datagram, at);
    const std::size_t bytes = load_be16(datagram, at + 2);
    if (at + attribute_header_bytes + bytes > end) return refuse(Errc::too_short, "stun.value");
    if (attribute == message_integrity) {
      if (bytes != sha1_bytes) return refuse(Errc::malformed, "stun.integrity");
      out.integrity_at = at;
    } else {
      read_attribute(attribute, datagram.subspan(at + attribute_header_bytes, bytes), out);
    }
    at += attribute_header_bytes + (bytes + 3) / 4 * 4;
  }
  return out;
}

bool is_authentic(Bytes datagram, const StunMessage& message, std::string_view password) {
  if (!message.integrity_at) return false;
  const Sha1Tag expected = integrity_of(datagram.first(*message.integrity_at), password);
  return equal_in_constant_time(
      expected, datagram.subspan(*message.integrity_at + attribute_header_bytes, sha1_bytes));
}

std::vector<std::uint8_t> stun_success(const StunTransaction& transaction, Endpoint mapped,
                                       std::string_view password) {
  Builder out(0x0101, transaction);
  std::array<std::uint8_t, 8> address{0, ipv4_family};
  store_be16(address, 2, static_cast<std::uint16_t>(mapped.port ^ magic_cookie >> 16));
  store_be32(address, 4, mapped.address ^ magic_cookie);
  out.add(xor_mapped_address, address);
  return std::move(out).finish(password);
}

std::vector<std::uint8_t> stun_error(const StunTransaction& transaction, std::uint16_t code,
                                     std::string_view password, std::uint16_t unknown) {
  Builder out(0x0111, transaction);
  const std::array<std::uint8_t, 4> number{0, 0, static_cast<std::uint8_t>(code / 100),
                                           static_cast<std::uint8_t>(code % 100)};
  out.add(error_code, number);
  if (unknown != 0) {
    std::array<std::uint8_t, 2> type{};
    store_be16(type, 0, unknown);
    out.add(unknown_attributes, type);
  }
  return std::move(out).finish(password);
}

std::vector<std::uint8_t> stun_request(const StunCheck& check) {
  Builder out(binding_method, check.transaction);
  out.add(username, check.username);
  out.add(priority, std::array<std::uint8_t, 4>{0x6e, 0, 1, 0xff});
  if (check.use_candidate) out.add(use_candidate, Bytes{});
  out.add(check.is_controlled ? ice_controlled : ice_controlling, std::array<std::uint8_t, 8>{});
  return std::move(out).finish(check.password);
}

}  // namespace cord::media
