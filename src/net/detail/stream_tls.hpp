// TLS of StreamSockets: what is made of the certificates' files, and whom a certificate is for.
#pragma once

#include <string>
#include <vector>

#include <openssl/x509.h>

#include "net/detail/tls_context.hpp"
#include "net/stream_sockets.hpp"

namespace cord::net::detail {

/// For those who connect, and for those we connect to. The second verifies nobody by itself: that
/// is decided for each connection.
struct StreamTlsContexts {
  TlsContext server, client;
};

/// Errors: as of check_stream_tls().
[[nodiscard]] Result<StreamTlsContexts> load_stream_tls(const StreamTls& files);

/// Whom a certificate is for, by RFC 5922 §7.1: the SIP domains of its URIs; without those its DNS
/// names; without alternative names its common name. And its addresses, "127.0.0.1".
[[nodiscard]] std::vector<std::string> identities_of(const X509* certificate);

/// Whether it is for `peer`, which has `address`. No wildcards: RFC 5922 §7.2.
[[nodiscard]] bool is_for(const X509* certificate, const TlsPeer& peer, const Address& address);

/// Tells OpenSSL what a handshake of ours is to ask and to check, but for is_for().
void prepare_handshake(SSL* connection, const TlsPeer& peer);

}  // namespace cord::net::detail
