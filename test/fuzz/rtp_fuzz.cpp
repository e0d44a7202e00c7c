// Fuzz target of everything the media room reads from the network: RTP, RTCP, telephone events and
// the receive path of a stream. Input: datagrams, each with a length byte in front; the lowest bit
// of that byte says whether it comes to the RTP or the RTCP port.
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/assert.hpp"
#include "media/jitter_buffer.hpp"
#include "media/recorder_timeline.hpp"
#include "media/rtcp.hpp"
#include "media/rtp_header.hpp"
#include "media/stream.hpp"
#include "media/telephone_event.hpp"

namespace cord::media {
namespace {

constexpr Endpoint phone{0x7f000001, 4000};

// What was read must be writable and readable again.
void check_rtcp(std::span<const std::uint8_t> datagram) {
  auto compound = parse_rtcp(datagram);
  if (!compound || compound->reports.empty()) return;
  if (compound->cnames.size() > 31 || compound->byes.size() > 31) return;
  const auto again = parse_rtcp(build_rtcp(*compound));
  CORD_ASSERT(again && *again == *compound);
}

struct World {
  static const GeneratedAudio& generated() {
    static const GeneratedAudio audio;
    return audio;
  }

  Stream from{1, generated()}, to{2, generated()};
  Instant now{std::chrono::seconds(1'795'000'000)};
  RecorderTimeline timeline{now};
  JitterBuffer heard;
  std::array<std::uint8_t, datagram_bytes_max> out{};

  World() {
    ConfigureStream order{.token = 0,
                          .stream = StreamId{1},
                          .remote = phone,
                          .codec = Codec::pcmu,
                          .opus_payload_type = 96,
                          .takes_g722 = true,
                          .dtmf_payload_type = 101};
    from.configure(order, now);
    order.codec = Codec::pcma;
    to.configure(order, now);
    to.set_source(Source::peer, now);
  }

  void rtp(std::span<const std::uint8_t> datagram) {
    const Received received = from.receive(phone, datagram, now);
    if (received.drop != Drop::none) return;
    const std::size_t bytes = to.relay(received.media, now, out);
    CORD_ASSERT(bytes <= out.size());
    if (bytes > 0) {
      const auto sent = parse_rtp(std::span(out).first(bytes));
      CORD_ASSERT(sent && sent->header.ssrc == to.ssrc());
    }
    // False only says that the stretch is full.
    const Media& media = received.media;
    if (!media.is_event) heard.put(media, now);
    if (!media.is_event && !media.is_noise && !has_memory(media.codec)) {
      (void)timeline.place(Side::left, media, now, true);
    }
    std::array<std::int16_t, frame_samples> frame;
    heard.take(now, frame);
    if (timeline.frames_ready(now) > 8'000) {
      static_cast<void>(timeline.take(timeline.frames_ready(now)));
    }
  }
};

}  // namespace
}  // namespace cord::media

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cord::media;
  std::span<const std::uint8_t> in(data, size);
  static_cast<void>(parse_rtp(in));
  static_cast<void>(parse_telephone_event(in));
  check_rtcp(in);
  World world;
  while (!in.empty()) {
    const std::size_t control = in[0];
    in = in.subspan(1);
    const auto datagram = in.first(std::min(in.size(), control));
    in = in.subspan(datagram.size());
    if ((control & 1) == 0) {
      world.rtp(datagram);
    } else {
      world.from.receive_rtcp(phone, datagram, world.now);
    }
    static_cast<void>(world.from.make_rtcp(world.now, false));
    world.now += cord::Duration(20'000);
  }
  return 0;
}
