// A domain name system of the test's own: dnsmasq, which knows the domain given and nothing else.
#pragma once

#include <string>
#include <vector>

#include <fmt/format.h>

#include "scenario/support/child_process.hpp"
#include "support/temporary_directory.hpp"

namespace cord::scenario {

class NameServer {
 public:
  /// `records` are arguments of dnsmasq. It may still be starting when this returns: a question is
  /// then refused at once.
  NameServer(const std::string& domain, const std::vector<std::string>& records)
      : process(arguments(domain, records), directory_.path(), directory_.path() + "/dnsmasq.log") {
  }

 private:
  std::vector<std::string> arguments(const std::string& domain,
                                     const std::vector<std::string>& records) const {
    std::vector<std::string> all{"dnsmasq",
                                 "--no-daemon",
                                 "--conf-file=/dev/null",
                                 "--no-resolv",
                                 "--no-hosts",
                                 "--user=root",
                                 "--pid-file=",
                                 "--bind-interfaces",
                                 "--listen-address=127.0.0.1",
                                 fmt::format("--port={}", port),
                                 fmt::format("--local=/{}/", domain)};
    all.insert(all.end(), records.begin(), records.end());
    return all;
  }

  test::TemporaryDirectory directory_;

 public:
  const std::uint16_t port = free_port();
  ChildProcess process;
};

}  // namespace cord::scenario
