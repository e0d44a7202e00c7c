// The threads that wait for sockets. Everything in this room runs its callbacks on them.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

namespace boost::asio {
class io_context;
}

namespace cord::net {

/// A number of threads, each with an event loop of its own, from construction until stop(). A
/// connection stays on the thread that it was given. Must outlive the sockets and servers made on
/// it. The order at the end: stop() or destroy those, then this.
class IoThreads {
 public:
  /// `threads` is at least 1. The system shows each as `name` and its number: "cord-io-0"; `name`
  /// has at most name_size_max characters.
  explicit IoThreads(std::size_t threads, std::string_view name = "cord-io");
  static constexpr std::size_t name_size_max = 12;
  ~IoThreads();
  IoThreads(const IoThreads&) = delete;
  IoThreads& operator=(const IoThreads&) = delete;

  /// Ends the loops and joins the threads; whatever was pending never runs. Idempotent; not to be
  /// called from a callback of this room.
  void stop();
  [[nodiscard]] bool stopped() const;

  /// Runs `work` soon on one of the threads.
  void post(std::function<void()> work);

  [[nodiscard]] std::size_t threads() const;

  /// For this room only: the loop of the thread whose turn it is, for one more connection. What
  /// waits in a loop must own no socket of another one: they end one after the other.
  [[nodiscard]] boost::asio::io_context& context();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cord::net
