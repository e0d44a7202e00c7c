#include "media/stream.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "media/g711.hpp"
#include "media/telephone_event.hpp"
#include "media/tone.hpp"

namespace cord::media {
namespace {

// A generator that is later than this goes on from now instead of catching up.
constexpr Duration generator_backlog_max = 5 * frame_duration;
// A time stamp that is this far from the time that passed belongs to a new clock.
constexpr std::int64_t clock_jump_samples_max = 2 * media_clock_hz;

constexpr std::uint8_t payload_type_max = 127;
constexpr std::uint8_t noise_payload_type = 13;  // RFC 3389 §4
// Between two events of one key no audio is sent; they come every 20 to 50 ms.
constexpr Duration event_gap_max = 3 * frame_duration;

// More than a second of jitter is a far end that reports nonsense.
constexpr std::uint32_t far_jitter_samples_max = media_clock_hz;

constexpr std::uint32_t to_us(std::uint32_t samples) {
  return samples * (1'000'000 / media_clock_hz);
}

bool generates(Source source) {
  return source == Source::silence || source == Source::music || source == Source::ringback;
}

}  // namespace

Stream::Stream(std::uint64_t seed, const GeneratedAudio& generated) : generated_(generated) {
  Prng random(seed);
  ssrc_ = static_cast<std::uint32_t>(random.next() >> 32);
  out_sequence_ = static_cast<std::uint16_t>(random.next() >> 48);
  out_timestamp_ = out_end_ = static_cast<std::uint32_t>(random.next() >> 32);
  // RFC 7022 §4.2: a short-term persistent CNAME of random bits, which tells nobody anything.
  cname_ = fmt::format("{:016x}{:08x}", random.next(), random.next() >> 32);
}

void Stream::configure(const ConfigureStream& order, Instant now) {
  const bool is_new_remote = !configuration_ || configuration_->remote != order.remote;
  const bool is_new_direction = configuration_ && configuration_->may_send != order.may_send;
  const bool is_new_wait = !configuration_ || configuration_->may_receive != order.may_receive ||
                           configuration_->timeout != order.timeout;
  if (is_new_remote) {
    if (latched_) {
      old_source_ = latched_;
      old_source_until_ = now + old_source_guard;
    }
    latched_.reset();
  }
  if (is_new_remote || is_new_direction) relay_.reset();
  if (is_new_remote || is_new_wait) last_received_ = now;
  if (configuration_ && configuration_->codec != order.codec) {
    relay_.reset();
    encoder_.reset();
  }
  configuration_ = order;
  if (order.dtmf_payload_type > payload_type_max) configuration_->dtmf_payload_type = 0;
  if (order.opus_payload_type > payload_type_max) configuration_->opus_payload_type = 0;
  if (keys_ && !can_send()) end_keys(false, now);
  schedule_frames(now);
}

void Stream::set_source(Source source, Instant now, std::optional<std::uint16_t> program) {
  if (source == source_ && program == program_) return;
  source_ = source;
  program_ = program;
  relay_.reset();
  passed_event_.reset();
  if (!keys_) frame_due_.reset();
  frame_marker_ = true;
  generated_at_ = 0;
  schedule_frames(now);
}

void Stream::schedule_frames(Instant now) {
  if (!can_send() || (!keys_ && !generates(source_))) {
    frame_due_.reset();
    return;
  }
  if (frame_due_) return;
  frame_due_ = has_sent_ ? std::max(now, out_at_ + frame_duration) : now;
  frame_marker_ = true;
}

bool Stream::can_send() const {
  return configuration_ && configuration_->may_send && rtp_remote().port != 0;
}

Endpoint Stream::rtp_remote() const {
  if (latched_) return *latched_;
  return configuration_ ? configuration_->remote : Endpoint{};
}

Endpoint Stream::rtcp_remote() const {
  Endpoint remote = rtp_remote();
  if (remote.port != 0) ++remote.port;
  return remote;
}

bool Stream::accepts_source(Endpoint from, Instant now) const {
  if (latched_) return *latched_ == from;
  const bool is_old = old_source_ == from && from != configuration_->remote;
  return !is_old || now >= old_source_until_;
}

Drop Stream::classify(const RtpPacket& packet, Media& media) const {
  media.muted = muted_;
  media.marker = packet.header.marker;
  media.sequence = packet.header.sequence;
  media.rtp_timestamp = packet.header.timestamp;
  media.payload = packet.payload;
  const std::uint8_t type = packet.header.payload_type;
  media.is_event =
      configuration_->dtmf_payload_type != 0 && type == configuration_->dtmf_payload_type;
  media.event_clock_khz = configuration_->dtmf_clock_khz;
  if (media.is_event) return Drop::none;
  // Its clock is that of G.711 and G.722. Opus makes its own.
  media.is_noise = type == noise_payload_type && clock_factor_ == 1;
  const auto codec = media.is_noise ? Codec::pcmu : codec_of(type);
  if (!codec) return Drop::payload_type;
  media.codec = *codec;
  return samples_in(media.codec, media.payload) == 0 ? Drop::malformed : Drop::none;
}

std::optional<Codec> Stream::codec_of(std::uint8_t payload_type) const {
  const auto codec = static_cast<Codec>(payload_type);
  if (codec == Codec::pcmu || codec == Codec::pcma) return codec;
  const std::uint8_t opus = configuration_->opus_payload_type;
  if (opus != 0 && payload_type == opus) return Codec::opus;
  if (codec == Codec::g722 && configuration_->takes_g722) return codec;
  return std::nullopt;
}

void Stream::take_timestamp(Media& media) {
  media.timestamp = media.rtp_timestamp;
  if (clock_factor_ == 1) return;
  extended_timestamp_ +=
      distance(static_cast<std::uint32_t>(extended_timestamp_), media.rtp_timestamp);
  media.timestamp = static_cast<std::uint32_t>(extended_timestamp_ / clock_factor_);
}

void Stream::take_source(const RtpHeader& header) {
  if (reception_.started() && header.ssrc == remote_ssrc_) return;
  lost_of_earlier_ssrcs_ += std::max<std::int64_t>(0, reception_.lost());
  reception_ = RtpReception();
  remote_ssrc_ = header.ssrc;
  event_timestamp_.reset();
  last_sr_.reset();
}

// True if the source's time stamps have left the time that passed: its clock was set anew.
bool Stream::take_clock(const Media& media, Instant now) {
  const std::int64_t media_samples = distance(clock_timestamp_, media.timestamp);
  const std::int64_t drift = media_samples - to_samples(now - clock_at_);
  const bool jumped = drift > clock_jump_samples_max || drift < -clock_jump_samples_max;
  if (jumped || media_samples > 0) {
    clock_timestamp_ = media.timestamp;
    clock_at_ = now;
  }
  return jumped;
}

std::optional<std::uint8_t> Stream::take_event(const Media& media) {
  const auto event = parse_telephone_event(media.payload);
  if (!event || event_timestamp_ == media.rtp_timestamp) return std::nullopt;
  event_timestamp_ = media.rtp_timestamp;
  if (event->event > dtmf_event_max) return std::nullopt;
  return event->event;
}

Received Stream::receive(Endpoint from, std::span<const std::uint8_t> datagram, Instant now) {
  if (!may_receive()) return {.drop = Drop::not_receiving, .media = {}, .key = {}};
  if (!accepts_source(from, now)) {
    ++strangers_;
    return {.drop = Drop::stranger, .media = {}, .key = {}};
  }
  const auto packet = parse_rtp(datagram);
  if (!packet) return {.drop = Drop::malformed, .media = {}, .key = {}};
  Received received;
  received.drop = classify(*packet, received.media);
  if (latched_) last_received_ = now;
  if (received.drop != Drop::none) return received;
  latched_ = from;
  take_source(packet->header);
  const auto verdict = reception_.take_sequence(packet->header.sequence);
  if (verdict == RtpReception::Verdict::jumped) {
    received.drop = Drop::jumped;
    return received;
  }
  bool is_new_run = verdict == RtpReception::Verdict::restarted;
  if (!received.media.is_event) {
    const std::uint32_t factor = clock_factor(received.media.codec);
    is_new_run = std::exchange(clock_factor_, factor) != factor || is_new_run;
    take_timestamp(received.media);
  }
  if (is_new_run) {
    clock_timestamp_ = received.media.timestamp;
    clock_at_ = now;
  }
  if (received.media.is_event) {
    received.key = take_event(received.media);
  } else {
    is_new_run = take_clock(received.media, now) || is_new_run;
    reception_.take_arrival(received.media.timestamp, now);
  }
  if (is_new_run) ++run_;
  received.media.run = run_;
  ++packets_received_;
  last_received_ = now;
  return received;
}

std::uint32_t Stream::timestamp_at(Instant at) const {
  if (!has_sent_) return out_timestamp_;
  const auto elapsed = static_cast<std::uint32_t>(to_samples(at - out_at_));
  const std::uint32_t by_clock = out_timestamp_ + elapsed * out_clock_factor();
  return distance(out_end_, by_clock) > 0 ? by_clock : out_end_;
}

void Stream::begin_run(const Media& media, Instant now) {
  const auto sequence = static_cast<std::uint16_t>(out_sequence_ + 1);
  relay_ = Relay{.run = media.run,
                 .first_sequence = media.sequence,
                 .highest_sequence = media.sequence,
                 .sequence_offset = static_cast<std::uint16_t>(sequence - media.sequence),
                 .timestamp_offset = timestamp_at(now) - media.rtp_timestamp};
}

std::uint8_t Stream::payload_type() const {
  const Codec codec = configuration_->codec;
  return codec == Codec::opus ? configuration_->opus_payload_type
                              : static_cast<std::uint8_t>(codec);
}

bool Stream::can_relay(const Media& media) const {
  if (!configuration_) return true;
  const Codec codec = configuration_->codec;
  if (media.codec == codec) return !media.muted || !has_memory(codec);
  return !has_memory(media.codec) && !has_memory(codec);
}

bool Stream::is_left_out(const Media& media) const {
  if (media.is_event) return media.muted || configuration_->dtmf_payload_type == 0;
  return media.is_noise && (media.muted || !configuration_->passes_noise);
}

// Without a hole in the sequence numbers. What comes late from before this point has no number
// left, and is dropped.
void Stream::leave_out(const Media& media) {
  if (!relay_ || relay_->run != media.run ||
      distance(relay_->highest_sequence, media.sequence) <= 0) {
    return;
  }
  relay_->sequence_offset = static_cast<std::uint16_t>(relay_->sequence_offset - 1);
  relay_->highest_sequence = media.sequence;
  relay_->first_sequence = static_cast<std::uint16_t>(media.sequence + 1);
}

std::uint8_t Stream::relayed_type(const Media& media) const {
  if (media.is_event) return configuration_->dtmf_payload_type;
  return media.is_noise ? noise_payload_type : payload_type();
}

// Muted audio becomes silence of the same length.
std::size_t Stream::write_relayed(const Media& media, std::span<std::uint8_t> out) const {
  const Codec codec = configuration_->codec;
  if (media.is_event) return write_event_of(media, out);
  if (media.muted) {
    std::fill_n(out.begin(), media.payload.size(), silence_octet(codec));
  } else if (media.codec == codec || media.is_noise) {
    std::copy(media.payload.begin(), media.payload.end(), out.begin());
  } else {
    const auto& table = transcode_table(media.codec);
    std::transform(media.payload.begin(), media.payload.end(), out.begin(),
                   [&](std::uint8_t it) { return table[it]; });
  }
  return media.payload.size();
}

// False if its place in the run has no number: it is too late.
bool Stream::take_place(const Media& media, Instant now) {
  if (!relay_ || relay_->run != media.run) begin_run(media, now);
  if (distance(relay_->first_sequence, media.sequence) < 0) return false;
  if (distance(relay_->highest_sequence, media.sequence) > 0) {
    relay_->highest_sequence = media.sequence;
  }
  // A long run must not bring its beginning back into reach when the 16 bits come round.
  if (distance(relay_->first_sequence, relay_->highest_sequence) > 0x4000) {
    relay_->first_sequence = static_cast<std::uint16_t>(relay_->highest_sequence - 0x2000);
  }
  return true;
}

std::size_t Stream::relay(const Media& media, Instant now,
                          std::span<std::uint8_t, datagram_bytes_max> out) {
  if (is_keying_ || !can_send()) return 0;
  if (source_ == Source::mix && media.is_event) return pass_event(media, now, out);
  const bool is_audio = !media.is_event && !media.is_noise;
  if (source_ != Source::peer || (is_audio && !can_relay(media))) return 0;
  if (is_left_out(media)) {
    leave_out(media);
    return 0;
  }
  const bool is_first = !relay_ || relay_->run != media.run;
  if (!take_place(media, now)) return 0;
  const RtpHeader header{
      .marker = is_first || media.marker,
      .payload_type = relayed_type(media),
      .sequence = static_cast<std::uint16_t>(media.sequence + relay_->sequence_offset),
      .timestamp = media.rtp_timestamp + relay_->timestamp_offset,
      .ssrc = ssrc_};
  write_rtp_header(header, out.first<rtp_header_bytes_min>());
  const std::size_t bytes = write_relayed(media, out.subspan(rtp_header_bytes_min));
  sent(header, bytes, is_audio ? samples_in(media.codec, media.payload) : frame_samples, now);
  return rtp_header_bytes_min + bytes;
}

void Stream::sent(const RtpHeader& header, std::size_t payload_bytes, std::size_t samples,
                  Instant at) {
  if (!has_sent_ || distance(out_sequence_, header.sequence) > 0) out_sequence_ = header.sequence;
  if (!has_sent_ || distance(out_timestamp_, header.timestamp) > 0) {
    out_timestamp_ = header.timestamp;
    out_end_ = header.timestamp + static_cast<std::uint32_t>(samples) * out_clock_factor();
    out_at_ = at;
  }
  has_sent_ = true;
  ++packets_sent_;
  octets_sent_ += payload_bytes;
}

std::optional<Instant> Stream::frame_due() const {
  return frame_due_;
}

std::size_t Stream::generate(Instant now, std::span<std::uint8_t, datagram_bytes_max> out) {
  if (!frame_due_ || now < *frame_due_) return 0;
  if (now - *frame_due_ > generator_backlog_max) {
    frame_due_ = now;
    frame_marker_ = true;
  }
  const std::size_t bytes =
      keys_ ? write_keys(out)
            : write_audio(write_generated(out.subspan(rtp_header_bytes_min)), *frame_due_, out);
  if (bytes == 0) {
    end_keys(true, now);
  } else {
    *frame_due_ += frame_duration;
  }
  return bytes;
}

std::size_t Stream::write_generated(std::span<std::uint8_t> out) {
  const Codec codec = configuration_->codec;
  const Codec law = has_memory(codec) ? Codec::pcmu : codec;
  const auto frame = generated_.frame(source_, program_, law, generated_at_);
  generated_at_ += frame_samples;
  if (law == codec) {
    std::copy(frame.begin(), frame.end(), out.begin());
    return frame.size();
  }
  const auto& table = decode_table(law);
  std::array<std::int16_t, frame_samples> sound;
  std::transform(frame.begin(), frame.end(), sound.begin(),
                 [&](std::uint8_t it) { return table[it]; });
  return encode(sound, out);
}

std::size_t Stream::encode(std::span<const std::int16_t, frame_samples> sound,
                           std::span<std::uint8_t> out) {
  const Codec codec = configuration_->codec;
  if (!has_memory(codec)) {
    std::transform(sound.begin(), sound.end(), out.begin(),
                   [&](std::int16_t it) { return encode_sample(codec, it); });
    return sound.size();
  }
  if (!encoder_) encoder_ = make_encoder(codec);
  return encoder_->encode(sound, out);
}

// The payload is in its place already.
std::size_t Stream::write_audio(std::size_t payload_bytes, Instant due,
                                std::span<std::uint8_t, datagram_bytes_max> out) {
  const RtpHeader header{.marker = frame_marker_,
                         .payload_type = payload_type(),
                         .sequence = static_cast<std::uint16_t>(out_sequence_ + 1),
                         .timestamp = timestamp_at(due),
                         .ssrc = ssrc_};
  write_rtp_header(header, out.first<rtp_header_bytes_min>());
  sent(header, payload_bytes, frame_samples, due);
  frame_marker_ = false;
  return rtp_header_bytes_min + payload_bytes;
}

std::size_t Stream::send_mixed(std::span<const std::int16_t, frame_samples> sound, Instant due,
                               std::span<std::uint8_t, datagram_bytes_max> out) {
  if (source_ != Source::mix || keys_ || !can_send()) return 0;
  if (passed_event_ && due - passed_event_->last_at < event_gap_max) return 0;
  return write_audio(encode(sound, out.subspan(rtp_header_bytes_min)), due, out);
}

bool Stream::receive_rtcp(Endpoint from, std::span<const std::uint8_t> datagram, Instant now) {
  // The port is not compared: a NAT may have mapped RTCP to any.
  if (!configured() || from.address != rtp_remote().address) return false;
  const auto compound = parse_rtcp(datagram);
  if (!compound) return false;
  for (const RtcpReport& report : compound->reports) take_report(report, now);
  return true;
}

void Stream::take_report(const RtcpReport& report, Instant now) {
  if (report.sender && report.ssrc == remote_ssrc_) {
    last_sr_ = LastSr{compact_ntp(report.sender->ntp), now};
  }
  for (const ReportBlock& block : report.blocks) {
    if (block.ssrc != ssrc_) continue;
    far_ = {.lost = block.cumulative_lost, .jitter_samples = block.jitter / out_clock_factor()};
    if (block.last_sr == 0) continue;
    const std::uint32_t since_sr = compact_ntp(to_ntp(now)) - block.last_sr;
    far_.round_trip = distance(block.delay_since_last_sr, since_sr);
  }
}

ReportBlock Stream::report_block(Instant now) {
  ReportBlock block{.ssrc = remote_ssrc_,
                    .fraction_lost = reception_.take_fraction_lost(),
                    .cumulative_lost = static_cast<std::int32_t>(
                        std::clamp<std::int64_t>(reception_.lost(), INT32_MIN, INT32_MAX)),
                    .highest_sequence = reception_.highest_sequence(),
                    .jitter = reception_.jitter_samples() * clock_factor_};
  if (last_sr_) {
    block.last_sr = last_sr_->compact;
    block.delay_since_last_sr =
        static_cast<std::uint32_t>((now - last_sr_->at).count() * 65536 / 1'000'000);
  }
  return block;
}

std::vector<std::uint8_t> Stream::make_rtcp(Instant now, bool leaving) {
  RtcpReport report{.ssrc = ssrc_, .sender = {}, .blocks = {}};
  if (packets_sent_ > packets_at_reports_[0]) {
    report.sender = SenderInfo{
        .ntp = to_ntp(now),
        .rtp_timestamp = out_timestamp_ +
                         static_cast<std::uint32_t>(to_samples(now - out_at_)) * out_clock_factor(),
        .packets = static_cast<std::uint32_t>(packets_sent_),
        .octets = static_cast<std::uint32_t>(octets_sent_)};
  }
  packets_at_reports_ = {packets_at_reports_[1], packets_sent_};
  if (packets_received_ > received_at_report_) report.blocks.push_back(report_block(now));
  received_at_report_ = packets_received_;
  has_reported_ = true;
  RtcpCompound compound{.reports = {std::move(report)}, .cnames = {{ssrc_, cname_}}, .byes = {}};
  if (leaving) compound.byes.push_back(ssrc_);
  return build_rtcp(compound);
}

StreamStatistics Stream::statistics() const {
  const std::int64_t lost = lost_of_earlier_ssrcs_ + std::max<std::int64_t>(0, reception_.lost());
  return {.packets_received = packets_received_,
          .packets_sent = packets_sent_,
          .packets_lost = static_cast<std::uint64_t>(lost),
          .jitter_us = to_us(reception_.jitter_samples()),
          .strangers_dropped = strangers_,
          .far_packets_lost = static_cast<std::uint32_t>(std::max(0, far_.lost)),
          .far_jitter_us = to_us(std::min(far_.jitter_samples, far_jitter_samples_max)),
          .round_trip_us = static_cast<std::uint32_t>(std::clamp<std::int64_t>(
              std::int64_t{far_.round_trip} * 1'000'000 / 65'536, 0, UINT32_MAX))};
}

}  // namespace cord::media
