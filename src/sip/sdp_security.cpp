#include "sip/sdp_security.hpp"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "sip/codec/fields.hpp"
#include "sip/codec/params.hpp"
#include "sip/codec/scanner.hpp"

namespace cord::sip {
namespace {

constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view inline_method = "inline:";
constexpr std::array suites{CryptoSuite::aes_cm_128_hmac_sha1_80,
                            CryptoSuite::aes_cm_128_hmac_sha1_32, CryptoSuite::aead_aes_128_gcm};
constexpr std::array<std::string_view, 4> setup_names{"actpass", "active", "passive", "holdconn"};

std::string_view next_word(std::string_view& text) {
  text = trimmed(text);
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

std::string to_base64(std::span<const std::uint8_t> bytes) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = bits << 8 | (at + i < bytes.size() ? bytes[at + i] : 0U);
    }
    const std::size_t digits = std::min<std::size_t>(bytes.size() - at, 3) + 1;
    for (std::size_t i = 0; i < 4; ++i) {
      out += i < digits ? base64_digits[bits >> (18 - 6 * i) & 63U] : '=';
    }
  }
  return out;
}

/// RFC 4648 §4. Exactly as many bytes as `out` holds; padding may be left out, as some do.
bool read_base64(std::string_view text, std::span<std::uint8_t> out) {
  while (text.ends_with('=')) text.remove_suffix(1);
  if (text.size() != (out.size() * 4 + 2) / 3) return false;
  std::uint32_t bits = 0;
  std::size_t held = 0, written = 0;
  for (const char c : text) {
    const std::size_t digit = base64_digits.find(c);
    if (digit == std::string_view::npos) return false;
    bits = (bits << 6 | static_cast<std::uint32_t>(digit)) & 0xffffffU;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out[written++] = static_cast<std::uint8_t>(bits >> held);
  }
  return written == out.size();
}

/// RFC 4568 §6.3: what begins with "-" may be ignored, as may the hint WSH; the rest changes what
/// packets look like.
bool is_ignorable(std::string_view parameter) {
  return parameter.starts_with('-') || parameter.starts_with("WSH=");
}

std::optional<Fingerprint> parse_fingerprint(std::string_view value) {
  if (!equals_ignoring_case(next_word(value), "sha-256")) return std::nullopt;
  const std::string_view digits = next_word(value);
  Fingerprint out{};
  if (digits.size() != out.size() * 3 - 1) return std::nullopt;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = hex_value(digits[3 * i]), low = hex_value(digits[3 * i + 1]);
    const bool is_parted = i + 1 == out.size() || digits[3 * i + 2] == ':';
    if (high < 0 || low < 0 || !is_parted) return std::nullopt;
    out[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return out;
}

std::string print_fingerprint(const Fingerprint& fingerprint) {
  std::string out = "sha-256 ";
  for (std::size_t i = 0; i < fingerprint.size(); ++i) {
    out += fmt::format("{}{:02X}", i == 0 ? "" : ":", fingerprint[i]);
  }
  return out;
}

bool is_ice_text(std::string_view text, std::size_t size_min) {
  return text.size() >= size_min && text.size() <= sdp_ice_characters_max &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return base64_digits.find(c) != std::string_view::npos; });
}

bool is_token_text(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

std::string_view to_text(CryptoSuite suite) {
  switch (suite) {
    case CryptoSuite::aes_cm_128_hmac_sha1_80:
      return "AES_CM_128_HMAC_SHA1_80";
    case CryptoSuite::aes_cm_128_hmac_sha1_32:
      return "AES_CM_128_HMAC_SHA1_32";
    case CryptoSuite::aead_aes_128_gcm:
      return "AEAD_AES_128_GCM";
  }
  return {};
}

std::size_t key_bytes(CryptoSuite suite) {
  return suite == CryptoSuite::aead_aes_128_gcm ? 28 : 30;
}

// RFC 4568 §9.1: tag, suite, key parameters, session parameters.
std::optional<CryptoLine> parse_crypto(std::string_view value) {
  CryptoLine line;
  const auto tag = parse_number(next_word(value), 999'999'999);
  const std::string_view name = next_word(value);
  const auto suite = std::find_if(suites.begin(), suites.end(),
                                  [&](CryptoSuite it) { return to_text(it) == name; });
  std::string_view keys = next_word(value);
  if (!tag || suite == suites.end() || !keys.starts_with(inline_method)) return std::nullopt;
  keys.remove_prefix(inline_method.size());
  line.tag = *tag;
  line.suite = *suite;
  const std::string_view key = keys.substr(0, keys.find('|'));
  keys.remove_prefix(key.size());
  // What may follow is a lifetime; an MKI has a colon in it.
  if (keys.find(':') != std::string_view::npos || keys.find(';') != std::string_view::npos) {
    return std::nullopt;
  }
  if (!read_base64(key, std::span(line.key).first(key_bytes(*suite)))) return std::nullopt;
  for (auto parameter = next_word(value); !parameter.empty(); parameter = next_word(value)) {
    if (!is_ignorable(parameter)) return std::nullopt;
  }
  return line;
}

void read_security_attribute(std::string_view name, std::string_view value, MediaSecurity& out) {
  value = trimmed(value);
  if (name == "crypto") {
    const auto line = parse_crypto(value);
    if (line && out.crypto.size() < sdp_crypto_lines_max) out.crypto.push_back(*line);
  } else if (name == "fingerprint") {
    if (const auto fingerprint = parse_fingerprint(value)) out.fingerprint = fingerprint;
  } else if (name == "setup") {
    const auto found = std::find(setup_names.begin(), setup_names.end(), value);
    if (found != setup_names.end()) out.setup = static_cast<Setup>(found - setup_names.begin());
  } else if (name == "ice-ufrag") {
    if (is_ice_text(value, 4)) out.ice_ufrag = std::string(value);
  } else if (name == "ice-pwd") {
    if (is_ice_text(value, 22)) out.ice_pwd = std::string(value);
  } else if (name == "mid") {
    if (is_token_text(value)) out.mid = std::string(value);
  } else if (name == "rtcp-mux") {
    out.rtcp_mux = true;
  }
}

std::string print(const MediaSecurity& security) {
  std::string out;
  if (!security.mid.empty()) out += fmt::format("a=mid:{}\r\n", security.mid);
  if (security.rtcp_mux) out += "a=rtcp-mux\r\n";
  for (const CryptoLine& line : security.crypto) {
    const auto key = std::span(line.key).first(key_bytes(line.suite));
    out += fmt::format("a=crypto:{} {} {}{}\r\n", line.tag, to_text(line.suite), inline_method,
                       to_base64(key));
  }
  if (security.fingerprint) {
    out += fmt::format("a=fingerprint:{}\r\n", print_fingerprint(*security.fingerprint));
  }
  if (security.setup) {
    out += fmt::format("a=setup:{}\r\n", setup_names[static_cast<std::size_t>(*security.setup)]);
  }
  if (!security.ice_ufrag.empty()) {
    out += fmt::format("a=ice-ufrag:{}\r\na=ice-pwd:{}\r\n", security.ice_ufrag, security.ice_pwd);
  }
  for (const std::string& candidate : security.candidates) {
    out += fmt::format("a=candidate:{}\r\n", candidate);
  }
  return out;
}

}  // namespace cord::sip
