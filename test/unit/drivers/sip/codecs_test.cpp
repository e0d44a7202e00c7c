// What legs speak: the wish of trunk and phone, the same for two who talk, and what is affordable.
#include <gtest/gtest.h>

#include "driver_world.hpp"

namespace cord::drivers::test {
namespace {

using core::LegId;
using core::Waiting;
using sip::Codec;

class SipDriverCodecs : public DriverWorld {
 protected:
  void start(std::vector<Codec> trunk, std::size_t coded_legs_max = 100) {
    SipConfig config;
    config.trunks = {{"carrier", {"127.0.0.1:5080"}}};
    config.trunks[0].codecs = std::move(trunk);
    config.coded_legs_max = coded_legs_max;
    restart(config);
  }
  [[nodiscard]] media::Codec codec_of(std::uint64_t stream) const {
    return media->configured.at({stream}).codec;
  }
  [[nodiscard]] double metric(std::string_view name, std::string_view label = {}) const {
    for (const auto& it : metrics->collect()) {
      if (it.name == name && (label.empty() || it.label == label)) return it.value;
    }
    return -1;
  }
  [[nodiscard]] double coded() const { return metric("cord_bound_used", "sip.coded_legs_max"); }
};

TEST_F(SipDriverCodecs, BothLegsSpeakThePhonesIfTheCallerCan) {
  start(sip::all_codecs());
  phone->codecs = {Codec::opus};
  carrier->codecs = {Codec::pcmu, Codec::opus};
  const auto [customer, agent] = bridged();
  EXPECT_EQ(codec_of(1), media::Codec::opus);
  EXPECT_EQ(codec_of(2), media::Codec::opus);
  EXPECT_EQ(media->configured.at({2}).opus_payload_type, 96);
  EXPECT_EQ(media->configured.at({2}).dtmf_clock_khz, 48);
  EXPECT_EQ(coded(), 2);
  finish({customer, agent});
  EXPECT_EQ(coded(), 0);
}

TEST_F(SipDriverCodecs, WithoutACommonOneEachKeepsItsOwn) {
  start({Codec::pcmu});
  phone->codecs = {Codec::g722};
  carrier->codecs = {Codec::opus, Codec::pcmu};
  const auto [customer, agent] = bridged();
  EXPECT_EQ(codec_of(1), media::Codec::g722);
  EXPECT_TRUE(media->configured.at({1}).takes_g722);
  EXPECT_EQ(codec_of(2), media::Codec::pcmu);
  EXPECT_EQ(coded(), 1);
  finish({customer, agent});
}

TEST_F(SipDriverCodecs, ACallerIsAnsweredWhatTheTrunkWantsMost) {
  start({Codec::pcma, Codec::opus});
  carrier->codecs = {Codec::opus, Codec::pcmu, Codec::pcma};
  const LegId first = call_in();
  order(core::AcceptLeg{first, Waiting::music});
  EXPECT_EQ(codec_of(1), media::Codec::pcma);
  EXPECT_EQ(coded(), 0);
  carrier->codecs = {Codec::opus, Codec::pcmu};
  const LegId second = call_in();
  order(core::AcceptLeg{second, Waiting::music});
  EXPECT_EQ(codec_of(2), media::Codec::opus);
  finish({first, second});
}

TEST_F(SipDriverCodecs, ACallerWhoSpeaksNothingOfTheTrunkGets488) {
  start({Codec::pcma});
  carrier->codecs = {Codec::opus, Codec::pcmu};
  call("18005550100");
  EXPECT_TRUE(all<core::CallArrived>().empty());
  ASSERT_EQ(carrier->all<sip::CallEnded>().size(), 1U);
  EXPECT_EQ(carrier->all<sip::CallEnded>().front().status, 488);
}

TEST_F(SipDriverCodecs, WhoIsOneTooManyGetsG711) {
  start({Codec::opus, Codec::pcmu}, 1);
  carrier->codecs = {Codec::opus, Codec::pcmu};
  phone->codecs = {Codec::opus, Codec::pcmu};
  const LegId first = call_in();
  order(core::AcceptLeg{first, Waiting::music});
  EXPECT_EQ(codec_of(1), media::Codec::opus);
  const LegId second = call_in();
  order(core::AcceptLeg{second, Waiting::music});
  EXPECT_EQ(codec_of(2), media::Codec::pcmu);
  order(to_phone());
  EXPECT_EQ(codec_of(3), media::Codec::pcmu);
  EXPECT_EQ(coded(), 1);
  EXPECT_EQ(metric("cord_sip_coders_refused_total"), 2);
  // Who knows nothing else cannot be served.
  carrier->codecs = {Codec::opus};
  call("18005550100");
  EXPECT_EQ(carrier->all<sip::CallEnded>().back().status, 503);
  finish({first, second, {1}});
  EXPECT_EQ(coded(), 0);
}

}  // namespace
}  // namespace cord::drivers::test
