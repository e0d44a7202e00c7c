#include "sip/nonces.hpp"

#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "sip/digest.hpp"

namespace cord::sip {
namespace {

constexpr std::size_t time_digits = 16, serial_digits = 8;
constexpr std::size_t text_digits = time_digits + serial_digits;
constexpr std::size_t mac_bytes = 16;
constexpr std::uint32_t window_bits = 64;

template <class Number>
std::optional<Number> read_hex(std::string_view text) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number, 16);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return number;
}

// When a nonce of ours was made.
std::optional<Instant> time_of(std::string_view nonce) {
  const auto us = read_hex<std::int64_t>(nonce.substr(0, time_digits));
  if (!us) return std::nullopt;
  return Instant{std::chrono::microseconds(*us)};
}

}  // namespace

std::string Nonces::make(Instant now) {
  const std::string text = fmt::format("{:016x}{:08x}", now.time_since_epoch().count(), ++serial_);
  return text + seal(text);
}

// HMAC-SHA-256, half of it: RFC 2104 §5.
std::string Nonces::seal(std::string_view text) const {
  const std::array<std::uint64_t, 2> key{secret_.k0, secret_.k1};
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), sizeof key, reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), mac.data(), &size);
  std::string hex;
  for (std::size_t i = 0; i < mac_bytes; ++i) hex += fmt::format("{:02x}", mac.at(i));
  return hex;
}

bool Nonces::use(std::string_view nonce, std::string_view nc, Instant now) {
  if (nonce.size() != text_digits + 2 * mac_bytes) return false;
  if (!equal_secrets(nonce.substr(text_digits), seal(nonce.substr(0, text_digits)))) return false;
  const auto made = time_of(nonce);
  if (!made || *made > now || *made + limits_.life <= now) return false;
  forget_old(now);
  const auto known = used_.find(std::string(nonce));
  if (known == used_.end() && *made <= floor_) return false;
  // Without qop: the first use is the last one.
  const auto number = nc.empty() ? std::optional(UINT32_MAX) : read_hex<std::uint32_t>(nc);
  if (!number || *number == 0) return false;
  if (known != used_.end()) return take(known->second, *number);
  used_[std::string(nonce)] = {*number, 1};
  order_.emplace_back(nonce);
  return true;
}

// What is forgotten must not be taken again: no nonce as old as that is.
void Nonces::forget_old(Instant now) {
  while (!order_.empty()) {
    const Instant made = time_of(order_.front()).value_or(Instant{});
    if (made + limits_.life > now && used_.size() < limits_.nonces_max) return;
    floor_ = std::max(floor_, made);
    used_.erase(order_.front());
    order_.pop_front();
  }
}

bool Nonces::take(Window& window, std::uint32_t number) {
  if (number > window.highest) {
    const std::uint32_t step = number - window.highest;
    window.seen = step >= window_bits ? 0 : window.seen << step;
    window.seen |= 1;
    window.highest = number;
    return true;
  }
  const std::uint32_t back = window.highest - number;
  if (back >= window_bits) return false;
  const std::uint64_t bit = 1ULL << back;
  if ((window.seen & bit) != 0) return false;
  window.seen |= bit;
  return true;
}

}  // namespace cord::sip
