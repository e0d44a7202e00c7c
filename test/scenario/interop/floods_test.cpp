// Floods while a call is up: the call's audio goes on without loss, every command is answered, and
// a new customer comes through. What is measured is printed, for docs/benchmarks.md.
#include <algorithm>
#include <regex>

#include <fmt/format.h>

#include "scenario/interop/flood.hpp"
#include "scenario/support/offered_call.hpp"

namespace cord::scenario {
namespace {

constexpr int rate_per_s = 20'000;
constexpr auto span = 3s;
/// Of a command's answer, on a machine that runs other tests as well.
constexpr auto latency_max = 1s;
/// Of what comes to us, in parts of a hundred: a machine that stands still loses what its buffers
/// cannot hold. On one that does not nothing is lost.
constexpr double loss_percent_max = 1;
/// Of the packets that are due in the span: half a second of a machine that stood still is no loss.
constexpr double due_min = 0.9;

class Floods : public OfferedCall {
 protected:
  void SetUp() override {
    OfferedCall::SetUp();
    answer();
  }

  void withstand(const std::string& name, std::uint16_t to_port, Flood::Make make) {
    const auto cpu_before = server->process().cpu();
    const auto started = WallClock::now();
    const std::size_t packets_before = customer_.packets();
    Flood flood({.to_port = to_port, .rate_per_s = rate_per_s}, std::move(make));
    give_commands(started + span);
    const auto passed = WallClock::now() - started;
    flood.stop();
    const double due = std::chrono::duration<double>(passed) / 20ms;
    const auto heard = static_cast<double>(customer_.packets() - packets_before);
    EXPECT_GT(heard / due, due_min) << "the customer goes on hearing";
    expect_tone(customer_.listen(400ms), agent_hz);
    expect_tone(phone_->listen(400ms), customer_hz);
    std::sort(latencies_.begin(), latencies_.end());
    fmt::print(
        "MEASURED {{\"flood\":\"{}\",\"datagrams_per_s\":{:.0f},\"cpu_percent\":{:.0f},"
        "\"commands\":{},\"command_p50_us\":{},\"command_max_us\":{},\"packets_due\":{:.0f},"
        "\"packets_heard\":{:.0f}}}\n",
        name, flood.rate_per_s(), 100.0 * (server->process().cpu() - cpu_before) / passed,
        latencies_.size(), latencies_[latencies_.size() / 2].count(), latencies_.back().count(),
        due, heard);
    EXPECT_LT(latencies_.back(), latency_max);
    release_and_count_loss();
  }

  // Mute and unmute by turns, one after the other is answered.
  void give_commands(WallClock::time_point until) {
    bool is_muted = false;
    while (WallClock::now() < until) {
      const auto asked = WallClock::now();
      expect_success(
          desktop_->request(is_muted ? "conversation.request.unmute" : "conversation.request.mute",
                            desktop_->conversation));
      latencies_.push_back(
          std::chrono::duration_cast<std::chrono::microseconds>(WallClock::now() - asked));
      is_muted = !is_muted;
      desktop_->read_for(20ms);
    }
    if (is_muted) {
      expect_success(desktop_->request("conversation.request.unmute", desktop_->conversation));
    }
  }

  void release_and_count_loss() {
    expect_success(desktop_->request("conversation.release", desktop_->conversation));
    EXPECT_EQ(call_->wait(10s), 0) << call_->output();
    EXPECT_TRUE(eventually([&] { return server->metric("cord_sip_legs") == 0; }, 5s));
    const std::string log = server->process().output();
    const std::regex line(" packets_received=([0-9]+) .* packets_lost=([0-9]+)");
    int legs = 0;
    for (std::sregex_iterator it(log.begin(), log.end(), line), end; it != end; ++it, ++legs) {
      const double lost = std::stod((*it)[2]), came = std::stod((*it)[1]);
      EXPECT_LE(100 * lost / (came + lost), loss_percent_max) << lost << " of what came to us";
    }
    EXPECT_EQ(legs, 2);
  }

  std::vector<std::chrono::microseconds> latencies_;
};

TEST_F(Floods, OfInvitesFromAStranger) {
  withstand("INVITE", server->sip_udp(), [](auto it) { return flood_request("INVITE", it); });
}

TEST_F(Floods, OfRegistersFromAStranger) {
  withstand("REGISTER", server->sip_udp(), [](auto it) { return flood_request("REGISTER", it); });
}

TEST_F(Floods, OfOptionsFromAStranger) {
  withstand("OPTIONS", server->sip_udp(), [](auto it) { return flood_request("OPTIONS", it); });
}

TEST_F(Floods, OfNoiseFromAStranger) {
  withstand("noise", server->sip_udp(), flood_noise);
}

TEST_F(Floods, OfRtpFromAStranger) {
  withstand("RTP", media_port_, flood_rtp);
}

}  // namespace
}  // namespace cord::scenario
