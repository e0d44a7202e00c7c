#include "scenario/support/tone_party.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "media/g711.hpp"
#include "media/goertzel.hpp"
#include "media/rtp_header.hpp"
#include "media/telephone_event.hpp"
#include "media/tone.hpp"
#include "scenario/support/child_process.hpp"

namespace cord::scenario {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t samples_per_packet = 160;
constexpr auto packet_time = 20ms;
constexpr std::int16_t amplitude = 8'000;
constexpr std::uint8_t event_payload_type = 101;

}  // namespace

ToneParty::ToneParty(double hz) : hz_(hz), socket_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (bind(socket_, raw, length) != 0 || getsockname(socket_, raw, &length) != 0) {
    throw std::runtime_error("no RTP socket");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

ToneParty::~ToneParty() {
  stopping_ = true;
  thread_.join();
  close(socket_);
}

void ToneParty::run() {
  media::Tone tone(hz_, amplitude);
  media::RtpHeader header{.marker = true,
                          .payload_type = 0,
                          .sequence = 1,
                          .timestamp = 0,
                          .ssrc = 0x10000000u + port_};
  std::vector<std::int16_t> samples(samples_per_packet);
  auto next = WallClock::now();
  while (!stopping_) {
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(next - WallClock::now());
    pollfd ready{socket_, POLLIN, 0};
    if (wait > 0ms && poll(&ready, 1, static_cast<int>(wait.count())) > 0) receive_all();
    if (WallClock::now() < next) continue;
    next += packet_time;
    tone.fill(samples);
    const auto payload = media::encode(media::Codec::pcmu, samples);
    std::array<std::uint8_t, media::rtp_header_bytes_min + samples_per_packet> datagram;
    media::write_rtp_header(header, std::span(datagram).first<media::rtp_header_bytes_min>());
    std::copy(payload.begin(), payload.end(), datagram.begin() + media::rtp_header_bytes_min);
    header.marker = false;
    ++header.sequence;
    header.timestamp += samples_per_packet;
    const std::uint16_t remote = remote_port_;
    if (remote == 0) continue;
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(remote);
    sendto(socket_, datagram.data(), datagram.size(), 0, reinterpret_cast<sockaddr*>(&to),
           sizeof to);
  }
}

void ToneParty::receive_all() {
  std::array<std::uint8_t, 2'048> buffer;
  for (;;) {
    const ssize_t got = recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got <= 0) return;
    const auto packet = media::parse_rtp(std::span(buffer).first(static_cast<std::size_t>(got)));
    if (!packet) continue;
    const media::RtpHeader& header = packet->header;
    Packet taken{WallClock::now(), header.sequence, header.timestamp, header.ssrc, {}};
    if (header.payload_type == 0) {
      taken.samples = media::decode(media::Codec::pcmu, packet->payload);
    } else if (header.payload_type == event_payload_type) {
      const auto event = media::parse_telephone_event(packet->payload);
      taken.key = event ? "0123456789*#ABCD?"[std::min<int>(event->event, 16)] : '?';
    } else {
      continue;
    }
    const std::lock_guard lock(mutex_);
    packets_.push_back(std::move(taken));
  }
}

std::vector<std::int16_t> ToneParty::heard(WallClock::time_point from,
                                           WallClock::time_point to) const {
  std::vector<std::int16_t> samples;
  const std::lock_guard lock(mutex_);
  for (const auto& it : packets_) {
    if (it.at < from || it.at >= to) continue;
    samples.insert(samples.end(), it.samples.begin(), it.samples.end());
  }
  return samples;
}

std::vector<std::int16_t> ToneParty::listen(std::chrono::milliseconds span) const {
  const auto from = WallClock::now();
  const auto enough = static_cast<std::size_t>(span.count()) * 8;
  std::vector<std::int16_t> samples;
  const bool came = eventually(
      [&] {
        samples = heard(from, WallClock::time_point::max());
        return samples.size() >= enough;
      },
      span + 5s);
  return came ? samples : std::vector<std::int16_t>{};
}

std::size_t ToneParty::discontinuities() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (std::size_t i = 1; i < packets_.size(); ++i) {
    const auto& before = packets_[i - 1];
    const auto& it = packets_[i];
    // The packets of an event share their time stamp.
    const auto ahead = static_cast<std::int32_t>(it.timestamp - before.timestamp);
    const bool goes_on = it.ssrc == before.ssrc &&
                         it.sequence == static_cast<std::uint16_t>(before.sequence + 1) &&
                         (ahead > 0 || (ahead == 0 && it.key != 0 && it.key == before.key));
    if (!goes_on) ++count;
  }
  return count;
}

std::string ToneParty::keys() const {
  const std::lock_guard lock(mutex_);
  std::string keys;
  std::uint32_t last = 0;
  for (const Packet& it : packets_) {
    if (it.key == 0 || (!keys.empty() && it.timestamp == last)) continue;
    keys.push_back(it.key);
    last = it.timestamp;
  }
  return keys;
}

std::size_t ToneParty::packets() const {
  const std::lock_guard lock(mutex_);
  return packets_.size();
}

double share_of_tone(const std::vector<std::int16_t>& samples, double hz) {
  return media::tone_share(samples, hz);
}

namespace {

double energy_of_tone(const std::vector<std::int16_t>& samples, double hz) {
  constexpr std::size_t block = 400;
  double energy = 0;
  std::size_t blocks = 0;
  for (std::size_t i = 0; i + block <= samples.size(); i += block, ++blocks) {
    const std::vector<std::int16_t> part(samples.begin() + static_cast<std::ptrdiff_t>(i),
                                         samples.begin() + static_cast<std::ptrdiff_t>(i + block));
    energy += share_of_tone(part, hz) * loudness(part) * loudness(part);
  }
  return blocks == 0 ? 0 : energy / static_cast<double>(blocks);
}

}  // namespace

double share_of_tone_in_pieces(const std::vector<std::int16_t>& samples, double hz) {
  const double all = loudness(samples);
  return all == 0 ? 0 : energy_of_tone(samples, hz) / (all * all);
}

double loudness_of_tone(const std::vector<std::int16_t>& samples, double hz) {
  return std::sqrt(2 * energy_of_tone(samples, hz)) / amplitude;
}

double loudness(const std::vector<std::int16_t>& samples) {
  if (samples.empty()) return 0;
  double sum = 0;
  for (const double it : samples) sum += it * it;
  return std::sqrt(sum / static_cast<double>(samples.size()));
}

}  // namespace cord::scenario
