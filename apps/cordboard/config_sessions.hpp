// Of `[sip]`: when a call ends that nobody hangs up.
#pragma once

#include "config_table.hpp"
#include "drivers/sip/config.hpp"

namespace cord::app {

/// session-expires, min-se and dialog-check. The rest of the table is left to the caller.
void read_sessions(TableReader& table, drivers::SipConfig& sip);

}  // namespace cord::app
