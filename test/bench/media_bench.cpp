// What a relayed and recorded call costs, against the floor: a bare recvmmsg/sendmmsg forwarder
// with as many sockets and the same tick, which looks at nothing. Both are driven by the same load
// generator, a process of its own whose time is not counted.
//
//   media_bench [--calls N] [--seconds N] [--runs N] [--tick-us N]
//
// Counted is the CPU time, user and system, of this process while it relays: media thread, writer
// thread and nothing else. One JSON line per run and one at the end: medians over the runs, which
// alternate between floor and plane, because the machine's other load comes and goes.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/assert.hpp"
#include "media/media_thread.hpp"
#include "media/rtp_header.hpp"

namespace cord::media {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

struct Options {
  std::size_t calls = 100;
  int seconds = 5;
  int runs = 5;
  Duration tick{5'000};
};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

struct Socket {
  int descriptor = -1;
  std::uint16_t port = 0;
};

Socket open_socket() {
  Socket out;
  out.descriptor = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  CORD_ASSERT(::bind(out.descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  socklen_t size = sizeof(address);
  ::getsockname(out.descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  out.port = ntohs(address.sin_port);
  return out;
}

template <class T>
void write_all(int to, const T* items, std::size_t count) {
  CORD_ASSERT(::write(to, items, count * sizeof(T)) == static_cast<ssize_t>(count * sizeof(T)));
}

template <class T>
bool read_all(int from, T* items, std::size_t count) {
  auto* at = reinterpret_cast<char*>(items);
  for (std::size_t rest = count * sizeof(T); rest > 0;) {
    const auto n = ::read(from, at, rest);
    if (n <= 0) return false;
    at += n;
    rest -= static_cast<std::size_t>(n);
  }
  return true;
}

// ---- The load: phones that send 50 packets a second each, spread evenly over the 20 ms.
// ----------

constexpr std::size_t packet_bytes = 172;  // 20 ms of G.711

struct Counts {
  std::uint64_t sent = 0, received = 0;
};

class Load {
 public:
  Load(std::vector<Socket> phones, int seconds)
      : phones_(std::move(phones)), seconds_(seconds), epoll_(::epoll_create1(0)) {
    for (const Socket& phone : phones_) {
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.fd = phone.descriptor;
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, phone.descriptor, &event);
    }
  }

  // Serves runs until the pipe closes: targets in, then a byte at the start and at the end of the
  // measured time and the counts of it.
  void serve(int in, int out) {
    std::vector<std::uint16_t> targets(phones_.size());
    while (read_all(in, targets.data(), targets.size())) {
      receive();  // what is left of the run before
      counts_ = {};
      run(targets, 1s);
      receive_late();
      counts_ = {};
      write_all(out, "b", 1);
      run(targets, std::chrono::seconds(seconds_));
      receive_late();
      write_all(out, "e", 1);
      write_all(out, &counts_, 1);
    }
  }

 private:
  void run(const std::vector<std::uint16_t>& targets, Clock::duration duration) {
    const auto spacing = std::chrono::nanoseconds(20ms) / phones_.size();
    auto due = Clock::now();
    const auto until = due + duration;
    std::size_t phone = 0;
    while (due < until) {
      const auto now = Clock::now();
      for (; due <= now && due < until; due += spacing, phone = (phone + 1) % phones_.size()) {
        send(phone, targets[phone]);
      }
      receive();
      ::poll(nullptr, 0, 1);
    }
  }

  void send(std::size_t phone, std::uint16_t target) {
    std::array<std::uint8_t, packet_bytes> bytes{};
    bytes.fill(static_cast<std::uint8_t>(phone));
    write_rtp_header({.sequence = static_cast<std::uint16_t>(sequence_ / phones_.size()),
                      .timestamp = static_cast<std::uint32_t>(sequence_ / phones_.size() * 160),
                      .ssrc = static_cast<std::uint32_t>(phone + 1)},
                     std::span(bytes).first<rtp_header_bytes_min>());
    ++sequence_;
    const sockaddr_in to = loopback(target);
    if (::sendto(phones_[phone].descriptor, bytes.data(), bytes.size(), 0,
                 reinterpret_cast<const sockaddr*>(&to), sizeof(to)) > 0) {
      ++counts_.sent;
    }
  }

  void receive() {
    std::array<epoll_event, 256> events{};
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 0);
    std::array<std::uint8_t, 2048> bytes{};
    for (int i = 0; i < count; ++i) {
      for (;;) {
        const auto n =
            ::recv(events[static_cast<std::size_t>(i)].data.fd, bytes.data(), bytes.size(), 0);
        if (n < 0) break;
        // RTCP goes to a port that may be another phone's.
        if (static_cast<std::size_t>(n) == packet_bytes) ++counts_.received;
      }
    }
  }

  void receive_late() {
    for (const auto until = Clock::now() + 300ms; Clock::now() < until;) {
      receive();
      ::poll(nullptr, 0, 1);
    }
  }

  std::vector<Socket> phones_;
  int seconds_;
  int epoll_;
  std::uint64_t sequence_ = 0;
  Counts counts_;
};

// ---- The floor. -------------------------------------------------------------------------------

class Forwarder {
 public:
  Forwarder(const std::vector<Socket>& phones, Duration tick)
      : tick_(tick), epoll_(::epoll_create1(0)) {
    for (std::size_t i = 0; i < phones.size(); ++i) {
      sockets_.push_back(open_socket());
      far_ends_.push_back(loopback(phones[i].port));
      epoll_event event{};
      event.events = EPOLLIN | EPOLLET;
      event.data.u64 = i;
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, sockets_.back().descriptor, &event);
    }
    thread_ = std::thread([this] { run(); });
    ::pthread_setname_np(thread_.native_handle(), "floor");
  }
  ~Forwarder() {
    stopping_ = true;
    thread_.join();
    for (const Socket& it : sockets_) ::close(it.descriptor);
    ::close(epoll_);
  }
  Forwarder(const Forwarder&) = delete;
  Forwarder& operator=(const Forwarder&) = delete;

  [[nodiscard]] std::vector<std::uint16_t> ports() const {
    std::vector<std::uint16_t> out;
    for (const Socket& it : sockets_) out.push_back(it.port);
    return out;
  }

 private:
  static constexpr std::size_t batch = 8;

  void run() {
    std::vector<epoll_event> events(512);
    const timespec tick{.tv_sec = 0, .tv_nsec = tick_.count() * 1'000};
    while (!stopping_) {
      if (tick_ > Duration::zero()) ::nanosleep(&tick, nullptr);
      const int wait_ms = tick_ > Duration::zero() ? 0 : 100;
      const int count =
          ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_ms);
      for (int i = 0; i < count; ++i) forward(events[static_cast<std::size_t>(i)].data.u64);
    }
  }

  void forward(std::size_t from) {
    const std::size_t to = from ^ 1;
    for (;;) {
      for (std::size_t i = 0; i < batch; ++i) {
        vectors_[i] = {bytes_[i].data(), bytes_[i].size()};
        messages_[i] = {};
        messages_[i].msg_hdr.msg_iov = &vectors_[i];
        messages_[i].msg_hdr.msg_iovlen = 1;
      }
      const int received =
          ::recvmmsg(sockets_[from].descriptor, messages_.data(), batch, MSG_DONTWAIT, nullptr);
      if (received <= 0) return;
      for (std::size_t i = 0; i < static_cast<std::size_t>(received); ++i) {
        vectors_[i].iov_len = messages_[i].msg_len;
        messages_[i].msg_hdr.msg_name = &far_ends_[to];
        messages_[i].msg_hdr.msg_namelen = sizeof(sockaddr_in);
      }
      ::sendmmsg(sockets_[to].descriptor, messages_.data(), static_cast<unsigned>(received),
                 MSG_DONTWAIT);
      if (static_cast<std::size_t>(received) < batch) return;
    }
  }

  Duration tick_;
  int epoll_;
  std::vector<Socket> sockets_;
  std::vector<sockaddr_in> far_ends_;
  std::array<std::array<std::uint8_t, 1500>, batch> bytes_{};
  std::array<iovec, batch> vectors_{};
  std::array<mmsghdr, batch> messages_{};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

// ---- The media plane with all calls bridged and recorded.
// -----------------------------------------

class Plane {
 public:
  Plane(const std::vector<Socket>& phones, Duration tick, const std::string& directory)
      : ports_(phones.size()), waiting_(phones.size() + phones.size() / 2) {
    MediaConfig config;
    config.tick = tick;
    config.recording_directory = directory;
    config.streams_max = phones.size();
    config.recorders.recorders_max = phones.size();
    config.seed = static_cast<std::uint64_t>(Clock::now().time_since_epoch().count());
    auto started = MediaThread::start(
        config, {.metrics = metrics_,
                 .clock =
                     [] {
                       return Instant(
                           std::chrono::duration_cast<Duration>(Clock::now().time_since_epoch()));
                     },
                 .report = [this](Report&& report) { take(report); },
                 .files = make_file_system()});
    CORD_ASSERT(started);
    media_ = std::move(*started);
    for (std::size_t i = 0; i < phones.size(); ++i) open(i, phones[i].port);
    for (std::size_t i = 0; i < phones.size(); ++i) {
      give(SetSource{0, StreamId{i + 1}, Source::peer, StreamId{(i ^ 1) + 1}});
    }
    for (std::size_t call = 0; call < phones.size() / 2; ++call) {
      give(StartRecorder{call + 1,
                         RecorderId{call + 1},
                         StreamId{2 * call + 1},
                         StreamId{2 * call + 2},
                         "bench-" + std::to_string(call),
                         {},
                         "bench"});
    }
    ready_.get_future().wait();
  }
  ~Plane() { media_->stop(); }
  Plane(const Plane&) = delete;
  Plane& operator=(const Plane&) = delete;

  [[nodiscard]] const std::vector<std::uint16_t>& ports() const { return ports_; }

 private:
  void give(Order order) { CORD_ASSERT(media_->order(std::move(order))); }

  void open(std::size_t i, std::uint16_t phone_port) {
    give(OpenStream{i + 1, StreamId{i + 1}});
    give(ConfigureStream{.token = 0,
                         .stream = StreamId{i + 1},
                         .remote = {INADDR_LOOPBACK, phone_port},
                         .codec = Codec::pcmu});
  }

  void take(const Report& report) {
    if (const auto* it = std::get_if<StreamOpened>(&report)) {
      ports_[it->stream.value - 1] = it->local.port;
    } else {
      CORD_ASSERT(std::holds_alternative<RecorderStarted>(report));
    }
    if (--waiting_ == 0) ready_.set_value();
  }

  Metrics metrics_;
  std::vector<std::uint16_t> ports_;
  std::size_t waiting_;
  std::promise<void> ready_;
  std::unique_ptr<MediaThread> media_;
};

// ---- Measuring.
// -----------------------------------------------------------------------------------

struct Measured {
  double us_per_packet = 0;
  double loss_percent = 0;
};

double cpu_us() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto us = [](timeval it) {
    return static_cast<double>(it.tv_sec) * 1e6 + static_cast<double>(it.tv_usec);
  };
  return us(usage.ru_utime) + us(usage.ru_stime);
}

struct Generator {
  int in = -1, out = -1;  // to it, from it

  Measured measure(const std::vector<std::uint16_t>& ports) const {
    write_all(in, ports.data(), ports.size());
    char mark = 0;
    CORD_ASSERT(read_all(out, &mark, 1) && mark == 'b');
    const double before = cpu_us();
    CORD_ASSERT(read_all(out, &mark, 1) && mark == 'e');
    const double after = cpu_us();
    Counts counts;
    CORD_ASSERT(read_all(out, &counts, 1) && counts.sent > 0 && counts.received > 0);
    const auto sent = static_cast<double>(counts.sent);
    const auto received = static_cast<double>(counts.received);
    return {(after - before) / received, 100 * (sent - received) / sent};
  }
};

Measured median(std::vector<Measured> runs) {
  Measured out;
  const auto middle = runs.begin() + static_cast<std::ptrdiff_t>(runs.size() / 2);
  std::nth_element(runs.begin(), middle, runs.end(), [](const Measured& a, const Measured& b) {
    return a.us_per_packet < b.us_per_packet;
  });
  out.us_per_packet = middle->us_per_packet;
  for (const Measured& run : runs) out.loss_percent = std::max(out.loss_percent, run.loss_percent);
  return out;
}

Options parse(int count, char** arguments) {
  Options options;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string name = arguments[i];
    const int value = std::atoi(arguments[i + 1]);
    if (name == "--calls") options.calls = static_cast<std::size_t>(value);
    if (name == "--seconds") options.seconds = value;
    if (name == "--runs") options.runs = value;
    if (name == "--tick-us") options.tick = Duration(value);
  }
  return options;
}

void report(const Options& options, const Generator& generator, const std::vector<Socket>& phones) {
  std::vector<Measured> floor, plane;
  for (int run = 0; run < options.runs; ++run) {
    {
      const Forwarder forwarder(phones, options.tick);
      floor.push_back(generator.measure(forwarder.ports()));
    }
    std::string directory = (std::filesystem::temp_directory_path() / "cord-bench-XXXXXX").string();
    CORD_ASSERT(::mkdtemp(directory.data()) != nullptr);
    {
      const Plane media(phones, options.tick, directory);
      plane.push_back(generator.measure(media.ports()));
    }
    std::filesystem::remove_all(directory);
    std::printf(
        "{\"run\": %d, \"floor_us\": %.3f, \"plane_us\": %.3f, \"plane_loss_percent\": %.4f}\n",
        run, floor.back().us_per_packet, plane.back().us_per_packet, plane.back().loss_percent);
    std::fflush(stdout);
  }
  const Measured a = median(floor), b = median(plane);
  std::printf(
      "{\"bench\": \"media\", \"calls\": %zu, \"seconds\": %d, \"runs\": %d, "
      "\"tick_us\": %lld, \"floor_us_per_packet\": %.3f, \"plane_us_per_packet\": %.3f, "
      "\"ratio\": %.3f, \"core_percent_per_call\": %.4f, \"floor_loss_percent_max\": %.4f, "
      "\"plane_loss_percent_max\": %.4f}\n",
      options.calls, options.seconds, options.runs, static_cast<long long>(options.tick.count()),
      a.us_per_packet, b.us_per_packet, b.us_per_packet / a.us_per_packet,
      b.us_per_packet * 100 / 1e4, a.loss_percent, b.loss_percent);
}

int run(const Options& options) {
  std::vector<Socket> phones;
  for (std::size_t i = 0; i < 2 * options.calls; ++i) phones.push_back(open_socket());
  int to_child[2], from_child[2];
  CORD_ASSERT(::pipe(to_child) == 0 && ::pipe(from_child) == 0);
  const pid_t child = ::fork();
  CORD_ASSERT(child >= 0);
  if (child == 0) {
    ::close(to_child[1]);
    ::close(from_child[0]);
    Load(phones, options.seconds).serve(to_child[0], from_child[1]);
    ::_exit(0);
  }
  ::close(to_child[0]);
  ::close(from_child[1]);
  // The child's are open there; here they would only fill up.
  for (const Socket& it : phones) ::close(it.descriptor);
  report(options, {to_child[1], from_child[0]}, phones);
  ::close(to_child[1]);
  ::waitpid(child, nullptr, 0);
  return 0;
}

}  // namespace
}  // namespace cord::media

int main(int count, char** arguments) {
  return cord::media::run(cord::media::parse(count, arguments));
}
