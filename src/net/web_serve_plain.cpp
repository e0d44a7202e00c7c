#include "net/detail/http_session.hpp"

namespace cord::net::detail {

void serve_plain(std::shared_ptr<WebShared> shared, Socket socket, ConnectionId id, bool is_full) {
  beast::error_code error;
  const Address peer = to_address(socket.remote_endpoint(error));
  std::make_shared<HttpSession<PlainStream>>(
      std::move(shared), PlainStream(std::move(socket)),
      HttpSession<PlainStream>::Place{.id = id, .peer = peer, .is_full = is_full})
      ->start();
}

}  // namespace cord::net::detail
