// What a relayed and recorded call costs, against the floor: a bare forwarder that looks at
// nothing. Both live in this process all the time, with the same kinds of sockets and options, the
// same tick and the same way to wait, and make the same system calls for a packet. A load
// generator, a process of its own whose time is not counted, drives them in turn, a second each:
// the machine's other load comes and goes, and finds both.
//
//   media_bench [--calls N] [--seconds N] [--runs N] [--tick-us N]
//
// Counted is the CPU time, user and system, of the threads concerned while they relay: the floor's
// one; the media thread and the writer thread. A turn is a second because each recording goes to
// the disk once a second. One JSON line per run, which is so many seconds of each, and one at the
// end: medians over the runs; `ratio` is the median of the runs' ratios.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/assert.hpp"
#include "media/media_thread.hpp"
#include "media/rtp_header.hpp"
#include "support/temporary_directory.hpp"

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

// At `port` or, if it is 0, anywhere. The descriptor is -1 if the port is taken.
Socket open_socket(std::uint16_t port = 0) {
  Socket out;
  out.descriptor = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(port);
  if (::bind(out.descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    ::close(out.descriptor);
    return {};
  }
  socklen_t size = sizeof(address);
  ::getsockname(out.descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  out.port = ntohs(address.sin_port);
  return out;
}

// A phone listens on the port above, too. Otherwise each RTCP packet would cost an ICMP message.
struct Phone {
  Socket rtp, rtcp;
};

Phone open_phone() {
  for (;;) {
    Phone out;
    out.rtp = open_socket();
    CORD_ASSERT(out.rtp.descriptor >= 0);
    if (out.rtp.port < UINT16_MAX) {
      out.rtcp = open_socket(static_cast<std::uint16_t>(out.rtp.port + 1));
    }
    if (out.rtcp.descriptor >= 0) return out;
    ::close(out.rtp.descriptor);
  }
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

// ---- The load: phones that send 50 packets a second each, spread evenly over the 20 ms. -------

constexpr std::size_t packet_bytes = 172;  // 20 ms of G.711
constexpr auto turn = 1s;

struct Counts {
  std::uint64_t sent = 0, received = 0;
};

class Load {
 public:
  explicit Load(std::vector<Phone> phones)
      : phones_(std::move(phones)), epoll_(::epoll_create1(0)) {
    for (const Phone& phone : phones_) {
      watch(phone.rtp);
      watch(phone.rtcp);
    }
  }

  // Serves turns until the pipe closes: targets in, then the counts of that turn.
  void serve(int in, int out) {
    std::vector<std::uint16_t> targets(phones_.size());
    while (read_all(in, targets.data(), targets.size())) {
      counts_ = {};
      run(targets);
      receive_late();
      write_all(out, &counts_, 1);
    }
  }

 private:
  void watch(const Socket& socket) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = socket.descriptor;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket.descriptor, &event);
  }

  void run(const std::vector<std::uint16_t>& targets) {
    const auto spacing = std::chrono::nanoseconds(20ms) / phones_.size();
    auto due = Clock::now();
    const auto until = due + turn;
    std::size_t phone = 0;
    while (due < until) {
      const auto now = Clock::now();
      for (; due <= now && due < until; due += spacing, phone = (phone + 1) % phones_.size()) {
        send(phone, targets[phone], due);
      }
      receive();
      ::poll(nullptr, 0, 1);
    }
  }

  void send(std::size_t phone, std::uint16_t target, Clock::time_point due) {
    std::array<std::uint8_t, packet_bytes> bytes{};
    bytes.fill(static_cast<std::uint8_t>(phone));
    write_rtp_header({.sequence = static_cast<std::uint16_t>(sequence_ / phones_.size()),
                      .timestamp = static_cast<std::uint32_t>(due.time_since_epoch() / 125us),
                      .ssrc = static_cast<std::uint32_t>(phone + 1)},
                     std::span(bytes).first<rtp_header_bytes_min>());
    ++sequence_;
    const sockaddr_in to = loopback(target);
    if (::sendto(phones_[phone].rtp.descriptor, bytes.data(), bytes.size(), 0,
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
        // Everything else is RTCP.
        if (static_cast<std::size_t>(n) == packet_bytes) ++counts_.received;
      }
    }
  }

  void receive_late() {
    for (const auto until = Clock::now() + 50ms; Clock::now() < until;) {
      receive();
      ::poll(nullptr, 0, 1);
    }
  }

  std::vector<Phone> phones_;
  int epoll_;
  std::uint64_t sequence_ = 0;
  Counts counts_;
};

// ---- The floor. -------------------------------------------------------------------------------

class Forwarder {
 public:
  Forwarder(const std::vector<Phone>& phones, Duration tick)
      : tick_(tick), epoll_(::epoll_create1(0)) {
    for (std::size_t i = 0; i < phones.size(); ++i) {
      sockets_.push_back(open_watched(2 * i));
      rtcp_sockets_.push_back(open_watched(2 * i + 1));
      far_ends_.push_back(loopback(phones[i].rtp.port));
    }
    thread_ = std::thread([this] { run(); });
    ::pthread_setname_np(thread_.native_handle(), "floor");
  }
  ~Forwarder() {
    stopping_ = true;
    thread_.join();
    for (const Socket& it : sockets_) ::close(it.descriptor);
    for (const Socket& it : rtcp_sockets_) ::close(it.descriptor);
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

  [[nodiscard]] Socket open_watched(std::uint64_t key) const {
    const Socket out = open_socket();
    const int expedited_forwarding = 0xb8;
    ::setsockopt(out.descriptor, IPPROTO_IP, IP_TOS, &expedited_forwarding,
                 sizeof(expedited_forwarding));
    epoll_event event{};
    event.events = EPOLLIN | EPOLLET;
    event.data.u64 = key;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, out.descriptor, &event);
    return out;
  }

  // As the media thread waits: a tick while packets flow, else until one comes.
  void run() {
    std::vector<epoll_event> events(512);
    const timespec tick{.tv_sec = 0, .tv_nsec = tick_.count() * 1'000};
    bool busy = false;
    while (!stopping_) {
      const bool sleeps = busy && tick_ > Duration::zero();
      if (sleeps) ::ppoll(nullptr, 0, &tick, nullptr);
      const int count =
          ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), sleeps ? 0 : 100);
      busy = count > 0;
      for (int i = 0; i < count; ++i) forward(events[static_cast<std::size_t>(i)].data.u64);
    }
  }

  void forward(std::uint64_t key) {
    const std::size_t from = key / 2;
    const int source = key % 2 == 0 ? sockets_[from].descriptor : rtcp_sockets_[from].descriptor;
    for (;;) {
      for (std::size_t i = 0; i < batch; ++i) {
        vectors_[i] = {bytes_[i].data(), bytes_[i].size()};
        messages_[i] = {};
        messages_[i].msg_hdr.msg_name = &sources_[i];
        messages_[i].msg_hdr.msg_namelen = sizeof(sockaddr_in);
        messages_[i].msg_hdr.msg_iov = &vectors_[i];
        messages_[i].msg_hdr.msg_iovlen = 1;
      }
      const int received = ::recvmmsg(source, messages_.data(), batch, MSG_DONTWAIT, nullptr);
      if (received <= 0) return;
      if (key % 2 == 0) send(from ^ 1, static_cast<std::size_t>(received));
      if (static_cast<std::size_t>(received) < batch) return;
    }
  }

  void send(std::size_t to, std::size_t count) {
    if (count == 1) {
      ::sendto(sockets_[to].descriptor, bytes_[0].data(), messages_[0].msg_len, MSG_DONTWAIT,
               reinterpret_cast<const sockaddr*>(&far_ends_[to]), sizeof(sockaddr_in));
      return;
    }
    for (std::size_t i = 0; i < count; ++i) {
      vectors_[i].iov_len = messages_[i].msg_len;
      messages_[i].msg_hdr.msg_name = &far_ends_[to];
    }
    ::sendmmsg(sockets_[to].descriptor, messages_.data(), static_cast<unsigned>(count),
               MSG_DONTWAIT);
  }

  Duration tick_;
  int epoll_;
  std::vector<Socket> sockets_, rtcp_sockets_;
  std::vector<sockaddr_in> far_ends_;
  std::array<std::array<std::uint8_t, 1500>, batch> bytes_{};
  std::array<sockaddr_in, batch> sources_{};
  std::array<iovec, batch> vectors_{};
  std::array<mmsghdr, batch> messages_{};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

// ---- The media plane with all calls bridged and recorded. -------------------------------------

class Plane {
 public:
  Plane(const std::vector<Phone>& phones, Duration tick, const std::string& directory)
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
    for (std::size_t i = 0; i < phones.size(); ++i) open(i, phones[i].rtp.port);
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

// ---- Measuring. -------------------------------------------------------------------------------

// What the threads of this process that have one of `names` have used since it started.
struct Usage {
  double cpu_us = 0, wakeups = 0;

  static Usage of(const std::vector<std::string>& names) {
    Usage out;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
      std::string name;
      std::ifstream(task.path() / "comm") >> name;
      if (std::find(names.begin(), names.end(), name) == names.end()) continue;
      // The time on a CPU in nanoseconds, the time spent waiting for one, and how often it got one.
      double ran_ns = 0, waited_ns = 0, turns = 0;
      std::ifstream(task.path() / "schedstat") >> ran_ns >> waited_ns >> turns;
      out.cpu_us += ran_ns / 1e3;
      out.wakeups += turns;
    }
    return out;
  }
};

struct Measured {
  double seconds = 0, sent = 0, received = 0;
  double cpu_us = 0, writer_us = 0, wakeups = 0;

  [[nodiscard]] double us_per_packet() const { return (cpu_us + writer_us) / received; }
  [[nodiscard]] double loss_percent() const { return 100 * (sent - received) / sent; }
};

struct Generator {
  int in = -1, out = -1;  // to it, from it

  // One turn against `ports`, served by the thread of that name.
  void measure(const std::vector<std::uint16_t>& ports, const std::string& thread,
               Measured& sum) const {
    const Usage before = Usage::of({thread}), writer_before = Usage::of({"cord-recorder"});
    write_all(in, ports.data(), ports.size());
    Counts counts;
    CORD_ASSERT(read_all(out, &counts, 1) && counts.sent > 0 && counts.received > 0);
    const Usage after = Usage::of({thread}), writer_after = Usage::of({"cord-recorder"});
    sum.seconds += std::chrono::duration<double>(turn).count();
    sum.sent += static_cast<double>(counts.sent);
    sum.received += static_cast<double>(counts.received);
    sum.cpu_us += after.cpu_us - before.cpu_us;
    sum.wakeups += after.wakeups - before.wakeups;
    if (thread == "cord-media") sum.writer_us += writer_after.cpu_us - writer_before.cpu_us;
  }
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
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

struct Run {
  Measured floor, plane;
  [[nodiscard]] double ratio() const { return plane.us_per_packet() / floor.us_per_packet(); }
};

void print(int number, const Run& run) {
  std::printf(
      "{\"run\": %d, \"floor_us\": %.3f, \"plane_us\": %.3f, \"ratio\": %.3f, "
      "\"of_it_writer_us\": %.3f, \"floor_wakeups_per_s\": %.0f, "
      "\"plane_wakeups_per_s\": %.0f, \"plane_loss_percent\": %.4f}\n",
      number, run.floor.us_per_packet(), run.plane.us_per_packet(), run.ratio(),
      run.plane.writer_us / run.plane.received, run.floor.wakeups / run.floor.seconds,
      run.plane.wakeups / run.plane.seconds, run.plane.loss_percent());
  std::fflush(stdout);
}

void summarize(const Options& options, const std::vector<Run>& runs) {
  const auto median_of = [&](auto value) {
    std::vector<double> values;
    for (const Run& run : runs) values.push_back(value(run));
    return median(std::move(values));
  };
  double floor_loss = 0, plane_loss = 0;
  for (const Run& run : runs) {
    floor_loss = std::max(floor_loss, run.floor.loss_percent());
    plane_loss = std::max(plane_loss, run.plane.loss_percent());
  }
  const double plane_us = median_of([](const Run& it) { return it.plane.us_per_packet(); });
  std::printf(
      "{\"bench\": \"media\", \"calls\": %zu, \"seconds\": %d, \"runs\": %d, "
      "\"tick_us\": %lld, \"floor_us_per_packet\": %.3f, \"plane_us_per_packet\": %.3f, "
      "\"ratio\": %.3f, \"core_percent_per_call\": %.4f, \"floor_loss_percent_max\": %.4f, "
      "\"plane_loss_percent_max\": %.4f}\n",
      options.calls, options.seconds, options.runs, static_cast<long long>(options.tick.count()),
      median_of([](const Run& it) { return it.floor.us_per_packet(); }), plane_us,
      median_of([](const Run& it) { return it.ratio(); }), plane_us * 100 / 1e4, floor_loss,
      plane_loss);
}

void measure(const Options& options, const Generator& generator, const std::vector<Phone>& phones) {
  const test::TemporaryDirectory directory;
  const Forwarder floor(phones, options.tick);
  const Plane plane(phones, options.tick, (directory / "recordings").string());
  Measured warm_up;
  generator.measure(floor.ports(), "floor", warm_up);
  generator.measure(plane.ports(), "cord-media", warm_up);
  std::vector<Run> runs(static_cast<std::size_t>(options.runs));
  for (std::size_t i = 0; i < runs.size(); ++i) {
    for (int second = 0; second < options.seconds; ++second) {
      generator.measure(floor.ports(), "floor", runs[i].floor);
      generator.measure(plane.ports(), "cord-media", runs[i].plane);
    }
    print(static_cast<int>(i), runs[i]);
  }
  summarize(options, runs);
}

int run(const Options& options) {
  std::vector<Phone> phones;
  for (std::size_t i = 0; i < 2 * options.calls; ++i) phones.push_back(open_phone());
  int to_child[2], from_child[2];
  CORD_ASSERT(::pipe(to_child) == 0 && ::pipe(from_child) == 0);
  const pid_t child = ::fork();
  CORD_ASSERT(child >= 0);
  if (child == 0) {
    ::close(to_child[1]);
    ::close(from_child[0]);
    Load(phones).serve(to_child[0], from_child[1]);
    ::_exit(0);
  }
  ::close(to_child[0]);
  ::close(from_child[1]);
  // The child's are open there; here they would only fill up.
  for (const Phone& it : phones) {
    ::close(it.rtp.descriptor);
    ::close(it.rtcp.descriptor);
  }
  measure(options, {to_child[1], from_child[0]}, phones);
  ::close(to_child[1]);
  ::waitpid(child, nullptr, 0);
  return 0;
}

}  // namespace
}  // namespace cord::media

int main(int count, char** arguments) {
  return cord::media::run(cord::media::parse(count, arguments));
}
