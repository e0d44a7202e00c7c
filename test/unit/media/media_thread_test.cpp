#include "media/media_thread.hpp"

#include "failing_files.hpp"
#include "fake_phone.hpp"
#include "media/rtcp.hpp"

namespace cord::media::test {
namespace {

constexpr StreamId customer{1}, agent{2}, third{3};
constexpr RecorderId recorder{1};
using Action = ControlRecorder::Action;

// Own SSRC, sequence numbers without a hole, time stamps that only go forward.
void expect_continuous(const std::vector<FakePhone::Heard>& heard, std::uint32_t ssrc) {
  for (std::size_t i = 0; i < heard.size(); ++i) {
    ASSERT_EQ(heard[i].header.ssrc, ssrc) << i;
    if (i == 0) continue;
    ASSERT_EQ(heard[i].header.sequence,
              static_cast<std::uint16_t>(heard[i - 1].header.sequence + 1))
        << i;
    const auto step = heard[i].header.timestamp - heard[i - 1].header.timestamp;
    ASSERT_GE(step, 160u) << i;
    if (heard[i].header.marker) continue;
    ASSERT_EQ(step, 160u) << i;
  }
}

struct Call : MediaFixture {
  FakePhone customer_phone{440, Codec::pcmu};
  FakePhone agent_phone{1000, Codec::pcma};
  StreamOpened customer_side, agent_side;

  explicit Call(std::unique_ptr<FileSystem> files = nullptr) : MediaFixture({}, std::move(files)) {
    customer_side = open(customer, customer_phone.local(), Codec::pcmu);
    agent_side = open(agent, agent_phone.local(), Codec::pcma);
    bridge(customer, agent);
    customer_phone.talk_to(customer_side.local);
    agent_phone.talk_to(agent_side.local);
  }
  void start_recorder() {
    const auto started =
        ask<RecorderStarted>(StartRecorder{next(), recorder, customer, agent, "call", {}, "alice"});
    EXPECT_EQ(started.file, directory.path() + "/call.wav");
  }
  void control(Action action) { ask<Done>(ControlRecorder{next(), recorder, action, "alice"}); }
  [[nodiscard]] std::string part_path() const { return directory.path() + "/call.wav.part"; }
};

TEST(MediaThread, BridgesTwoPhonesOfDifferentCodecsThroughMuteHoldAndAnotherPeer) {
  Call it;
  EXPECT_TRUE(it.customer_phone.hears(1000));
  EXPECT_TRUE(it.agent_phone.hears(440));

  it.ask<Done>(SetMuted{it.next(), agent, true});
  EXPECT_TRUE(it.customer_phone.hears(0));
  EXPECT_TRUE(it.agent_phone.hears(440));
  it.ask<Done>(SetMuted{it.next(), agent, false});
  EXPECT_TRUE(it.customer_phone.hears(1000));

  it.ask<Done>(SetSource{it.next(), customer, Source::ringback});
  EXPECT_TRUE(it.customer_phone.hears(425));
  it.ask<Done>(SetSource{it.next(), customer, Source::silence});
  EXPECT_TRUE(it.customer_phone.hears(0));

  FakePhone other(700, Codec::pcmu);
  const auto other_side = it.open(third, other.local(), Codec::pcmu);
  other.talk_to(other_side.local);
  it.bridge(customer, third);
  EXPECT_TRUE(it.customer_phone.hears(700));
  EXPECT_TRUE(other.hears(440));
  it.bridge(customer, agent);
  EXPECT_TRUE(it.customer_phone.hears(1000));

  it.customer_phone.hang_up();
  it.agent_phone.hang_up();
  expect_continuous(it.customer_phone.heard(), it.customer_side.ssrc);
  expect_continuous(it.agent_phone.heard(), it.agent_side.ssrc);
}

TEST(MediaThread, PortsAreEvenAndInTheRange) {
  MediaFixture it({.port_first = 20'001, .port_last = 32'767});
  for (std::uint64_t id = 1; id <= 5; ++id) {
    const auto opened = it.ask<StreamOpened>(OpenStream{it.next(), StreamId{id}});
    EXPECT_EQ(opened.local.port % 2, 0);
    EXPECT_GE(opened.local.port, 20'002);
    EXPECT_LE(opened.local.port, 32'766);
    EXPECT_EQ(opened.local.address, 0x7f000001u);
  }
}

TEST(MediaThread, SaysWhenNoPortIsLeft) {
  // A range of one pair; if another program has it, the first order fails as the second must.
  MediaFixture it({.port_first = 29'998, .port_last = 29'999});
  EXPECT_TRUE(it.media->order(OpenStream{1, customer}));
  EXPECT_TRUE(it.media->order(OpenStream{2, agent}));
  const auto failed =
      it.wait_for<StreamFailed>([](const auto& report) { return report.token == 2; });
  ASSERT_TRUE(failed);
  EXPECT_NE(failed->reason.find("29998-29999"), std::string::npos) << failed->reason;
}

TEST(MediaThread, IgnoresStrangers) {
  Call it;
  EXPECT_TRUE(it.agent_phone.hears(440));
  UdpSocket stranger;
  for (std::uint16_t i = 0; i < 20; ++i) {
    stranger.send(it.customer_side.local, packet({.sequence = i, .ssrc = 666}, octets(0x80)));
  }
  const auto dropped = [&] {
    for (const auto& sample : it.metrics.collect()) {
      if (sample.label == "stranger") return sample.value;
    }
    return 0.0;
  };
  EXPECT_TRUE(eventually([&] { return dropped() == 20; }));
  EXPECT_TRUE(it.agent_phone.hears(440));
  EXPECT_FALSE(stranger.receive(0ms)) << "it is not sent to";
  it.customer_phone.hang_up();
  const auto closed = it.ask<StreamClosed>(CloseStream{it.next(), customer});
  EXPECT_EQ(closed.statistics.strangers_dropped, 20u);
  EXPECT_GE(closed.statistics.packets_received, 10u);
  EXPECT_GE(closed.statistics.packets_sent, 10u);
}

TEST(MediaThread, TakesEverythingOfABurstAndOfHugeDatagramsNothing) {
  MediaFixture it;
  UdpSocket phone;
  const auto opened = it.open(customer, phone.local(), Codec::pcmu);
  phone.send(opened.local, octets(0x80, 2'000));
  for (std::uint16_t i = 0; i < 200; ++i) {
    phone.send(opened.local, packet({.sequence = i, .timestamp = i * 160u}, octets(0x80)));
  }
  const auto value = [&](std::string_view name, std::string_view kind) {
    for (const auto& sample : it.metrics.collect()) {
      if (sample.name == name && sample.label == kind) return sample.value;
    }
    return -1.0;
  };
  EXPECT_TRUE(eventually([&] { return value("cord_media_rtp_packets_total", "received") == 200; }));
  EXPECT_EQ(value("cord_media_rtp_dropped_packets_total", "oversized"), 1);
}

TEST(MediaThread, ReportsAStreamThatFellSilentOnce) {
  MediaFixture it;
  UdpSocket phone;
  it.open(customer, phone.local(), Codec::pcmu, 50ms);
  EXPECT_TRUE(it.wait_for<StreamTimedOut>([](const auto& it2) { return it2.stream == customer; }));
  it.open(agent, phone.local(), Codec::pcmu, 200ms);
  EXPECT_TRUE(it.wait_for<StreamTimedOut>([](const auto& it2) { return it2.stream == agent; }));
  EXPECT_EQ(it.count<StreamTimedOut>(), 2u);
}

TEST(MediaThread, SendsSaneRtcp) {
  // RTCP goes to the port above the phone's RTP port: a pair of neighbours is needed.
  std::optional<UdpSocket> rtp, rtcp;
  do {
    rtp.emplace();
    rtcp.emplace(static_cast<std::uint16_t>(rtp->local().port + 1));
  } while (rtcp->local().port == 0);
  MediaFixture it;
  const auto opened = it.open(customer, rtp->local(), Codec::pcmu);
  it.ask<Done>(SetSource{it.next(), customer, Source::silence});
  rtp->send(opened.local, packet({.sequence = 5, .ssrc = 55}, octets(0x80)));
  const auto bytes = rtcp->receive(std::chrono::seconds(10));
  ASSERT_TRUE(bytes);
  const auto compound = parse_rtcp(*bytes);
  ASSERT_TRUE(compound);
  ASSERT_EQ(compound->reports.size(), 1u);
  const RtcpReport& report = compound->reports[0];
  EXPECT_EQ(report.ssrc, opened.ssrc);
  ASSERT_TRUE(report.sender);
  EXPECT_GT(report.sender->packets, 20u);
  EXPECT_EQ(report.sender->octets, report.sender->packets * 160);
  ASSERT_EQ(report.blocks.size(), 1u);
  EXPECT_EQ(report.blocks[0].ssrc, 55u);
  EXPECT_EQ(report.blocks[0].cumulative_lost, 0);
  EXPECT_EQ(compound->cnames.size(), 1u);
  it.ask<StreamClosed>(CloseStream{it.next(), customer});
  const auto goodbye = rtcp->receive(std::chrono::seconds(10));
  ASSERT_TRUE(goodbye);
  EXPECT_EQ(parse_rtcp(*goodbye)->byes, std::vector{opened.ssrc});
}

// The stretches of a channel of at least 100 ms that are exactly zero, as [begin, end).
std::vector<std::pair<std::size_t, std::size_t>> silences(
    const std::vector<std::int16_t>& samples) {
  std::vector<std::pair<std::size_t, std::size_t>> out;
  for (std::size_t i = 0; i < samples.size();) {
    std::size_t end = i;
    while (end < samples.size() && samples[end] == 0) ++end;
    if (end - i >= 800) out.emplace_back(i, end);
    i = std::max(end, i + 1);
  }
  return out;
}

TEST(MediaThread, RecordsEachPartyInItsChannelAndPausesExactly) {
  Call it;
  ASSERT_TRUE(it.agent_phone.hears(440));
  ASSERT_TRUE(it.customer_phone.hears(1000));
  it.start_recorder();
  const auto packets_until = [&](std::size_t more) {
    const std::size_t goal = it.agent_phone.packets() + more;
    ASSERT_TRUE(eventually([&] { return it.agent_phone.packets() >= goal; }));
  };
  packets_until(50);
  it.control(Action::pause);
  const std::size_t paused_at = it.agent_phone.packets();
  packets_until(50);
  const std::size_t paused_packets = it.agent_phone.packets() - paused_at;
  it.control(Action::resume);
  packets_until(50);
  it.control(Action::stop);
  EXPECT_FALSE(std::filesystem::exists(it.part_path()));
  const Wav wav = read_wav(it.directory.path() + "/call.wav");
  EXPECT_GT(tone_share(part(wav.left, 2'000, 6'000), 440), 0.95);
  EXPECT_GT(tone_share(part(wav.right, 2'000, 6'000), 1000), 0.95);
  EXPECT_LT(tone_share(part(wav.left, 2'000, 6'000), 1000), 0.001);

  // The sidecar says when; the file must be silent there, on both sides, to the sample.
  const std::string json = read_file(it.directory.path() + "/call.json");
  const auto offset_of = [&](const char* action) {
    const std::string_view key = "\"offset_ms\":";
    const auto found = json.find(std::string("\"action\":\"") + action);
    return static_cast<std::size_t>(std::stoul(json.substr(json.find(key, found) + key.size())));
  };
  const std::size_t begin = (offset_of("pause") + 1) * 8, end = offset_of("resume") * 8;
  EXPECT_GT(end - begin, (paused_packets - 5) * 160);
  for (const auto* side : {&wav.left, &wav.right}) {
    EXPECT_TRUE(all_zero(part(*side, begin, end)));
    const auto found = silences(*side);
    ASSERT_LE(found.size(), 2u) << "one is the pause; another may be a hole at the start";
    EXPECT_LE(found.back().first, begin);
    EXPECT_GE(found.back().second, end);
  }
}

TEST(MediaThread, ARunningRecordingCanBePlayedFromItsPart) {
  Call it;
  ASSERT_TRUE(it.agent_phone.hears(440));
  it.start_recorder();
  ASSERT_TRUE(eventually([&] { return read_wav(it.part_path()).left.size() > 8'000; }));
  const Wav wav = read_wav(it.part_path());
  EXPECT_GT(tone_share(part(wav.left, 4'000, 8'000), 440), 0.9);
}

TEST(MediaThread, ADiskThatFailsEndsTheRecordingNotTheCall) {
  auto plan = std::make_shared<FailurePlan>();
  plan->fails_at = 8;  // the header and one or two blocks are written by then
  Call it(std::make_unique<FailingFileSystem>(plan));
  ASSERT_TRUE(it.agent_phone.hears(440));
  it.start_recorder();
  const auto failed =
      it.wait_for<RecorderFailed>([](const RecorderFailed& report) { return report.token == 0; });
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->recorder, recorder);
  EXPECT_GT(read_wav(it.part_path()).left.size(), 1'000u);
  EXPECT_TRUE(it.agent_phone.hears(440));
  EXPECT_EQ(it.count<RecorderFailed>(), 1u);
}

TEST(MediaThread, ShutdownCompletesRecordings) {
  Call it;
  ASSERT_TRUE(it.agent_phone.hears(440));
  it.start_recorder();
  const std::size_t goal = it.agent_phone.packets() + 10;
  ASSERT_TRUE(eventually([&] { return it.agent_phone.packets() >= goal; }));
  it.media->stop();
  EXPECT_GT(read_wav(it.directory.path() + "/call.wav").left.size(), 1'000u);
  EXPECT_NE(read_file(it.directory.path() + "/call.json").find("\"by\":\"shutdown\""),
            std::string::npos);
}

TEST(MediaThread, RefusesOrdersBeyondTheBound) {
  MediaFixture it({.orders_max = 1});
  // The thread takes orders as they come; without a pause between them, one must find the other.
  bool refused = false;
  for (int i = 0; i < 1'000'000 && !refused; ++i) {
    refused = !it.media->order(SetMuted{0, customer, true});
  }
  EXPECT_TRUE(refused);
}

TEST(MediaConfig, RefusesWhatCannotWork) {
  const auto where = [](MediaConfig config) {
    const auto valid = config.validate();
    return valid ? std::string_view() : valid.error().where;
  };
  EXPECT_EQ(where({}), "");
  EXPECT_EQ(where({.port_last = 40'000}), "media.ports");
  EXPECT_EQ(where({.port_first = 80}), "media.ports");
  EXPECT_EQ(where({.port_first = 20'000, .port_last = 20'000}), "media.ports");
  EXPECT_EQ(where({.tick = 21ms}), "media.tick");
  EXPECT_EQ(where({.streams_max = 0}), "media.streams-max");
  EXPECT_EQ(where({.orders_max = 0}), "media.orders-max");
  EXPECT_EQ(where({.recorders = {.recorders_max = 0}}), "media.recorders-max");
  EXPECT_EQ(where({.recording_blocks_max = 0}), "media.recording-blocks-max");
}

TEST(MediaConfig, AnUnusableDirectoryIsFoundAtTheStart) {
  Metrics metrics;
  MediaConfig config;
  config.recording_directory = "/proc/nowhere";
  const auto started = MediaThread::start(
      config, {.metrics = metrics, .clock = real_now, .report = {}, .files = make_file_system()});
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, Errc::io_failed);
}

}  // namespace
}  // namespace cord::media::test
