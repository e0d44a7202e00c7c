// One seed is one world: a server, its platform, its disk, desktops, phones and callers, on a clock
// of its own. It lives for a while, is told to come to an end, and must then leave nothing behind.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/agenda.hpp"
#include "sim/checks.hpp"
#include "sim/desktop.hpp"
#include "sim/network.hpp"
#include "sim/options.hpp"
#include "sim/process.hpp"

namespace cord::sim {

/// What a world has done when it has ended.
struct WorldFigures {
  std::uint64_t steps = 0;  ///< inputs the engine was given
  std::uint64_t requests = 0;
  std::uint64_t events = 0;  ///< sent to clients
  std::uint64_t calls = 0;
  std::uint64_t restarts = 0;
  Duration simulated{};
  EventKinds kinds;
  std::uint64_t hash = 0;  ///< of everything clients were told and the platform was ordered
};

class World final : public Surroundings {
 public:
  struct Watch {
    bool each_step = false;       ///< whole states are compared after each step, however large
    std::size_t trace_lines = 0;  ///< kept: the last inputs and outputs
  };

  explicit World(const WorldOptions& options, const Watch& watch);
  ~World() override;

  /// Throws Violation.
  WorldFigures run();

  [[nodiscard]] const std::deque<std::string>& traced() const { return trace_; }
  [[nodiscard]] std::uint64_t step() const { return figures_.steps; }

  // Surroundings.
  [[nodiscard]] Instant now() const override { return now_; }
  Agenda& agenda() override { return agenda_; }
  [[nodiscard]] const core::Directory& directory() const override { return directory_; }
  void submit(core::Input&& input) override;
  [[nodiscard]] bool is_up() const override { return process_ != nullptr; }
  void told(std::string_view text) override;
  void trace(std::string line) override;
  [[nodiscard]] bool is_tracing() const override { return watch_.trace_lines > 0; }

 private:
  void populate();
  void live();
  void wind_down();
  bool advance();
  template <class Act>
  void engine_does(Act act);

  // What happens now and then, each as often as its plan says.
  void every(Duration gap, void (World::*act)());
  void call_arrives();
  void task_arrives();
  void withdraw_later(core::CallId task, Duration patience_max);
  void leg_acts();
  void recorder_fails();
  void disk_fails();
  void disk_stalls();
  void process_dies();
  void drain();
  void strangers_part();
  void shut_down();
  void start_process();

  void check(bool thoroughly);
  void hash(std::string_view text);

  const WorldOptions options_;
  const Watch watch_;
  Prng prng_;
  core::Directory directory_;
  Instant now_;
  Agenda agenda_;
  Disk disk_;
  Network network_;
  std::unique_ptr<Process> process_;
  std::vector<std::unique_ptr<Desktop>> desktops_;
  Checks checks_;
  bool is_ending_ = false;
  WorldFigures figures_;
  std::deque<std::string> trace_;
};

}  // namespace cord::sim
