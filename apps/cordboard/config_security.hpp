// The keys of the configuration that say how calls are protected.
#pragma once

#include "config_table.hpp"
#include "drivers/sip/config.hpp"

namespace cord::app {

/// `srtp` of [[trunk]] and [[agent]].
[[nodiscard]] sip::SrtpPolicy read_srtp(TableReader& table);

}  // namespace cord::app
