// The keys of the configuration about the domain name system.
#pragma once

#include "config_table.hpp"
#include "drivers/sip/config.hpp"

namespace cord::app {

/// `name-servers` of [sip].
void read_name_servers(TableReader& table, Problems& problems, drivers::SipConfig& sip);

}  // namespace cord::app
