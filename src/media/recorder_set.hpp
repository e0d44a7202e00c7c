// The running recordings: which streams they take, their time lines, and what goes to the writer.
// Pure but for its sink.
//
// What is recorded is what passes between the two parties. Audio of a muted stream is not recorded;
// and while the two streams do not hear each other, in both directions (on hold, the customer hears
// music; during a consultation, the agent talks to somebody else), neither side is. All of that is
// digital silence in the file. In a conference that holds for the agent and each of the others, who
// add up on the left; the agent is recorded while at least one of them and the agent hear each
// other.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/instant.hpp"
#include "base/metrics.hpp"
#include "base/prng.hpp"
#include "base/timer_wheel.hpp"
#include "media/orders.hpp"
#include "media/recorder_timeline.hpp"
#include "media/recording_jobs.hpp"
#include "media/slot.hpp"

namespace cord::media {

using ReportSink = std::function<void(Report&&)>;

class RecorderSet {
 public:
  struct Config {
    std::size_t recorders_max = 1'000;  ///< those whose file is being completed included
    Duration duration_max = std::chrono::hours(24);  ///< WAV ends at 37 hours
    std::size_t actions_max = 10'000;  ///< in one story; a resume beyond it is refused, and a
                                       ///< member is not noted
  };
  /// Whether two streams are bridged with each other at this moment.
  using IsBridged = std::function<bool(Slot, Slot)>;

  /// What the set needs from its owner. The references must outlive it.
  struct Surroundings {
    RecordingSink& sink;
    Metrics& metrics;
    ReportSink report;
    IsBridged is_bridged;
  };

  RecorderSet(Config config, std::size_t streams_max, Surroundings surroundings);

  /// Who is recorded: the slots of an order's streams that are open.
  struct Cast {
    std::vector<Slot> left{};  ///< at most RecordedAudio::voices_max; further ones are left out
    std::optional<Slot> right{};
    std::vector<std::string> names{};  ///< of all on the left, of a conference only
  };

  /// Starts a recording. Reports RecorderFailed at once if there are too many; else the writer's
  /// outcome decides.
  void start(const StartRecorder& order, Cast cast, Instant now);

  /// The recording goes on with these streams. An unknown recorder: nothing happens.
  void move(RecorderId id, Cast cast, Instant now);

  /// Of an unknown recorder: pause and stop are Done, for nothing is recorded; resume is
  /// RecorderFailed.
  void control(const ControlRecorder& order, Instant now);

  /// Whether any recording wants the stream in `slot`.
  [[nodiscard]] bool takes(Slot slot) const { return !taps_[slot].empty(); }

  /// One audio packet of G.711 that the stream in `slot` received.
  void audio(Slot slot, const Media& media, Instant now);

  /// As Plane::prefetch(), for audio().
  void prefetch(Slot slot, std::size_t step) const;

  /// The bridges of the stream in `slot` may have changed.
  void update_bridges(Slot slot);

  /// The stream in `slot` was closed. Its recordings go on, without its audio.
  void forget(Slot slot);

  /// What the writer did.
  void take(RecordingOutcome&& outcome);

  /// Hands over what is due.
  void advance(Instant now);
  [[nodiscard]] std::optional<Instant> next_due() const { return timers_.next_due(); }

  /// Ends all recordings properly, in the name of `by`, without reports.
  void stop_all(const std::string& by, Instant now);

 private:
  struct Source {
    Slot slot;
    Voice voice;
  };
  struct Recorder {
    RecorderId id;
    std::vector<Source> sources;  // without those that were closed
    RecorderTimeline timeline;
    RecordingStory story;
    Instant due;  // of the next hand-over
  };
  struct Tap {
    Recorder* recorder;
    Voice voice;
    bool audible;  // it and the other side hear each other
  };

  void listen(Recorder& recorder, Cast cast, Instant now);
  void unlisten(const Recorder& recorder);
  void note_members(Recorder& recorder, const std::vector<std::string>& names, Instant now) const;
  void judge(const Recorder& recorder);
  Tap& tap_of(const Recorder& recorder, Slot slot);
  void hand_over(Recorder& recorder, Instant now);
  bool submit_frames(Recorder& recorder, std::int64_t frames);
  void finish(Recorder& recorder, Token token, const std::string& by, Instant now);
  void fail(Recorder& recorder, const std::string& reason);
  void remove(RecorderId id);
  void count();

  Config config_;
  RecordingSink& sink_;
  ReportSink report_;
  IsBridged is_bridged_;
  Gauge& recorders_gauge_;
  Gauge& recorders_used_;
  Gauge& actions_used_;
  Counter& failures_;
  Counter& overflows_;
  std::unordered_map<RecorderId, std::unique_ptr<Recorder>> recorders_;
  std::unordered_set<RecorderId> ending_;  // their file is with the writer
  std::vector<std::vector<Tap>> taps_;     // by slot: it is looked up for every packet
  TimerWheel<RecorderId> timers_;
};

}  // namespace cord::media
