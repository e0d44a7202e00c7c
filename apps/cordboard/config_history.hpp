// `[history]`: where what has happened is kept, for how long, and who may ask for it.
#pragma once

#include <cstdint>
#include <string>

#include "config_table.hpp"

namespace cord::app {

struct HistoryConfig {
  std::string file;        ///< beside the journal, unless it says otherwise; empty: none is kept
  std::uint32_t days = 0;  ///< kept; 0: for ever
  bool keeps_data = true;  ///< interaction data, secrets masked
  std::string token;       ///< of GET /v1/interactions; empty: nobody may
};

[[nodiscard]] HistoryConfig read_history(TableReader table, const std::string& journal_path);

}  // namespace cord::app
