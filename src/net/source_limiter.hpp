// How much of what strangers send is looked at at all: a bound for each address, and one for all of
// them together, so that neither one sender nor many forged ones keep us from the senders we know.
// The generic cell rate algorithm (ITU-T I.371), one time for each bucket.
//
// Addresses share a fixed number of buckets, by a hash that nobody outside knows: there is no table
// that could be filled. Two that meet in one share its rate.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace cord::net {

struct SourceLimits {
  std::vector<std::uint32_t> known = {};  ///< IPv4 addresses that are always admitted
  std::uint32_t rate_per_s = 50;  ///< of any other address; four times as many at once. Of all
                                  ///< others together ten times this; 1 to 100,000
};

class SourceLimiter {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `secret` decides which addresses share a bucket.
  SourceLimiter(SourceLimits limits, std::uint64_t secret);

  /// Instead of SourceLimits::known.
  void set_known(std::vector<std::uint32_t> known);

  /// Whether one more from `ip` (host byte order) is to be looked at. One that is not costs its
  /// sender nothing further.
  [[nodiscard]] bool admits(std::uint32_t ip, Time now);

 private:
  using Span = std::chrono::steady_clock::duration;

  std::vector<std::uint32_t> known_;  // Sorted.
  std::uint64_t secret_;
  Span interval_, interval_of_all_;
  // When a bucket is empty again; those of the past are empty.
  std::vector<Time> busy_until_;
  Time all_busy_until_{};
};

}  // namespace cord::net
