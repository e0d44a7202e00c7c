// Somebody who sends datagrams as fast as asked, from an address of loopback that is no trunk's and
// no phone's.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

namespace cord::scenario {

class Flood {
 public:
  /// The datagram of that number, from 0.
  using Make = std::function<std::string(std::uint64_t number)>;
  struct Options {
    std::string from = "127.0.0.2";
    std::uint16_t to_port = 0;  ///< of 127.0.0.1
    int rate_per_s = 0;
  };

  /// Begins at once.
  Flood(const Options& options, Make make);
  ~Flood() { stop(); }
  Flood(const Flood&) = delete;
  Flood& operator=(const Flood&) = delete;

  /// Ends; idempotent.
  void stop();
  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  /// Datagrams a second from the start to stop(), or to now.
  [[nodiscard]] double rate_per_s() const;

 private:
  using Clock = std::chrono::steady_clock;
  void run();

  int socket_ = -1;
  int rate_per_s_ = 0;
  Make make_;
  Clock::time_point started_, stopped_{};
  std::atomic<std::uint64_t> sent_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

/// A request with a branch, tag and Call-ID of its own for each number.
[[nodiscard]] std::string flood_request(const std::string& method, std::uint64_t number);
/// Up to 600 octets of anything.
[[nodiscard]] std::string flood_noise(std::uint64_t number);
/// An RTP packet of G.711 mu-law, 20 ms.
[[nodiscard]] std::string flood_rtp(std::uint64_t number);

}  // namespace cord::scenario
