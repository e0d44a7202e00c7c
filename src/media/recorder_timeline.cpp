#include "media/recorder_timeline.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace cord::media {
namespace {

constexpr std::int64_t jump_samples = 8000;          // farther off: a new placement at once
constexpr int outside_max = 5;                       // nearer: only if it stays so
constexpr std::int64_t window_samples = 5 * 8000;    // how often the placement is corrected
constexpr std::int64_t correction_samples_min = 80;  // 10 ms
constexpr std::int64_t reach_frames = 16'000;        // how far ahead of what left
constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

}  // namespace

RecorderTimeline::RecorderTimeline(Instant start) : start_(start), tracks_(2) {}

RecorderTimeline::Track& RecorderTimeline::track_of(Voice voice) {
  if (voice.index() >= tracks_.size()) tracks_.resize(voice.index() + 1);
  return tracks_[voice.index()];
}

void RecorderTimeline::anchor(Track& track, const Media& media, std::int64_t arrival) {
  track.anchored = true;
  track.run = media.run;
  track.timestamp = media.timestamp;
  track.position = arrival - static_cast<std::int64_t>(media.payload.size());
  track.outside = 0;
  track.error_min = never;
  track.window_end = arrival + window_samples;
}

void RecorderTimeline::correct(Track& track, std::int64_t error, std::int64_t arrival) {
  track.error_min = std::min(track.error_min, error);
  if (arrival < track.window_end) return;
  if (std::abs(track.error_min) >= correction_samples_min) track.position += track.error_min;
  track.error_min = never;
  track.window_end = arrival + window_samples;
}

// Says where the packet's first sample belongs; false if it fits nowhere.
bool RecorderTimeline::locate(Track& track, const Media& media, std::int64_t arrival,
                              std::int64_t& start) {
  const auto samples = static_cast<std::int64_t>(media.payload.size());
  if (!track.anchored || track.run != media.run) anchor(track, media, arrival);
  start = track.position + distance(track.timestamp, media.timestamp);
  std::int64_t error = arrival - samples - start;
  const bool fits = error <= late_samples_max && error >= -ahead_samples_max;
  track.outside = fits ? 0 : track.outside + 1;
  if (std::abs(error) > jump_samples || track.outside >= outside_max) {
    anchor(track, media, arrival);
    start = track.position;
    error = 0;
  } else if (!fits) {
    return false;
  }
  if (distance(track.timestamp, media.timestamp) > 0) {
    track.position = start;
    track.timestamp = media.timestamp;
  }
  correct(track, error, arrival);
  return true;
}

bool RecorderTimeline::place(Voice voice, const Media& media, Instant now, bool audible) {
  std::int64_t start = 0;
  Track& track = track_of(voice);
  if (!locate(track, media, position(now), start)) return true;
  return !audible || paused_ || store(voice, media, start);
}

// Stores what lies within reach and outside of all pauses.
bool RecorderTimeline::store(Voice voice, const Media& media, std::int64_t start) {
  const auto end = start + static_cast<std::int64_t>(media.payload.size());
  Pause free{std::max(start, taken_), std::min(end, taken_ + reach_frames)};
  bool stored = true;
  for (const Pause& pause : pauses_) {
    stored &= store_span(voice, media, start, {free.begin, std::min(free.end, pause.begin)});
    free.begin = std::max(free.begin, pause.end);
  }
  return store_span(voice, media, start, free) && stored;
}

bool RecorderTimeline::store_span(Voice voice, const Media& media, std::int64_t start, Pause span) {
  if (span.begin >= span.end) return true;
  return audio_.add(voice, media.codec, static_cast<std::uint32_t>(span.begin - taken_),
                    media.payload.subspan(static_cast<std::size_t>(span.begin - start),
                                          static_cast<std::size_t>(span.end - span.begin)));
}

void RecorderTimeline::erase_from(std::int64_t position) {
  audio_.erase_from(
      static_cast<std::uint32_t>(std::clamp<std::int64_t>(position - taken_, 0, reach_frames)));
}

void RecorderTimeline::pause(Instant now) {
  if (paused_) return;
  paused_ = true;
  const std::int64_t begin = position(now);
  if (pauses_.size() == pauses_max) {
    pauses_.back().end = never;  // Joined with the one before: too silent, never too loud.
    erase_from(pauses_.back().begin);
  } else {
    pauses_.push_back({begin, never});
    erase_from(begin);
  }
}

void RecorderTimeline::resume(Instant now) {
  if (!paused_) return;
  paused_ = false;
  pauses_.back().end = position(now);
}

std::int64_t RecorderTimeline::frames_ready(Instant now) const {
  return std::max<std::int64_t>(0, position(now) - late_samples_max - taken_);
}

std::int64_t RecorderTimeline::frames_left(Instant now) const {
  return std::max<std::int64_t>(0, position(now) - taken_);
}

RecordedAudio RecorderTimeline::take(std::int64_t frames) {
  RecordedAudio rest = audio_.split(static_cast<std::uint32_t>(frames));
  RecordedAudio out = std::exchange(audio_, std::move(rest));
  taken_ += frames;
  std::erase_if(pauses_, [&](const Pause& it) { return it.end <= taken_; });
  return out;
}

}  // namespace cord::media
