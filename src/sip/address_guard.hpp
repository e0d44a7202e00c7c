// What one address may cost us: how often it may ask, and how often it may be wrong before it has
// to wait. Reads no clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <unordered_map>

#include "base/instant.hpp"

namespace cord::sip {

class AddressGuard {
 public:
  struct Limits {
    Duration request_every = std::chrono::milliseconds(50);  ///< in the mean, for each address
    std::uint32_t burst = 200;                               ///< at once
    Duration failure_every = std::chrono::seconds(15);       ///< in the mean
    std::uint32_t failures = 20;                             ///< at once; one more locks it out
    Duration lock_out = std::chrono::minutes(5);
    std::size_t addresses_max = 65'536;  ///< remembered; the one heard longest ago is forgotten
  };

  explicit AddressGuard(Limits limits) : limits_(limits) {}

  /// Counts a request. False: too many of late.
  [[nodiscard]] bool admit(std::uint32_t address, Instant now);
  [[nodiscard]] bool is_locked_out(std::uint32_t address, Instant now) const;
  /// Counts a wrong password. True: that locked it out.
  bool add_failure(std::uint32_t address, Instant now);

  [[nodiscard]] std::size_t addresses() const { return places_.size(); }

 private:
  // Generic cell rate algorithm (ITU-T I.371): when the next one would be due at an even pace.
  struct Entry {
    std::uint32_t address = 0;
    Instant last{};
    Instant requests{};
    Instant failures{};
    Instant locked_until{};
  };
  Entry& newest(std::uint32_t address, Instant now);
  void forget_oldest();

  Limits limits_;
  std::list<Entry> entries_;  ///< the one heard longest ago first
  std::unordered_map<std::uint32_t, std::list<Entry>::iterator> places_;
};

}  // namespace cord::sip
