#include "front/throttle.hpp"

namespace cord::front {
namespace {

/// Agents' ids are short; what a stranger sends as one need not be, and is kept for minutes.
constexpr std::size_t key_bytes_max = 128;

std::string key_of(std::string_view agent) {
  return std::string(agent.substr(0, key_bytes_max));
}

}  // namespace

bool LogInThrottle::is_throttled(std::string_view agent, std::uint32_t ip, Instant now) const {
  return agents_.is_throttled(key_of(agent), now) || is_throttled(ip, now);
}

bool LogInThrottle::is_throttled(std::uint32_t ip, Instant now) const {
  return addresses_.is_throttled(ip, now);
}

void LogInThrottle::add_failure(std::string_view agent, std::uint32_t ip, Instant now) {
  if (!agents_.is_throttled(key_of(agent), now)) agents_.add(key_of(agent), now);
  add_failure(ip, now);
}

void LogInThrottle::add_failure(std::uint32_t ip, Instant now) {
  if (!addresses_.is_throttled(ip, now)) addresses_.add(ip, now);
}

bool ResumeThrottle::is_throttled(const std::string& session, Instant now) const {
  const std::lock_guard lock(mutex_);
  return sessions_.is_throttled(session, now);
}

void ResumeThrottle::add_failure(const std::string& session, Instant now) {
  const std::lock_guard lock(mutex_);
  if (!sessions_.is_throttled(session, now)) sessions_.add(session, now);
}

}  // namespace cord::front
