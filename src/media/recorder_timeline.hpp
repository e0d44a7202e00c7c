// The common time line of one stereo recording, in memory: audio of two sides goes in as it comes,
// each voice from a stream of its own; finished stretches of both come out. Pure.
//
// Position 0 is the recorder's start, 8000 positions a second. The first packet of a run is placed
// so that it ends when it arrived; the following ones are placed by their RTP time stamps, so that
// jitter does not move them. Every 5 s the placement is corrected by the smallest delay seen, if
// that is 10 ms or more: neither clock drift nor an unlucky first packet adds up. A packet may come
// 200 ms late; whatever nobody filled by then is digital silence (exact zeros).
//
// Pause is exact and fails closed, by two rules: what is received during a pause is dropped
// wherever it belongs, and what belongs into a pause is dropped whenever it is received.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/instant.hpp"
#include "media/recorded_audio.hpp"
#include "media/stream.hpp"

namespace cord::media {

class RecorderTimeline {
 public:
  static constexpr std::int64_t late_samples_max = 1600;   ///< 200 ms
  static constexpr std::int64_t ahead_samples_max = 1600;  ///< packets may come early by so much
  static constexpr std::size_t pauses_max = 16;  ///< within 200 ms; more are joined into one

  explicit RecorderTimeline(Instant start);

  /// Takes one audio packet. Not `audible`: it only keeps the placement up to date. False if it was
  /// left out because the stretch is full (RecordedAudio): more audio than there is time for.
  [[nodiscard]] bool place(Voice voice, const Media& media, Instant now, bool audible);

  /// There may be so many voices from now on, of both sides together.
  void expect(std::size_t voices) { audio_.expect(voices); }

  /// What comes next of this voice is another stream's.
  void expect_other(Voice voice) { track_of(voice) = {}; }

  /// A hint, without effect, that place() comes.
  void prefetch_audio() const { audio_.prefetch_end(); }

  /// No audio from `now` on. Pausing a paused recording changes nothing.
  void pause(Instant now);
  void resume(Instant now);
  [[nodiscard]] bool paused() const { return paused_; }

  /// Frames that can be taken: no packet can change them any more.
  [[nodiscard]] std::int64_t frames_ready(Instant now) const;

  /// Moves the next `frames` frames out.
  [[nodiscard]] RecordedAudio take(std::int64_t frames);

  /// Frames up to `now`, ready or not: for the end of the recording.
  [[nodiscard]] std::int64_t frames_left(Instant now) const;

  [[nodiscard]] std::int64_t position(Instant at) const { return to_samples(at - start_); }

 private:
  struct Track {
    bool anchored = false;
    std::uint32_t run = 0;
    std::int64_t position = 0;  // of the sample with `timestamp`
    std::uint32_t timestamp = 0;
    int outside = 0;              // packets in a row that did not fit
    std::int64_t error_min = 0;   // of this window; how much later than placed packets came
    std::int64_t window_end = 0;  // position at which the placement is corrected
  };
  struct Pause {
    std::int64_t begin, end;
  };

  Track& track_of(Voice voice);
  static void anchor(Track& track, const Media& media, std::int64_t arrival);
  static void correct(Track& track, std::int64_t error, std::int64_t arrival);
  bool locate(Track& track, const Media& media, std::int64_t arrival, std::int64_t& start);
  bool store(Voice voice, const Media& media, std::int64_t start);
  bool store_span(Voice voice, const Media& media, std::int64_t start, Pause span);
  void erase_from(std::int64_t position);

  Instant start_;
  std::int64_t taken_ = 0;  // frames that left
  bool paused_ = false;
  RecordedAudio audio_;        // from `taken_` on, for about 2 s
  std::vector<Pause> pauses_;  // in order; only those that reach beyond `taken_`
  std::vector<Track> tracks_;  // by Voice::index()
};

}  // namespace cord::media
