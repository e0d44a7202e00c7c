// One story with each peer: a customer calls, the agent answers, they talk, the agent holds and
// retrieves, and releases the call. What both ends hear is judged by their tones; docs/interop.md
// is the table of it. A new peer, transport or way to encrypt is one more test here.
#include <fmt/format.h>

#include "scenario/interop/proxy.hpp"
#include "scenario/interop/story_phone.hpp"
#include "scenario/support/fixture.hpp"

namespace cord::scenario {
namespace {

/// Who takes part, and what stands between them.
struct Cast {
  PhoneProgram phone = PhoneProgram::baresip;
  std::string phone_mode = "on-answer";
  bool proxy = false;               ///< kamailio between us and both ends
  std::string to_proxy = {};        ///< URI parameters of the phone, as we call it
  bool proxy_comes_by_tcp = false;  ///< kamailio calls us by TCP
  bool relayed_media = false;       ///< and rtpengine
  bool tls = false;                 ///< between kamailio and us, both ways
};

class Stories : public Scenario {
 protected:
  void tell(const Cast& cast) {
    set_the_stage(cast);
    customer_calls(cast);
    expect_talk();
    hold_and_retrieve();
    release(cast);
  }

  void TearDown() override {
    if (HasFailure()) {
      if (phone_) std::cerr << phone_->output();
      if (kamailio_) std::cerr << kamailio_->output();
      if (rtpengine_) std::cerr << rtpengine_->output();
    }
    Scenario::TearDown();
  }

 private:
  void set_the_stage(const Cast& cast) {
    is_ringing_ = cast.phone_mode == "ring";
    phone_ = start_phone(cast.phone, !is_ringing_, directory("phone"));
    const std::uint16_t proxy_port = cast.proxy ? free_port() : 0;
    const std::uint16_t tls_port = cast.tls ? free_port() : 0;
    const std::uint16_t called_port = cast.tls ? tls_port : proxy_port;
    AgentSetting alice{"alice", "1001", cast.proxy ? called_port : phone_->port(), cast.phone_mode};
    alice.phone_parameters = cast.to_proxy;
    const Certificates certificates(directory("certificates"));
    certificates.issue("kamailio", "IP:127.0.0.1");
    start_server(
        {.agents = {alice}, .sip = cast.tls ? certificates.settings() : "", .tls = cast.tls});
    if (cast.relayed_media) rtpengine_ = std::make_unique<Rtpengine>(directory("rtpengine"));
    if (cast.proxy) {
      kamailio_ = std::make_unique<Kamailio>(
          directory("kamailio"),
          Kamailio::Options{proxy_port, "1001", phone_->port(), our_address(cast), rtpengine_.get(),
                            tls_port, &certificates});
    }
    first_hop_ = cast.proxy ? proxy_port : server->sip_udp();
    desktop_ = std::make_unique<Desktop>(server->http());
    desktop_->be_ready("alice");
  }

  /// As kamailio calls us.
  [[nodiscard]] std::string our_address(const Cast& cast) const {
    if (cast.tls) return fmt::format("127.0.0.1:{};transport=tls", server->sip_tls());
    if (!cast.proxy_comes_by_tcp) return fmt::format("127.0.0.1:{}", server->sip_udp());
    return fmt::format("127.0.0.1:{};transport=tcp", server->sip_tcp());
  }

  void customer_calls(const Cast&) {
    auto options = customer(customer_);
    options.to_port = first_hop_;
    call_ = std::make_unique<Sipp>(directory("customer"), options);
    desktop_->await_offer();
    if (is_ringing_) {
      phone_->pick_up();
      const object connected = desktop_->await_state(desktop_->conversation, "CONNECTED");
      EXPECT_EQ(text(connected, "data", "cause"), "phone");
    } else {
      expect_success(desktop_->request("conversation.answer", desktop_->conversation));
    }
    const auto port = call_->remote_media_port(5s);
    ASSERT_NE(port, 0);
    customer_.send_to(port);
  }

  // What a jitter buffer still holds, or a phone has not written yet, is older than what happened.
  static constexpr auto settling = 400ms;

  void expect_talk() {
    (void)customer_.listen(200ms);
    expect_tone(customer_.listen(500ms), agent_hz);
    (void)phone_->listen(settling);
    const auto heard = phone_->listen(500ms);
    EXPECT_GT(share_of_tone_in_pieces(heard, customer_hz), 0.8) << loudness(heard);
  }

  void hold_and_retrieve() {
    expect_success(desktop_->request("conversation.hold", desktop_->conversation));
    (void)customer_.listen(200ms);
    const auto music = customer_.listen(600ms);
    EXPECT_GT(loudness(music), 200) << "music on hold";
    expect_no_tone(music, agent_hz);
    (void)phone_->listen(settling);
    expect_no_tone(phone_->listen(400ms), customer_hz);
    expect_success(desktop_->request("conversation.retrieve", desktop_->conversation));
    expect_talk();
    EXPECT_EQ(customer_.discontinuities(), 0U) << "one RTP stream through all of it";
  }

  void release(const Cast& cast) {
    const bool stays = cast.phone_mode == "persistent";
    expect_success(desktop_->request("conversation.release", desktop_->conversation));
    EXPECT_EQ(call_->wait(10s), 0) << call_->output();
    expect_success(desktop_->request("interaction.complete", desktop_->interaction));
    EXPECT_TRUE(eventually([&] { return legs() == (stays ? 1 : 0); }, 5s)) << legs();
    if (stays) {
      EXPECT_EQ(phone_->ended_calls(), 0) << "the phone's leg outlives the call";
      expect_success(desktop_->request("session.request.logout", desktop_->session));
      EXPECT_TRUE(eventually([&] { return legs() == 0; }, 5s)) << legs();
    }
    EXPECT_TRUE(eventually([&] { return phone_->ended_calls() == 1; }, 5s)) << "hung up, once";
    EXPECT_TRUE(desktop_->is_contiguous());
  }

  [[nodiscard]] double legs() const { return server->metric("cord_sip_legs"); }

  ToneParty customer_{customer_hz};
  std::unique_ptr<StoryPhone> phone_;
  std::unique_ptr<Rtpengine> rtpengine_;
  std::unique_ptr<Kamailio> kamailio_;
  std::unique_ptr<Desktop> desktop_;
  std::unique_ptr<Sipp> call_;
  std::uint16_t first_hop_ = 0;
  bool is_ringing_ = false;
};

TEST_F(Stories, BaresipIsCalledOnAnswer) {
  tell({.phone = PhoneProgram::baresip, .phone_mode = "on-answer"});
}

TEST_F(Stories, BaresipStaysOnThePhone) {
  tell({.phone = PhoneProgram::baresip, .phone_mode = "persistent"});
}

TEST_F(Stories, BaresipRingsAndPicksUp) {
  tell({.phone = PhoneProgram::baresip, .phone_mode = "ring"});
}

TEST_F(Stories, LinphoneIsCalledOnAnswer) {
  tell({.phone = PhoneProgram::linphone, .phone_mode = "on-answer"});
}

TEST_F(Stories, LinphoneStaysOnThePhone) {
  tell({.phone = PhoneProgram::linphone, .phone_mode = "persistent"});
}

TEST_F(Stories, LinphoneRingsAndPicksUp) {
  tell({.phone = PhoneProgram::linphone, .phone_mode = "ring"});
}

TEST_F(Stories, SippRingsAndPicksUp) {
  tell({.phone = PhoneProgram::sipp, .phone_mode = "ring"});
}

TEST_F(Stories, KamailioProxiesByUdp) {
  tell({.phone_mode = "persistent", .proxy = true});
}

TEST_F(Stories, KamailioProxiesByTcp) {
  tell({.proxy = true, .to_proxy = ";transport=tcp", .proxy_comes_by_tcp = true});
}

TEST_F(Stories, KamailioProxiesByTls) {
  tell({.proxy = true, .to_proxy = ";transport=tls", .tls = true});
  EXPECT_GE(server->metric("cord_net_tls_handshakes_total", "done"), 1);
}

TEST_F(Stories, KamailioProxiesForLinphone) {
  tell({.phone = PhoneProgram::linphone, .proxy = true});
}

TEST_F(Stories, RtpengineRelaysBothEnds) {
  tell({.proxy = true, .relayed_media = true});
}

}  // namespace
}  // namespace cord::scenario
