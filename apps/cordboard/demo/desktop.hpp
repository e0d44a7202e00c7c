// An agent's desktop for the demo: the protocol (docs/protocol.md) on a real WebSocket, one request
// at a time, everything shown in the transcript.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "client/messages.hpp"
#include "demo/transcript.hpp"
#include "net/address.hpp"

namespace cord::app {

struct DesktopEvent {
  std::string name, target;
  FlatJson data;
  std::uint64_t seq = 0;
};

struct DesktopReply {
  bool is_success = false;
  FlatJson data;
  std::string failure;  ///< code and message
  std::uint64_t seq = 0;
};

class Desktop {
 public:
  /// `transcript` must outlive it. Errors: as WebClient::connect.
  [[nodiscard]] static Result<std::unique_ptr<Desktop>> connect(net::Address server,
                                                                Transcript& transcript);
  ~Desktop();
  Desktop(const Desktop&) = delete;
  Desktop& operator=(const Desktop&) = delete;

  /// Sends a command with `data` (a JSON object) and waits for its response. `shown` is what the
  /// transcript says of it: no secrets. Errors: io_failed, timeout, malformed.
  [[nodiscard]] Result<DesktopReply> ask(std::string_view command, std::string_view target,
                                         std::string_view data = "{}", std::string_view shown = {});

  /// The next event of that name whose data has all of `having`; those before it are passed over.
  /// Errors: timeout, naming what was waited for; io_failed.
  [[nodiscard]] Result<DesktopEvent> await(std::string_view name, const FlatJson& having = {},
                                           Duration patience = std::chrono::seconds(10));

  /// Events so far were numbered from 1 without a hole.
  [[nodiscard]] bool has_no_gap() const;
  [[nodiscard]] std::uint64_t events() const;

 private:
  struct Impl;
  explicit Desktop(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace cord::app
