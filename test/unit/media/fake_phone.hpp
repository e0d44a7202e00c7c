// A phone on loopback: sends a tone, hears what comes, on a thread of its own. And a media thread
// with a way to wait for its reports. Waiting is for conditions, with a deadline; the only clock
// is the 20 ms of the phone's own packets.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "media/goertzel.hpp"
#include "media/media_thread.hpp"
#include "support.hpp"

namespace cord::media::test {

constexpr auto patience = 20s;

inline Instant real_now() {
  static const auto start = std::chrono::steady_clock::now();
  return at(std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start));
}

/// Polls `condition` until it holds; false after the deadline.
inline bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    ::poll(nullptr, 0, 2);
  }
  return true;
}

class UdpSocket {
 public:
  UdpSocket() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    socklen_t size = sizeof(address);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    local_ = {INADDR_LOOPBACK, ntohs(address.sin_port)};
  }
  /// Bound to a port of one's choice; local().port is 0 if it is taken.
  explicit UdpSocket(std::uint16_t port)
      : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) {
      local_ = {INADDR_LOOPBACK, port};
    }
  }
  ~UdpSocket() { ::close(socket_); }
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;

  [[nodiscard]] Endpoint local() const { return local_; }

  void send(Endpoint to, std::span<const std::uint8_t> bytes) const {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(to.port);
    address.sin_addr.s_addr = htonl(to.address);
    ::sendto(socket_, bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&address),
             sizeof(address));
  }

  /// A datagram that is there, or that comes within `wait`.
  [[nodiscard]] std::optional<std::vector<std::uint8_t>> receive(std::chrono::milliseconds wait) {
    pollfd readable{.fd = socket_, .events = POLLIN, .revents = 0};
    if (::poll(&readable, 1, static_cast<int>(wait.count())) <= 0) return std::nullopt;
    std::vector<std::uint8_t> bytes(2'000);
    const auto n = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (n < 0) return std::nullopt;
    bytes.resize(static_cast<std::size_t>(n));
    return bytes;
  }

 private:
  int socket_;
  Endpoint local_{};
};

class FakePhone {
 public:
  struct Heard {
    RtpHeader header;
    std::vector<std::int16_t> samples;
  };

  FakePhone(double hz, Codec codec) : codec_(codec), tone_(hz, 10'000) {}
  ~FakePhone() { hang_up(); }
  FakePhone(const FakePhone&) = delete;
  FakePhone& operator=(const FakePhone&) = delete;

  [[nodiscard]] Endpoint local() const { return socket_.local(); }

  /// Sends to `to` from now on.
  void talk_to(Endpoint to) {
    to_ = to;
    thread_ = std::thread([this] { run(); });
  }
  void hang_up() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }

  [[nodiscard]] std::vector<Heard> heard() const {
    const std::lock_guard lock(mutex_);
    return heard_;
  }
  [[nodiscard]] std::size_t packets() const {
    const std::lock_guard lock(mutex_);
    return heard_.size();
  }

  /// Waits for 10 packets from now on that hold `hz` (0: digital silence), all of them.
  [[nodiscard]] bool hears(double hz) const {
    return eventually([&] {
      const std::lock_guard lock(mutex_);
      constexpr std::size_t window = 10;
      if (heard_.size() < window) return false;
      std::vector<std::int16_t> samples;
      for (std::size_t i = heard_.size() - window; i < heard_.size(); ++i) {
        samples.insert(samples.end(), heard_[i].samples.begin(), heard_[i].samples.end());
      }
      if (hz != 0) return tone_share(samples, hz) > 0.95;
      return std::all_of(samples.begin(), samples.end(),
                         [](int it) { return it <= 8 && it >= -8; });
    });
  }

 private:
  void run() {
    auto due = std::chrono::steady_clock::now();
    std::uint16_t sequence = 4'711;
    std::uint32_t timestamp = 815;
    while (!stopping_) {
      std::vector<std::int16_t> samples(frame_samples);
      tone_.fill(samples);
      socket_.send(to_, packet({.payload_type = static_cast<std::uint8_t>(codec_),
                                .sequence = sequence++,
                                .timestamp = timestamp,
                                .ssrc = local().port},
                               encode(codec_, samples)));
      timestamp += frame_samples;
      due += 20ms;
      listen_until(due);
    }
  }

  void listen_until(std::chrono::steady_clock::time_point due) {
    for (;;) {
      const auto rest =
          std::chrono::ceil<std::chrono::milliseconds>(due - std::chrono::steady_clock::now());
      if (rest <= 0ms) return;
      const auto bytes = socket_.receive(rest);
      if (!bytes) continue;
      const auto rtp = parse_rtp(*bytes);
      if (!rtp) continue;
      const std::lock_guard lock(mutex_);
      heard_.push_back({rtp->header, decode(codec_, rtp->payload)});
    }
  }

  UdpSocket socket_;
  Codec codec_;
  Tone tone_;
  Endpoint to_{};
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::vector<Heard> heard_;
  std::thread thread_;
};

class MediaFixture {
 public:
  explicit MediaFixture(MediaConfig config = {}, std::unique_ptr<FileSystem> files = nullptr) {
    config.recording_directory = directory.path();
    config.seed = static_cast<std::uint64_t>(::getpid());
    auto started =
        MediaThread::start(config, {.metrics = metrics,
                                    .clock = real_now,
                                    .report = [this](Report&& report) { keep(std::move(report)); },
                                    .files = files ? std::move(files) : make_file_system()});
    EXPECT_TRUE(started) << (started ? "" : started.error().detail);
    media = std::move(*started);
  }

  /// Gives an order that carries `token`, and waits for the report with it.
  template <class Wanted, class Given>
  Wanted ask(Given order) {
    const Token token = order.token;
    EXPECT_TRUE(media->order(Order(std::move(order))));
    const auto report = wait_for<Wanted>([&](const Wanted& it) { return it.token == token; });
    EXPECT_TRUE(report) << "no answer to " << token;
    return report.value_or(Wanted{});
  }

  template <class Wanted>
  std::optional<Wanted> wait_for(const std::function<bool(const Wanted&)>& matches) {
    std::optional<Wanted> found;
    std::unique_lock lock(mutex_);
    came_.wait_for(lock, patience, [&] {
      for (const Report& report : reports_) {
        const auto* it = std::get_if<Wanted>(&report);
        if (it != nullptr && matches(*it)) found = *it;
      }
      return found.has_value();
    });
    return found;
  }

  template <class Wanted>
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(
        std::count_if(reports_.begin(), reports_.end(),
                      [](const Report& report) { return std::holds_alternative<Wanted>(report); }));
  }

  Token next() { return ++token_; }

  StreamOpened open(StreamId id, Endpoint remote, Codec codec, Duration timeout = {}) {
    const auto opened = ask<StreamOpened>(OpenStream{next(), id});
    ask<Done>(ConfigureStream{.token = next(),
                              .stream = id,
                              .remote = remote,
                              .codec = codec,
                              .dtmf_payload_type = 101,
                              .timeout = timeout});
    return opened;
  }
  void bridge(StreamId a, StreamId b) {
    ask<Done>(SetSource{next(), a, Source::peer, b});
    ask<Done>(SetSource{next(), b, Source::peer, a});
  }

  TemporaryDirectory directory;
  Metrics metrics;

 private:
  void keep(Report&& report) {
    {
      const std::lock_guard lock(mutex_);
      reports_.push_back(std::move(report));
    }
    came_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<Report> reports_;
  Token token_ = 0;

 public:
  std::unique_ptr<MediaThread> media;  // the last member: it reports until it is gone
};

}  // namespace cord::media::test
