// A `cordboard serve` of the test's own, on ports the system picked.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "net/address.hpp"
#include "scenario/support/child_process.hpp"

namespace cord::scenario {

struct AgentSetting {
  std::string id;
  std::string extension;
  std::uint16_t phone_port = 0;
  std::string phone_mode = "on-answer";
  std::string more = {};              ///< further lines of the [[agent]] table
  std::string phone_parameters = {};  ///< of the phone's URI, ";transport=tcp"
  std::string phone = {};             ///< as the file has it; empty: at phone_port
};

struct ServerSettings {
  std::vector<AgentSetting> agents;
  std::string server = {};  ///< further lines of the [server] table
  std::string sip = {};     ///< of the [sip] table
  bool tls = false;         ///< it listens on TLS too; the files are named in `sip`
  std::string queue = {};   ///< and of the [[queue]] table
  std::string more = {};    ///< further tables
  std::string trunk = {};   ///< further lines of the [[trunk]] table
  bool record_automatically = false;
  std::string rtp_timeout = "30s";
  std::string trunk_peer = "127.0.0.1";
};

class Server {
 public:
  /// Starts it and waits until it listens.
  Server(const std::filesystem::path& directory, const ServerSettings& settings);

  [[nodiscard]] net::Address http() const { return http_; }
  [[nodiscard]] std::uint16_t sip_udp() const { return sip_udp_; }
  [[nodiscard]] std::uint16_t sip_tcp() const { return sip_tcp_; }
  /// 0: it does not listen there.
  [[nodiscard]] std::uint16_t sip_tls() const { return sip_tls_; }
  [[nodiscard]] std::filesystem::path recordings() const { return directory_ / "recordings"; }
  [[nodiscard]] ChildProcess& process() { return *process_; }

  /// The value of a metric as /metrics shows it, of one kind or all kinds added up; 0 if it is not
  /// there.
  [[nodiscard]] double metric(const std::string& name, const std::string& kind = {}) const;

 private:
  std::filesystem::path directory_;
  std::unique_ptr<ChildProcess> process_;
  net::Address http_;
  std::uint16_t sip_udp_ = 0, sip_tcp_ = 0, sip_tls_ = 0;
};

/// The number every test calls; it belongs to the queue "support".
inline constexpr const char* queue_number = "18005550100";

}  // namespace cord::scenario
