// Asks the domain name system, on a thread of its own, with c-ares.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "base/dns.hpp"
#include "base/metrics.hpp"
#include "base/result.hpp"
#include "net/address.hpp"

namespace cord::net {

struct ResolverOptions {
  std::vector<Address> servers;                ///< none: those of /etc/resolv.conf
  std::size_t questions_max = 256;             ///< under way at once; 1 to 10,000
  Duration timeout = std::chrono::seconds(2);  ///< of the first try; it doubles with each
  int tries = 3;                               ///< of each server
};

class Resolver {
 public:
  /// Called once for each question, on the resolver's thread. A name or a kind of record that is
  /// not there: empty records. Errors: io_failed (no server answered, or one could not), malformed
  /// (the name or the answer).
  using OnAnswer = std::function<void(const DnsQuestion&, Result<DnsRecords>)>;

  /// Begins. Errors: io_failed.
  [[nodiscard]] static Result<std::unique_ptr<Resolver>> start(ResolverOptions options,
                                                               Metrics& metrics);
  /// As stop().
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// From any thread. False if questions_max are under way, or after stop(): it is not asked.
  [[nodiscard]] bool ask(DnsQuestion question, OnAnswer on_answer);

  /// Ends the thread. Questions under way are not answered any more. Idempotent; not to be called
  /// from a callback.
  void stop();

 private:
  struct Impl;
  explicit Resolver(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace cord::net
