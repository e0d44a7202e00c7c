// `cordboard agent`: an agent's desktop in a terminal, for people and for scripts; docs/agent.md.
#pragma once

#include <string>
#include <vector>

namespace cord::app {

struct AgentOptions {
  std::string server = "127.0.0.1:8080";
  std::string ca_file = {};
  std::string agent = {};
  std::string password_file = {};
  bool takes_over = false;
  bool prints_json = false;
  bool goes_on = false;                 ///< after a command that failed, in a script
  std::vector<std::string> lines = {};  ///< to carry out instead of standard input
};

/// Returns the exit status: 0; 1 if a command failed, a wait was in vain, or the session ended by
/// itself; 2 if it could not begin.
[[nodiscard]] int run_agent(const AgentOptions& options);

}  // namespace cord::app
