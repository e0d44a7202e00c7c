#include "net/detail/client_side.hpp"

namespace cord::net::detail {

Result<TlsContext> make_client_tls(const WebClientOptions& options) {
  if (!options.tls) return TlsContext{};
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  boost::system::error_code error;
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  if (!options.tls_ca_file.empty()) {
    context->load_verify_file(options.tls_ca_file, error);
    if (error) {
      return refuse(
          Errc::io_failed, "net.client_tls",
          fmt::format("tls authority {}: {}", options.tls_ca_file, detail::words_of(error)));
    }
  } else if (!options.insecure) {
    context->set_default_verify_paths(error);
  }
  context->set_verify_mode(options.insecure ? asio::ssl::verify_none : asio::ssl::verify_peer);
  return context;
}

void expect_server(SSL* tls, const Address& server, const WebClientOptions& options) {
  const std::string name = options.host.substr(0, options.host.find(':'));
  if (name.empty()) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), ip_to_string(server.ip).c_str());
  } else {
    SSL_set_tlsext_host_name(tls, name.c_str());
    SSL_set1_host(tls, name.c_str());
  }
}

std::string host_of(const Address& server, const WebClientOptions& options) {
  return options.host.empty() ? to_string(server) : options.host;
}

}  // namespace cord::net::detail
