// A telephony platform that exists in memory only: callers and phones that do what they are told
// by a test, or what a seeded generator makes them do. Deterministic: the same seed and the same
// calls give the same reports. No media, no sockets, no recordings on disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/prng.hpp"
#include "base/result.hpp"
#include "drivers/driver.hpp"

namespace cord::drivers::sim {

/// A time drawn evenly from [min, max]. Both zero: at once, within the call that causes it.
struct Span {
  Duration min{};
  Duration max{};
};

struct SimOptions {
  core::Capabilities capabilities = {};
  Span order_latency = {};      ///< from an order to its report
  Span ring = {};               ///< from the order to call a phone until it rings
  Span pickup = {};             ///< from ringing to LegAnswered, where a phone picks up by itself
  bool phones_pick_up = false;  ///< also those called without auto_answer, and dialled numbers
  std::optional<Span> caller_patience =
      {};                               ///< from arrival until the caller hangs up; none: for ever
  std::uint32_t refused_permille = 0;   ///< of orders to phones, legs and recorders: they fail
  std::uint32_t silent_permille = 0;    ///< of those but OriginateLeg: no report, nothing done
  std::size_t legs_max = 40'000;        ///< a call beyond it does not arrive, a phone is failed
  std::size_t recordings_max = 20'000;  ///< one more is RecordingFailed
};

enum class LegPhase : std::uint8_t {
  arrived,    ///< inbound, neither accepted nor released
  waiting,    ///< inbound, accepted
  calling,    ///< outbound, not ringing yet
  ringing,    ///< outbound
  up,         ///< talking, or parked
  releasing,  ///< LegReleased is on its way
};

/// As anyone outside the core could see it.
struct LegView {
  LegPhase phase = LegPhase::arrived;
  core::LegId peer{};       ///< speaks to it if that is so the other way round; itself: in `mix`
  core::CallId mix{};       ///< where it speaks to several
  bool holds = false;       ///< its peer, which hears music
  bool muted = false;       ///< of an agent's leg
  core::LegId monitored{};  ///< of a supervisor's leg: whose calls it hears; zero: nobody's
  core::MonitorMode monitor_mode = core::MonitorMode::monitor;
  std::vector<core::LegId> wanted_by{};     ///< whose peer it is
  std::vector<core::LegId> monitored_by{};  ///< by which supervisors' legs
};

struct RecorderView {
  core::RecordingId recording{};
  bool takes_audio = false;  ///< started, and not paused
};

class SimDriver final : public TelephonyDriver {
 public:
  SimDriver(const SimOptions& options, std::uint64_t seed, ReportSink sink);
  ~SimDriver() override;

  [[nodiscard]] core::Capabilities capabilities() const override;
  void execute(const core::Effect& order, Instant now) override;
  void on_timer(Instant now) override;
  [[nodiscard]] std::optional<Instant> next_due() const override;
  void drain(Instant now) override;
  [[nodiscard]] bool is_draining() const;
  [[nodiscard]] bool is_quiet() const override;

  // What the world does. Each is false, and nothing happens, if the leg is not in such a phase.

  /// A call reaches us. Errors: full (legs_max), not_accepting (draining).
  [[nodiscard]] Result<core::LegId> call_arrives(const std::string& called,
                                                 const std::string& caller, Instant now);
  /// The far end of any leg hangs up, gives up waiting, or its network is lost.
  bool hangs_up(core::LegId leg, core::Cause cause);
  /// A ringing phone is picked up.
  bool phone_answers(core::LegId leg);
  /// A phone that is called or rings says no: busy, rejected, unreachable.
  bool phone_refuses(core::LegId leg, core::Cause cause);
  /// The hold key of an agent's bridged phone, and its release.
  bool phone_holds(core::LegId leg);
  bool phone_retrieves(core::LegId leg);
  /// Nothing comes from an agent's browser any more, and something again.
  bool browser_is_lost(core::LegId leg);
  bool browser_is_back(core::LegId leg);
  /// The transfer key of an agent's phone: the call is to go to a number, or to whom the agent
  /// consults.
  bool phone_transfers(core::LegId leg, const std::string& to);
  /// Transfers that phones have asked for and that have not ended.
  [[nodiscard]] std::size_t open_transfers() const;
  /// The outcome of the one that ended last; none: none has.
  [[nodiscard]] std::optional<core::TransferEnd> last_transfer() const;
  /// A recorder stops by itself, as with a full disk.
  bool recorder_fails(core::RecordingId recording);

  [[nodiscard]] std::optional<LegView> leg(core::LegId id) const;
  /// All legs that are not released, oldest first.
  [[nodiscard]] std::vector<core::LegId> legs() const;
  [[nodiscard]] std::size_t leg_count() const;
  /// All recorders that run or are about to, oldest first, and whether each takes audio now.
  [[nodiscard]] std::vector<RecorderView> recorders() const;
  [[nodiscard]] std::size_t recording_count() const;

 private:
  class World;
  std::unique_ptr<World> world_;
};

}  // namespace cord::drivers::sim
