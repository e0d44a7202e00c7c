// The certificates of a test, in files.
#pragma once

#include <filesystem>
#include <string>

#include <fmt/format.h>

#include "support/certificate_maker.hpp"

namespace cord::scenario {

/// One authority, and our own certificate for 127.0.0.1. All are in `directory`: ca.pem, and
/// NAME.pem with NAME.key for each that was issued.
class Certificates {
 public:
  explicit Certificates(std::filesystem::path directory) : directory_(std::move(directory)) {
    authority.write(directory_ / "ca.pem");
    issue("us", "IP:127.0.0.1");
  }

  /// `alternatives` as "DNS:a.test,IP:127.0.0.1".
  void issue(const std::string& name, const std::string& alternatives) const {
    write(name, authority.issue(name, alternatives));
  }
  void write(const std::string& name, const test::Certificate& certificate) const {
    certificate.write(path(name + ".pem"), path(name + ".key"));
  }
  [[nodiscard]] std::string path(const std::string& file) const { return directory_ / file; }

  /// Lines of our [sip] table.
  [[nodiscard]] std::string settings() const {
    return fmt::format("tls-certificate = \"{}\"\ntls-key = \"{}\"\ntls-ca = \"{}\"\n",
                       path("us.pem"), path("us.key"), path("ca.pem"));
  }

  const test::Authority authority{"Authority of the test"};

 private:
  const std::filesystem::path directory_;
};

}  // namespace cord::scenario
