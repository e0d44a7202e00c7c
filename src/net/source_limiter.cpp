#include "net/source_limiter.hpp"

#include <algorithm>

#include "base/prng.hpp"

namespace cord::net {
namespace {

constexpr std::size_t buckets = 4'096;
constexpr std::uint32_t sources_in_all = 10;  // That may send at full rate at the same time.
constexpr int at_once = 4;                    // Seconds' worth of requests.

}  // namespace

SourceLimiter::SourceLimiter(SourceLimits limits, std::uint64_t secret)
    : secret_(secret),
      interval_(Span(std::chrono::seconds(1)) / limits.rate_per_s),
      interval_of_all_(interval_ / sources_in_all),
      busy_until_(buckets) {
  set_known(std::move(limits.known));
}

void SourceLimiter::set_known(std::vector<std::uint32_t> known) {
  known_ = std::move(known);
  std::sort(known_.begin(), known_.end());
}

bool SourceLimiter::admits(std::uint32_t ip, Time now) {
  if (std::binary_search(known_.begin(), known_.end(), ip)) return true;
  constexpr Span room = std::chrono::seconds(at_once);
  Time& own = busy_until_[Prng(secret_ ^ ip).below(buckets)];
  const Time own_start = std::max(own, now);
  const Time all_start = std::max(all_busy_until_, now);
  if (own_start + interval_ - now > room || all_start + interval_of_all_ - now > room) return false;
  own = own_start + interval_;
  all_busy_until_ = all_start + interval_of_all_;
  return true;
}

}  // namespace cord::net
