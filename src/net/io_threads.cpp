#include "net/io_threads.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <pthread.h>

#include "base/assert.hpp"

namespace cord::net {

namespace asio = boost::asio;

namespace {

/// One thread with an event loop that no other thread runs: Asio then needs no lock or wake-up for
/// what the loop posts to itself, which with a shared loop is most of its cost.
class IoThread {
 public:
  explicit IoThread(std::string name)
      : thread_([this, own_name = std::move(name)] {
          pthread_setname_np(pthread_self(), own_name.c_str());
          context.run();
        }) {}

  void stop() {
    context.stop();
    thread_.join();
  }

  asio::io_context context{1};

 private:
  asio::executor_work_guard<asio::io_context::executor_type> guard_{context.get_executor()};
  std::thread thread_;
};

}  // namespace

struct IoThreads::Impl {
  std::vector<std::unique_ptr<IoThread>> threads;
  std::atomic<std::size_t> turn{0};
  std::atomic<bool> stopped{false};
};

IoThreads::IoThreads(std::size_t threads, std::string_view name) : impl_(std::make_unique<Impl>()) {
  CORD_ASSERT(threads >= 1 && name.size() <= name_size_max);
  for (std::size_t i = 0; i < threads; ++i) {
    impl_->threads.push_back(std::make_unique<IoThread>(fmt::format("{}-{}", name, i)));
  }
}

IoThreads::~IoThreads() {
  stop();
}

void IoThreads::stop() {
  if (impl_->stopped) return;
  for (const auto& it : impl_->threads) it->stop();
  impl_->stopped = true;
}

bool IoThreads::stopped() const {
  return impl_->stopped;
}

void IoThreads::post(std::function<void()> work) {
  asio::post(context(), std::move(work));
}

std::size_t IoThreads::threads() const {
  return impl_->threads.size();
}

asio::io_context& IoThreads::context() {
  return impl_->threads[impl_->turn++ % impl_->threads.size()]->context;
}

}  // namespace cord::net
