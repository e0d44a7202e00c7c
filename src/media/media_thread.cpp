#include "media/media_thread.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <system_error>
#include <thread>
#include <vector>

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/bounded_queue.hpp"
#include "media/plane.hpp"
#include "media/recording_writer.hpp"
#include "media/rtp_sockets.hpp"
#include "media/thread_setup.hpp"

namespace cord::media {
namespace {

constexpr std::uint64_t wake_key = UINT64_MAX;
constexpr std::size_t events_max = 512;

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return value_; }

 private:
  int value_;
};

timespec to_timespec(Duration duration) {
  const auto us = duration.count();
  return {.tv_sec = us / 1'000'000, .tv_nsec = (us % 1'000'000) * 1'000};
}

RtpSockets::Config sockets_config(const MediaConfig& config) {
  return {.address = config.address,
          .port_first = config.port_first,
          .port_last = config.port_last,
          .streams_max = config.streams_max,
          .seed = config.seed};
}

RecordingWriter::Config writer_config(const MediaConfig& config) {
  return {.directory = config.recording_directory,
          .blocks_max = config.recording_blocks_max,
          .controls_max = 3 * config.recorders.recorders_max};
}

}  // namespace

Result<void> MediaConfig::validate() const {
  const auto bad = [](std::string_view where, std::string_view allowed) {
    return refuse(Errc::invalid_request, where, allowed);
  };
  if (port_first < 1024 || port_last >= 32'768 || port_first >= port_last) {
    return bad("media.ports", "a range within 1024-32767 of at least two ports");
  }
  if (tick < Duration::zero() || tick > Duration(20'000)) return bad("media.tick", "0 to 20 ms");
  if (streams_max == 0) return bad("media.streams-max", "at least 1");
  if (orders_max == 0) return bad("media.orders-max", "at least 1");
  if (recorders.recorders_max == 0) return bad("media.recorders-max", "at least 1");
  if (recording_blocks_max == 0) return bad("media.recording-blocks-max", "at least 1");
  return {};
}

struct MediaThread::State {
  State(MediaConfig given, MediaSurroundings surroundings)
      : config(std::move(given)),
        clock(std::move(surroundings.clock)),
        epoll(::epoll_create1(EPOLL_CLOEXEC)),
        wake_event(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
        orders(config.orders_max),
        orders_used(surroundings.metrics.bound("media.orders_max", config.orders_max)),
        orders_refused(surroundings.metrics.counter(
            "cord_media_orders_refused_total", "Orders that found the queue to the plane full")),
        late_wakeups(surroundings.metrics.counter("cord_media_late_wakeups_total",
                                                  "Ticks that came more than 20 ms late")),
        sockets(sockets_config(config), epoll.get(), surroundings.metrics),
        writer(writer_config(config), std::move(surroundings.files), surroundings.metrics,
               [this] { wake(); }),
        plane({.streams_max = config.streams_max,
               .recorders = config.recorders,
               .seed = config.seed,
               .music = config.music,
               .programs = config.programs,
               .identity = std::move(surroundings.identity)},
              sockets, writer, surroundings.metrics, std::move(surroundings.report)) {}

  void wake() const {
    // It can only fail when the counter is full, and then the thread is awake anyway.
    const std::uint64_t one = 1;
    static_cast<void>(!::write(wake_event.get(), &one, sizeof(one)));
  }

  void run();
  void wait(Instant last);
  void collect(int timeout_ms);
  void drain(Instant now);
  void execute_orders(Instant now);
  void take_outcomes();

  MediaConfig config;
  std::function<Instant()> clock;
  Descriptor epoll, wake_event;
  BoundedQueue<Order> orders;
  Gauge& orders_used;
  Counter& orders_refused;
  Counter& late_wakeups;
  RtpSockets sockets;
  RecordingWriter writer;
  Plane plane;

  std::array<epoll_event, events_max> events{};
  std::vector<std::uint64_t> ready, unfinished;  // sockets to read from, now and next time
  bool busy = false;                             // the last wake-up found packets
  std::vector<Order> taken_orders;
  std::vector<RecordingOutcome> taken_outcomes;
  std::atomic<bool> stopping{false};
  std::thread thread;
};

// Sleeps, and leaves in `ready` the sockets that have something.
void MediaThread::State::wait(Instant last) {
  ready.swap(unfinished);
  unfinished.clear();
  if (!ready.empty()) return collect(0);
  if (busy && config.tick > Duration::zero()) {
    pollfd order_came{.fd = wake_event.get(), .events = POLLIN, .revents = 0};
    const timespec tick = to_timespec(config.tick);
    ::ppoll(&order_came, 1, &tick, nullptr);
    return collect(0);
  }
  const auto due = plane.next_due();
  if (!due) return collect(-1);
  constexpr Duration longest = std::chrono::seconds(1);
  const auto rest = std::clamp(*due - last, Duration::zero(), longest);
  collect(static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(rest).count()));
}

void MediaThread::State::collect(int timeout_ms) {
  for (;;) {
    const int count =
        ::epoll_wait(epoll.get(), events.data(), static_cast<int>(events.size()), timeout_ms);
    for (int i = 0; i < count; ++i) {
      const std::uint64_t key = events[static_cast<std::size_t>(i)].data.u64;
      if (key != wake_key) {
        ready.push_back(key);
        continue;
      }
      std::uint64_t wakes = 0;
      static_cast<void>(!::read(wake_event.get(), &wakes, sizeof(wakes)));
    }
    if (count < static_cast<int>(events.size())) return;
    timeout_ms = 0;
  }
}

void MediaThread::State::drain(Instant now) {
  const RtpSockets::Handler handle = [&](Slot slot, Channel channel, Endpoint from,
                                         std::span<const std::uint8_t> datagram) {
    if (channel == Channel::rtp) {
      plane.receive_rtp(slot, from, datagram, now);
    } else {
      plane.receive_rtcp(slot, from, datagram, now);
    }
  };
  busy = !ready.empty();
  for (std::size_t i = 0; i < ready.size(); ++i) {
    for (std::size_t step = 0; step < Plane::prefetch_steps; ++step) {
      const std::size_t ahead = i + Plane::prefetch_steps - step;
      if (ahead < ready.size()) plane.prefetch(RtpSockets::slot_of(ready[ahead]), step);
    }
    if (!sockets.receive(ready[i], handle)) unfinished.push_back(ready[i]);
    // Sends of several sockets cannot share a call; sent at once, they are still in the cache.
    sockets.flush();
  }
  ready.clear();
}

void MediaThread::State::execute_orders(Instant now) {
  orders.take_all(taken_orders);
  orders_used.set(static_cast<std::int64_t>(taken_orders.size()));
  for (Order& it : taken_orders) plane.execute(std::move(it), now);
}

void MediaThread::State::take_outcomes() {
  writer.take_outcomes(taken_outcomes);
  for (RecordingOutcome& it : taken_outcomes) plane.take(std::move(it));
}

// What is due goes first: after a stall, the recorders make room before packets are placed. Packets
// go before orders: one that was received before a resume or an unmute is judged by what held then.
void MediaThread::State::run() {
  set_up_thread("cord-media");
  constexpr Duration late = std::chrono::milliseconds(20);
  Instant now = clock();
  for (bool last = false; !last;) {
    wait(now);
    const Instant before = now;
    now = clock();
    if (busy && now - before > config.tick + late) late_wakeups.add();
    last = stopping.load();
    plane.advance(now);
    drain(now);
    take_outcomes();
    execute_orders(now);
    sockets.flush();
  }
  plane.shut_down(now);
  sockets.flush();
  writer.stop();
  take_outcomes();
}

MediaThread::MediaThread(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<MediaThread>> MediaThread::start(MediaConfig config,
                                                        MediaSurroundings surroundings) {
  if (auto valid = config.validate(); !valid) return tl::make_unexpected(valid.error());
  if (auto usable = check_directory(config.recording_directory); !usable) {
    return tl::make_unexpected(usable.error());
  }
  std::unique_ptr<MediaThread> media(
      new MediaThread(std::make_unique<State>(std::move(config), std::move(surroundings))));
  State& state = *media->state_;
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = wake_key;
  if (::epoll_ctl(state.epoll.get(), EPOLL_CTL_ADD, state.wake_event.get(), &event) != 0) {
    return refuse(Errc::io_failed, "media.epoll", std::generic_category().message(errno));
  }
  state.thread = std::thread([&state] { state.run(); });
  return media;
}

MediaThread::~MediaThread() {
  stop();
}

bool MediaThread::order(Order&& order) {
  if (!state_->orders.push(std::move(order))) {
    state_->orders_refused.add();
    return false;
  }
  state_->wake();
  return true;
}

void MediaThread::stop() {
  if (!state_->thread.joinable()) return;
  state_->stopping.store(true);
  state_->wake();
  state_->thread.join();
}

}  // namespace cord::media
