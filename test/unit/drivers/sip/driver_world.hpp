// The SIP driver between a carrier, phones and a media plane, all in memory and on simulated time.
// Carrier and phones are user agents of our own, so that what they say is SIP and not a script.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "drivers/sip/sip_driver.hpp"
#include "sip/message.hpp"
#include "sip/user_agent.hpp"

namespace cord::drivers::test {

using namespace std::chrono_literals;

inline constexpr std::uint32_t loopback = 0x7f000001;
inline constexpr std::uint16_t driver_port = 5060, carrier_port = 5080, phone_port = 5071;

/// A media plane that answers every order, but for what a test wants otherwise.
class FakeMedia final : public MediaPort {
 public:
  bool submit(media::Order order) override {
    ++submitted;
    if (refuse_nth == submitted) return false;
    const bool is_lost = lose_nth == submitted;
    orders.push_back(order);
    if (!is_lost) std::visit([&](const auto& it) { run(it, fail_nth == submitted); }, order);
    return true;
  }

  template <class Order>
  [[nodiscard]] std::vector<Order> all() const {
    std::vector<Order> found;
    for (const media::Order& it : orders) {
      if (const auto* order = std::get_if<Order>(&it)) found.push_back(*order);
    }
    return found;
  }

  std::size_t submitted = 0;
  std::size_t fail_nth = 0;    ///< answered with a failure, if there is one for it; else not at all
  std::size_t lose_nth = 0;    ///< taken, and never heard of again
  std::size_t refuse_nth = 0;  ///< not taken
  std::vector<media::Order> orders;
  std::deque<media::Report> reports;
  std::set<media::StreamId> open;
  media::StreamStatistics statistics;  ///< of every stream, when it is closed
  std::map<media::StreamId, media::SetSource> sources;
  std::vector<media::MoveRecorder> moved;
  bool sends_keys = true;  ///< else their report does not come
  std::map<media::StreamId, bool> muted;
  std::map<media::StreamId, media::ConfigureStream> configured;
  std::map<media::StreamId, media::ProtectionTerms> protection;

 private:
  void done(media::Token token, bool fails) {
    if (token != 0 && !fails) reports.push_back(media::Done{token});
  }
  void run(const media::OpenStream& it, bool fails) {
    if (fails) return reports.push_back(media::StreamFailed{it.token, it.stream, "no port left"});
    open.insert(it.stream);
    const auto port = static_cast<std::uint16_t>(20000 + 2 * it.stream.value);
    reports.push_back(media::StreamOpened{it.token, it.stream, {loopback, port}, 77});
  }
  void run(const media::ConfigureStream& it, bool fails) {
    configured[it.stream] = it;
    done(it.token, fails);
  }
  void run(const media::SetSource& it, bool fails) {
    sources[it.stream] = it;
    done(it.token, fails);
  }
  void run(const media::SetProtection& it, bool fails) {
    protection[it.stream] = it.terms;
    done(it.token, fails);
  }
  void run(const media::SetMuted& it, bool fails) {
    muted[it.stream] = it.muted;
    done(it.token, fails);
  }
  void run(const media::SendTones& it, bool fails) {
    if (fails) return reports.push_back(media::StreamFailed{it.token, it.stream, "no audio"});
    if (sends_keys) reports.push_back(media::Done{it.token});
  }
  void run(const media::CloseStream& it, bool fails) {
    if (fails) return;
    open.erase(it.stream);
    reports.push_back(media::StreamClosed{it.token, it.stream, statistics});
  }
  void run(const media::StartRecorder& it, bool fails) {
    if (fails) return reports.push_back(media::RecorderFailed{it.token, it.recorder, "disk full"});
    reports.push_back(media::RecorderStarted{it.token, it.recorder, it.base_name + ".wav"});
  }
  void run(const media::MoveRecorder& it, bool fails) {
    moved.push_back(it);
    done(it.token, fails);
  }
  void run(const media::ControlRecorder& it, bool fails) {
    if (fails) return reports.push_back(media::RecorderFailed{it.token, it.recorder, "disk full"});
    reports.push_back(media::Done{it.token});
  }
};

class FakeTransport final : public SipTransport {
 public:
  void send(const sip::Flow& flow, std::string bytes) override {
    sent.emplace_back(flow, std::move(bytes));
  }
  void close(const sip::Flow& flow) override { closed.push_back(flow); }
  void know(const std::vector<KnownServer>& servers) override { known = servers; }
  std::deque<std::pair<sip::Flow, std::string>> sent;
  std::vector<sip::Flow> closed;
  std::vector<KnownServer> known;
};

/// A carrier or a phone.
struct Peer {
  explicit Peer(std::uint16_t at, sip::UserAgentConfig with = config())
      : port(at),
        agent(std::move(with), {{sip::Transport::udp, {loopback, at}}}, sip::IdSecret{at, at}) {}

  static sip::UserAgentConfig config() {
    sip::UserAgentConfig it;
    it.callers = {{loopback, 0}};
    return it;
  }

  /// One that registers with the driver as extension 1001.
  static sip::UserAgentConfig registering(const std::string& password) {
    sip::UserAgentConfig it = config();
    it.registrations = {{.name = "1001",
                         .registrars = {{sip::Transport::udp, {loopback, driver_port}}},
                         .domain = "127.0.0.1",
                         .account = {.user = "1001", .password = password, .realm = {}}}};
    return it;
  }

  [[nodiscard]] sip::LocalMedia media() const {
    sip::LocalMedia it;
    it.address = {loopback, static_cast<std::uint16_t>(port + 10'000)};
    it.cname = "peer";
    it.codecs = codecs;
    it.direction = direction;
    it.security = security;
    return it;
  }

  std::uint16_t port;
  sip::UserAgent agent;
  std::vector<sip::Codec> codecs{sip::Codec::pcmu, sip::Codec::pcma};
  sip::Direction direction = sip::Direction::sendrecv;
  sip::LocalSecurity security;  ///< plain RTP, unless a test wants otherwise
  std::vector<sip::UserAgentOutput> facts;
  /// Done with each call that comes in.
  std::function<void(Peer&, sip::CallHandle, Instant)> on_call;
  sip::CallHandle call{};  ///< the last one, either way

  template <class Fact>
  [[nodiscard]] std::vector<Fact> all() const {
    std::vector<Fact> found;
    for (const auto& it : facts) {
      if (const auto* fact = std::get_if<Fact>(&it)) found.push_back(*fact);
    }
    return found;
  }
};

class DriverWorld : public ::testing::Test {
 protected:
  DriverWorld() { restart(SipConfig{}); }

  void restart(SipConfig config) {
    if (config.trunks.empty()) config.trunks = {{"carrier", {"127.0.0.1:5080"}}};
    ASSERT_TRUE(config.validate().has_value());
    reports.clear();
    released.clear();
    media = std::make_unique<FakeMedia>();
    transport = std::make_unique<FakeTransport>();
    metrics = std::make_unique<Metrics>();
    driver = std::make_unique<SipDriver>(
        config,
        std::vector<sip::Listener>{{sip::Transport::udp, {loopback, driver_port}},
                                   {sip::Transport::tcp, {loopback, driver_port}}},
        SipSurroundings{*transport, *media, [this](core::Report it) { take(std::move(it)); }, log,
                        *metrics, dns, fingerprint, [this] { return inputs_waiting; }},
        sip::IdSecret{5, 6}, now);
    carrier = std::make_unique<Peer>(carrier_port);
    phone = std::make_unique<Peer>(phone_port);
    phone->on_call = pick_up;
  }

  static void pick_up(Peer& peer, sip::CallHandle call, Instant at) {
    peer.agent.answer(call, peer.media(), at);
  }

  void take(core::Report report) {
    if (const auto* it = std::get_if<core::LegReleased>(&report)) ++released[it->leg];
    reports.push_back(std::move(report));
  }

  /// Carries messages and media reports round until all is quiet.
  void settle() {
    for (bool is_quiet = false; !is_quiet;) {
      is_quiet = transport->sent.empty() && media->reports.empty();
      for (auto& [flow, bytes] : std::exchange(transport->sent, {})) deliver(flow, bytes);
      for (const auto& it : std::exchange(media->reports, {})) driver->on_media(it, now);
      for (Peer* peer : {carrier.get(), phone.get()}) is_quiet = !run(*peer) && is_quiet;
    }
  }

  void deliver(const sip::Flow& flow, const std::string& bytes) {
    const auto message = sip::parse_message(bytes);
    ASSERT_TRUE(message.has_value()) << bytes;
    if (drops && drops(*message)) return;
    messages.push_back(*message);
    const sip::Flow from{sip::Transport::udp, 0, {loopback, driver_port}, 0};
    for (Peer* peer : {carrier.get(), phone.get()}) {
      if (peer->port == flow.remote.port) peer->agent.receive(bytes, from, now);
    }
  }

  bool run(Peer& peer) {
    auto outputs = peer.agent.take_outputs();
    for (auto& output : outputs) {
      if (const auto* it = std::get_if<sip::SendBytes>(&output)) {
        driver->on_input(DatagramsArrived{0, {{{loopback, peer.port}, it->bytes}}}, now);
        continue;
      }
      const auto* offered = std::get_if<sip::CallOffered>(&output);
      peer.facts.push_back(output);
      if (offered == nullptr) continue;
      peer.call = offered->call;
      if (peer.on_call) peer.on_call(peer, offered->call, now);
    }
    return !outputs.empty();
  }

  void order(const core::Effect& it) {
    driver->execute(it, now);
    settle();
  }

  /// Lets time pass in steps of 100 ms.
  void pass(Duration duration) {
    for (const Instant end = now + duration; now < end;) {
      now += 100ms;
      driver->on_timer(now);
      carrier->agent.on_timer(now);
      phone->agent.on_timer(now);
      settle();
    }
  }

  template <class Report>
  std::vector<Report> all() const {
    std::vector<Report> found;
    for (const core::Report& it : reports) {
      if (const auto* report = std::get_if<Report>(&it)) found.push_back(*report);
    }
    return found;
  }

  template <class Report>
  Report last() const {
    const auto found = all<Report>();
    EXPECT_FALSE(found.empty()) << "no such report";
    return found.empty() ? Report{} : found.back();
  }

  /// The carrier calls the number; the leg.
  core::LegId call_in() {
    call("18005550100");
    return last<core::CallArrived>().leg;
  }
  /// The carrier calls that number; nothing is expected of it yet.
  void call(const std::string& number) { call(number, *carrier); }
  void call(const std::string& number, Peer& from) {
    const auto call = from.agent.invite(
        {.to = sip::parse_uri("sip:" + number + "@127.0.0.1:5060").value(),
         .from = sip::parse_name_addr("\"Carol\" <sip:+15551234@carrier.test>").value(),
         .headers = {},
         .media = from.media(),
         .ring_max = 10min},
        now);
    from.call = call.value();
    settle();
  }

  static core::OriginateLeg to_phone(core::LegId leg = {1}) {
    return {.leg = leg,
            .to = "sip:1001@127.0.0.1:5071",
            .caller = "+15551234",
            .caller_name = "Carol",
            .auto_answer = true,
            .ring_max = 20s};
  }

  /// A call in, waiting, and an agent's phone, bridged.
  std::pair<core::LegId, core::LegId> bridged(core::Waiting waiting = core::Waiting::ringing) {
    const core::LegId customer = call_in();
    order(core::AcceptLeg{customer, waiting});
    order(to_phone());
    order(core::BridgeLegs{customer, {1}});
    EXPECT_EQ(all<core::LegsBridged>().size(), 1U);
    return {customer, {1}};
  }

  /// Whatever happened: all legs end, each is reported once, and nothing stays behind.
  void finish(const std::vector<core::LegId>& legs) {
    for (const core::LegId leg : legs) order(core::ReleaseLeg{leg, core::Cause::request});
    pass(2min);
    for (const core::LegId leg : legs) EXPECT_EQ(released[leg], 1) << leg.value;
    EXPECT_EQ(driver->legs(), 0U);
    EXPECT_EQ(driver->operations(), 0U);
    EXPECT_EQ(driver->held_calls(), 0U);
    EXPECT_FALSE(driver->next_due().has_value());
  }

  Instant now{1'000'000s};
  SilentLog log;
  std::unique_ptr<Metrics> metrics;
  std::unique_ptr<FakeMedia> media;
  std::unique_ptr<FakeTransport> transport;
  DnsPort* dns = nullptr;
  std::unique_ptr<SipDriver> driver;
  std::unique_ptr<Peer> carrier, phone;
  std::vector<core::Report> reports;
  std::map<core::LegId, int> released;
  std::vector<sip::Message> messages;  ///< what the driver sent and was not dropped
  std::function<bool(const sip::Message&)> drops;
  std::optional<sip::Fingerprint> fingerprint;  ///< of the plane's certificate
  std::size_t inputs_waiting = 0;               ///< batches that the sockets have read
};

}  // namespace cord::drivers::test
