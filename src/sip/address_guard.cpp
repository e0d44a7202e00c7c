#include "sip/address_guard.hpp"

#include <algorithm>
#include <iterator>

namespace cord::sip {
namespace {

// Whether one more fits; if so it counts.
bool fits(Instant& due, Duration every, std::uint32_t burst, Instant now) {
  const Instant next = std::max(due, now) + every;
  if (next - now > every * burst) return false;
  due = next;
  return true;
}

}  // namespace

bool AddressGuard::admit(std::uint32_t address, Instant now) {
  return fits(newest(address, now).requests, limits_.request_every, limits_.burst, now);
}

bool AddressGuard::is_locked_out(std::uint32_t address, Instant now) const {
  const auto found = places_.find(address);
  return found != places_.end() && now < found->second->locked_until;
}

bool AddressGuard::add_failure(std::uint32_t address, Instant now) {
  Entry& entry = newest(address, now);
  if (fits(entry.failures, limits_.failure_every, limits_.failures, now)) return false;
  entry.failures = {};
  entry.locked_until = now + limits_.lock_out;
  return true;
}

AddressGuard::Entry& AddressGuard::newest(std::uint32_t address, Instant now) {
  const auto found = places_.find(address);
  if (found != places_.end()) {
    entries_.splice(entries_.end(), entries_, found->second);
  } else {
    const Duration kept = std::max({limits_.lock_out, limits_.request_every * limits_.burst,
                                    limits_.failure_every * limits_.failures});
    while (!entries_.empty() && entries_.front().last + kept <= now) forget_oldest();
    if (entries_.size() >= limits_.addresses_max) forget_oldest();
    entries_.push_back({.address = address});
    places_.emplace(address, std::prev(entries_.end()));
  }
  entries_.back().last = now;
  return entries_.back();
}

void AddressGuard::forget_oldest() {
  places_.erase(entries_.front().address);
  entries_.pop_front();
}

}  // namespace cord::sip
