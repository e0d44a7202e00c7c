// What the two clients of this room, WebClient and WebClients, share: whom a TLS client trusts, and
// what it calls the server.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "net/detail/asio.hpp"
#include "net/web_client.hpp"

namespace cord::net::detail {

using TlsContext = std::shared_ptr<asio::ssl::context>;

/// TLS 1.2 and later, with the authorities of `options`. None for plain text. Errors: io_failed,
/// naming the file.
Result<TlsContext> make_client_tls(const WebClientOptions& options);

/// Which name or address the certificate must have, and which name is asked for. Before the
/// handshake.
void expect_server(SSL* tls, const Address& server, const WebClientOptions& options);

/// The value of the Host header.
std::string host_of(const Address& server, const WebClientOptions& options);

}  // namespace cord::net::detail
