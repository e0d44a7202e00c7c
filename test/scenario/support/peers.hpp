// Real SIP peers as processes: SIPp as the customer on the trunk or as a phone, baresip as a phone.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scenario/support/child_process.hpp"

namespace cord::scenario {

/// One SIPp scenario run. `scenario` is a file of test/scenario/sipp.
class Sipp {
 public:
  struct Options {
    std::string scenario;
    std::uint16_t to_port = 0;     ///< 0: it waits for calls
    std::uint16_t port = 0;        ///< its own; 0: SIPp picks one
    std::uint16_t media_port = 0;  ///< [tone_port] in the scenario
    std::string address = "127.0.0.1";
    std::string called = {};  ///< user part of the called URI
    std::string caller = "4930123456";
    bool tcp = false;
    int count = 1;                       ///< calls
    bool trace = true;                   ///< keep all messages; without, messages() is empty
    std::vector<std::string> more = {};  ///< further arguments
  };
  Sipp(const std::filesystem::path& directory, Options options);

  /// SIPp's exit status: 0 if the scenario went as written.
  std::optional<int> wait(Duration patience) { return process_.wait(patience); }
  void signal(int number) { process_.signal(number); }
  /// Every SIP message it sent and received.
  [[nodiscard]] std::string messages() const;
  /// The audio port in the newest session description it received; waits for one. 0: none came.
  [[nodiscard]] std::uint16_t remote_media_port(Duration patience) const;
  [[nodiscard]] std::string output() const { return process_.output(); }

 private:
  std::filesystem::path messages_file_;
  ChildProcess process_;
};

/// A baresip that answers by itself, plays a tone and writes what it hears. It can SDES and
/// DTLS-SRTP; whether it does is an option, "mediaenc=srtp-mand".
class Baresip {
 public:
  /// `options` are account parameters, such as "answermode=auto". With a `registrar`, the port of
  /// one, it registers there.
  Baresip(const std::filesystem::path& directory, const std::string& user,
          const std::string& options = "answermode=auto", std::uint16_t registrar = 0,
          double tone_hz = 1'000);

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// What it has heard and played in all calls so far, in order of the calls.
  [[nodiscard]] std::vector<std::int16_t> heard() const { return audio("-dec.wav"); }
  [[nodiscard]] std::vector<std::int16_t> played() const { return audio("-enc.wav"); }
  /// Waits for `span` of further audio and returns it; empty if it does not come in time.
  [[nodiscard]] std::vector<std::int16_t> listen(std::chrono::milliseconds span) const;
  /// A command of its menu, such as "hangup" or "accept", over its control port.
  void command(const std::string& name, const std::string& parameters = {}) const;
  [[nodiscard]] std::string output() const { return process_->output(); }

 private:
  [[nodiscard]] std::vector<std::int16_t> audio(const std::string& ending) const;
  // On new ports; false: somebody else took one of them first.
  [[nodiscard]] bool starts(const std::string& user, const std::string& options);

  std::uint16_t registrar_ = 0;

  std::filesystem::path directory_;
  std::uint16_t port_ = 0, control_port_ = 0;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace cord::scenario
