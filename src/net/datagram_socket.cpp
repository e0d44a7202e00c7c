#include "net/datagram_socket.hpp"

#include <atomic>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include <arpa/inet.h>
#include <boost/asio/ip/udp.hpp>
#include <sys/socket.h>

#include "base/assert.hpp"
#include "net/detail/asio.hpp"

namespace cord::net {

using namespace detail;

namespace {

constexpr std::size_t datagram_bytes_max = 65'536;
constexpr std::size_t batch_datagrams_limit = 1'024;
constexpr int batches_in_a_row_max = 16;  // Then others on the same thread have their turn.

sockaddr_in to_sockaddr(const Address& address) {
  sockaddr_in raw{};
  raw.sin_family = AF_INET;
  raw.sin_addr.s_addr = htonl(address.ip);
  raw.sin_port = htons(address.port);
  return raw;
}

/// The arrays recvmmsg fills. Only pages that datagrams have touched take memory.
class ReceiveBatch {
 public:
  explicit ReceiveBatch(std::size_t datagrams_max)
      : bytes_(std::make_unique_for_overwrite<char[]>(datagrams_max * datagram_bytes_max)),
        parts_(datagrams_max),
        senders_(datagrams_max),
        headers_(datagrams_max) {
    for (std::size_t i = 0; i < datagrams_max; ++i) {
      parts_[i] = {bytes_.get() + i * datagram_bytes_max, datagram_bytes_max};
    }
  }

  /// Reads what is there, without waiting; empty if nothing is.
  std::vector<Datagram> read(int socket) {
    for (std::size_t i = 0; i < headers_.size(); ++i) {
      headers_[i] = {};
      headers_[i].msg_hdr.msg_name = &senders_[i];
      headers_[i].msg_hdr.msg_namelen = sizeof(sockaddr_in);
      headers_[i].msg_hdr.msg_iov = &parts_[i];
      headers_[i].msg_hdr.msg_iovlen = 1;
    }
    const int count = ::recvmmsg(socket, headers_.data(), static_cast<unsigned>(headers_.size()),
                                 MSG_DONTWAIT, nullptr);
    std::vector<Datagram> batch;
    batch.reserve(count > 0 ? static_cast<std::size_t>(count) : 0);
    for (int i = 0; i < count; ++i) {
      const Address from{ntohl(senders_[i].sin_addr.s_addr), ntohs(senders_[i].sin_port)};
      const char* start = static_cast<const char*>(parts_[i].iov_base);
      batch.push_back({from, std::string(start, headers_[i].msg_len)});
    }
    return batch;
  }

  [[nodiscard]] std::size_t datagrams_max() const { return headers_.size(); }

 private:
  std::unique_ptr<char[]> bytes_;
  std::vector<iovec> parts_;
  std::vector<sockaddr_in> senders_;
  std::vector<mmsghdr> headers_;
};

}  // namespace

struct DatagramSocket::Impl : std::enable_shared_from_this<Impl> {
  Impl(IoThreads& threads, Metrics& metrics, const DatagramOptions& options)
      : io(threads),
        socket(asio::make_strand(threads.context())),
        receive(options.batch_datagrams_max),
        received(metrics.counter("cord_net_udp_received_datagrams_total", "Datagrams read")),
        sent(
            metrics.counter("cord_net_udp_sent_datagrams_total", "Datagrams the kernel has taken")),
        refused(metrics.counter("cord_net_udp_refused_datagrams_total",
                                "Datagrams the kernel did not take, dropped")) {}

  void wait() {
    socket.async_wait(asio::socket_base::wait_read,
                      [self = shared_from_this()](const boost::system::error_code& error) {
                        if (error || self->is_stopped) return;
                        self->read();
                        self->wait();
                      });
  }

  void read() {
    for (int i = 0; i < batches_in_a_row_max; ++i) {
      std::vector<Datagram> batch = receive.read(socket.native_handle());
      if (batch.empty()) return;
      const bool is_last = batch.size() < receive.datagrams_max();
      received.add(batch.size());
      on_batch(std::move(batch));
      if (is_last) return;
    }
  }

  IoThreads& io;
  asio::basic_datagram_socket<asio::ip::udp, Strand> socket;
  Address local;
  ReceiveBatch receive;
  OnBatch on_batch;
  bool is_started = false;
  // Senders share it; stop() holds it alone, so that nobody sends on a number that is not ours.
  std::shared_mutex open_mutex;
  std::atomic<bool> is_stopped{false};
  Counter& received;
  Counter& sent;
  Counter& refused;
};

Result<std::unique_ptr<DatagramSocket>> DatagramSocket::bind(IoThreads& io, Address address,
                                                             Metrics& metrics,
                                                             DatagramOptions options) {
  if (options.batch_datagrams_max < 1 || options.batch_datagrams_max > batch_datagrams_limit) {
    return refuse(Errc::malformed, "net.datagram_options",
                  "batch_datagrams_max must be from 1 to 1,024");
  }
  auto impl = std::make_shared<Impl>(io, metrics, options);
  const auto endpoint = to_endpoint<asio::ip::udp::endpoint>(address);
  boost::system::error_code error;
  impl->socket.open(endpoint.protocol(), error);
  if (!error) impl->socket.bind(endpoint, error);
  if (error) return refuse_bind("udp", address, error);
  boost::system::error_code ignored;
  const int buffer_bytes = static_cast<int>(options.receive_buffer_bytes);
  impl->socket.set_option(asio::socket_base::receive_buffer_size(buffer_bytes), ignored);
  impl->local = to_address(impl->socket.local_endpoint());
  return std::unique_ptr<DatagramSocket>(new DatagramSocket(std::move(impl)));
}

DatagramSocket::DatagramSocket(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

DatagramSocket::~DatagramSocket() {
  stop();
}

void DatagramSocket::start(OnBatch on_batch) {
  CORD_ASSERT(!impl_->is_started);
  impl_->is_started = true;
  impl_->on_batch = std::move(on_batch);
  asio::post(impl_->socket.get_executor(), [impl = impl_] {
    if (!impl->is_stopped) impl->wait();
  });
}

void DatagramSocket::stop() {
  if (impl_->is_stopped) return;
  run_and_wait(impl_->io, impl_->socket.get_executor(), [this] {
    const std::lock_guard lock(impl_->open_mutex);
    impl_->is_stopped = true;
    boost::system::error_code ignored;
    impl_->socket.close(ignored);
  });
}

Address DatagramSocket::local() const {
  return impl_->local;
}

bool DatagramSocket::send(Address to, std::string_view bytes) {
  const sockaddr_in raw = to_sockaddr(to);
  const std::shared_lock lock(impl_->open_mutex);
  const bool is_taken =
      !impl_->is_stopped &&
      ::sendto(impl_->socket.native_handle(), bytes.data(), bytes.size(),
               MSG_DONTWAIT | MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&raw),
               sizeof raw) == static_cast<ssize_t>(bytes.size());
  (is_taken ? impl_->sent : impl_->refused).add();
  return is_taken;
}

}  // namespace cord::net
