// The telephony driver of our own SIP engine: a back-to-back user agent with anchored media.
// Joins the legs of the core, the calls of sip::UserAgent and the streams of the media plane.
//
// Decisions: the plane is asked for a stream before SDP names its address. LegReleased comes when
// our side of SIP is done with and the stream is closed; BYE and CANCEL run to their end by
// themselves. Hold, mute and mixing are done in the plane: no re-INVITE is sent but to refresh a
// session. Only trunks may call in, a registered phone is only called. A trunk's peers, and a
// phone's contacts, are tried in turn (driver_targets.cpp); a 3xx is followed to the peers of that
// trunk, and not at all for phones. Keys told in INFO are those told in RTP. A REFER of an agent's
// phone is the core's to judge (driver_transfers.cpp); nobody else has one.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "drivers/driver.hpp"
#include "drivers/sip/config.hpp"
#include "drivers/sip/ports.hpp"
#include "sip/id_source.hpp"

namespace cord::drivers {

/// What the driver works with. All must outlive it.
struct SipSurroundings {
  SipTransport& transport;
  MediaPort& media;
  ReportSink report;
  Log& log;
  Metrics& metrics;
  DnsPort* dns = nullptr;                         ///< none: servers that are named are never found
  std::optional<sip::Fingerprint> fingerprint{};  ///< of the plane's certificate; none: no DTLS
  /// Batches that the sockets have read and on_input() has not taken yet; empty: nobody counts.
  std::function<std::size_t()> inputs_waiting{};
};

class SipDriver final : public TelephonyDriver {
 public:
  /// `config` is valid. `listeners` are those of config.listen in order, with real ports (see
  /// SipSockets::listeners). `secret` comes from the system's generator. Inbound legs are numbered
  /// from `now` on, so that those of two runs never meet.
  SipDriver(SipConfig config, std::vector<sip::Listener> listeners, SipSurroundings surroundings,
            sip::IdSecret secret, Instant now);
  ~SipDriver() override;

  [[nodiscard]] core::Capabilities capabilities() const override { return {}; }
  void execute(const core::Effect& order, Instant now) override;
  void on_timer(Instant now) override;
  [[nodiscard]] std::optional<Instant> next_due() const override;
  void drain(Instant now) override;
  [[nodiscard]] bool is_quiet() const override;

  /// What the sockets have read, on the engine's thread.
  void on_input(const SipInput& input, Instant now);
  /// What the media plane says, on the engine's thread.
  void on_media(const media::Report& report, Instant now);

  /// Legs that have not been reported as released.
  [[nodiscard]] std::size_t legs() const;
  /// Orders whose report waits for the media plane.
  [[nodiscard]] std::size_t operations() const;
  /// Calls in the user agent's memory, those included that are over but still owe SIP an answer.
  [[nodiscard]] std::size_t held_calls() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cord::drivers
