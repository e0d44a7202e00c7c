#include "net/io_threads.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <pthread.h>

#include "base/assert.hpp"

namespace cord::net {

namespace asio = boost::asio;

struct IoThreads::Impl {
  explicit Impl(std::size_t count) : context(static_cast<int>(count)) {
    for (std::size_t i = 0; i < count; ++i) {
      threads.emplace_back([this] {
        pthread_setname_np(pthread_self(), "cord-io");
        context.run();
      });
    }
  }

  asio::io_context context;
  asio::executor_work_guard<asio::io_context::executor_type> guard{context.get_executor()};
  std::vector<std::thread> threads;
  std::atomic<bool> stopped{false};
};

IoThreads::IoThreads(std::size_t threads) {
  CORD_ASSERT(threads >= 1);
  impl_ = std::make_unique<Impl>(threads);
}

IoThreads::~IoThreads() {
  stop();
}

void IoThreads::stop() {
  if (impl_->stopped) return;
  impl_->context.stop();
  for (std::thread& it : impl_->threads) it.join();
  impl_->stopped = true;
}

bool IoThreads::stopped() const {
  return impl_->stopped;
}

void IoThreads::post(std::function<void()> work) {
  asio::post(impl_->context, std::move(work));
}

std::size_t IoThreads::threads() const {
  return impl_->threads.size();
}

asio::io_context& IoThreads::context() {
  return impl_->context;
}

}  // namespace cord::net
