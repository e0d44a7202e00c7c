// What the sources of this room share about Asio. Not for other rooms: it brings Boost with it.
#pragma once

#include <cctype>
#include <future>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include "base/result.hpp"
#include "net/address.hpp"
#include "net/io_threads.hpp"

namespace cord::net::detail {

namespace asio = boost::asio;

using Strand = asio::strand<asio::io_context::executor_type>;
using TcpSocket = asio::basic_stream_socket<asio::ip::tcp, Strand>;
using TcpAcceptor = asio::basic_socket_acceptor<asio::ip::tcp, Strand>;

template <class Endpoint>
Endpoint to_endpoint(const Address& address) {
  return Endpoint(asio::ip::address_v4(address.ip), address.port);
}

template <class Endpoint>
Address to_address(const Endpoint& endpoint) {
  if (!endpoint.address().is_v4()) return {};
  return {endpoint.address().to_v4().to_uint(), endpoint.port()};
}

/// The system's words, in the middle of a sentence: "address already in use".
inline std::string words_of(const boost::system::error_code& error) {
  std::string words = error.message();
  if (!words.empty()) words[0] = static_cast<char>(std::tolower(words[0]));
  return words;
}

/// "tcp 127.0.0.1:5060: address already in use".
inline tl::unexpected<Error> refuse_bind(std::string_view transport, const Address& address,
                                         const boost::system::error_code& error) {
  return refuse(Errc::io_failed, "net.bind",
                fmt::format("{} {}: {}", transport, address, words_of(error)));
}

/// A listening socket. Errors: io_failed, as refuse_bind().
inline Result<TcpAcceptor> listen_on(IoThreads& io, const Address& address) {
  const auto endpoint = to_endpoint<asio::ip::tcp::endpoint>(address);
  TcpAcceptor acceptor(asio::make_strand(io.context()));
  boost::system::error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return refuse_bind("tcp", address, error);
  return acceptor;
}

/// The socket on a strand of the thread whose turn it is; closed if the system refuses. An accepted
/// socket comes on its acceptor's thread.
inline TcpSocket move_to_next_thread(IoThreads& io, TcpSocket socket) {
  TcpSocket moved(asio::make_strand(io.context()));
  boost::system::error_code error;
  const auto descriptor = socket.release(error);
  if (!error) moved.assign(asio::ip::tcp::v4(), descriptor, error);
  return moved;
}

/// Does `work` on `executor` and returns when it is done, so that nothing else of that executor
/// runs meanwhile; at once if the threads have ended. Never from an io thread: it would wait for
/// itself.
template <class Executor, class Work>
void run_and_wait(IoThreads& io, const Executor& executor, Work work) {
  if (io.stopped()) {
    work();
    return;
  }
  std::promise<void> done;
  asio::post(executor, [&] {
    work();
    done.set_value();
  });
  done.get_future().wait();
}

}  // namespace cord::net::detail
