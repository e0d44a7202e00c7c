// sipvicious (svmap, svwar, svcrack), as an address that is no trunk's: it learns that SIP is
// spoken here and by what product, as any OPTIONS tells (RFC 3261 §11), and nothing of who can be
// called. A request for an extension that exists is answered like one for a name that does not.
#include <fmt/format.h>

#include "scenario/support/fixture.hpp"

namespace cord::scenario {
namespace {

class Scanners : public Scenario {
 protected:
  void SetUp() override {
    // The phone is at the scanner's address and the trunk is not: what a phone may not do is tried.
    start_server({.agents = {{"alice", "1001", free_port(), "ring"}}, .trunk_peer = "127.0.0.9"});
    desktop_ = std::make_unique<Desktop>(server->http());
    desktop_->be_ready("alice");
  }

  void TearDown() override {
    if (!desktop_) return Scenario::TearDown();  // It did not come to a scan.
    EXPECT_EQ(server->metric("cord_sip_calls"), 0);
    EXPECT_FALSE(desktop_->has_seen("interaction.created"));
    EXPECT_EQ(server->process().output().find("leg.arrived"), std::string::npos);
    Scenario::TearDown();
  }

  /// What the tool printed; one that does not end by itself is ended.
  std::string scan(std::vector<std::string> command, Duration patience = 20s) {
    const auto home = directory("scanner");
    command.insert(command.begin(), {"env", "HOME=" + home.string()});
    command.insert(command.end(), {"-P", std::to_string(free_port()), "-p",
                                   std::to_string(server->sip_udp()), "127.0.0.1"});
    ChildProcess scanner(command, home, home / "output.log");
    scanner.wait(patience);
    return scanner.output();
  }

  [[nodiscard]] double refused(const std::string& why) const {
    return server->metric("cord_sip_requests_refused_total", why);
  }

  std::unique_ptr<Desktop> desktop_;
};

TEST_F(Scanners, SvmapLearnsTheProductAndNoVersion) {
  const std::string said = scan({"svmap"});
  EXPECT_NE(said.find(fmt::format("| 127.0.0.1:{} | Cordboard  |", server->sip_udp())),
            std::string::npos)
      << said;
}

TEST_F(Scanners, SvwarFindsNoExtensionByInvite) {
  const std::string said = scan({"svwar", "-m", "INVITE", "-e", "1000-1009"});
  EXPECT_NE(said.find("found nothing"), std::string::npos) << said;
  EXPECT_GE(refused("stranger"), 1);
}

TEST_F(Scanners, SvwarFindsNoExtensionByRegisterOrOptions) {
  for (const char* method : {"REGISTER", "OPTIONS"}) {
    const std::string said = scan({"svwar", "-m", method, "-e", "1000-1009"});
    EXPECT_NE(said.find("found nothing"), std::string::npos) << method << ": " << said;
  }
}

TEST_F(Scanners, SvcrackFindsNoPassword) {
  const std::string said = scan({"svcrack", "-u", "1001", "-r", "1000-1009"}, 4s);
  EXPECT_EQ(said.find("The password for"), std::string::npos) << said;
  EXPECT_GE(server->metric("cord_sip_refusals_total"), 1) << said;
}

}  // namespace
}  // namespace cord::scenario
