#include "media/jitter_buffer.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>

// The library's headers need this order.
// clang-format off
#include <spandsp/telephony.h>
#include <spandsp/plc.h>
// clang-format on

#include "media/g711.hpp"
#include "media/rtp_reception.hpp"

namespace cord::media {
namespace {

constexpr auto frame = static_cast<std::int32_t>(frame_samples);
// Before so many packets have come, there is a frame's time more.
constexpr std::size_t packets_to_trust = 16;
constexpr std::size_t adapt_every = 16;
// Our thread wakes on ticks of its own: a packet may be seen so much later than it came.
constexpr std::int32_t margin_samples = 40;
// Farther off than that the place is taken at once.
constexpr std::int32_t jump_samples = 1'600;
// Too early is lost sound, too late is only delay.
constexpr std::int32_t early_samples = 40, late_samples = 160;
constexpr std::int64_t us_per_sample = 1'000'000 / media_clock_hz;
// So many packets in a row that nobody hears: they belong to another time.
constexpr int outside_max = 10;
// A period of a voice of 66 to 200 Hz, and how long two are faded into each other.
constexpr std::size_t pitch_samples_min = 40, fade_samples = 80;

std::uint32_t clock_of(Instant now) {
  return static_cast<std::uint32_t>(to_samples(now.time_since_epoch()));
}

// The shift, ahead or back, at which `sound` resembles what it is at `start` the most.
std::size_t pitch_at(std::span<const std::int16_t> sound, std::size_t start, int direction,
                     std::size_t pitch_samples_max) {
  std::size_t best = pitch_samples_min;
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (std::size_t shift = pitch_samples_min; shift <= pitch_samples_max; ++shift) {
    const std::size_t other = direction > 0 ? start + shift : start - shift;
    std::int64_t difference = 0;
    for (std::size_t i = 0; i < fade_samples; ++i) {
      difference += std::abs(sound[start + i] - sound[other + i]);
    }
    if (difference >= least) continue;
    least = difference;
    best = shift;
  }
  return best;
}

}  // namespace

struct JitterBuffer::Concealment {
  Concealment() { plc_init(&state); }

  // Two faults of the library are kept from doing harm. It puts its ring in order by a memcpy
  // between ranges that overlap, unless it is. And it writes a quarter of a pitch period however
  // short the stretch is: up to 29 samples behind its end.
  void fill(std::span<std::int16_t> part) {
    std::rotate(state.history, state.history + state.buf_ptr, std::end(state.history));
    state.buf_ptr = 0;
    std::array<std::int16_t, frame_samples + PLC_PITCH_OVERLAP_MAX> sound;
    plc_fillin(&state, sound.data(), static_cast<int>(part.size()));
    std::copy_n(sound.begin(), part.size(), part.begin());
  }

  plc_state_t state;
};

JitterBuffer::JitterBuffer()
    : ring_(ring_samples, hole), concealment_(std::make_unique<Concealment>()) {}
JitterBuffer::~JitterBuffer() = default;

std::int32_t JitterBuffer::delay_samples() const {
  return is_started_ ? lag_ - fastest_ : 0;
}

void JitterBuffer::restart(const Media& media, Instant now) {
  std::fill(ring_.begin(), ring_.end(), hole);
  is_started_ = true;
  is_placed_ = has_played_ = false;
  run_ = media.run;
  base_transit_ = clock_of(now) - media.timestamp;
  packets_ = 0;
  outside_ = 0;
  coded_.reset();
  noise_ = {};
  origin_.reset();
  fastest_ = 0;
  lag_ = 2 * frame + margin_samples;
  play_ = newest_ = media.timestamp - static_cast<std::uint32_t>(lag_);
}

void JitterBuffer::put(const Media& media, Instant now) {
  if (!is_started_ || run_ != media.run) restart(media, now);
  const std::int32_t count =
      media.is_noise ? frame : static_cast<std::int32_t>(samples_in(media.codec, media.payload));
  const std::int32_t reach = static_cast<std::int32_t>(ring_samples) - count;
  std::int32_t ahead = distance(play_, media.timestamp);
  const bool is_heard = ahead > -count && ahead <= reach;
  outside_ = is_heard ? 0 : outside_ + 1;
  if (outside_ >= outside_max) {
    restart(media, now);
    ahead = distance(play_, media.timestamp);
  }
  if (ahead > reach || ahead < -reach) return;
  note_transit(distance(base_transit_, clock_of(now) - media.timestamp));
  store(media, static_cast<std::uint32_t>(count));
}

void JitterBuffer::note_transit(std::int32_t transit) {
  window_[packets_ % window_packets] = transit;
  fastest_ = packets_ == 0 ? transit : std::min(fastest_, transit);
  if (++packets_ % adapt_every == 0) adapt();
}

void JitterBuffer::adapt() {
  std::array<std::int32_t, window_packets> sorted = window_;
  const std::size_t count = std::min(packets_, window_packets);
  const std::size_t place = count - 1 - count / 32;
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(place),
                   sorted.begin() + static_cast<std::ptrdiff_t>(count));
  const std::int32_t late = sorted[place];
  fastest_ =
      *std::min_element(window_.begin(), window_.begin() + static_cast<std::ptrdiff_t>(count));
  const std::int32_t reserve = packets_ <= packets_to_trust ? frame : 0;
  lag_ = std::min(late, fastest_ + lateness_samples_max) + frame + margin_samples + reserve;
}

void JitterBuffer::store(const Media& media, std::uint32_t count) {
  if (media.is_noise) {
    if (!media.muted) noise_.begin(media.timestamp, media.payload);
    return;
  }
  noise_.end(media.timestamp);
  if (has_memory(media.codec)) {
    if (!coded_ || coded_->codec() != media.codec) {
      coded_ = std::make_unique<CodedVoice>(media.codec);
    }
    coded_->put(media);
  } else {
    store_g711(media);
  }
  const std::uint32_t end = media.timestamp + count;
  if (distance(newest_, end) > 0) newest_ = end;
}

void JitterBuffer::store_g711(const Media& media) {
  const auto count = static_cast<std::int32_t>(media.payload.size());
  const auto& table = decode_table(media.codec);
  for (std::int32_t i = std::max(0, -distance(play_, media.timestamp)); i < count; ++i) {
    const std::int16_t sample =
        media.muted ? std::int16_t{0} : table[media.payload[static_cast<std::size_t>(i)]];
    at(media.timestamp + static_cast<std::uint32_t>(i)) = sample;
  }
}

void JitterBuffer::store_decoded(const CodedVoice::Piece& piece) {
  for (std::uint32_t i = 0; i < piece.samples.size(); ++i) {
    const std::int32_t ahead = distance(play_, piece.timestamp + i);
    if (ahead < 0 || ahead >= static_cast<std::int32_t>(ring_samples)) continue;
    at(piece.timestamp + i) = std::max<std::int16_t>(piece.samples[i], hole + 1);
  }
}

// What is to be heard in the next frame, and the pitch period behind it if one may be left out.
void JitterBuffer::decode(std::int32_t error) {
  if (!coded_) return;
  const std::uint32_t until =
      play_ + frame_samples + (error > late_samples ? pitch_samples_max : 0);
  while (const auto piece = coded_->next(until)) store_decoded(*piece);
}

void JitterBuffer::erase(std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) at(play_ + i) = hole;
  play_ += count;
}

void JitterBuffer::go_to(std::uint32_t timestamp) {
  const std::int32_t ahead = distance(play_, timestamp);
  // What lies behind has been heard or is given up: its place is needed for what comes.
  if (ahead > 0) erase(std::min(static_cast<std::uint32_t>(ahead), ring_samples));
  play_ = timestamp;
}

std::size_t JitterBuffer::holes(std::size_t count) {
  std::size_t found = 0;
  for (std::uint32_t i = 0; i < count; ++i) found += at(play_ + i) == hole ? 1 : 0;
  return found;
}

void JitterBuffer::take(Instant now, std::span<std::int16_t, frame_samples> out) {
  if (!is_started_) {
    std::fill(out.begin(), out.end(), std::int16_t{0});
    return;
  }
  const std::uint32_t due = clock_of(now) - base_transit_ - static_cast<std::uint32_t>(lag_);
  if (!is_placed_ || std::abs(distance(play_, due)) > jump_samples) go_to(due);
  is_placed_ = true;
  const std::int32_t error = distance(play_, due);
  decode(error);
  const std::uint32_t arrived = play_ + base_transit_ + static_cast<std::uint32_t>(fastest_);
  origin_ = {.run = run_,
             .timestamp = play_,
             .age = Duration(std::int64_t{distance(arrived, clock_of(now))} * us_per_sample)};
  noise_.pass(play_);
  if (!stretch(error, out)) play(error, out);
  std::copy(out.end() - pitch_samples_max, out.end(), played_.begin());
}

// The frame as it is, stretches that are missing concealed. Where its end is, waiting for it costs
// nothing.
void JitterBuffer::play(std::int32_t error, std::span<std::int16_t, frame_samples> out) {
  std::int32_t missing = 0;
  for (std::size_t begin = 0, end = 0; begin < out.size(); begin = end) {
    const bool is_missing = at(play_ + static_cast<std::uint32_t>(begin)) == hole;
    while (end < out.size() &&
           (at(play_ + static_cast<std::uint32_t>(end)) == hole) == is_missing) {
      out[end] = at(play_ + static_cast<std::uint32_t>(end));
      ++end;
    }
    const auto part = out.subspan(begin, end - begin);
    const auto count = static_cast<int>(part.size());
    if (is_missing && noise_.sounds_at(play_ + static_cast<std::uint32_t>(begin))) {
      noise_.fill(part);
      plc_rx(&concealment_->state, part.data(), count);
      missing = count;
    } else if (is_missing) {
      concealment_->fill(part);
      if (has_played_ && distance(play_, newest_) > 0) concealed_ += part.size();
      missing = count;
    } else {
      plc_rx(&concealment_->state, part.data(), count);
      has_played_ = true;
      missing = 0;
    }
  }
  erase(static_cast<std::uint32_t>(frame - std::clamp(-error, 0, missing)));
}

// Leaves a pitch period out, or plays one twice, if the play-out is off; false if it need not, or
// cannot.
bool JitterBuffer::stretch(std::int32_t error, std::span<std::int16_t, frame_samples> out) {
  const bool is_late = error > late_samples;
  if (!is_late && error >= -early_samples) return false;
  const std::size_t needed = frame_samples + (is_late ? pitch_samples_max : 0);
  if (holes(needed) > 0) return false;
  std::array<std::int16_t, 2 * pitch_samples_max + frame_samples> sound{};
  std::copy(played_.begin(), played_.end(), sound.begin());
  constexpr std::size_t start = pitch_samples_max;
  for (std::size_t i = 0; i < needed; ++i)
    sound[start + i] = at(play_ + static_cast<std::uint32_t>(i));
  const int direction = is_late ? 1 : -1;
  const std::size_t pitch = pitch_at(sound, start, direction, pitch_samples_max);
  const std::size_t other = is_late ? start + pitch : start - pitch;
  for (std::size_t i = 0; i < frame_samples; ++i) {
    const auto share = static_cast<std::int32_t>(std::min(i, fade_samples));
    constexpr auto whole = static_cast<std::int32_t>(fade_samples);
    out[i] = static_cast<std::int16_t>(
        (sound[start + i] * (whole - share) + sound[other + i] * share) / whole);
  }
  plc_rx(&concealment_->state, out.data(), static_cast<int>(out.size()));
  erase(static_cast<std::uint32_t>(is_late ? frame_samples + pitch : frame_samples - pitch));
  return true;
}

}  // namespace cord::media
