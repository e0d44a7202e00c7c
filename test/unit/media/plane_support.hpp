// A network and a recording sink in memory, and a plane between them.
#pragma once

#include <deque>
#include <map>
#include <utility>
#include <variant>
#include <vector>

#include "media/plane.hpp"
#include "support.hpp"

namespace cord::media::test {

class FakeNetwork final : public Network {
 public:
  struct Datagram {
    Slot slot;
    Channel channel;
    Endpoint to;
    std::vector<std::uint8_t> bytes;
  };

  Result<Endpoint> open(Slot slot) override {
    if (fails) return refuse(Errc::full, "test.ports", "no port");
    ++open_count;
    return Endpoint{0x7f000001, static_cast<std::uint16_t>(20'000 + 2 * slot)};
  }
  void close(Slot) override { --open_count; }
  void send(Slot slot, Channel channel, Endpoint to, std::span<const std::uint8_t> bytes) override {
    sent.push_back({slot, channel, to, {bytes.begin(), bytes.end()}});
  }

  /// The RTP packets since the last call; RTCP is dropped.
  std::vector<Datagram> take_rtp() {
    std::erase_if(sent, [](const Datagram& it) { return it.channel == Channel::rtcp; });
    return std::exchange(sent, {});
  }

  bool fails = false;
  int open_count = 0;
  std::vector<Datagram> sent;
};

/// Keeps jobs, and answers them as a disk that never fails when `answer` is called.
class FakeSink final : public RecordingSink {
 public:
  bool submit(RecordingJob&& job) override {
    if (is_full && std::holds_alternative<AppendRecording>(job)) return false;
    jobs.push_back(std::move(job));
    return true;
  }

  template <class T>
  std::vector<const T*> all() const {
    std::vector<const T*> out;
    for (const auto& job : jobs) {
      if (const auto* it = std::get_if<T>(&job)) out.push_back(it);
    }
    return out;
  }

  Wav wav() const {
    Wav out;
    for (const auto* job : all<AppendRecording>()) {
      const Wav block = decoded(job->audio, job->frames);
      out.left.insert(out.left.end(), block.left.begin(), block.left.end());
      out.right.insert(out.right.end(), block.right.begin(), block.right.end());
    }
    return out;
  }

  bool is_full = false;
  std::vector<RecordingJob> jobs;
};

struct PlaneFixture {
  static constexpr StreamId customer{1}, agent{2};
  static constexpr Endpoint customer_phone{0x0a000001, 4000}, agent_phone{0x0a000002, 4000};

  Metrics metrics;
  FakeNetwork network;
  FakeSink sink;
  std::vector<Report> reports;
  Plane plane;
  Token token = 100;

  explicit PlaneFixture(Plane::Config config = {})
      : plane(config, network, sink, metrics,
              [this](Report&& report) { reports.push_back(std::move(report)); }) {}

  template <class T>
  std::vector<T> all() const {
    std::vector<T> out;
    for (const auto& report : reports) {
      if (const auto* it = std::get_if<T>(&report)) out.push_back(*it);
    }
    return out;
  }

  /// Opened first: slot 0 is the customer's, slot 1 the agent's.
  void open_both(Instant now, Codec agent_codec = Codec::pcmu) {
    plane.execute(OpenStream{1, customer}, now);
    plane.execute(OpenStream{2, agent}, now);
    plane.execute(ConfigureStream{.token = 3,
                                  .stream = customer,
                                  .remote = customer_phone,
                                  .codec = Codec::pcmu,
                                  .dtmf_payload_type = 101},
                  now);
    plane.execute(ConfigureStream{.token = 4,
                                  .stream = agent,
                                  .remote = agent_phone,
                                  .codec = agent_codec,
                                  .dtmf_payload_type = 101},
                  now);
  }
  void bridge(Instant now) {
    plane.execute(SetSource{5, customer, Source::peer, agent}, now);
    plane.execute(SetSource{6, agent, Source::peer, customer}, now);
  }
  void receive(Slot slot, std::uint32_t number, Instant now, std::uint8_t octet = 0x80) {
    const Endpoint from = slot == 0 ? customer_phone : agent_phone;
    plane.receive_rtp(slot, from,
                      packet({.sequence = static_cast<std::uint16_t>(number),
                              .timestamp = number * 160,
                              .ssrc = slot + 1},
                             octets(octet)),
                      now);
  }
  /// Both phones talk, a packet each per 20 ms, the first at `from` + 20 ms, until `to`.
  void talk(Duration from, Duration to) {
    for (Duration t = from + 20ms; t <= to; t += 20ms) {
      plane.advance(at(t));
      ++number_;
      receive(0, number_, at(t));
      receive(1, number_, at(t));
    }
  }
  [[nodiscard]] double metric(std::string_view name, std::string_view kind = {}) const {
    for (const auto& it : metrics.collect()) {
      if (it.name == name && it.label == kind) return it.value;
    }
    ADD_FAILURE() << "no metric " << name;
    return -1;
  }

 private:
  std::uint32_t number_ = 1000;
};

}  // namespace cord::media::test
