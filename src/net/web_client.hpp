// A small blocking WebSocket and HTTP client for tests and the demo; web_clients.hpp has the other
// kind. One thread at a time; pings are answered only while one of its calls is running.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "net/address.hpp"
#include "net/web_server.hpp"

namespace cord::net {

struct WebClientOptions {
  Duration timeout = std::chrono::seconds(5);  ///< for connecting, and for each send or close
  std::string host = {};                       ///< Host and TLS server name; empty: the address
  std::string subprotocol = {};                ///< offered if not empty
  std::string origin = {};                     ///< sent if not empty
  bool tls = false;
  std::string tls_ca_file = {};  ///< PEM; whom to trust; empty: the system's store
  bool insecure = false;         ///< TLS without checking who it is: for tests
};

class WebClient {
 public:
  /// Errors: io_failed (nobody there, TLS), timeout, not_accepting if the server answered
  /// something else than 101: the detail then begins with the status, "403 Forbidden".
  [[nodiscard]] static Result<WebClient> connect(Address to, std::string_view path,
                                                 WebClientOptions options = {});
  ~WebClient();
  WebClient(WebClient&&) noexcept;
  WebClient& operator=(WebClient&&) noexcept;

  [[nodiscard]] Result<void> send(std::string_view text);
  [[nodiscard]] Result<void> send_binary(std::string_view bytes);
  /// Bytes as they are, after the handshake: for broken frames.
  [[nodiscard]] Result<void> send_raw(std::string_view bytes);

  /// The next message. Errors: timeout (the connection lives on), io_failed once it is closed:
  /// close_code() then tells.
  [[nodiscard]] Result<std::string> receive(Duration patience);

  /// Closes and waits for the server's close frame, at most options.timeout.
  Result<void> close(std::uint16_t code = close_code::normal, std::string_view reason = {});

  /// What the server's close frame said; 1006 if it ended without one; none while it is open.
  [[nodiscard]] std::optional<std::uint16_t> close_code() const;
  [[nodiscard]] std::string close_reason() const;
  [[nodiscard]] std::string subprotocol() const;  ///< what the server selected, or empty
  [[nodiscard]] std::uint64_t pings() const;      ///< received so far

 private:
  struct Impl;
  explicit WebClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// One GET on a connection of its own. `target` is the path with its query.
/// Errors: io_failed, timeout, malformed.
[[nodiscard]] Result<HttpResponse> http_get(Address to, std::string_view target,
                                            WebClientOptions options = {});

}  // namespace cord::net
