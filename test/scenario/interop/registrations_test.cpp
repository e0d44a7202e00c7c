// Phones that register with us through somebody else.
#include <fmt/format.h>

#include "scenario/interop/proxy.hpp"
#include "scenario/support/fixture.hpp"

namespace cord::scenario {
namespace {

class Registrations : public Scenario {};

TEST_F(Registrations, ComeThroughKamailioAndCallsGoBackThroughIt) {
  start_server(registered_alice());
  const std::uint16_t port = free_port();
  const Kamailio proxy(directory("kamailio"),
                       {.port = port,
                        .user = "1001",
                        .phone_port = 9,  // Without a Path nobody is called.
                        .server = fmt::format("127.0.0.1:{}", server->sip_udp())});
  const Baresip phone(directory("phone"), "1001", phones_account, port);
  ASSERT_TRUE(eventually([&] { return server->metric("cord_sip_phones") == 1; }, 10s))
      << phone.output() << proxy.output();
  expect_call_with(phone);
  EXPECT_NE(proxy.output().find("by its Path: INVITE"), std::string::npos) << proxy.output();
}

}  // namespace
}  // namespace cord::scenario
