#include "net/stream_sockets.hpp"

#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "net/detail/stream_connection.hpp"

namespace cord::net {

using namespace detail;

namespace {

constexpr auto accept_retry = std::chrono::milliseconds(100);  // When out of file descriptors.
constexpr auto stop_grace = std::chrono::seconds(10);

class Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(IoThreads& io, TcpAcceptor acceptor, std::shared_ptr<StreamTable> table)
      : io_(io),
        acceptor_(std::move(acceptor)),
        retry_(acceptor_.get_executor()),
        table_(std::move(table)) {}

  Address local() const { return to_address(acceptor_.local_endpoint()); }

  void start() {
    asio::post(acceptor_.get_executor(), [self = shared_from_this()] { self->accept(); });
  }

  void stop() {
    run_and_wait(io_, acceptor_.get_executor(), [this] {
      boost::system::error_code ignored;
      acceptor_.close(ignored);
      retry_.cancel();
    });
  }

 private:
  void accept() {
    if (!acceptor_.is_open()) return;
    acceptor_.async_accept(
        [self = shared_from_this()](const boost::system::error_code& error, TcpSocket socket) {
          self->on_accept(error, std::move(socket));
        });
  }

  void on_accept(const boost::system::error_code& error, TcpSocket socket) {
    if (!acceptor_.is_open()) return;
    if (error) return accept_later();
    auto connection =
        std::make_shared<StreamConnection>(table_, move_to_next_thread(io_, std::move(socket)));
    switch (table_->add(connection, false)) {
      case StreamTable::Added::yes:
        connection->open_inbound();
        break;
      case StreamTable::Added::full:
        table_->metrics.ended(StreamEnd::limit).add();
        break;
      case StreamTable::Added::stopped:
        return;
    }
    accept();
  }

  void accept_later() {
    table_->metrics.accept_failed.add();
    retry_.expires_after(accept_retry);
    retry_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (!error) self->accept();
    });
  }

  IoThreads& io_;
  TcpAcceptor acceptor_;
  asio::steady_timer retry_;
  std::shared_ptr<StreamTable> table_;
};

}  // namespace

std::string_view name_of(StreamEnd end) {
  switch (end) {
    case StreamEnd::peer_closed:
      return "peer_closed";
    case StreamEnd::asked:
      return "asked";
    case StreamEnd::failed:
      return "failed";
    case StreamEnd::connect_failed:
      return "connect_failed";
    case StreamEnd::connect_timeout:
      return "connect_timeout";
    case StreamEnd::idle:
      return "idle";
    case StreamEnd::overflow:
      return "overflow";
    case StreamEnd::limit:
      return "limit";
    case StreamEnd::stopped:
      return "stopped";
  }
  return "unknown";
}

struct StreamSockets::Impl {
  Impl(IoThreads& threads, const StreamOptions& options, Metrics& metrics)
      : io(threads), table(std::make_shared<StreamTable>(options, metrics)) {}

  IoThreads& io;
  std::shared_ptr<StreamTable> table;
  std::mutex mutex;
  std::vector<std::shared_ptr<Listener>> listeners;
  bool is_started = false;
  std::atomic<bool> is_stopped{false};
};

StreamSockets::StreamSockets(IoThreads& io, StreamOptions options, Metrics& metrics)
    : impl_(std::make_shared<Impl>(io, options, metrics)) {}

StreamSockets::~StreamSockets() {
  stop();
}

void StreamSockets::start(StreamCallbacks callbacks) {
  CORD_ASSERT(!impl_->is_started);
  impl_->is_started = true;
  impl_->table->callbacks = std::move(callbacks);
}

Result<void> check_stream_tls(const StreamTls& files) {
  return load_stream_tls(files).map([](const StreamTlsContexts&) {});
}

Result<void> StreamSockets::load_certificates() {
  const auto& files = impl_->table->options.tls;
  if (!files) return {};
  auto loaded = load_stream_tls(*files);
  if (!loaded) return tl::make_unexpected(loaded.error());
  impl_->table->set_tls(std::move(*loaded));
  return {};
}

Result<Address> StreamSockets::listen(Address address) {
  CORD_ASSERT(impl_->is_started);
  Result<TcpAcceptor> acceptor = listen_on(impl_->io, address);
  if (!acceptor) return tl::make_unexpected(acceptor.error());
  auto listener = std::make_shared<Listener>(impl_->io, std::move(*acceptor), impl_->table);
  const Address local = listener->local();
  const std::lock_guard lock(impl_->mutex);
  impl_->listeners.push_back(listener);
  listener->start();
  return local;
}

ConnectionId StreamSockets::connect(Address to, TlsPeer peer) {
  CORD_ASSERT(impl_->is_started);
  auto connection = std::make_shared<StreamConnection>(
      impl_->table, TcpSocket(asio::make_strand(impl_->io.context())), std::move(peer));
  switch (impl_->table->add(connection, true)) {
    case StreamTable::Added::yes:
      connection->connect(to);
      break;
    case StreamTable::Added::full:
      connection->abort(StreamEnd::limit);
      break;
    case StreamTable::Added::stopped:
      break;
  }
  return connection->id;
}

bool StreamSockets::send(ConnectionId connection, std::string bytes) {
  const auto it = impl_->table->find(connection);
  return it && it->send(std::move(bytes));
}

void StreamSockets::close(ConnectionId connection) {
  const auto it = impl_->table->find(connection);
  if (it) it->close();
}

void StreamSockets::stop() {
  if (impl_->is_stopped.exchange(true)) return;
  {
    const std::lock_guard lock(impl_->mutex);
    for (const auto& it : impl_->listeners) it->stop();
  }
  if (impl_->io.stopped()) return impl_->table->forget();
  CORD_ASSERT(impl_->table->stop(stop_grace));
}

std::size_t StreamSockets::connections() const {
  return impl_->table->size();
}

}  // namespace cord::net
