// `cordboard check-config`: the certificates of SIP over TLS.
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "scenario/cli/program.hpp"
#include "support/certificate_maker.hpp"
#include "support/temporary_directory.hpp"

namespace cord::scenario {
namespace {

class CheckTls : public testing::Test {
 protected:
  CheckTls() {
    authority_.write(path("ca.pem"));
    authority_.issue("us", "DNS:us.test").write(path("us.pem"), path("us.key"));
  }

  [[nodiscard]] std::string path(const std::string& file) const {
    return files_.path() + "/" + file;
  }

  /// What the program says of a configuration that begins with these files, in lines 3 to 6.
  [[nodiscard]] Program check(const std::string& certificate, const std::string& key,
                              const std::string& ca, const std::string& trunk = {}) const {
    return Program(
        {"check-config",
         directory_.write("tls.toml", fmt::format("[sip]\nlisten = [\"tls:127.0.0.1:0\"]\n"
                                                  "tls-certificate = \"{}\"\ntls-key = \"{}\"\n"
                                                  "tls-ca = \"{}\"\ntls-client-ca = \"{}\"\n"
                                                  "[[trunk]]\nname = \"carrier\"\n"
                                                  "peers = [\"127.0.0.1;transport=tls\"]\n{}",
                                                  certificate, key, ca, path("ca.pem"), trunk))});
  }

  static void expect_problem(Program program, const std::string& place) {
    EXPECT_EQ(program.wait(), 2);
    EXPECT_NE(program.err().find(place), std::string::npos) << program.err();
    EXPECT_NE(program.err().find("allowed: PEM files"), std::string::npos) << program.err();
  }

  const test::TemporaryDirectory files_;
  const ConfigDirectory directory_;
  const test::Authority authority_{"Authority of the test"};
};

TEST_F(CheckTls, TakesFilesThatFit) {
  Program program = check(path("us.pem"), path("us.key"), path("ca.pem"));
  EXPECT_EQ(program.wait(), 0) << program.err();
}

TEST_F(CheckTls, PointsAtTheFileThatIsNoCertificate) {
  expect_problem(check("/etc/passwd", path("us.key"), path("ca.pem")),
                 ":3: key `sip.tls-certificate`: ");
  expect_problem(check(path("us.pem"), path("us.key"), "/etc/passwd"), ":5: key `sip.tls-ca`: ");
}

TEST_F(CheckTls, PointsAtAKeyThatIsAnothers) {
  authority_.issue("other", "DNS:other.test").write(path("other.pem"), path("other.key"));
  expect_problem(check(path("us.pem"), path("other.key"), path("ca.pem")),
                 ":4: key `sip.tls-key`: ");
}

TEST_F(CheckTls, WarnsOfATrunkThatMayBeAnybody) {
  Program program = check(path("us.pem"), path("us.key"), path("ca.pem"), "tls-verify = false\n");
  EXPECT_EQ(program.wait(), 0) << program.err();
  EXPECT_NE(program.err().find(":10: key `trunk.tls-verify`: lets anybody"), std::string::npos)
      << program.err();
}

}  // namespace
}  // namespace cord::scenario
