// A telephone for the demo: SIP (src/sip) and G.711 over RTP on real sockets. It sends one steady
// tone, or says the same again and again, and keeps what it hears. Left out on purpose: RTCP, a
// jitter buffer (it is on loopback), registration.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "base/metrics.hpp"
#include "base/result.hpp"
#include "net/address.hpp"
#include "net/io_threads.hpp"

namespace cord::app {

struct SoftPhoneOptions {
  std::string user;                   ///< of its SIP URI
  double tone_hz = 1'000;             ///< what it says
  std::vector<std::int16_t> voice{};  ///< instead of the tone, if there is any: 8 kHz
  std::string name{};                 ///< shown to who is called; may be empty
};

enum class Line : std::uint8_t { idle, calling, ringing, talking };

class SoftPhone {
 public:
  /// Binds its sockets on loopback and starts its thread. It picks up by itself whoever calls.
  [[nodiscard]] static Result<std::unique_ptr<SoftPhone>> start(net::IoThreads& io,
                                                                Metrics& metrics,
                                                                SoftPhoneOptions options);
  /// Leaves without a word to the far end: hang_up() first.
  ~SoftPhone();
  SoftPhone(const SoftPhone&) = delete;
  SoftPhone& operator=(const SoftPhone&) = delete;

  /// "sip:1001@127.0.0.1:40123".
  [[nodiscard]] std::string uri() const;

  /// Where its SIP socket is.
  [[nodiscard]] net::Address sip_address() const;

  /// Calls `number` at `server`. Errors: as UserAgent::invite.
  [[nodiscard]] Result<void> call(std::string_view number, net::Address server);
  void hang_up();

  /// Waits until the line is so; false if `patience` ran out first.
  [[nodiscard]] bool wait_for(Line line, Duration patience);

  /// Lets `skip` of what is heard pass, then returns the next `span` of it, 8 kHz. Shorter, even
  /// empty, if for a second longer than that nothing came: silence without packets.
  [[nodiscard]] std::vector<std::int16_t> listen(Duration skip, Duration span);

 private:
  struct Impl;
  explicit SoftPhone(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace cord::app
