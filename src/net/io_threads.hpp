// The threads that wait for sockets. Everything in this room runs its callbacks on them.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace cord::net {

/// Runs one event loop on a number of threads from construction until stop(). Must outlive the
/// sockets and servers made on it. The order at the end: stop() or destroy those, then this.
class IoThreads {
 public:
  /// `threads` is at least 1.
  explicit IoThreads(std::size_t threads);
  ~IoThreads();
  IoThreads(const IoThreads&) = delete;
  IoThreads& operator=(const IoThreads&) = delete;

  /// Ends the loop and joins the threads; whatever was pending never runs. Idempotent; not to be
  /// called from a callback of this room.
  void stop();
  [[nodiscard]] bool stopped() const;

  /// Runs `work` soon on one of the threads.
  void post(std::function<void()> work);

  [[nodiscard]] std::size_t threads() const;

  /// For this room only.
  [[nodiscard]] boost::asio::io_context& context();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cord::net
