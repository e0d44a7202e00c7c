// Where a client of ours connects: "127.0.0.1:8080", "ws://desk.example:8080",
// "wss://desk.example".
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/address.hpp"
#include "net/web_client.hpp"

namespace cord::app {

struct Endpoint {
  net::Address address;
  std::string path = "/v1/agent";
  net::WebClientOptions options;  ///< TLS, host name and subprotocol are set
  std::string shown;              ///< as it was given
};

/// Looks the name up; may wait for that. `ca_file` is whom to trust for wss, empty: the system's
/// store. Errors: malformed, or io_failed for a name that is not known.
[[nodiscard]] Result<Endpoint> find_endpoint(std::string_view text, const std::string& ca_file);

/// Lets this process have so many files and sockets open. Errors: full, saying how to get more.
[[nodiscard]] Result<void> allow_open_files(std::size_t count);

}  // namespace cord::app
