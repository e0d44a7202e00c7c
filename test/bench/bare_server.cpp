#include "bench/bare_server.hpp"

#include <atomic>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "drivers/sip/media_thread_port.hpp"
#include "drivers/sip/sip_driver.hpp"
#include "drivers/sip/sip_sockets.hpp"
#include "journal/sqlite_storage.hpp"
#include "media/media_thread.hpp"
#include "net/io_threads.hpp"
#include "runtime/engine_thread.hpp"
#include "scenario/support/child_process.hpp"

namespace cord::bench {
namespace {

template <class T>
T take(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().detail);
  return std::move(*result);
}

core::Directory directory_of(std::size_t agents, std::uint16_t phone_port, const char* called) {
  core::Directory directory;
  directory.queues = {{.name = "support", .numbers = {called}}};
  for (std::size_t n = 1; n <= agents; ++n) {
    core::Agent agent;
    agent.id = fmt::format("agent-{}", n);
    agent.extension = fmt::format("{}", 1'000 + n);
    agent.phone = fmt::format("sip:{}@127.0.0.1:{}", agent.extension, phone_port);
    agent.phone_mode = core::PhoneMode::ring;
    agent.queues = {0};
    directory.agents.push_back(std::move(agent));
  }
  return directory;
}

drivers::SipConfig sip_config() {
  drivers::SipConfig config;
  config.listen = {"udp:127.0.0.1:0"};
  config.trunks = {{"carrier", {"127.0.0.1"}}};
  return config;
}

media::MediaConfig media_config(const std::filesystem::path& recordings) {
  std::filesystem::create_directories(recordings);
  media::MediaConfig config;
  config.recording_directory = recordings.string();
  return config;
}

// Agents who need no desktop: each logs in, is ready, and completes an interaction as soon as it
// has ended. Connection n is that of agent n - 1.
class Agents final : public runtime::ClientSink {
 public:
  explicit Agents(runtime::EnginePort& engine) : engine_(engine) {}

  void log_in(std::size_t count) {
    for (std::size_t n = 1; n <= count; ++n) {
      tell(core::PrepareSession{next_request(), {n}, core::AgentIndex(n - 1), false, name(n), "t"});
      ask({n}, {}, core::StartSession{});
    }
  }

  // On the engine's thread.
  void deliver(std::vector<runtime::ToClient>&& batch) override {
    for (const runtime::ToClient& it : batch) {
      const auto* event = std::get_if<core::ClientEvent>(&it.what);
      if (event != nullptr) follow(it.connection, *event);
    }
  }

  [[nodiscard]] std::size_t ready() const { return ready_; }

 private:
  static std::string name(std::uint64_t n) { return fmt::format("session-{}", n); }

  void follow(core::ConnectionId from, const core::ClientEvent& event) {
    const core::TargetSegment channel{core::ObjectKind::channel, event.target.channel.value};
    if (std::holds_alternative<core::ChannelInitialized>(event.data)) {
      ask(from, {channel}, core::ActivateChannel{});
      ask(from, {channel}, core::ReadyChannel{});
      ++ready_;
    } else if (std::holds_alternative<core::InteractionEnded>(event.data)) {
      const core::TargetSegment interaction{core::ObjectKind::interaction,
                                            event.target.interaction.value};
      ask(from, {channel, interaction}, core::CompleteInteraction{});
    }
  }

  void ask(core::ConnectionId from, std::vector<core::TargetSegment> below, core::Command command) {
    core::Target target{name(from.value), std::move(below)};
    tell(core::ClientRequest{next_request(), from, std::move(target), std::move(command)});
  }

  core::RequestId next_request() { return {++last_request_}; }

  void tell(core::Input input) {
    if (!engine_.submit(std::move(input))) throw std::runtime_error("the engine's queue is full");
  }

  runtime::EnginePort& engine_;
  std::atomic<std::uint64_t> last_request_{0};
  std::atomic<std::size_t> ready_{0};
};

}  // namespace

// In the order of making.
struct BareServer::Impl {
  Impl(const std::filesystem::path& files, core::Directory agents_and_queues)
      : directory(std::move(agents_and_queues)) {
    const auto sip = sip_config();
    sockets = take(drivers::SipSockets::open(
        io, sip, metrics,
        [this](drivers::SipInput input) {
          return engine.post_driver(
              [this, it = std::move(input)](Instant now) { driver->on_input(it, now); });
        },
        1));
    media = take(media::MediaThread::start(media_config(files / "recordings"),
                                           {.metrics = metrics,
                                            .clock = [this] { return clock.now(); },
                                            .report =
                                                [this](media::Report&& report) {
                                                  (void)engine.post_driver(
                                                      [this, it = std::move(report)](Instant now) {
                                                        driver->on_media(it, now);
                                                      });
                                                },
                                            .files = media::make_file_system()}));
    media_port = std::make_unique<drivers::MediaThreadPort>(*media);
    driver = std::make_unique<drivers::SipDriver>(
        sip, sockets->listeners(),
        drivers::SipSurroundings{*sockets, *media_port, engine.report_sink(), log, metrics},
        sip::IdSecret{1, 2}, clock.now());
    directory.capabilities = driver->capabilities();
    auto journal = take(journal::open_sqlite({.path = files / "cordboard.db", .now = clock.now()}));
    if (!engine.start({directory, *driver, agents, std::move(journal.storage)})) std::abort();
    sockets->start();
    agents.log_in(directory.agents.size());
  }

  ~Impl() {
    sockets->stop();
    media->stop();
    engine.stop();
    io.stop();
  }

  core::Directory directory;
  SilentLog log;
  runtime::Clock clock;
  Metrics metrics;
  net::IoThreads io{2};
  runtime::EngineThread engine{clock, log, metrics};
  Agents agents{engine};
  std::unique_ptr<drivers::SipSockets> sockets;
  std::unique_ptr<media::MediaThread> media;
  std::unique_ptr<drivers::MediaThreadPort> media_port;
  std::unique_ptr<drivers::SipDriver> driver;
};

BareServer::BareServer(const std::filesystem::path& directory, std::size_t agents,
                       std::uint16_t phone_port, const char* called) {
  std::filesystem::create_directories(directory);
  impl_ = std::make_unique<Impl>(directory, directory_of(agents, phone_port, called));
}

BareServer::~BareServer() = default;

std::uint16_t BareServer::sip_udp() const {
  return impl_->sockets->listeners().front().address.port;
}

bool BareServer::wait_until_ready(Duration patience) const {
  return scenario::eventually(
      [&] { return impl_->agents.ready() == impl_->directory.agents.size(); }, patience);
}

}  // namespace cord::bench
