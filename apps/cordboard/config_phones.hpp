// Phones and trunks in the configuration: `[registrar]`, `phone` and `sip-password` of `[[agent]]`,
// and `[[trunk]]` (docs/phones-and-trunks.md).
#pragma once

#include <string>
#include <vector>

#include "config_table.hpp"
#include "core/directory.hpp"
#include "drivers/sip/config.hpp"

namespace cord::app {

/// Reads the table into what is there, finish() included.
void read_registrar(TableReader table, sip::RegistrarConfig& registrar);

/// Where an agent's phone is, as core::Agent::phone has it. One that registers is added to
/// `subscribers`; agents who share a desk share its phone, and so its password.
[[nodiscard]] std::string read_phone(TableReader& table, const std::string& extension,
                                     std::vector<sip::Subscriber>& subscribers);

/// `phone-mode` of `[[agent]]`.
[[nodiscard]] core::PhoneMode read_phone_mode(TableReader& table);
/// As read_phone() for an agent whose browser is the phone.
[[nodiscard]] std::string read_browser(TableReader& table, const std::string& extension);

/// `codecs` of `[[trunk]]` and `[[agent]]`; all if it is not there.
[[nodiscard]] std::vector<sip::Codec> read_codecs(TableReader& table);

/// Reads all of a `[[trunk]]` but its name, finish() included.
void read_trunk(TableReader& table, drivers::Trunk& trunk, Problems& problems);

}  // namespace cord::app
