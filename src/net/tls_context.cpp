#include "net/detail/tls_context.hpp"

#include <openssl/ssl.h>

namespace cord::net::detail {

tl::unexpected<Error> bad_tls(std::string_view what, const std::string& file,
                              const boost::system::error_code& error) {
  return refuse(Errc::io_failed, what, fmt::format("tls {} {}: {}", what, file, words_of(error)));
}

Result<TlsContext> make_tls_context(asio::ssl::context::method method,
                                    const std::string& certificate_file,
                                    const std::string& key_file) {
  auto tls = std::make_shared<asio::ssl::context>(method);
  SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_options(tls->native_handle(), SSL_OP_NO_RENEGOTIATION);
  boost::system::error_code error;
  // Without this OpenSSL would ask the terminal for a pass phrase.
  tls->set_password_callback([](std::size_t, auto) { return std::string(); }, error);
  tls->use_certificate_chain_file(certificate_file, error);
  if (error) return bad_tls("certificate", certificate_file, error);
  tls->use_private_key_file(key_file, asio::ssl::context::pem, error);
  if (error) return bad_tls("key", key_file, error);
  return tls;
}

}  // namespace cord::net::detail
