#include "drivers/sip/sip_sockets.hpp"

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "net/source_limiter.hpp"
#include "net/stream_sockets.hpp"
#include "sip/codec/uri.hpp"

namespace cord::drivers {
namespace {

// Connection ids count per listener; the flow's number says which listener's it is.
constexpr int listener_shift = 48;
constexpr std::uint64_t id_mask = (1ULL << listener_shift) - 1;

constexpr std::string_view limited = "cord_sip_strangers_limited_total";
constexpr std::string_view limited_help = "What strangers sent beyond their rate, dropped unread";

// Of the phones that do not register; one that does has no address yet.
std::vector<std::uint32_t> phones_of(const SipConfig& config) {
  std::vector<std::uint32_t> addresses;
  for (const Phone& phone : config.phones) {
    const auto uri = sip::parse_uri(phone.uri);
    const auto address = uri ? sip::parse_ipv4(uri->host) : std::nullopt;
    if (address) addresses.push_back(*address);
  }
  return addresses;
}

net::StreamOptions stream_options(const SipConfig& config, sip::Transport transport) {
  net::StreamOptions options;
  options.connections_max = config.stream_connections_max;
  if (transport != sip::Transport::tls) return options;
  options.tls = net::StreamTls{.certificate_file = config.tls.certificate,
                               .key_file = config.tls.key,
                               .ca_file = config.tls.ca,
                               .client_ca_file = config.tls.client_ca};
  return options;
}

net::Address address_of(const sip::Endpoint& endpoint) {
  return {endpoint.address, endpoint.port};
}

}  // namespace

struct SipSockets::Impl {
  // One TCP or TLS listener with its connections. `peers` and `opened` are used by io threads and
  // by the engine's, hence the lock.
  struct Connected {
    net::ConnectionId id;
    net::TlsPeer to;
  };
  struct Streams {
    std::uint16_t index = 0;
    sip::Transport transport = sip::Transport::tcp;
    std::unique_ptr<net::StreamSockets> sockets;
    std::mutex mutex;
    std::unordered_map<std::uint64_t, net::Address> peers;
    std::unordered_map<net::Address, Connected> opened;  // By us, to be used again.

    [[nodiscard]] sip::Flow flow(net::ConnectionId id, net::Address peer) const {
      const std::uint64_t connection =
          (static_cast<std::uint64_t>(index) << listener_shift) | id.value;
      return {transport, index, {peer.ip, peer.port}, connection};
    }
  };
  struct Listening {
    std::unique_ptr<net::DatagramSocket> datagrams;
    std::unique_ptr<Streams> streams;
  };

  Impl(SipInputSink sink_given, const SipConfig& config, Metrics& metrics, std::uint64_t secret)
      : sink(std::move(sink_given)),
        phones(phones_of(config)),
        limiter({.known = phones, .rate_per_s = config.stranger_rate}, secret),
        inputs_lost(metrics.counter("cord_sip_inputs_lost_total",
                                    "Batches from SIP sockets that the engine had no room for")),
        datagrams_limited(metrics.counter(limited, limited_help, "datagram")),
        streams_limited(metrics.counter(limited, limited_help, "stream")) {}

  Result<sip::Endpoint> listen(net::IoThreads& io, const sip::Listener& at, const SipConfig& config,
                               Metrics& metrics);
  Result<sip::Endpoint> listen_stream(net::IoThreads& io, const sip::Listener& at,
                                      const SipConfig& config, Metrics& metrics);
  void on_batch(std::uint16_t index, std::vector<net::Datagram> batch);
  void on_opened(Streams& streams, net::ConnectionId id, net::Address peer);
  void on_bytes(Streams& streams, net::ConnectionId id, std::string_view bytes);
  void on_closed(Streams& streams, net::ConnectionId id, std::string detail);
  void drop_what_is_too_much(std::vector<net::Datagram>& batch);
  bool is_too_much(Streams& streams, net::ConnectionId id, net::Address peer);
  bool admits(net::Address peer);
  [[nodiscard]] net::TlsPeer expected_at(net::Address remote);
  net::ConnectionId connection_to(Streams& streams, net::Address remote);

  SipInputSink sink;
  const std::vector<std::uint32_t> phones;
  std::mutex limiter_mutex;  // Listeners may be read on several threads.
  net::SourceLimiter limiter;
  std::mutex servers_mutex;
  std::unordered_map<std::uint32_t, net::TlsPeer> servers;  // By address.
  Counter& inputs_lost;
  Counter& datagrams_limited;
  Counter& streams_limited;
  std::vector<sip::Listener> listeners;
  std::vector<Listening> sockets;
};

Result<sip::Endpoint> SipSockets::Impl::listen(net::IoThreads& io, const sip::Listener& at,
                                               const SipConfig& config, Metrics& metrics) {
  if (sip::is_reliable(at.transport)) return listen_stream(io, at, config, metrics);
  const net::Address address = address_of(at.address);
  auto socket = net::DatagramSocket::bind(io, address, metrics);
  if (!socket) return tl::make_unexpected(socket.error());
  const net::Address local = (*socket)->local();
  sockets.push_back({std::move(*socket), nullptr});
  return sip::Endpoint{local.ip, local.port};
}

Result<sip::Endpoint> SipSockets::Impl::listen_stream(net::IoThreads& io, const sip::Listener& at,
                                                      const SipConfig& config, Metrics& metrics) {
  auto streams = std::make_unique<Streams>();
  streams->index = static_cast<std::uint16_t>(sockets.size());
  streams->transport = at.transport;
  streams->sockets =
      std::make_unique<net::StreamSockets>(io, stream_options(config, at.transport), metrics);
  Streams& it = *streams;
  streams->sockets->start(
      {.admits = [this](net::Address peer) { return admits(peer); },
       .opened = [this, &it](net::ConnectionId id, net::Address peer,
                             bool) { on_opened(it, id, peer); },
       .bytes = [this, &it](net::ConnectionId id,
                            std::string_view bytes) { on_bytes(it, id, bytes); },
       .closed = [this, &it](net::ConnectionId id, net::StreamEnd,
                             const std::string& detail) { on_closed(it, id, detail); }});
  if (auto loaded = streams->sockets->load_certificates(); !loaded) {
    return tl::make_unexpected(loaded.error());
  }
  const auto local = streams->sockets->listen(address_of(at.address));
  if (!local) return tl::make_unexpected(local.error());
  sockets.push_back({nullptr, std::move(streams)});
  return sip::Endpoint{local->ip, local->port};
}

void SipSockets::Impl::drop_what_is_too_much(std::vector<net::Datagram>& batch) {
  const auto now = std::chrono::steady_clock::now();
  const std::lock_guard lock(limiter_mutex);
  datagrams_limited.add(std::erase_if(
      batch, [&](const net::Datagram& it) { return !limiter.admits(it.from.ip, now); }));
}

// Who we have connected to is no stranger.
bool SipSockets::Impl::is_too_much(Streams& streams, net::ConnectionId id, net::Address peer) {
  {
    const std::lock_guard lock(streams.mutex);
    const auto ours = streams.opened.find(peer);
    if (ours != streams.opened.end() && ours->second.id == id) return false;
  }
  const std::lock_guard lock(limiter_mutex);
  return !limiter.admits(peer.ip, std::chrono::steady_clock::now());
}

// A handshake costs more than many a message.
bool SipSockets::Impl::admits(net::Address peer) {
  const std::lock_guard lock(limiter_mutex);
  const bool is_admitted = limiter.admits(peer.ip, std::chrono::steady_clock::now());
  if (!is_admitted) streams_limited.add();
  return is_admitted;
}

void SipSockets::Impl::on_batch(std::uint16_t index, std::vector<net::Datagram> batch) {
  drop_what_is_too_much(batch);
  if (batch.empty()) return;
  if (!sink(DatagramsArrived{index, std::move(batch)})) inputs_lost.add();
}

void SipSockets::Impl::on_opened(Streams& streams, net::ConnectionId id, net::Address peer) {
  const std::lock_guard lock(streams.mutex);
  streams.peers[id.value] = peer;
}

void SipSockets::Impl::on_bytes(Streams& streams, net::ConnectionId id, std::string_view bytes) {
  net::Address peer;
  {
    const std::lock_guard lock(streams.mutex);
    peer = streams.peers[id.value];
  }
  if (is_too_much(streams, id, peer)) {
    streams_limited.add();
    return streams.sockets->close(id);
  }
  if (sink(StreamBytes{streams.flow(id, peer), std::string(bytes)})) return;
  // A stream with a hole cannot be framed any more.
  inputs_lost.add();
  streams.sockets->close(id);
}

void SipSockets::Impl::on_closed(Streams& streams, net::ConnectionId id, std::string detail) {
  net::Address peer;
  {
    const std::lock_guard lock(streams.mutex);
    peer = streams.peers[id.value];
    streams.peers.erase(id.value);
    const auto ours = streams.opened.find(peer);
    if (ours != streams.opened.end() && ours->second.id == id) streams.opened.erase(ours);
  }
  if (!sink(StreamClosed{streams.flow(id, peer), std::move(detail)})) inputs_lost.add();
}

net::TlsPeer SipSockets::Impl::expected_at(net::Address remote) {
  const std::lock_guard lock(servers_mutex);
  const auto known = servers.find(remote.ip);
  return known == servers.end() ? net::TlsPeer{} : known->second;
}

// One that was made when somebody else was expected there is not used again.
net::ConnectionId SipSockets::Impl::connection_to(Streams& streams, net::Address remote) {
  const net::TlsPeer expected = expected_at(remote);
  const std::lock_guard lock(streams.mutex);
  const auto known = streams.opened.find(remote);
  if (known != streams.opened.end() && known->second.to == expected) return known->second.id;
  const net::ConnectionId id = streams.sockets->connect(remote, expected);
  streams.opened[remote] = {id, expected};
  streams.peers[id.value] = remote;
  return id;
}

SipSockets::SipSockets(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

SipSockets::~SipSockets() {
  stop();
}

Result<std::unique_ptr<SipSockets>> SipSockets::open(net::IoThreads& io, const SipConfig& config,
                                                     Metrics& metrics, SipInputSink sink,
                                                     std::uint64_t secret) {
  auto impl = std::make_unique<Impl>(std::move(sink), config, metrics, secret);
  for (const std::string& text : config.listen) {
    sip::Listener listener = parse_listen(text).value();
    const auto local = impl->listen(io, listener, config, metrics);
    if (!local) return tl::make_unexpected(local.error());
    listener.address = *local;
    impl->listeners.push_back(listener);
  }
  return std::unique_ptr<SipSockets>(new SipSockets(std::move(impl)));
}

const std::vector<sip::Listener>& SipSockets::listeners() const {
  return impl_->listeners;
}

void SipSockets::start() {
  for (std::size_t i = 0; i < impl_->sockets.size(); ++i) {
    net::DatagramSocket* socket = impl_->sockets[i].datagrams.get();
    if (socket == nullptr) continue;
    const auto index = static_cast<std::uint16_t>(i);
    socket->start([impl = impl_.get(), index](std::vector<net::Datagram> batch) {
      impl->on_batch(index, std::move(batch));
    });
  }
}

void SipSockets::stop() {
  for (Impl::Listening& it : impl_->sockets) {
    if (it.datagrams) it.datagrams->stop();
    if (it.streams) it.streams->sockets->stop();
  }
}

void SipSockets::send(const sip::Flow& flow, std::string bytes) {
  Impl::Listening& it = impl_->sockets.at(flow.listener);
  if (it.datagrams) {
    it.datagrams->send(address_of(flow.remote), bytes);
    return;
  }
  Impl::Streams& streams = *it.streams;
  net::ConnectionId id{flow.connection & id_mask};
  if (!id) id = impl_->connection_to(streams, address_of(flow.remote));
  // Of a connection that has just gone, on_closed tells.
  streams.sockets->send(id, std::move(bytes));
}

void SipSockets::close(const sip::Flow& flow) {
  Impl::Listening& it = impl_->sockets.at(flow.listener);
  if (it.streams) it.streams->sockets->close({flow.connection & id_mask});
}

void SipSockets::know(const std::vector<KnownServer>& servers) {
  std::vector<std::uint32_t> addresses = impl_->phones;
  std::unordered_map<std::uint32_t, net::TlsPeer> expected;
  for (const KnownServer& it : servers) {
    addresses.push_back(it.address);
    // Of two trunks at one address the stricter one has its way.
    net::TlsPeer& peer = expected.try_emplace(it.address, net::TlsPeer{{}, false}).first->second;
    peer.is_verified = peer.is_verified || it.is_verified;
    if (std::find(peer.names.begin(), peer.names.end(), it.host) == peer.names.end()) {
      peer.names.push_back(it.host);
    }
  }
  {
    const std::lock_guard lock(impl_->limiter_mutex);
    impl_->limiter.set_known(std::move(addresses));
  }
  const std::lock_guard lock(impl_->servers_mutex);
  impl_->servers = std::move(expected);
}

Result<void> SipSockets::reload_certificates() {
  for (const Impl::Listening& it : impl_->sockets) {
    if (!it.streams) continue;
    if (auto loaded = it.streams->sockets->load_certificates(); !loaded) return loaded;
  }
  return {};
}

}  // namespace cord::drivers
