// Properties of the media room: what is written can be read back, and what is read is bounded by
// what was given.
#include <algorithm>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "media/recorder_timeline.hpp"
#include "media/rtcp.hpp"
#include "media/rtp_header.hpp"
#include "media/rtp_reception.hpp"
#include "media/stream.hpp"

namespace cord::media {
namespace {

using Bytes = std::vector<std::uint8_t>;

rc::Gen<RtpHeader> header() {
  return rc::gen::build<RtpHeader>(
      rc::gen::set(&RtpHeader::marker), rc::gen::set(&RtpHeader::sequence),
      rc::gen::set(&RtpHeader::timestamp), rc::gen::set(&RtpHeader::ssrc),
      rc::gen::set(&RtpHeader::payload_type, rc::gen::inRange<std::uint8_t>(0, 128)));
}

rc::Gen<ReportBlock> block() {
  return rc::gen::build<ReportBlock>(
      rc::gen::set(&ReportBlock::ssrc), rc::gen::set(&ReportBlock::fraction_lost),
      rc::gen::set(&ReportBlock::cumulative_lost, rc::gen::inRange(-0x800000, 0x800000)),
      rc::gen::set(&ReportBlock::highest_sequence), rc::gen::set(&ReportBlock::jitter),
      rc::gen::set(&ReportBlock::last_sr), rc::gen::set(&ReportBlock::delay_since_last_sr));
}

rc::Gen<SenderInfo> sender() {
  return rc::gen::build<SenderInfo>(
      rc::gen::set(&SenderInfo::ntp), rc::gen::set(&SenderInfo::rtp_timestamp),
      rc::gen::set(&SenderInfo::packets), rc::gen::set(&SenderInfo::octets));
}

template <class T>
std::vector<T> at_most_31(std::vector<T> items) {
  if (items.size() > 31) items.resize(31);
  return items;
}

RtcpReport any_report() {
  RtcpReport report{.ssrc = *rc::gen::arbitrary<std::uint32_t>(), .sender = {}, .blocks = {}};
  if (*rc::gen::arbitrary<bool>()) report.sender = *sender();
  report.blocks = at_most_31(*rc::gen::container<std::vector<ReportBlock>>(block()));
  return report;
}

RtcpCompound any_compound() {
  RtcpCompound compound;
  const int reports = *rc::gen::inRange(1, 4);
  for (int i = 0; i < reports; ++i) compound.reports.push_back(any_report());
  const int cnames = *rc::gen::inRange(0, 5);
  for (int i = 0; i < cnames; ++i) {
    auto name = *rc::gen::arbitrary<std::string>();
    if (name.size() > 255) name.resize(255);
    compound.cnames.push_back({*rc::gen::arbitrary<std::uint32_t>(), std::move(name)});
  }
  compound.byes = at_most_31(*rc::gen::arbitrary<std::vector<std::uint32_t>>());
  return compound;
}

RC_GTEST_PROP(RtpHeaderProperty, ReadsWhatItWrites, (const Bytes& payload)) {
  const RtpHeader written = *header();
  Bytes bytes(rtp_header_bytes_min);
  write_rtp_header(written, std::span(bytes).first<rtp_header_bytes_min>());
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  const auto read = parse_rtp(bytes);
  RC_ASSERT(read.has_value());
  RC_ASSERT(read->header == written);
  RC_ASSERT(std::equal(read->payload.begin(), read->payload.end(), payload.begin(), payload.end()));
}

RC_GTEST_PROP(RtcpProperty, ReadsWhatItWrites, ()) {
  const RtcpCompound written = any_compound();
  const auto read = parse_rtcp(build_rtcp(written));
  RC_ASSERT(read.has_value());
  RC_ASSERT(*read == written);
}

RC_GTEST_PROP(RtcpProperty, AnyChangedByteIsReadOrRefused, ()) {
  Bytes bytes = build_rtcp(any_compound());
  const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
  bytes[at] = *rc::gen::arbitrary<std::uint8_t>();
  const auto read = parse_rtcp(bytes);
  RC_CLASSIFY(read.has_value());
}

// Any order of packets: nothing is counted twice as new, and the highest never goes back.
RC_GTEST_PROP(RtpReceptionProperty, TheHighestSequenceNeverGoesBackWithinARun,
              (const std::vector<std::uint16_t>& sequences)) {
  RtpReception reception;
  std::uint32_t highest = 0;
  for (const std::uint16_t sequence : sequences) {
    const auto verdict = reception.take_sequence(sequence);
    if (verdict != RtpReception::Verdict::restarted) {
      RC_ASSERT(reception.highest_sequence() >= highest);
    }
    highest = reception.highest_sequence();
  }
}

// Whatever happens to the source, what leaves goes on: own SSRC, no sequence number jumps, time
// stamps only go forward.
RC_GTEST_PROP(StreamProperty, OutgoingStreamIsContinuousThroughAnySourceChanges, ()) {
  static const GeneratedAudio generated;
  Stream stream(*rc::gen::arbitrary<std::uint64_t>(), generated);
  Instant now{std::chrono::seconds(1'795'000'000)};
  const ConfigureStream order{
      .token = 0, .stream = StreamId{1}, .remote = {1, 1}, .codec = Codec::pcmu};
  stream.configure(order, now);
  const Bytes payload(frame_samples, 1);
  Media media{.run = 1, .payload = payload};
  std::optional<RtpHeader> last;
  const auto check = [&](std::span<const std::uint8_t> datagram) {
    const RtpHeader sent = parse_rtp(datagram)->header;
    RC_ASSERT(sent.ssrc == stream.ssrc());
    if (last) {
      RC_ASSERT(sent.sequence == static_cast<std::uint16_t>(last->sequence + 1));
      const auto step = distance(last->timestamp, sent.timestamp);
      RC_ASSERT(step >= static_cast<std::int32_t>(frame_samples));
    }
    last = sent;
  };
  std::array<std::uint8_t, datagram_bytes_max> out{};
  const auto moves = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 8));
  for (const int move : moves) {
    constexpr std::array sources{Source::nothing, Source::silence, Source::peer, Source::music,
                                 Source::ringback};
    if (move < 5) stream.set_source(sources[static_cast<std::size_t>(move)], now);
    if (move == 5) stream.configure(order, now);
    if (move == 6) {  // another clock of the peer
      ++media.run;
      media.sequence = *rc::gen::arbitrary<std::uint16_t>();
      media.rtp_timestamp = *rc::gen::arbitrary<std::uint32_t>();
    }
    if (move == 7) media.muted = !media.muted;
    for (int step = 0; step < 3; ++step) {
      now += frame_duration;
      if (const auto bytes = stream.relay(media, now, out)) check(std::span(out).first(bytes));
      while (const auto bytes = stream.generate(now, out)) check(std::span(out).first(bytes));
      ++media.sequence;
      media.rtp_timestamp += frame_samples;
    }
  }
}

// However packets, pauses and hand-overs are mixed: no sample of a pause is anything but zero.
RC_GTEST_PROP(RecorderTimelineProperty, APauseIsSilentWhateverComes, ()) {
  const Instant start{std::chrono::seconds(1'795'000'000)};
  RecorderTimeline timeline(start);
  Instant now = start;
  std::vector<bool> paused_at;  // by sample
  std::vector<std::int16_t> file;
  const auto take = [&](std::int64_t frames) {
    std::vector<std::int16_t> samples;
    timeline.take(frames).decode(static_cast<std::uint32_t>(frames), samples);
    file.insert(file.end(), samples.begin(), samples.end());
  };
  const Bytes payload(frame_samples, 0x80);
  const auto moves = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(0, 6), rc::gen::inRange(0, 3000)));
  for (const auto& [move, amount] : moves) {
    const Instant before = now;
    now += Duration(amount * 10);
    paused_at.resize(static_cast<std::size_t>(timeline.position(now)), timeline.paused());
    RC_ASSERT(now >= before);
    if (move <= 2) {
      const auto stamp = static_cast<std::uint32_t>(timeline.position(now) + amount - 1500);
      static_cast<void>(timeline.place(static_cast<Side>(move & 1),
                                       {.timestamp = stamp, .run = 1, .payload = payload}, now,
                                       true));
    }
    if (move == 3) timeline.pause(now);
    if (move == 4) timeline.resume(now);
    if (move == 5) take(timeline.frames_ready(now));
  }
  take(timeline.frames_left(now));
  RC_ASSERT(file.size() == 2 * paused_at.size());
  for (std::size_t i = 0; i < paused_at.size(); ++i) {
    if (paused_at[i]) RC_ASSERT(file[2 * i] == 0 && file[2 * i + 1] == 0);
  }
}

}  // namespace
}  // namespace cord::media
