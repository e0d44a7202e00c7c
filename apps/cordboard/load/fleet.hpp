// All the desktops of a load on their connections: they log in a few at a time, work at a given
// rate, and lose all connections at once when told to. Everything but run_on_its_thread() is done
// on the one io thread, so nothing here is locked.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/prng.hpp"
#include "base/timer_wheel.hpp"
#include "client/endpoint.hpp"
#include "load/load_desktop.hpp"
#include "net/web_clients.hpp"
#include "runtime/clock.hpp"

namespace cord::app {

struct FleetOptions {
  Endpoint server;
  std::size_t desktops = 100;  ///< agents "sim-1", "sim-2", ...; at most 20,000
  std::size_t first = 1;
  std::size_t log_ins_at_once = 100;  ///< the server keeps 256 waiting
  std::size_t connects_at_once = 500;
  DesktopHabits habits;
  std::uint64_t seed = 1;
};

struct FleetView {
  std::size_t working = 0;
  std::size_t given_up = 0;
  std::size_t talking = 0;
  std::size_t waiting = 0;  ///< for an answer
  std::size_t left_in_storm = 0;
};

class Fleet final : public DesktopWorld {
 public:
  Fleet(net::IoThreads& io, FleetOptions options, const Mix& mix);
  ~Fleet() override;
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  /// Errors: as WebClients::make.
  [[nodiscard]] Result<void> open();
  /// Drops what is left and waits for its end. Not on the io thread.
  void close();

  /// Does `work(*this)` on the io thread and waits for it.
  template <class Work>
  void run_on_its_thread(Work work);

  // On the io thread.

  /// Everybody shall log in.
  void log_in();
  /// Forgets the latencies so far; from now on `commands_per_second` of the mix are due, 0: none.
  void begin_measuring(std::uint64_t commands_per_second);
  void end_measuring();
  /// All drop at once, and resume.
  void storm();
  void ask_for_snapshots();
  /// To be called every few milliseconds.
  void tick();
  /// Whoever has no answer yet will have none.
  void count_unanswered();

  [[nodiscard]] FleetView view() const;
  [[nodiscard]] const Tally& tally() const { return tally_; }

 private:
  struct Place {
    std::unique_ptr<LoadDesktop> desktop;
    std::optional<net::ConnectionId> connection;
    bool is_in_storm = false;
    bool is_logging_in = false;
    bool is_logged_in = false;
    Mood pool = Mood::none;
    std::size_t at = 0;  ///< in its pool
  };

  void send(std::size_t desktop, std::string text) override;
  void wake(std::size_t desktop, Duration delay) override;
  void settled(std::size_t desktop) override;

  void on_open(net::ConnectionId id);
  void on_message(net::ConnectionId id, const std::string& text);
  void on_end(net::ConnectionId id, const net::WebEnd& end);
  void connect_some();
  void run_due_commands(Instant now);
  bool run_one(Instant due);
  void refresh(std::size_t desktop);
  void end_log_in(Place& place);
  void post(std::function<void()> work);

  net::IoThreads& io_;
  const FleetOptions options_;
  const Mix& mix_;
  runtime::Clock clock_;
  Prng prng_;
  Tally tally_;
  std::vector<Place> places_;
  std::unordered_map<net::ConnectionId, std::size_t> by_connection_;
  std::array<std::vector<std::size_t>, moods_count> pools_;  ///< the first is not kept
  struct Due {
    std::size_t desktop;
    bool connects;  ///< else: it is woken
  };
  TimerWheel<Due> timers_;
  std::deque<std::size_t> to_connect_;
  std::size_t connecting_ = 0;
  std::size_t logging_in_ = 0;
  std::size_t logged_in_ = 0;
  Instant log_in_began_{};
  std::size_t left_in_storm_ = 0;
  Instant storm_began_{};
  std::uint64_t commands_per_second_ = 0;
  Instant measuring_since_{};
  std::uint64_t commands_due_ = 0;
  std::unique_ptr<net::WebClients> clients_;
};

template <class Work>
void Fleet::run_on_its_thread(Work work) {
  std::promise<void> done;
  post([&] {
    work(*this);
    done.set_value();
  });
  done.get_future().wait();
}

}  // namespace cord::app
