// A TLS context with a certificate of ours.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "base/result.hpp"
#include "net/detail/asio.hpp"

namespace cord::net::detail {

using TlsContext = std::shared_ptr<asio::ssl::context>;

/// `what` is static text: which of the files it is, and where the error says it was.
[[nodiscard]] tl::unexpected<Error> bad_tls(std::string_view what, const std::string& file,
                                            const boost::system::error_code& error);

/// TLS 1.2 at least, and without renegotiation. The files are PEM, the key without a pass phrase.
/// Errors: io_failed, at "certificate" or "key".
[[nodiscard]] Result<TlsContext> make_tls_context(asio::ssl::context::method method,
                                                  const std::string& certificate_file,
                                                  const std::string& key_file);

}  // namespace cord::net::detail
