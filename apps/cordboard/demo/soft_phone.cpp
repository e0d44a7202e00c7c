#include "demo/soft_phone.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <sodium.h>

#include "media/g711.hpp"
#include "media/rtp_header.hpp"
#include "media/tone.hpp"
#include "net/datagram_socket.hpp"
#include "sip/user_agent.hpp"

namespace cord::app {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t frame_samples = 160;
constexpr auto frame_duration = 20ms;
constexpr std::size_t samples_per_ms = 8;
constexpr std::size_t heard_samples_max = 80'000;  // 10 s: more than any listener asks for.
constexpr std::int16_t tone_peak = 8'000;

Instant to_instant(Clock::time_point at) {
  return Instant(std::chrono::duration_cast<Duration>(at.time_since_epoch()));
}

sip::IdSecret random_secret() {
  sip::IdSecret secret;
  ::randombytes_buf(&secret, sizeof secret);
  return secret;
}

std::span<const std::uint8_t> octets(std::string_view bytes) {
  return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

}  // namespace

struct SoftPhone::Impl {
  Impl(SoftPhoneOptions from, std::unique_ptr<net::DatagramSocket> sip_socket,
       std::unique_ptr<net::DatagramSocket> rtp_socket)
      : options(std::move(from)),
        sip(std::move(sip_socket)),
        rtp(std::move(rtp_socket)),
        agent(make_agent()),
        tone(options.tone_hz, tone_peak) {
    ssrc = ::randombytes_random();
    timestamp = ::randombytes_random();
    sequence = static_cast<std::uint16_t>(::randombytes_random());
  }

  sip::UserAgent make_agent() const {
    sip::UserAgentConfig config;
    config.callers = {{net::loopback().ip, 0}};
    config.calls_max = 2;
    config.product = "Cordboard-demo-phone";
    const auto at = sip->local();
    return {config, {{sip::Transport::udp, {at.ip, at.port}}}, random_secret()};
  }

  sip::LocalMedia local_media() const {
    sip::LocalMedia media;
    media.address = {rtp->local().ip, rtp->local().port};
    media.ssrc = ssrc;
    media.cname = options.user;
    return media;
  }

  void on_sip(const std::vector<net::Datagram>& batch) {
    const std::lock_guard lock(mutex);
    for (const auto& it : batch) {
      const sip::Flow flow{sip::Transport::udp, 0, {it.from.ip, it.from.port}, 0};
      agent.receive(it.bytes, flow, to_instant(Clock::now()));
      act();
    }
  }

  void on_rtp(const std::vector<net::Datagram>& batch) {
    const std::lock_guard lock(mutex);
    for (const auto& it : batch) {
      const auto packet = media::parse_rtp(octets(it.bytes));
      if (!packet || packet->header.payload_type > 8) continue;
      const auto codec = static_cast<media::Codec>(packet->header.payload_type);
      if (codec != media::Codec::pcmu && codec != media::Codec::pcma) continue;
      const auto samples = media::decode(codec, packet->payload);
      heard.insert(heard.end(), samples.begin(), samples.end());
      heard_total += samples.size();
    }
    if (heard.size() > heard_samples_max) {
      heard.erase(heard.begin(), heard.end() - heard_samples_max);
    }
    changed.notify_all();
  }

  /// Carries out what the user agent says. With the mutex held.
  void act() {
    for (auto& output : agent.take_outputs()) {
      if (const auto* bytes = std::get_if<sip::SendBytes>(&output)) {
        sip->send({bytes->flow.remote.address, bytes->flow.remote.port}, bytes->bytes);
      } else if (const auto* offered = std::get_if<sip::CallOffered>(&output)) {
        take_call(offered->call);
      } else if (std::holds_alternative<sip::CallRinging>(output)) {
        set(Line::ringing);
      } else if (const auto* agreed = std::get_if<sip::MediaAgreed>(&output)) {
        negotiated = agreed->media;
        set(Line::talking);
      } else if (const auto* ended = std::get_if<sip::CallEnded>(&output)) {
        if (ended->call != current) continue;
        current = {};
        negotiated.reset();
        set(Line::idle);
      }
    }
  }

  void take_call(sip::CallHandle call) {
    const auto now = to_instant(Clock::now());
    if (current) {
      agent.hang_up(call, now, 486);
    } else {
      current = call;
      set(Line::ringing);
      agent.ring(call, now);
      agent.answer(call, local_media(), now);
    }
    act();
  }

  void set(Line to) {
    line = to;
    changed.notify_all();
  }

  void speak(std::span<std::int16_t> samples) {
    if (options.voice.empty()) return tone.fill(samples);
    for (std::int16_t& it : samples) it = options.voice[spoken++ % options.voice.size()];
  }

  void send_frame() {
    std::array<std::int16_t, frame_samples> samples{};
    speak(samples);
    const auto codec = static_cast<media::Codec>(negotiated->codec);
    const auto payload = media::encode(codec, samples);
    std::array<std::uint8_t, media::rtp_header_bytes_min + frame_samples> packet{};
    media::write_rtp_header({.marker = false,
                             .payload_type = static_cast<std::uint8_t>(codec),
                             .sequence = sequence++,
                             .timestamp = timestamp,
                             .ssrc = ssrc},
                            std::span<std::uint8_t, media::rtp_header_bytes_min>(
                                packet.data(), media::rtp_header_bytes_min));
    std::copy(payload.begin(), payload.end(), packet.begin() + media::rtp_header_bytes_min);
    timestamp += frame_samples;
    rtp->send({negotiated->remote.address, negotiated->remote.port},
              {reinterpret_cast<const char*>(packet.data()), packet.size()});
  }

  /// A frame each 20 ms and the user agent's timers, until the end.
  void run() {
    std::unique_lock lock(mutex);
    for (auto due = Clock::now(); !stopping; due += frame_duration) {
      changed.wait_until(lock, due, [&] { return stopping || Clock::now() >= due; });
      if (negotiated && negotiated->may_send) send_frame();
      const auto now = to_instant(Clock::now());
      const auto next = agent.next_due();
      if (next && *next <= now) agent.on_timer(now);
      act();
    }
  }

  SoftPhoneOptions options;
  std::unique_ptr<net::DatagramSocket> sip, rtp;

  std::mutex mutex;  ///< guards everything below
  std::condition_variable changed;
  bool stopping = false;
  sip::UserAgent agent;
  sip::CallHandle current{};
  std::optional<sip::Negotiated> negotiated;
  Line line = Line::idle;
  media::Tone tone;
  std::size_t spoken = 0;  ///< samples of options.voice
  std::uint32_t ssrc = 0, timestamp = 0;
  std::uint16_t sequence = 0;
  std::vector<std::int16_t> heard;  ///< the newest of heard_total samples
  std::uint64_t heard_total = 0;

  std::thread thread;
};

Result<std::unique_ptr<SoftPhone>> SoftPhone::start(net::IoThreads& io, Metrics& metrics,
                                                    SoftPhoneOptions options) {
  auto sip = net::DatagramSocket::bind(io, net::loopback(), metrics);
  if (!sip) return tl::make_unexpected(sip.error());
  auto rtp = net::DatagramSocket::bind(io, net::loopback(), metrics);
  if (!rtp) return tl::make_unexpected(rtp.error());
  auto impl = std::make_unique<Impl>(std::move(options), std::move(*sip), std::move(*rtp));
  Impl* const raw = impl.get();
  raw->sip->start([raw](std::vector<net::Datagram> batch) { raw->on_sip(batch); });
  raw->rtp->start([raw](std::vector<net::Datagram> batch) { raw->on_rtp(batch); });
  raw->thread = std::thread([raw] { raw->run(); });
  return std::unique_ptr<SoftPhone>(new SoftPhone(std::move(impl)));
}

SoftPhone::SoftPhone(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

SoftPhone::~SoftPhone() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->changed.notify_all();
  impl_->thread.join();
  impl_->sip->stop();
  impl_->rtp->stop();
}

std::string SoftPhone::uri() const {
  return fmt::format("sip:{}@{}", impl_->options.user, sip_address());
}

net::Address SoftPhone::sip_address() const {
  return impl_->sip->local();
}

Result<void> SoftPhone::call(std::string_view number, net::Address server) {
  const std::lock_guard lock(impl_->mutex);
  sip::OutgoingCall outgoing;
  outgoing.to = sip::sip_uri(number, net::ip_to_string(server.ip), server.port);
  const auto here = impl_->sip->local();
  outgoing.from.uri = sip::sip_uri(impl_->options.user, net::ip_to_string(here.ip), here.port);
  outgoing.from.display = impl_->options.name;
  outgoing.media = impl_->local_media();
  impl_->spoken = 0;
  outgoing.ring_max = 1min;
  const auto call = impl_->agent.invite(outgoing, to_instant(Clock::now()));
  if (!call) return tl::make_unexpected(call.error());
  impl_->current = *call;
  impl_->set(Line::calling);
  impl_->act();
  return {};
}

void SoftPhone::hang_up() {
  const std::lock_guard lock(impl_->mutex);
  impl_->agent.hang_up(impl_->current, to_instant(Clock::now()));
  impl_->act();
}

bool SoftPhone::wait_for(Line line, Duration patience) {
  std::unique_lock lock(impl_->mutex);
  return impl_->changed.wait_for(lock, patience, [&] { return impl_->line == line; });
}

std::vector<std::int16_t> SoftPhone::listen(Duration skip, Duration span) {
  const auto samples = [](Duration it) {
    return static_cast<std::uint64_t>(
               std::chrono::duration_cast<std::chrono::milliseconds>(it).count()) *
           samples_per_ms;
  };
  std::unique_lock lock(impl_->mutex);
  const auto begin = impl_->heard_total + samples(skip);
  const auto end = begin + samples(span);
  impl_->changed.wait_for(lock, skip + span + Duration(1s),
                          [&] { return impl_->heard_total >= end; });
  const auto& heard = impl_->heard;
  const auto first_kept = impl_->heard_total - heard.size();
  const auto place = [&](std::uint64_t at) {
    const auto clamped = std::clamp(at, first_kept, impl_->heard_total);
    return heard.begin() + static_cast<std::ptrdiff_t>(clamped - first_kept);
  };
  return {place(begin), place(end)};
}

}  // namespace cord::app
