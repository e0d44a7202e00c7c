// The driver on real sockets with the real media plane: a carrier and a phone on loopback call
// each other through it, and RTP goes from end to end.
#include "drivers/sip/sip_sockets.hpp"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/bounded_queue.hpp"
#include "drivers/sip/media_thread_port.hpp"
#include "drivers/sip/sip_driver.hpp"
#include "media/file_system.hpp"
#include "net/stream_sockets.hpp"
#include "sip/user_agent.hpp"
#include "support/temporary_directory.hpp"

namespace cord::drivers::test {
namespace {

using namespace std::chrono_literals;
using Work = std::function<void()>;

constexpr std::uint32_t loopback = 0x7f000001;

Instant wall_clock() {
  static const auto start = std::chrono::steady_clock::now();
  const auto passed = std::chrono::steady_clock::now() - start;
  return Instant(1'000'000s + std::chrono::duration_cast<Duration>(passed));
}

/// A phone on a real UDP socket, run by the test's own thread.
class RealPeer {
 public:
  RealPeer(net::IoThreads& io, Metrics& metrics, BoundedQueue<Work>& queue)
      : socket_(net::DatagramSocket::bind(io, net::loopback(), metrics).value()),
        rtp_(net::DatagramSocket::bind(io, net::loopback(), metrics).value()) {
    sip::UserAgentConfig config;
    config.callers = {{loopback, 0}};
    agent_.emplace(
        config,
        std::vector<sip::Listener>{{sip::Transport::udp, {loopback, socket_->local().port}}},
        sip::IdSecret{socket_->local().port, 9});
    socket_->start([this, &queue](std::vector<net::Datagram> batch) {
      ASSERT_TRUE(queue.push([this, moved = std::move(batch)] { receive(moved); }));
    });
    rtp_->start([this](std::vector<net::Datagram> batch) { heard += batch.size(); });
  }

  [[nodiscard]] sip::LocalMedia media() const {
    sip::LocalMedia it;
    it.address = {loopback, rtp_->local().port};
    it.ssrc = 1;
    it.cname = "peer";
    return it;
  }

  void call(const std::string& uri) {
    call_ = agent_
                ->invite({.to = sip::parse_uri(uri).value(),
                          .from = sip::parse_name_addr("<sip:carol@carrier.test>").value(),
                          .headers = {},
                          .media = media(),
                          .ring_max = 60s},
                         wall_clock())
                .value();
    run();
  }

  void hang_up() {
    agent_->hang_up(call_, wall_clock());
    run();
  }

  void on_timer() {
    agent_->on_timer(wall_clock());
    run();
  }

  /// One packet of G.711 to the stream of the driver that this peer talks to.
  void speak() {
    if (to_.port == 0) return;
    ++sequence_;
    std::string packet{'\x80', '\0', static_cast<char>(sequence_ >> 8),
                       static_cast<char>(sequence_)};
    const std::uint32_t time = sequence_ * 160U;
    for (int shift = 24; shift >= 0; shift -= 8) packet += static_cast<char>(time >> shift);
    packet += std::string("\0\0\0\1", 4) + std::string(160, '\x55');
    rtp_->send({to_.address, to_.port}, packet);
  }

  void stop() {
    socket_->stop();
    rtp_->stop();
  }

  [[nodiscard]] std::uint16_t port() const { return socket_->local().port; }

  std::atomic<std::size_t> heard{0};  ///< RTP packets
  bool has_ended = false;

 private:
  void receive(const std::vector<net::Datagram>& batch) {
    for (const net::Datagram& it : batch) {
      agent_->receive(it.bytes, {sip::Transport::udp, 0, {it.from.ip, it.from.port}, 0},
                      wall_clock());
    }
    run();
  }

  void run() {
    for (auto outputs = agent_->take_outputs(); !outputs.empty();
         outputs = agent_->take_outputs()) {
      for (const auto& output : outputs) {
        if (const auto* bytes = std::get_if<sip::SendBytes>(&output)) {
          socket_->send({bytes->flow.remote.address, bytes->flow.remote.port}, bytes->bytes);
        } else if (const auto* agreed = std::get_if<sip::MediaAgreed>(&output)) {
          to_ = agreed->media.remote;
        } else if (const auto* offered = std::get_if<sip::CallOffered>(&output)) {
          call_ = offered->call;
          agent_->answer(offered->call, media(), wall_clock());
        } else if (std::holds_alternative<sip::CallEnded>(output)) {
          has_ended = true;
        }
      }
    }
  }

  std::unique_ptr<net::DatagramSocket> socket_, rtp_;
  std::optional<sip::UserAgent> agent_;
  sip::CallHandle call_{};
  sip::Endpoint to_;
  std::uint16_t sequence_ = 0;
};

class RealWorld : public ::testing::Test {
 protected:
  RealWorld() : io_(1), queue_(10'000) {
    carrier_.emplace(io_, metrics_, queue_);
    phone_.emplace(io_, metrics_, queue_);
    media::MediaConfig config;
    config.port_first = 21'000;
    config.port_last = 31'999;
    config.recording_directory = recordings_.path();
    thread_ = media::MediaThread::start(
                  config, {.metrics = metrics_,
                           .clock = wall_clock,
                           .report = [this](media::Report it) { on_media(std::move(it)); },
                           .files = media::make_file_system()})
                  .value();
    port_.emplace(*thread_);
    SipConfig sip;
    sip.listen = {"udp:127.0.0.1:0", "tcp:127.0.0.1:0"};
    sip.trunks = {{"carrier", {fmt::format("127.0.0.1:{}", carrier_->port())}}};
    sockets_ = SipSockets::open(
                   io_, sip, metrics_,
                   [this](SipInput input) {
                     return queue_.push([this, moved = std::move(input)] {
                       if (driver_) driver_->on_input(moved, wall_clock());
                     });
                   },
                   1)
                   .value();
    driver_.emplace(sip, sockets_->listeners(),
                    SipSurroundings{*sockets_, *port_,
                                    [this](core::Report it) { reports_.push_back(std::move(it)); },
                                    log_, metrics_},
                    sip::IdSecret{1, 2}, wall_clock());
    sockets_->start();
  }

  ~RealWorld() override {
    sockets_->stop();
    carrier_->stop();
    phone_->stop();
    thread_->stop();
    io_.stop();
  }

  void on_media(media::Report report) {
    ASSERT_TRUE(queue_.push([this, moved = std::move(report)] {
      if (driver_) driver_->on_media(moved, wall_clock());
    }));
  }

  /// Runs everything until `condition` holds; false if it does not within 20 s.
  bool until(const std::function<bool()>& condition) {
    const Instant deadline = wall_clock() + 20s;
    std::vector<Work> batch;
    while (!condition()) {
      if (wall_clock() > deadline) return false;
      queue_.wait_and_take_all(batch, 10ms);
      for (const Work& work : batch) work();
      driver_->on_timer(wall_clock());
      carrier_->on_timer();
      phone_->on_timer();
    }
    return true;
  }

  template <class Report>
  std::optional<Report> found() const {
    for (const core::Report& it : reports_) {
      if (const auto* report = std::get_if<Report>(&it)) return *report;
    }
    return std::nullopt;
  }

  template <class Report>
  bool comes() {
    return until([&] { return found<Report>().has_value(); });
  }

  void order(const core::Effect& it) { driver_->execute(it, wall_clock()); }

  SilentLog log_;
  Metrics metrics_;
  net::IoThreads io_;
  BoundedQueue<Work> queue_;
  cord::test::TemporaryDirectory recordings_;
  std::vector<core::Report> reports_;
  std::optional<RealPeer> carrier_, phone_;
  std::unique_ptr<media::MediaThread> thread_;
  std::optional<MediaThreadPort> port_;
  std::unique_ptr<SipSockets> sockets_;
  std::optional<SipDriver> driver_;
};

TEST_F(RealWorld, ACallIsTakenBridgedRecordedAndEnded) {
  const auto listen = sockets_->listeners()[0].address.port;
  carrier_->call(fmt::format("sip:18005550100@127.0.0.1:{}", listen));
  ASSERT_TRUE(comes<core::CallArrived>());
  const core::LegId customer = found<core::CallArrived>()->leg;
  order(core::AcceptLeg{customer, core::Waiting::tone});
  order(core::OriginateLeg{.leg = {1},
                           .to = fmt::format("sip:1001@127.0.0.1:{}", phone_->port()),
                           .caller = "carol",
                           .caller_name = "",
                           .auto_answer = true,
                           .ring_max = 10s});
  ASSERT_TRUE(comes<core::LegAnswered>());
  order(core::BridgeLegs{customer, {1}});
  ASSERT_TRUE(comes<core::LegsBridged>());
  order(core::StartRecording{{3}, customer, {1}, "i-1", {}, "alice"});
  ASSERT_TRUE(comes<core::RecordingStarted>());
  // Both speak until both have heard the other; ringback may have come before.
  const std::size_t before = carrier_->heard;
  ASSERT_TRUE(until([&] {
    carrier_->speak();
    phone_->speak();
    return carrier_->heard > before + 20 && phone_->heard > 20;
  }));
  order(core::StopRecording{{3}, "alice"});
  ASSERT_TRUE(comes<core::RecordingStopped>());
  EXPECT_TRUE(std::filesystem::exists(recordings_ / "i-1.wav"));
  carrier_->hang_up();
  ASSERT_TRUE(comes<core::LegReleased>());
  EXPECT_EQ(found<core::LegReleased>()->leg, customer);
  EXPECT_EQ(found<core::LegReleased>()->cause, core::Cause::remote);
  order(core::ReleaseLeg{{1}, core::Cause::request});
  EXPECT_TRUE(until([&] { return driver_->legs() == 0 && phone_->has_ended; }));
}

TEST_F(RealWorld, APhoneThatRefusesTcpIsUnreachable) {
  // Bound and closed again: nobody listens there.
  auto closed = net::DatagramSocket::bind(io_, net::loopback(), metrics_).value();
  order(core::OriginateLeg{
      .leg = {1},
      .to = fmt::format("sip:1001@127.0.0.1:{};transport=tcp", closed->local().port),
      .caller = {},
      .caller_name = {},
      .auto_answer = false,
      .ring_max = 15s});
  ASSERT_TRUE(comes<core::LegReleased>());
  EXPECT_EQ(found<core::LegReleased>()->cause, core::Cause::unreachable);
}

TEST_F(RealWorld, AnswersOverTcp) {
  net::StreamSockets client(io_, {}, metrics_);
  std::atomic<bool> answered{false}, closed{false};
  client.start(
      {.opened = [](net::ConnectionId, net::Address, bool) {},
       .bytes =
           [&](net::ConnectionId, std::string_view bytes) {
             if (bytes.find("SIP/2.0 200 OK") != std::string_view::npos) answered = true;
           },
       .closed = [&](net::ConnectionId, net::StreamEnd, const std::string&) { closed = true; }});
  const auto id = client.connect(net::loopback(sockets_->listeners()[1].address.port));
  const std::string options =
      "OPTIONS sip:us@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bKa\r\n"
      "From: <sip:a@b.test>;tag=1\r\nTo: <sip:us@127.0.0.1>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n"
      "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n";
  ASSERT_TRUE(client.send(id, options));
  EXPECT_TRUE(until([&] { return answered.load(); }));
  ASSERT_TRUE(client.send(id, "nonsense without any length\r\n\r\n"));
  EXPECT_TRUE(until([&] { return closed.load(); }));
  client.stop();
}

// Where 127.0.0.1 is neither a trunk nor a phone.
TEST(SipSocketsLimit, WhatAStrangerSendsBeyondItsRateIsDroppedAndItsStreamClosed) {
  net::IoThreads io(1);
  Metrics metrics;
  SipConfig config;
  config.listen = {"udp:127.0.0.1:0", "tcp:127.0.0.1:0"};
  config.stranger_rate = 1;
  std::atomic<std::size_t> datagrams{0};
  const auto sockets = SipSockets::open(
                           io, config, metrics,
                           [&](const SipInput& it) {
                             if (const auto* came = std::get_if<DatagramsArrived>(&it)) {
                               datagrams += came->batch.size();
                             }
                             return true;
                           },
                           1)
                           .value();
  sockets->start();
  const auto port_of = [&](std::size_t i) { return sockets->listeners()[i].address.port; };
  const auto sender = net::DatagramSocket::bind(io, net::loopback(), metrics).value();
  const Counter& dropped = metrics.counter("cord_sip_strangers_limited_total", "", "datagram");
  for (int i = 0; i < 50; ++i) sender->send(net::loopback(port_of(0)), "OPTIONS");
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (datagrams + dropped.value() < 50 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_GE(datagrams, 4U);
  EXPECT_LT(datagrams, 20U) << "a second a piece, and four at once";

  net::StreamSockets client(io, {}, metrics);
  std::atomic<bool> closed{false};
  client.start(
      {.opened = [](net::ConnectionId, net::Address, bool) {},
       .bytes = [](net::ConnectionId, std::string_view) {},
       .closed = [&](net::ConnectionId, net::StreamEnd, const std::string&) { closed = true; }});
  const auto id = client.connect(net::loopback(port_of(1)));
  while (!closed && std::chrono::steady_clock::now() < deadline) {
    client.send(id, "x");
    std::this_thread::yield();
  }
  EXPECT_TRUE(closed);
  EXPECT_EQ(metrics.counter("cord_sip_strangers_limited_total", "", "stream").value(), 1U);
  client.stop();
  sockets->stop();
}

TEST(SipSocketsOpen, RefusesAPortInUse) {
  net::IoThreads io(1);
  Metrics metrics;
  SipConfig config;
  config.listen = {"udp:127.0.0.1:0"};
  const auto sink = [](const SipInput&) { return true; };
  const auto first = SipSockets::open(io, config, metrics, sink, 1).value();
  config.listen = {fmt::format("udp:127.0.0.1:{}", first->listeners()[0].address.port)};
  EXPECT_EQ(SipSockets::open(io, config, metrics, sink, 1).error().code, Errc::io_failed);
}

}  // namespace
}  // namespace cord::drivers::test
