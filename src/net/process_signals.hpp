// SIGTERM and its like as a callback on an io thread instead of in a signal handler.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/result.hpp"
#include "net/io_threads.hpp"

namespace cord::net {

/// While it lives, the given signals don't end the process; each one that comes is told. Several of
/// the same kind that come close together may be told as one, as the kernel does.
class ProcessSignals {
 public:
  using OnSignal = std::function<void(int signal)>;

  /// `signals` are SIGTERM, SIGINT, SIGHUP and so on. Errors: io_failed, naming the number.
  [[nodiscard]] static Result<std::unique_ptr<ProcessSignals>> watch(
      IoThreads& io, const std::vector<int>& signals, OnSignal on_signal);
  /// No callback runs any more when it returns. Not to be called from the callback.
  ~ProcessSignals();
  ProcessSignals(const ProcessSignals&) = delete;
  ProcessSignals& operator=(const ProcessSignals&) = delete;

 private:
  struct Impl;
  explicit ProcessSignals(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace cord::net
