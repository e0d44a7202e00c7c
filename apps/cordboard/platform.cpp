#include "platform.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "drivers/sim/sim_platform.hpp"
#include "drivers/sip/media_thread_port.hpp"
#include "drivers/sip/sip_driver.hpp"
#include "drivers/sip/sip_sockets.hpp"
#include "media/media_thread.hpp"
#include "net/resolver.hpp"
#include "random_bits.hpp"

namespace cord::app {
namespace {

/// The name system, asked on a thread of its own.
class NameService final : public drivers::DnsPort {
 public:
  using OnAnswer = std::function<void(drivers::DnsAnswered)>;

  Result<void> start(const drivers::SipConfig& config, Metrics& metrics, OnAnswer on_answer) {
    on_answer_ = std::move(on_answer);
    net::ResolverOptions options;
    for (const std::string& it : config.name_servers) {
      options.servers.push_back(net::parse_address(it).value());
    }
    auto started = net::Resolver::start(std::move(options), metrics);
    if (!started) return tl::make_unexpected(started.error());
    resolver_ = std::move(*started);
    return {};
  }

  bool ask(DnsQuestion question) override {
    return resolver_->ask(std::move(question),
                          [this](const DnsQuestion& asked, Result<DnsRecords> records) {
                            on_answer_({asked, std::move(records)});
                          });
  }

  /// Also if it could not start.
  void stop() {
    if (resolver_) resolver_->stop();
  }

 private:
  OnAnswer on_answer_;
  std::unique_ptr<net::Resolver> resolver_;
};

/// SIP sockets, media threads, and the driver that uses both.
class SipPlatform final : public Platform {
 public:
  explicit SipPlatform(const PlatformSurroundings& around) : around_(around) {}
  ~SipPlatform() override { stop(); }

  Result<void> make(const Config& config) {
    auto opened = drivers::SipSockets::open(
        around_.io, config.sip, around_.metrics,
        [this](drivers::SipInput input) { return post(std::move(input)); },
        random_bits<std::uint64_t>());
    if (!opened) return tl::make_unexpected(opened.error());
    sockets_ = std::move(*opened);
    auto identity = media::DtlsIdentity::make();
    if (!identity) return tl::make_unexpected(identity.error());
    if (auto started = start_media(config.media, *identity); !started) return started;
    if (auto started = start_names(config.sip); !started) return started;
    driver_ = std::make_unique<drivers::SipDriver>(
        config.sip, sockets_->listeners(),
        drivers::SipSurroundings{*sockets_, *media_port_, around_.engine.report_sink(), around_.log,
                                 around_.metrics, names_.get(), (*identity)->fingerprint(),
                                 [this] { return inputs_waiting_.load(); }},
        random_bits<sip::IdSecret>(), around_.clock.now());
    return {};
  }

  drivers::TelephonyDriver& driver() override { return *driver_; }
  const std::vector<sip::Listener>& listeners() const override { return sockets_->listeners(); }
  void start() override { sockets_->start(); }
  Result<void> reload() override { return sockets_->reload_certificates(); }
  void stop() override {
    if (sockets_) sockets_->stop();
    if (names_) names_->stop();
    if (media_) media_->stop();
  }

 private:
  // On an io thread.
  bool post(drivers::SipInput input) {
    ++inputs_waiting_;
    const bool is_taken = around_.engine.post_driver([this, it = std::move(input)](Instant now) {
      --inputs_waiting_;
      driver_->on_input(it, now);
    });
    if (!is_taken) --inputs_waiting_;
    return is_taken;
  }

  // Without a name to look up there is nobody to ask, and no thread.
  Result<void> start_names(const drivers::SipConfig& config) {
    if (!drivers::names_servers(config)) return {};
    names_ = std::make_unique<NameService>();
    // An answer that finds no room is as one that never came: the name is asked for again.
    return names_->start(config, around_.metrics,
                         [this](drivers::DnsAnswered it) { (void)post(std::move(it)); });
  }

  Result<void> start_media(media::MediaConfig config,
                           std::shared_ptr<const media::DtlsIdentity> identity) {
    config.seed = random_bits<std::uint64_t>();
    auto started = media::MediaThread::start(
        config,
        {.metrics = around_.metrics,
         .clock = [this] { return around_.clock.now(); },
         // A report that finds no room is as one that never came: the driver's deadline
         // tells.
         .report =
             [this](media::Report&& report) {
               (void)around_.engine.post_driver(
                   [this, it = std::move(report)](Instant now) { driver_->on_media(it, now); });
             },
         .files = media::make_file_system(),
         .identity = std::move(identity)});
    if (!started) return tl::make_unexpected(started.error());
    media_ = std::move(*started);
    media_port_ = std::make_unique<drivers::MediaThreadPort>(*media_);
    return {};
  }

  const PlatformSurroundings around_;
  std::atomic<std::size_t> inputs_waiting_ = 0;
  std::unique_ptr<drivers::SipSockets> sockets_;
  std::unique_ptr<NameService> names_;
  std::unique_ptr<media::MediaThread> media_;
  std::unique_ptr<drivers::MediaThreadPort> media_port_;
  std::unique_ptr<drivers::SipDriver> driver_;
};

/// Callers and phones that exist in memory only.
class SimulatedPlatform final : public Platform {
 public:
  SimulatedPlatform(const Config& config, const PlatformSurroundings& around)
      : driver_(options(config.platform), traffic(config), config.platform.seed,
                {.sink = around.engine.report_sink(),
                 .metrics = around.metrics,
                 .now = around.clock.now()}) {}

  drivers::TelephonyDriver& driver() override { return driver_; }
  const std::vector<sip::Listener>& listeners() const override { return none_; }
  void start() override {}
  Result<void> reload() override { return {}; }
  void stop() override {}

 private:
  static drivers::sim::SimOptions options(const PlatformConfig& config) {
    const drivers::sim::Span latency{Duration::zero(), config.latency_max};
    drivers::sim::SimOptions options;
    options.order_latency = options.ring = options.pickup = latency;
    options.phones_pick_up = true;
    return options;
  }

  static drivers::sim::SimTraffic traffic(const Config& config) {
    drivers::sim::SimTraffic traffic;
    for (const auto& queue : config.directory.queues) {
      traffic.numbers.insert(traffic.numbers.end(), queue.numbers.begin(), queue.numbers.end());
    }
    traffic.calls_per_minute = config.platform.calls_per_minute;
    traffic.talk = config.platform.talk;
    traffic.patience = {std::chrono::seconds(1), config.platform.patience_max};
    return traffic;
  }

  const std::vector<sip::Listener> none_;
  drivers::sim::SimPlatform driver_;
};

}  // namespace

Result<std::unique_ptr<Platform>> make_platform(const Config& config,
                                                const PlatformSurroundings& surroundings) {
  if (config.platform.driver == PlatformConfig::Driver::sim) {
    return std::make_unique<SimulatedPlatform>(config, surroundings);
  }
  auto made = std::make_unique<SipPlatform>(surroundings);
  if (auto ready = made->make(config); !ready) return tl::make_unexpected(ready.error());
  return made;
}

}  // namespace cord::app
