// What the driver asks of callers and phones, and what it tells the plane.
#include "driver_world.hpp"

namespace cord::drivers {
namespace {

using test::DriverWorld;
using namespace std::chrono_literals;

class Security : public DriverWorld {
 protected:
  void use(sip::SrtpPolicy policy) {
    SipConfig config;
    config.trunks = {{.name = "carrier", .peers = {"127.0.0.1:5080"}, .srtp = policy}};
    config.phones = {{"sip:1001@127.0.0.1:5071", policy}};
    restart(config);
  }
  static sip::LocalSecurity peer_security(sip::SrtpPolicy policy) {
    sip::LocalSecurity out;
    out.policy = policy;
    out.key.fill(9);
    return out;
  }
  std::uint16_t refused_with() {
    for (const auto& it : carrier->all<sip::CallEnded>()) return it.status;
    return 0;
  }
};

TEST_F(Security, ATrunkThatHasToBeProtectedIsRefusedPlainCallsBeforeAnybodyKnows) {
  use(sip::SrtpPolicy::required);
  call("18005550100");
  EXPECT_EQ(refused_with(), 488);
  EXPECT_TRUE(all<core::CallArrived>().empty());
  EXPECT_EQ(driver->legs(), 0U);
}

TEST_F(Security, ATrunkWithoutIsRefusedProtectedCalls) {
  use(sip::SrtpPolicy::off);
  carrier->security = peer_security(sip::SrtpPolicy::required);
  call("18005550100");
  EXPECT_EQ(refused_with(), 488);
  EXPECT_TRUE(all<core::CallArrived>().empty());
}

TEST_F(Security, ThePlaneGetsTheKeysBeforeTheAddressAndOnce) {
  use(sip::SrtpPolicy::required);
  carrier->security = phone->security = peer_security(sip::SrtpPolicy::required);
  const auto [customer, agent] = bridged();
  const auto protections = media->all<media::SetProtection>();
  ASSERT_EQ(protections.size(), 2U);
  for (const auto& it : protections) {
    ASSERT_TRUE(it.terms.keys);
    EXPECT_EQ(it.terms.keys->remote.key.front(), 9);
    EXPECT_NE(it.terms.keys->local.key, it.terms.keys->remote.key);
    std::size_t at = 0, protected_at = 0;
    for (const auto& order : media->orders) {
      ++at;
      const auto* given = std::get_if<media::SetProtection>(&order);
      if (given != nullptr && given->stream == it.stream) protected_at = at;
      const auto* configured = std::get_if<media::ConfigureStream>(&order);
      if (configured != nullptr && configured->stream == it.stream) {
        EXPECT_NE(protected_at, 0U);
      }
    }
  }
  EXPECT_NE(protections[0].terms.keys->local, protections[1].terms.keys->local);
  finish({customer, agent});
}

TEST_F(Security, OptionalTalksToWhoCannot) {
  use(sip::SrtpPolicy::optional);
  const auto [customer, agent] = bridged();
  EXPECT_TRUE(media->all<media::SetProtection>().empty());
  finish({customer, agent});
}

TEST_F(Security, OptionalIsProtectedWithWhoCan) {
  use(sip::SrtpPolicy::optional);
  carrier->security = phone->security = peer_security(sip::SrtpPolicy::optional);
  const auto [customer, agent] = bridged();
  EXPECT_EQ(media->all<media::SetProtection>().size(), 2U);
  finish({customer, agent});
}

TEST_F(Security, APhoneThatMustAndCannotIsHungUp) {
  use(sip::SrtpPolicy::required);
  order(to_phone());
  EXPECT_EQ(all<core::LegReleased>().size(), 1U);
  EXPECT_TRUE(all<core::LegAnswered>().empty());
  finish({});
}

TEST_F(Security, ALegWithoutKeysIsEnded) {
  use(sip::SrtpPolicy::optional);
  carrier->security = phone->security = peer_security(sip::SrtpPolicy::optional);
  const auto [customer, agent] = bridged();
  media->reports.push_back(
      media::ProtectionFailed{media->all<media::SetProtection>().front().stream, "test"});
  settle();
  // The phone's leg was the first to be protected: it had answered before the customer was.
  EXPECT_EQ(last<core::LegReleased>().leg, agent);
  EXPECT_EQ(last<core::LegReleased>().cause, core::Cause::failed);
  finish({customer, agent});
}

}  // namespace
}  // namespace cord::drivers
