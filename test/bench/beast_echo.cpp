#include "beast_echo.hpp"

#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

namespace cord::bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;

class Session : public std::enable_shared_from_this<Session> {
 public:
  explicit Session(tcp::socket socket) : ws_(std::move(socket)) {}

  void start() {
    ws_.next_layer().set_option(tcp::no_delay(true));
    ws_.text(true);
    ws_.async_accept([self = shared_from_this()](beast::error_code error) {
      if (!error) self->read();
    });
  }

 private:
  void read() {
    ws_.async_read(buffer_, [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (!error) self->write();
    });
  }

  void write() {
    ws_.async_write(buffer_.data(),
                    [self = shared_from_this()](beast::error_code error, std::size_t) {
                      if (error) return;
                      self->buffer_.consume(self->buffer_.size());
                      self->read();
                    });
  }

  beast::websocket::stream<tcp::socket> ws_;
  beast::flat_buffer buffer_;
};

}  // namespace

struct BeastEcho::Impl {
  Impl() : acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) { accept(); }

  void accept() {
    acceptor.async_accept([this](beast::error_code error, tcp::socket socket) {
      if (error) return;
      std::make_shared<Session>(std::move(socket))->start();
      accept();
    });
  }

  asio::io_context context{1};
  tcp::acceptor acceptor;
  std::thread thread;
};

BeastEcho::BeastEcho() : impl_(std::make_unique<Impl>()) {
  impl_->thread = std::thread([this] { impl_->context.run(); });
}

BeastEcho::~BeastEcho() {
  impl_->context.stop();
  impl_->thread.join();
}

net::Address BeastEcho::local() const {
  return net::loopback(impl_->acceptor.local_endpoint().port());
}

}  // namespace cord::bench
