// The two kinds of stream under a web connection, and how one ends so that what was written last
// still arrives: shut down our side, read until the peer has shut down its own, then close.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>

#include "net/detail/asio.hpp"
#include "net/detail/web_shared.hpp"

namespace cord::net::detail {

namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;

using PlainStream = beast::basic_stream<asio::ip::tcp, Strand>;
using TlsStream = beast::ssl_stream<PlainStream>;

template <class Session>
void read_to_the_end(std::shared_ptr<Session> session) {
  auto& lowest = beast::get_lowest_layer(session->stream());
  lowest.async_read_some(asio::buffer(session->scratch),
                         [session, &lowest](beast::error_code error, std::size_t) {
                           if (!error) return read_to_the_end(session);
                           lowest.close();
                           session->ended();
                         });
}

/// Ends the stream of a session politely, by the session's `end_deadline()` at the latest, then
/// calls its `ended()`.
template <class Session>
void end_stream(std::shared_ptr<Session> session) {
  auto& stream = session->stream();
  auto& lowest = beast::get_lowest_layer(stream);
  lowest.expires_at(session->end_deadline());
  const auto shut_down = [session, &lowest](beast::error_code) {
    beast::error_code ignored;
    lowest.socket().shutdown(asio::socket_base::shutdown_send, ignored);
    read_to_the_end(session);
  };
  if constexpr (std::is_same_v<std::decay_t<decltype(stream)>, TlsStream>) {
    stream.async_shutdown(shut_down);
  } else {
    shut_down({});
  }
}

/// What a client asks for when it upgrades.
struct ClientUpgrade {
  std::string host;
  std::string path;
  std::function<void(websocket::request_type&)> decorate;
};

/// "403 Forbidden" if the server said no, else the system's words.
inline std::string words_of_refusal(beast::error_code error,
                                    const websocket::response_type& response) {
  if (error != websocket::error::upgrade_declined) return words_of(error);
  return fmt::format("{} {}", response.result_int(),
                     std::string_view(response.reason().data(), response.reason().size()));
}

using ScratchBuffer = std::array<char, 512>;

using Socket = TcpSocket;

/// Serves a new connection until it ends. `is_full`: only to tell it 503.
void serve_plain(std::shared_ptr<WebShared> shared, Socket socket, ConnectionId id, bool is_full);
void serve_tls(std::shared_ptr<WebShared> shared, Socket socket, ConnectionId id, bool is_full,
               std::shared_ptr<asio::ssl::context> tls);

}  // namespace cord::net::detail
