// One simulated agent's desktop: logs in, answers calls, completes them, and carries out commands
// of the mix; says what it hears to the tally, and checks that nothing was lost or doubled. It has
// no clock, no socket and no timer of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.hpp"
#include "client/session_model.hpp"
#include "load/mix.hpp"
#include "load/tally.hpp"

namespace cord::app {

struct DesktopHabits {
  std::string password;
  Duration answer_after = std::chrono::milliseconds(500);
  Duration complete_after = std::chrono::milliseconds(500);
};

/// What the desktops have around them. Called by a desktop that is at work: it must not be called
/// back from there.
class DesktopWorld {
 public:
  virtual ~DesktopWorld() = default;
  virtual void send(std::size_t desktop, std::string text) = 0;
  /// One call of on_due() after `delay`.
  virtual void wake(std::size_t desktop, Duration delay) = 0;
  /// It has come through its log-in (once), a resume, or the end of its session.
  virtual void settled(std::size_t desktop) = 0;
};

class LoadDesktop {
 public:
  enum class Phase : std::uint8_t { offline, logging_in, resuming, working, given_up };

  /// All but `agent` must outlive it. `index` names it to the world.
  LoadDesktop(std::size_t index, std::string agent, const DesktopHabits& habits,
              DesktopWorld& world, Tally& tally);

  void on_open(Instant now);
  void on_lost();
  void on_message(std::string_view text, Instant now);
  void on_due(Instant now);

  /// Carries out one of the mix, which was due at `due`. False if it cannot now.
  bool run(const MixRow& row, Instant due);
  /// In the end: whether the number of the session's last event is the last one had.
  void ask_for_snapshot(Instant now);

  [[nodiscard]] Phase phase() const { return phase_; }
  [[nodiscard]] Mood mood() const;
  [[nodiscard]] bool waits_for_an_answer() const { return asked_.has_value(); }

 private:
  struct Asked {
    std::uint64_t id = 0;
    std::string command;
    std::string text;  ///< to send it again
    Instant due{};
    bool is_sent_again = false;
    bool is_final_look = false;
  };
  struct Act {
    std::string_view command;
    std::string target;
    Duration delay{};
  };

  void ask(std::string_view command, std::string_view target, boost::json::object data,
           Instant due);
  void take(const Event& event, Instant now);
  void take(const Answer& answer, Instant now);
  void take_success(const Asked& asked, const Answer& answer, Instant now);
  void take_failure(const Asked& asked, const Answer& answer);
  void take_resumed(const Answer& answer);
  void note_caught_up();
  void give_up(const std::string& why);
  void plan(Duration at_least);
  [[nodiscard]] std::optional<Act> next_act() const;
  [[nodiscard]] const InteractionView* call() const;
  [[nodiscard]] const std::string* target_of(const MixRow& row) const;

  const std::size_t index_;
  const std::string agent_;
  const DesktopHabits& habits_;
  DesktopWorld& world_;
  Tally& tally_;

  Phase phase_ = Phase::offline;
  SessionModel model_;
  std::string token_;
  std::uint64_t last_id_ = 0;
  std::optional<Asked> asked_;     ///< one at a time; log-in and resume included
  std::optional<Asked> kept_;      ///< asked before the connection was lost
  std::uint64_t awaited_seq_ = 0;  ///< the last event of the last success; 0: is here
  Instant awaited_since_{};
  std::uint64_t resumed_to_ = 0;  ///< events up to it are late because of us
  bool has_been_ready_ = false;
  bool is_woken_ = false;    ///< or will be
  bool is_put_off_ = false;  ///< log-in or resuming is asked for again when it is
};

}  // namespace cord::app
