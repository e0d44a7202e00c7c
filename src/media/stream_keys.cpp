// Keys, ours and those of a peer that is not relayed as it is.
#include <algorithm>
#include <utility>

#include "media/stream.hpp"
#include "media/telephone_event.hpp"

namespace cord::media {

// An event of a peer, its duration in the far end's clock.
std::size_t Stream::write_event_of(const Media& media, std::span<std::uint8_t> out) const {
  const std::uint32_t ours = configuration_->dtmf_clock_khz, theirs = media.event_clock_khz;
  auto event = parse_telephone_event(media.payload);
  if (ours == theirs || !event) {
    std::copy(media.payload.begin(), media.payload.end(), out.begin());
    return media.payload.size();
  }
  event->duration = static_cast<std::uint16_t>(
      std::min<std::uint32_t>(event->duration * ours / theirs, UINT16_MAX));
  const auto payload = build_telephone_event(*event);
  std::copy(payload.begin(), payload.end(), out.begin());
  return payload.size();
}

// All packets of an event have one time stamp; between them no audio is sent.
std::size_t Stream::pass_event(const Media& media, Instant now,
                               std::span<std::uint8_t, datagram_bytes_max> out) {
  if (is_left_out(media)) return 0;
  const bool is_first = !passed_event_ || passed_event_->theirs != media.rtp_timestamp;
  if (is_first) passed_event_ = {media.rtp_timestamp, timestamp_at(now), now};
  passed_event_->last_at = now;
  const RtpHeader header{.marker = is_first,
                         .payload_type = configuration_->dtmf_payload_type,
                         .sequence = static_cast<std::uint16_t>(out_sequence_ + 1),
                         .timestamp = passed_event_->ours,
                         .ssrc = ssrc_};
  write_rtp_header(header, out.first<rtp_header_bytes_min>());
  const std::size_t bytes = write_event_of(media, out.subspan(rtp_header_bytes_min));
  sent(header, bytes, frame_samples, now);
  frame_marker_ = true;
  return rtp_header_bytes_min + bytes;
}

bool Stream::send_keys(const SendTones& order, Instant now) {
  if (keys_ || !can_send()) return false;
  keys_ = Keys{.token = order.token, .sequence = KeySequence(order.digits)};
  is_keying_ = true;
  schedule_frames(now);
  return true;
}

std::optional<KeysEnded> Stream::take_keys_ended() {
  return std::exchange(keys_ended_, std::nullopt);
}

// What the source gives goes on, as after a change of the source.
void Stream::end_keys(bool all_sent, Instant now) {
  keys_ended_ = KeysEnded{keys_->token, all_sent};
  keys_.reset();
  is_keying_ = false;
  relay_.reset();
  frame_due_.reset();
  schedule_frames(now);
  frame_marker_ = true;
}

// The next frame of the keys; 0: they have been sent.
std::size_t Stream::write_keys(std::span<std::uint8_t, datagram_bytes_max> out) {
  const auto frame = keys_->sequence.next();
  if (!frame) return 0;
  constexpr int events = KeySequence::tone_frames + KeySequence::end_repeats;
  const bool takes_events = configuration_->dtmf_payload_type != 0;
  if (frame->event && takes_events && frame->number < events) return write_event(*frame, out);
  const bool sounds = frame->event && !takes_events && frame->number < KeySequence::tone_frames;
  std::array<std::int16_t, frame_samples> sound{};
  if (sounds) {
    if (frame->number == 0) keys_->tone.emplace(*frame->event);
    keys_->tone->fill(sound);
  }
  return write_audio(encode(sound, out.subspan(rtp_header_bytes_min)), *frame_due_, out);
}

// RFC 4733 §2.5.1: one time stamp for all packets of an event, the last one three times.
std::size_t Stream::write_event(const KeySequence::Frame& frame,
                                std::span<std::uint8_t, datagram_bytes_max> out) {
  constexpr std::uint8_t volume = 10;
  const bool is_first = frame.number == 0;
  if (is_first) keys_->timestamp = timestamp_at(*frame_due_);
  const int frames = std::min<int>(frame.number + 1, KeySequence::tone_frames);
  const auto samples = static_cast<std::uint16_t>(frames * static_cast<int>(frame_samples) *
                                                  configuration_->dtmf_clock_khz / 8);
  const auto payload = build_telephone_event({.event = *frame.event,
                                              .end = frames == KeySequence::tone_frames,
                                              .volume = volume,
                                              .duration = samples});
  const RtpHeader header{.marker = is_first,
                         .payload_type = configuration_->dtmf_payload_type,
                         .sequence = static_cast<std::uint16_t>(out_sequence_ + 1),
                         .timestamp = keys_->timestamp,
                         .ssrc = ssrc_};
  write_rtp_header(header, out.first<rtp_header_bytes_min>());
  std::copy(payload.begin(), payload.end(), out.begin() + rtp_header_bytes_min);
  sent(header, payload.size(), KeySequence::tone_frames * frame_samples, *frame_due_);
  frame_marker_ = true;
  return rtp_header_bytes_min + payload.size();
}

}  // namespace cord::media
