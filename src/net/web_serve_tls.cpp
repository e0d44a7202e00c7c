#include "net/detail/http_session.hpp"

namespace cord::net::detail {

void serve_tls(std::shared_ptr<WebShared> shared, Socket socket, ConnectionId id, bool is_full,
               std::shared_ptr<asio::ssl::context> tls) {
  beast::error_code error;
  const Address peer = to_address(socket.remote_endpoint(error));
  // OpenSSL counts who uses its context, so the stream may outlive `tls`.
  std::make_shared<HttpSession<TlsStream>>(
      std::move(shared), TlsStream(PlainStream(std::move(socket)), *tls),
      HttpSession<TlsStream>::Place{.id = id, .peer = peer, .is_full = is_full})
      ->start();
}

}  // namespace cord::net::detail
