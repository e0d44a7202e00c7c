// Phones that register with the driver, and calls to wherever they are.
#include <gtest/gtest.h>

#include "driver_world.hpp"

namespace cord::drivers::test {
namespace {

using core::Cause;
using core::LegId;

class RegisteredPhone : public DriverWorld {
 protected:
  RegisteredPhone() {
    SipConfig config;
    config.registrar.subscribers = {{"1001", "phone-secret"}};
    restart(config);
    phone = std::make_unique<Peer>(phone_port, Peer::registering("phone-secret"));
    phone->on_call = pick_up;
  }

  static core::OriginateLeg to_1001(LegId leg = {1}) {
    core::OriginateLeg order = to_phone(leg);
    order.to = registered_phone("1001");
    return order;
  }

  double metric(std::string_view name, std::string_view kind = {}) const {
    for (const MetricSample& it : metrics->collect()) {
      if (it.name == name && it.label == kind) return it.value;
    }
    return -1;
  }
};

TEST_F(RegisteredPhone, IsCalledWhereItIs) {
  pass(100ms);
  EXPECT_EQ(metric("cord_sip_phones"), 1);
  order(to_1001());
  EXPECT_EQ(last<core::LegAnswered>().leg, LegId{1});
  const auto offered = phone->all<sip::CallOffered>();
  ASSERT_EQ(offered.size(), 1U);
  EXPECT_EQ(offered[0].target.user_text(), "1001");
  order(core::ReleaseLeg{{1}, Cause::request});
  pass(1min);
  EXPECT_EQ(phone->all<sip::CallEnded>().size(), 1U);
  EXPECT_EQ(driver->legs(), 0U);
  EXPECT_EQ(driver->held_calls(), 0U);
}

TEST_F(RegisteredPhone, IsNotThereBeforeItRegisters) {
  order(to_1001());
  EXPECT_EQ(last<core::LegReleased>().cause, Cause::unreachable);
  EXPECT_EQ(last<core::LegReleased>().detail, "extension 1001 is not registered");
  EXPECT_EQ(driver->legs(), 0U);
}

TEST_F(RegisteredPhone, NeedsItsPassword) {
  phone = std::make_unique<Peer>(phone_port, Peer::registering("guess"));
  pass(100ms);
  EXPECT_EQ(metric("cord_sip_phones"), 0);
  EXPECT_EQ(metric("cord_sip_registrations_total", "wrong"), 1);
  order(to_1001());
  EXPECT_EQ(last<core::LegReleased>().cause, Cause::unreachable);
}

TEST_F(RegisteredPhone, IsNobodyWhereNobodyMayRegister) {
  restart({});
  order(to_1001());
  EXPECT_EQ(last<core::LegReleased>().detail, "extension 1001 is not registered");
}

// Two devices: the one that registered last is called, and if it does not answer at all, the other.
TEST_F(RegisteredPhone, IsCalledElsewhereIfItIsSilent) {
  pass(100ms);
  carrier = std::make_unique<Peer>(carrier_port, Peer::registering("phone-secret"));
  pass(100ms);
  EXPECT_EQ(metric("cord_sip_phones"), 2);
  drops = [](const sip::Message& it) { return it.uri.port == carrier_port; };
  order(to_1001());
  pass(3900ms);
  EXPECT_TRUE(all<core::LegAnswered>().empty());
  pass(200ms);
  EXPECT_EQ(all<core::LegAnswered>().size(), 1U);
  EXPECT_EQ(phone->all<sip::CallOffered>().size(), 1U);
}

TEST_F(RegisteredPhone, IsCalledElsewhereIfItSaysItIsNotInUse) {
  pass(100ms);
  carrier = std::make_unique<Peer>(carrier_port, Peer::registering("phone-secret"));
  carrier->on_call = [](Peer& it, sip::CallHandle call, Instant at) {
    it.agent.hang_up(call, at, 480);
  };
  pass(100ms);
  order(to_1001());
  EXPECT_EQ(all<core::LegAnswered>().size(), 1U);
}

TEST_F(RegisteredPhone, ThatIsBusyIsBusy) {
  pass(100ms);
  carrier = std::make_unique<Peer>(carrier_port, Peer::registering("phone-secret"));
  carrier->on_call = [](Peer& it, sip::CallHandle call, Instant at) {
    it.agent.hang_up(call, at, 486);
  };
  pass(100ms);
  order(to_1001());
  EXPECT_EQ(last<core::LegReleased>().cause, Cause::busy);
  EXPECT_TRUE(phone->all<sip::CallOffered>().empty());
}

TEST_F(RegisteredPhone, IsCalledLastOnceItDoesNotAnswerQuestions) {
  pass(100ms);
  carrier = std::make_unique<Peer>(carrier_port, Peer::registering("phone-secret"));
  pass(100ms);
  drops = [](const sip::Message& it) { return it.uri.port == carrier_port; };
  pass(65s);
  EXPECT_EQ(metric("cord_sip_phones_unreachable"), 1);
  order(to_1001());
  EXPECT_EQ(all<core::LegAnswered>().size(), 1U) << "at once";
}

}  // namespace
}  // namespace cord::drivers::test
