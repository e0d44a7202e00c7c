#include "scenario/interop/flood.hpp"

#include <stdexcept>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/prng.hpp"
#include "media/rtp_header.hpp"

namespace cord::scenario {
namespace {

using namespace std::chrono_literals;

sockaddr_in address_of(const std::string& ip, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  inet_pton(AF_INET, ip.c_str(), &address.sin_addr);
  address.sin_port = htons(port);
  return address;
}

}  // namespace

Flood::Flood(const Options& options, Make make)
    : socket_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)),
      rate_per_s_(options.rate_per_s),
      make_(std::move(make)),
      started_(Clock::now()) {
  const auto from = address_of(options.from, 0);
  const auto to = address_of("127.0.0.1", options.to_port);
  if (bind(socket_, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0 ||
      connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    throw std::runtime_error("no socket for a flood");
  }
  thread_ = std::thread([this] { run(); });
}

void Flood::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  thread_.join();
  stopped_ = Clock::now();
  close(socket_);
}

double Flood::rate_per_s() const {
  const auto until = stopped_ == Clock::time_point{} ? Clock::now() : stopped_;
  return static_cast<double>(sent_) / std::chrono::duration<double>(until - started_).count();
}

// What is due is sent each millisecond. What is behind by more than a tenth of a second is not made
// up for: a machine that was busy elsewhere would get it as one burst.
void Flood::run() {
  std::uint64_t number = 0;
  auto next = Clock::now();
  const auto each = std::chrono::nanoseconds(1s) / rate_per_s_;
  while (!stopping_) {
    const auto now = Clock::now();
    if (now - next > 100ms) next = now;
    for (; next <= now && !stopping_; next += each) {
      const std::string bytes = make_(number++);
      if (send(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT) > 0) ++sent_;
    }
    poll(nullptr, 0, 1);
  }
}

std::string flood_request(const std::string& method, std::uint64_t number) {
  return fmt::format(
      "{0} sip:1001@127.0.0.1 SIP/2.0\r\n"
      "Via: SIP/2.0/UDP 127.0.0.2:9;rport;branch=z9hG4bK-flood-{1}\r\n"
      "From: <sip:{1}@127.0.0.2>;tag=t{1}\r\nTo: <sip:1001@127.0.0.1>\r\nCall-ID: flood-{1}\r\n"
      "CSeq: 1 {0}\r\nContact: <sip:{1}@127.0.0.2:9>\r\nMax-Forwards: 70\r\n"
      "Content-Length: 0\r\n\r\n",
      method, number);
}

std::string flood_noise(std::uint64_t number) {
  Prng random(number + 1);
  std::string bytes(1 + random.below(600), '\0');
  for (char& it : bytes) it = static_cast<char>(random.next());
  return bytes;
}

std::string flood_rtp(std::uint64_t number) {
  constexpr std::size_t samples = 160;
  std::string bytes(media::rtp_header_bytes_min + samples, '\x11');
  media::RtpHeader header;
  header.sequence = static_cast<std::uint16_t>(number);
  header.timestamp = static_cast<std::uint32_t>(number * samples);
  header.ssrc = 0xbad;
  media::write_rtp_header(
      header, std::span<std::uint8_t, media::rtp_header_bytes_min>(
                  reinterpret_cast<std::uint8_t*>(bytes.data()), media::rtp_header_bytes_min));
  return bytes;
}

}  // namespace cord::scenario
