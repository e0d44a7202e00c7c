#include "net/process_signals.hpp"

#include <utility>

#include <boost/asio/signal_set.hpp>

#include "net/detail/asio.hpp"

namespace cord::net {

using namespace detail;

struct ProcessSignals::Impl : std::enable_shared_from_this<Impl> {
  Impl(IoThreads& threads, OnSignal callback)
      : io(threads),
        strand(asio::make_strand(threads.context())),
        set(strand),
        on_signal(std::move(callback)) {}

  void wait() {
    set.async_wait([self = shared_from_this()](const boost::system::error_code& error, int signal) {
      if (error || self->is_stopped) return;
      self->on_signal(signal);
      self->wait();
    });
  }

  IoThreads& io;
  Strand strand;
  asio::basic_signal_set<Strand> set;
  OnSignal on_signal;
  bool is_stopped = false;
};

Result<std::unique_ptr<ProcessSignals>> ProcessSignals::watch(IoThreads& io,
                                                              const std::vector<int>& signals,
                                                              OnSignal on_signal) {
  auto impl = std::make_shared<Impl>(io, std::move(on_signal));
  for (const int signal : signals) {
    boost::system::error_code error;
    impl->set.add(signal, error);
    if (error) {
      return refuse(Errc::io_failed, "net.signals",
                    fmt::format("signal {}: {}", signal, words_of(error)));
    }
  }
  impl->wait();
  return std::unique_ptr<ProcessSignals>(new ProcessSignals(std::move(impl)));
}

ProcessSignals::ProcessSignals(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

ProcessSignals::~ProcessSignals() {
  run_and_wait(impl_->io, impl_->strand, [this] {
    impl_->is_stopped = true;
    impl_->set.cancel();
    impl_->set.clear();
  });
}

}  // namespace cord::net
