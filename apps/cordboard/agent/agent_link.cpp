#include "agent/agent_link.hpp"

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>

#include <sys/eventfd.h>
#include <unistd.h>

#include "net/io_threads.hpp"
#include "net/web_clients.hpp"

namespace cord::app {
namespace {

/// Beyond it nothing more is read from the connection until some are taken.
constexpr std::size_t news_max = 10'000;

}  // namespace

struct AgentLink::Impl {
  explicit Impl(const Endpoint& server)
      : endpoint(server), event_fd(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  ~Impl() {
    {
      const std::lock_guard lock(mutex);
      is_ending = true;
    }
    has_room.notify_all();
    if (clients) clients->stop();
    io.stop();
    ::close(event_fd);
  }

  void tell(LinkNews news) {
    std::unique_lock lock(mutex);
    has_room.wait(lock, [this] { return is_ending || queue.size() < news_max; });
    queue.push_back(std::move(news));
    ring();
  }

  void ring() const {
    const std::uint64_t one = 1;
    // Full means that it rings already.
    if (::write(event_fd, &one, sizeof one) < 0) return;
  }

  const Endpoint endpoint;
  const int event_fd;
  std::mutex mutex;
  std::condition_variable has_room;
  bool is_ending = false;
  std::vector<LinkNews> queue;
  std::optional<net::ConnectionId> connection;  ///< of the caller's thread
  net::IoThreads io{1, "agent-io"};
  std::unique_ptr<net::WebClients> clients;
};

Result<std::unique_ptr<AgentLink>> AgentLink::make(const Endpoint& server) {
  auto impl = std::make_unique<Impl>(server);
  net::WebClientsOptions options;
  options.each = server.options;
  options.connections_max = 4;  // One, and those that are ending.
  Impl* const it = impl.get();
  auto made = net::WebClients::make(
      it->io, options,
      {.on_open = [it](net::ConnectionId) { it->tell(LinkOpened{}); },
       .on_message = [it](net::ConnectionId,
                          std::string text) { it->tell(LinkText{std::move(text)}); },
       .on_end = [it](net::ConnectionId,
                      const net::WebEnd& end) { it->tell(LinkEnded{end.reason}); }});
  if (!made) return tl::make_unexpected(made.error());
  impl->clients = std::move(*made);
  return std::unique_ptr<AgentLink>(new AgentLink(std::move(impl)));
}

AgentLink::AgentLink(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AgentLink::~AgentLink() = default;

void AgentLink::connect() {
  auto connection = impl_->clients->connect(impl_->endpoint.address, impl_->endpoint.path);
  if (connection) {
    impl_->connection = *connection;
  } else {
    impl_->tell(LinkEnded{connection.error().detail});
  }
}

void AgentLink::send(std::string text) {
  if (impl_->connection) impl_->clients->send(*impl_->connection, std::move(text));
}

void AgentLink::drop() {
  if (impl_->connection) impl_->clients->drop(*impl_->connection);
}

int AgentLink::readable_fd() const {
  return impl_->event_fd;
}

std::vector<LinkNews> AgentLink::take() {
  std::uint64_t rings = 0;
  if (::read(impl_->event_fd, &rings, sizeof rings) < 0) rings = 0;
  std::unique_lock lock(impl_->mutex);
  auto news = std::exchange(impl_->queue, {});
  lock.unlock();
  impl_->has_room.notify_all();
  return news;
}

void AgentLink::wake() {
  impl_->ring();
}

}  // namespace cord::app
