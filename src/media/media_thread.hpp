// The media plane on its thread: orders in, reports out. See media/orders.hpp for the contract.
//
// How it waits, and why. The cost of a relayed packet is the kernel's: one receive and one send per
// packet and socket. What can be saved is the wake-up per packet. So while packets flow, the thread
// sleeps for `tick` without being woken by packets (only by orders), then takes everything that is
// ready: a call's packets share their wake-ups with all other calls'. A packet is delayed by half a
// tick on average and a tick at most. When a tick brought nothing, the thread waits for the next
// packet or timer instead, and an idle server does not tick. Numbers: test/bench/media_bench.cpp.
//
// Times of arrival, and with them jitter and recordings, are those of the wake-up: exact to a tick.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "base/metrics.hpp"
#include "base/result.hpp"
#include "media/dtls.hpp"
#include "media/file_system.hpp"
#include "media/orders.hpp"
#include "media/recorder_set.hpp"

namespace cord::media {

struct MediaConfig {
  std::uint32_t address = 0x7f00'0001;  ///< IPv4, host byte order: bound and offered
  std::uint16_t port_first = 20'000;    ///< RTP and RTCP ports, from 1024
  std::uint16_t port_last = 29'999;     ///< below 32768, out of the way of ephemeral ports
  Duration tick{5'000};                 ///< 0 to 20 ms; 0: every packet wakes the thread
  std::size_t streams_max = 4'000;      ///< two file descriptors each
  std::size_t orders_max = 10'000;      ///< waiting orders
  RecorderSet::Config recorders{};
  std::string recording_directory = "recordings";
  std::size_t recording_blocks_max = 2'048;  ///< 18 KiB each, waiting for the disk
  std::uint64_t seed = 0;                    ///< of SSRCs; from the system's generator
  std::vector<std::int16_t> music{};         ///< as Plane::Config::music
  std::vector<SharedProgram> programs{};     ///< as Plane::Config::programs
  /// Refuses with invalid_request, naming the first bad field.
  [[nodiscard]] Result<void> validate() const;
};

/// What the plane gets from its owner. All must outlive it.
struct MediaSurroundings {
  Metrics& metrics;
  std::function<Instant()> clock;     ///< called on the media thread, once per wake-up
  ReportSink report;                  ///< called on the media thread; queues, never blocks
  std::unique_ptr<FileSystem> files;  ///< for recordings: make_file_system()
  std::shared_ptr<const DtlsIdentity> identity{};  ///< our certificate; none: no DTLS
};

class MediaThread {
 public:
  /// Checks the configuration and the recording directory and starts the threads.
  /// Errors: invalid_request, io_failed.
  [[nodiscard]] static Result<std::unique_ptr<MediaThread>> start(MediaConfig config,
                                                                  MediaSurroundings surroundings);
  /// As stop().
  ~MediaThread();
  MediaThread(const MediaThread&) = delete;
  MediaThread& operator=(const MediaThread&) = delete;

  /// Any thread. False, and `order` untouched, when orders_max orders wait.
  [[nodiscard]] bool order(Order&& order);

  /// Carries out the orders given so far, completes all recordings, says BYE on all streams and
  /// ends the threads. Reports come until it returns, and none after.
  void stop();

 private:
  struct State;
  explicit MediaThread(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace cord::media
