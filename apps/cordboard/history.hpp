// `cordboard history`: what has happened, from the history file itself, whether a server runs or
// not.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace cord::app {

struct HistoryCommand {
  std::string config_file;  ///< says where the history is, unless `file` does
  std::string file;
  /// As in the query of GET /v1/interactions: "agent", "alice".
  std::vector<std::pair<std::string, std::string>> filters;
  bool prints_json = false;  ///< one object a line
};

/// Exit status.
int run_history(const HistoryCommand& command);

}  // namespace cord::app
