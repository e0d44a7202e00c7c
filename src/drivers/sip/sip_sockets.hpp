// The real sockets below the SIP driver: UDP, TCP and TLS listeners, and the connections we open.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/metrics.hpp"
#include "base/result.hpp"
#include "drivers/sip/config.hpp"
#include "drivers/sip/ports.hpp"
#include "net/io_threads.hpp"

namespace cord::drivers {

/// Takes what was read, on an io thread: post it to the engine's thread, where
/// SipDriver::on_input takes it. False: no room. Datagrams are then lost (their senders repeat
/// them), bytes of a stream cost it its connection.
using SipInputSink = std::function<bool(SipInput)>;

class SipSockets final : public SipTransport {
 public:
  /// Binds everything config.listen names. What strangers send beyond config.stranger_rate is
  /// dropped unread, with its connection if it is a stream's; `secret` is SourceLimiter's. Errors:
  /// io_failed, e.g. "udp 127.0.0.1:5060: address already in use", or a file of config.tls.
  [[nodiscard]] static Result<std::unique_ptr<SipSockets>> open(net::IoThreads& io,
                                                                const SipConfig& config,
                                                                Metrics& metrics, SipInputSink sink,
                                                                std::uint64_t secret);
  /// As stop().
  ~SipSockets() override;

  /// Where we listen, in the order of config.listen, with the ports the system picked.
  [[nodiscard]] const std::vector<sip::Listener>& listeners() const;

  /// Begins to read. Once only.
  void start();

  /// Closes everything. When it returns, the sink is not called any more. Idempotent. Not to be
  /// called from the sink.
  void stop();

  void send(const sip::Flow& flow, std::string bytes) override;
  void close(const sip::Flow& flow) override;
  void know(const std::vector<KnownServer>& servers) override;

  /// Reads the files of config.tls again, for connections from now on. Errors: io_failed, naming
  /// the file; then the old ones stay in use.
  [[nodiscard]] Result<void> reload_certificates();

 private:
  struct Impl;
  explicit SipSockets(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace cord::drivers
