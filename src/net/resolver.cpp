#include "net/resolver.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <utility>

#include <ares.h>
#include <arpa/nameser.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace cord::net {
namespace {

constexpr std::string_view where = "net.resolver";

bool is_nothing(int status) {
  return status == ARES_ENOTFOUND || status == ARES_ENODATA;
}

tl::unexpected<Error> failed(int status) {
  const bool is_malformed =
      status == ARES_EBADNAME || status == ARES_EBADRESP || status == ARES_EFORMERR;
  return refuse(is_malformed ? Errc::malformed : Errc::io_failed, where, ares_strerror(status));
}

std::string text(const unsigned char* bytes) {
  return bytes == nullptr ? std::string() : reinterpret_cast<const char*>(bytes);
}

Result<DnsRecords> read_naptr(std::span<const unsigned char> reply) {
  ares_naptr_reply* first = nullptr;
  const int status = ares_parse_naptr_reply(reply.data(), static_cast<int>(reply.size()), &first);
  if (is_nothing(status)) return DnsRecords{};
  if (status != ARES_SUCCESS) return failed(status);
  DnsRecords records;
  for (const auto* it = first; it != nullptr; it = it->next) {
    records.naptr.push_back({it->order, it->preference, text(it->flags), text(it->service),
                             it->replacement == nullptr ? std::string() : it->replacement});
  }
  ares_free_data(first);
  return records;
}

Result<DnsRecords> read_srv(std::span<const unsigned char> reply) {
  ares_srv_reply* first = nullptr;
  const int status = ares_parse_srv_reply(reply.data(), static_cast<int>(reply.size()), &first);
  if (is_nothing(status)) return DnsRecords{};
  if (status != ARES_SUCCESS) return failed(status);
  DnsRecords records;
  for (const auto* it = first; it != nullptr; it = it->next) {
    records.srv.push_back({it->priority, it->weight, it->port, it->host});
  }
  ares_free_data(first);
  return records;
}

DnsRecords read_addresses(const ares_addrinfo& found) {
  DnsRecords records;
  std::optional<int> ttl_s;
  for (const auto* it = found.nodes; it != nullptr; it = it->ai_next) {
    if (it->ai_family != AF_INET) continue;
    const auto* address = reinterpret_cast<const sockaddr_in*>(it->ai_addr);
    records.addresses.push_back(ntohl(address->sin_addr.s_addr));
    ttl_s = std::min(ttl_s.value_or(it->ai_ttl), it->ai_ttl);
  }
  records.ttl = std::chrono::seconds(std::max(0, ttl_s.value_or(0)));
  return records;
}

}  // namespace

struct Resolver::Impl {
  struct Asked {
    Impl* resolver = nullptr;
    DnsQuestion question;
    OnAnswer on_answer;
  };

  Impl(ResolverOptions given, Metrics& metrics)
      : options(std::move(given)),
        used(metrics.bound("net.questions_max", options.questions_max)),
        answered(counter(metrics, "answered")),
        unanswered(counter(metrics, "failed")) {}

  ~Impl() {
    stop();
    if (is_ready) ares_destroy(channel);
    ares_library_cleanup();
    if (wake_fd >= 0) ::close(wake_fd);
  }

  static Counter& counter(Metrics& metrics, std::string_view kind) {
    return metrics.counter("cord_net_dns_questions_total", "Questions to the name system", kind);
  }

  Result<void> open();
  void stop();
  void wake() const;
  void run();
  void wait();
  void take_waiting();
  void begin(Asked asked);
  void finish(std::unique_ptr<Asked> asked, Result<DnsRecords> records);
  static void on_reply(void* asked, int status, int timeouts, unsigned char* reply, int size);
  static void on_addresses(void* asked, int status, int timeouts, ares_addrinfo* found);

  const ResolverOptions options;
  Gauge& used;
  Counter& answered;
  Counter& unanswered;
  int wake_fd = -1;
  ares_channel channel{};
  bool is_ready = false;
  std::mutex mutex;  // of the next three
  std::deque<Asked> waiting;
  std::size_t under_way = 0;  // those that wait among them
  bool is_stopped = false;
  std::thread thread;
};

Result<void> Resolver::Impl::open() {
  int status = ares_library_init(ARES_LIB_INIT_ALL);
  if (status != ARES_SUCCESS) return failed(status);
  ares_options wanted{};
  const auto timeout = std::chrono::duration_cast<std::chrono::milliseconds>(options.timeout);
  wanted.timeout = static_cast<int>(timeout.count());
  wanted.tries = options.tries;
  wanted.flags = ARES_FLAG_NOSEARCH;  // Names are whole: a domain of resolv.conf is none of theirs.
  status =
      ares_init_options(&channel, &wanted, ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
  if (status != ARES_SUCCESS) return failed(status);
  is_ready = true;
  std::string servers;
  for (const Address& it : options.servers) {
    servers += (servers.empty() ? "" : ",") + to_string(it);
  }
  if (!servers.empty()) status = ares_set_servers_ports_csv(channel, servers.c_str());
  if (status != ARES_SUCCESS) return failed(status);
  wake_fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_fd < 0) return refuse(Errc::io_failed, where, "no eventfd");
  thread = std::thread([this] { run(); });
  ::pthread_setname_np(thread.native_handle(), "cord-dns");
  return {};
}

void Resolver::Impl::stop() {
  {
    const std::lock_guard lock(mutex);
    is_stopped = true;
  }
  if (!thread.joinable()) return;
  wake();
  thread.join();
}

void Resolver::Impl::wake() const {
  const std::uint64_t one = 1;
  (void)!::write(wake_fd, &one, sizeof one);
}

void Resolver::Impl::run() {
  for (;;) {
    {
      const std::lock_guard lock(mutex);
      if (is_stopped) return;
    }
    take_waiting();
    wait();
  }
}

void Resolver::Impl::take_waiting() {
  std::deque<Asked> them;
  {
    const std::lock_guard lock(mutex);
    them.swap(waiting);
  }
  for (Asked& it : them) begin(std::move(it));
}

// Until a server answers, a try is over, or somebody asks.
void Resolver::Impl::wait() {
  std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets{};
  const int wanted = ares_getsock(channel, sockets.data(), static_cast<int>(sockets.size()));
  std::vector<pollfd> polled{{wake_fd, POLLIN, 0}};
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    const bool reads = ARES_GETSOCK_READABLE(wanted, i) != 0;
    const bool writes = ARES_GETSOCK_WRITABLE(wanted, i) != 0;
    const int events = (reads ? POLLIN : 0) | (writes ? POLLOUT : 0);
    if (events != 0) polled.push_back({sockets[i], static_cast<short>(events), 0});
  }
  timeval storage{};
  const timeval* next = ares_timeout(channel, nullptr, &storage);
  const int wait_ms =
      next == nullptr ? -1 : static_cast<int>(next->tv_sec * 1000 + next->tv_usec / 1000 + 1);
  (void)::poll(polled.data(), polled.size(), wait_ms);
  std::uint64_t count = 0;
  if (polled.front().revents != 0) (void)!::read(wake_fd, &count, sizeof count);
  ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // Tries that are over.
  for (std::size_t i = 1; i < polled.size(); ++i) {
    const short events = polled[i].revents;
    if (events == 0) continue;
    ares_process_fd(channel, (events & ~POLLOUT) != 0 ? polled[i].fd : ARES_SOCKET_BAD,
                    (events & POLLOUT) != 0 ? polled[i].fd : ARES_SOCKET_BAD);
  }
}

void Resolver::Impl::begin(Asked it) {
  // The reply may come from within the call.
  Asked* asked = std::make_unique<Asked>(std::move(it)).release();
  const std::string name = asked->question.name;
  if (asked->question.kind == DnsKind::address) {
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_INET;
    hints.ai_flags = ARES_AI_NOSORT;  // It would open sockets to find out.
    ares_getaddrinfo(channel, name.c_str(), nullptr, &hints, on_addresses, asked);
    return;
  }
  const int type = asked->question.kind == DnsKind::srv ? ns_t_srv : ns_t_naptr;
  ares_query(channel, name.c_str(), ns_c_in, type, on_reply, asked);
}

void Resolver::Impl::on_reply(void* asked, int status, int, unsigned char* reply, int size) {
  std::unique_ptr<Asked> it(static_cast<Asked*>(asked));
  // Nobody hears of what was under way at the end.
  if (status == ARES_EDESTRUCTION) return;
  Resolver::Impl& self = *it->resolver;
  if (is_nothing(status)) return self.finish(std::move(it), DnsRecords{});
  if (status != ARES_SUCCESS) return self.finish(std::move(it), failed(status));
  const std::span bytes(reply, static_cast<std::size_t>(size));
  auto records = it->question.kind == DnsKind::srv ? read_srv(bytes) : read_naptr(bytes);
  self.finish(std::move(it), std::move(records));
}

void Resolver::Impl::on_addresses(void* asked, int status, int, ares_addrinfo* found) {
  std::unique_ptr<Asked> it(static_cast<Asked*>(asked));
  if (status == ARES_EDESTRUCTION) return;
  Resolver::Impl& self = *it->resolver;
  if (is_nothing(status)) return self.finish(std::move(it), DnsRecords{});
  if (status != ARES_SUCCESS) return self.finish(std::move(it), failed(status));
  DnsRecords records = read_addresses(*found);
  ares_freeaddrinfo(found);
  self.finish(std::move(it), std::move(records));
}

void Resolver::Impl::finish(std::unique_ptr<Asked> asked, Result<DnsRecords> records) {
  {
    const std::lock_guard lock(mutex);
    used.set(static_cast<std::int64_t>(--under_way));
  }
  (records ? answered : unanswered).add();
  asked->on_answer(asked->question, std::move(records));
}

Resolver::Resolver(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Resolver::~Resolver() = default;

Result<std::unique_ptr<Resolver>> Resolver::start(ResolverOptions options, Metrics& metrics) {
  auto impl = std::make_unique<Impl>(std::move(options), metrics);
  if (auto opened = impl->open(); !opened) return tl::make_unexpected(opened.error());
  return std::unique_ptr<Resolver>(new Resolver(std::move(impl)));
}

bool Resolver::ask(DnsQuestion question, OnAnswer on_answer) {
  {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->is_stopped || impl_->under_way >= impl_->options.questions_max) return false;
    impl_->used.set(static_cast<std::int64_t>(++impl_->under_way));
    impl_->waiting.push_back({impl_.get(), std::move(question), std::move(on_answer)});
  }
  impl_->wake();
  return true;
}

void Resolver::stop() {
  impl_->stop();
}

}  // namespace cord::net
