// What an operator asks over HTTP: /healthz, /readyz, /metrics, and on a listener of its own the
// log level. docs/operations.md.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "net/web_server.hpp"

namespace cord::front {

/// What the pages show and change. All of it is called on io threads, several at the same time.
struct PageSources {
  Metrics& metrics;
  Log& log;
  std::function<bool()> is_ready = {};  ///< absent: ready
  /// Brings metrics that grow with time up to now; absent: there are none.
  std::function<void()> refresh_metrics = {};
  std::function<LogLevel()> log_level = {};
  std::function<void(LogLevel)> set_log_level = {};  ///< absent: there is no such page
};

class Pages {
 public:
  /// `sources` must outlive it.
  explicit Pages(const PageSources& sources) : sources_(sources) {}

  /// /readyz says no from now on. From any thread.
  void drain() { is_draining_ = true; }

  /// The agents' listener, unless operators have their own: nothing that changes anything.
  [[nodiscard]] net::HttpResponse answer(const net::HttpRequest& request) const;

  /// The operators' listener. With a token, whoever does not show it is told only whether the
  /// server lives and takes work.
  [[nodiscard]] net::HttpResponse answer_operator(const net::HttpRequest& request,
                                                  const std::string& token) const;

 private:
  [[nodiscard]] net::HttpResponse readiness() const;
  [[nodiscard]] net::HttpResponse log_level(const net::HttpRequest& request) const;

  const PageSources& sources_;
  std::atomic<bool> is_draining_{false};
};

}  // namespace cord::front
