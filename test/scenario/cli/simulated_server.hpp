// A `cordboard serve` with simulated telephony, for the clients that come with the program.
#pragma once

#include <string>

#include <fmt/format.h>

#include "scenario/cli/program.hpp"

namespace cord::scenario {

class SimulatedServer {
 public:
  struct Setting {
    int calls_per_minute = 1200;
    std::string talk_min = "300ms";
    std::string talk_max = "2s";
    std::string password = "xyzzy";  ///< of each agent
    std::string log_level = "warn";
  };

  explicit SimulatedServer(const Setting& setting)
      : program_({"serve", "--config", configuration(setting)}),
        address_(program_.wait_for_line("listening http ")) {}

  /// Empty: it did not start.
  [[nodiscard]] const std::string& address() const { return address_; }
  /// A file with the simulated agents' password.
  [[nodiscard]] std::string password_file() const { return files_.write("password", "xyzzy\n"); }
  [[nodiscard]] const ConfigDirectory& files() const { return files_; }
  [[nodiscard]] Program& program() { return program_; }

 private:
  [[nodiscard]] std::string configuration(const Setting& setting) const {
    return files_.write(
        "cordboard.toml",
        fmt::format(R"(
[server]
listen = "127.0.0.1:0"
[platform]
driver = "sim"
calls-per-minute = {}
talk-min = "{}"
talk-max = "{}"
agents = 40
agent-password = "{}"
[recording]
directory = "{}"
[journal]
path = "{}"
[log]
level = "{}"
[[queue]]
name = "support"
numbers = ["1800"]
)",
                    setting.calls_per_minute, setting.talk_min, setting.talk_max, setting.password,
                    files_.path("recordings"), files_.path("journal.db"), setting.log_level));
  }

  ConfigDirectory files_;
  Program program_;
  std::string address_;
};

}  // namespace cord::scenario
