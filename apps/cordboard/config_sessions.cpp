#include "config_sessions.hpp"

namespace cord::app {

using namespace std::chrono_literals;

// RFC 4028 §5: no interval is below 90 s.
void read_sessions(TableReader& table, drivers::SipConfig& sip) {
  const auto expires = table.duration("session-expires", 0s, 24h);
  if (expires && *expires != 0s && *expires < 90s) {
    table.problem("session-expires", "is too short; allowed: 0 s (off), or 90 s to 24 h");
  }
  sip.session_expires = expires.value_or(sip.session_expires);
  sip.min_se = table.duration("min-se", 90s, 24h).value_or(sip.min_se);
  if (sip.session_expires != 0s && sip.min_se > sip.session_expires) {
    table.problem("min-se", "is longer than session-expires");
  }
  sip.dialog_check = table.duration("dialog-check", 0s, 1h).value_or(sip.dialog_check);
}

}  // namespace cord::app
