#include "config_names.hpp"

#include <fmt/format.h>

#include "net/address.hpp"

namespace cord::app {

void read_name_servers(TableReader& table, Problems& problems, drivers::SipConfig& sip) {
  for (const auto& [text, line] : table.texts("name-servers")) {
    const auto address = net::parse_address(text);
    if (!address || address->port == 0) {
      problems.add(line, table.name("name-servers"),
                   fmt::format("\"{}\" is no server; allowed: e.g. \"127.0.0.1:53\"", text));
    } else {
      sip.name_servers.push_back(text);
    }
  }
  if (sip.name_servers.size() > drivers::name_servers_max) {
    table.problem("name-servers", fmt::format("has {} servers; allowed: at most {}",
                                              sip.name_servers.size(), drivers::name_servers_max));
  }
}

}  // namespace cord::app
