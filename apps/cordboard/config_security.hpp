// The keys of the configuration that say how calls are protected.
#pragma once

#include "config_table.hpp"
#include "drivers/sip/config.hpp"

namespace cord::app {

/// The file that the key names, which must be one that we may read. Empty: it is none, or none is
/// named.
[[nodiscard]] std::string readable_file(TableReader& table, std::string_view key);

/// `srtp` of [[trunk]] and [[agent]].
[[nodiscard]] sip::SrtpPolicy read_srtp(TableReader& table);

/// The keys `tls-...` of [sip], after `listen`.
void read_sip_tls(TableReader& table, drivers::SipConfig& sip);

/// `srtp` and `tls-verify` of [[trunk]].
void read_trunk_security(TableReader& table, drivers::Trunk& trunk, Problems& warnings);

}  // namespace cord::app
