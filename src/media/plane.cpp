#include "media/plane.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "media/prefetch.hpp"
#include "media/rtcp.hpp"

namespace cord::media {
namespace {

constexpr std::array<std::string_view, drop_kinds> drop_names{
    "", "not_receiving", "malformed", "stranger", "payload_type", "jumped"};

}  // namespace

Plane::Plane(Config config, Network& network, RecordingSink& sink, Metrics& metrics,
             ReportSink report)
    : config_(config),
      network_(network),
      report_(report),
      random_(config.seed),
      generated_(config.music, config.programs),
      mixer_(
          config.mixer, config.streams_max, metrics,
          [this](Slot ear, std::span<const std::int16_t, frame_samples> sound, Instant due) {
            send_rtp(ear, entry(ear).stream.send_mixed(sound, due, out_), due);
          },
          [this](Slot voice, const Media& media, Instant at) {
            recorders_.audio(voice, media, at);
          }),
      recorders_(
          config.recorders, config.streams_max,
          {.sink = sink,
           .metrics = metrics,
           .report = std::move(report),
           .is_bridged = [this](Slot left,
                                Slot right) { return hears(left, right) && hears(right, left); }}),
      entries_(config.streams_max),
      streams_gauge_(metrics.gauge("cord_media_streams", "Open RTP streams")),
      streams_used_(metrics.bound("media.streams_max", config.streams_max)),
      transcoded_(metrics.gauge("cord_media_transcoded_streams",
                                "Streams whose peer is decoded and encoded for them")),
      refused_(metrics.counter("cord_media_streams_refused_total",
                               "Streams that could not be opened: no slot, or no pair of ports")),
      rtp_received_(metrics.counter("cord_media_rtp_packets_total", "RTP packets", "received")),
      rtp_sent_(metrics.counter("cord_media_rtp_packets_total", "RTP packets", "sent")),
      rtcp_dropped_(metrics.counter("cord_media_rtcp_dropped_packets_total",
                                    "RTCP packets that were malformed or from a stranger")),
      timeouts_(
          metrics.counter("cord_media_stream_timeouts_total", "Streams whose far end fell silent")),
      handshakes_(config.handshakes_max),
      handshakes_used_(metrics.bound("media.handshakes_max", config.handshakes_max)),
      handshakes_postponed_(metrics.counter("cord_media_handshakes_postponed_total",
                                            "DTLS handshakes that found too many of this second")),
      unauthentic_(metrics.counter("cord_media_unauthentic_packets_total",
                                   "Packets to protected streams that were not authentic")),
      unprotected_(metrics.counter("cord_media_unprotected_packets_total",
                                   "Packets that were not sent because there was no key for them")),
      protection_failures_(metrics.counter("cord_media_protection_failures_total",
                                           "Streams whose far end got no keys")) {
  for (std::size_t i = config.streams_max; i > 0; --i) free_.push_back(static_cast<Slot>(i - 1));
  for (std::size_t i = 1; i < drop_kinds; ++i) {
    drops_[i] = &metrics.counter("cord_media_rtp_dropped_packets_total",
                                 "RTP packets that were received and not taken", drop_names[i]);
  }
}

std::optional<Slot> Plane::find(StreamId id) const {
  const auto it = slots_.find(id);
  if (it == slots_.end()) return std::nullopt;
  return it->second;
}

void Plane::done(Token token) {
  if (token != 0) report_(Done{token});
}

void Plane::execute(Order&& order, Instant now) {
  std::visit([&](const auto& it) { run(it, now); }, order);
}

void Plane::run(const OpenStream& order, Instant now) {
  const auto fail = [&](std::string reason) {
    refused_.add();
    if (order.token != 0) report_(StreamFailed{order.token, order.stream, std::move(reason)});
  };
  if (find(order.stream)) return fail("a stream of this id is open");
  if (free_.empty()) {
    return fail(fmt::format("more than {} streams (streams_max)", config_.streams_max));
  }
  const Slot slot = free_.back();
  const auto local = network_.open(slot);
  if (!local) return fail(fmt::format("{}: {}", local.error().where, local.error().detail));
  free_.pop_back();
  // The time goes into the seed too: a restarted server must not repeat its SSRCs.
  const auto seed = random_.next() ^ static_cast<std::uint64_t>(now.time_since_epoch().count());
  entries_[slot] =
      std::make_unique<Entry>(Entry{.stream = Stream(seed, generated_), .id = order.stream});
  slots_[order.stream] = slot;
  streams_gauge_.add(1);
  streams_used_.add(1);
  if (order.token != 0) {
    report_(StreamOpened{order.token, order.stream, *local, entry(slot).stream.ssrc()});
  }
}

void Plane::run(const ConfigureStream& order, Instant now) {
  if (const auto slot = find(order.stream)) {
    Entry& it = entry(*slot);
    const bool is_first = !it.stream.configured();
    const Instant silent_since = it.stream.last_received();
    it.stream.configure(order, now);
    if (it.stream.last_received() != silent_since) {
      it.timed_out = false;
      arm_timeout(*slot);
    }
    if (is_first) arm(*slot, Work::rtcp, now + rtcp_interval(random_.next(), true));
    arm_frames(*slot);
    report_keys(*slot);
  }
  done(order.token);
}

void Plane::set_peer(Slot slot, std::optional<Slot> peer) {
  Entry& it = entry(slot);
  if (it.peer == peer) return;
  if (it.peer) remove_listener(*it.peer, slot);
  if (std::exchange(it.is_transcoded, false)) transcoded_.add(-1);
  it.peer = peer;
  if (peer) it.next_listener = std::exchange(entry(*peer).first_listener, slot);
  it.stream.change_peer();
}

void Plane::remove_listener(Slot from, Slot listener) {
  std::optional<Slot>* link = &entry(from).first_listener;
  while (*link != listener) link = &entry(**link).next_listener;
  *link = std::exchange(entry(listener).next_listener, std::nullopt);
}

std::vector<Slot> Plane::mixed_slots(const SetSource& order, Slot ear) const {
  std::vector<Slot> slots;
  if (order.source != Source::mix) return slots;
  for (const StreamId id : order.mixed) {
    const auto slot = find(id);
    const bool is_new = slot && std::find(slots.begin(), slots.end(), *slot) == slots.end();
    if (is_new && *slot != ear) slots.push_back(*slot);
  }
  return slots;
}

void Plane::run(const SetSource& order, Instant now) {
  if (const auto slot = find(order.stream)) {
    Entry& it = entry(*slot);
    const auto peer = order.source == Source::peer ? find(order.peer) : std::nullopt;
    // Who hears the same one goes on as it was.
    if (it.is_transcoded && peer && it.peer == peer) return done(order.token);
    mixer_.set_ear(*slot, mixed_slots(order, *slot), now);
    set_peer(*slot, peer);
    it.stream.set_source(order.source, now, order.program);
    arm_frames(*slot);
    recorders_.update_bridges(*slot);
  }
  done(order.token);
}

// A peer that cannot be relayed as it is becomes a mix of one, and is relayed again when it can be.
void Plane::pass_on(Slot ear, const Media& media, Instant now) {
  Entry& it = entry(ear);
  const bool is_audio = !media.is_event && !media.is_noise;
  if (is_audio && it.stream.can_relay(media) == it.is_transcoded) {
    transcode(ear, !it.is_transcoded, now);
  }
  send_rtp(ear, it.stream.relay(media, now, out_), now);
}

void Plane::transcode(Slot ear, bool transcoded, Instant now) {
  Entry& it = entry(ear);
  it.is_transcoded = transcoded;
  transcoded_.add(transcoded ? 1 : -1);
  mixer_.set_ear(ear, transcoded ? std::vector{*it.peer} : std::vector<Slot>{}, now);
  it.stream.set_source(transcoded ? Source::mix : Source::peer, now);
}

// G.711 goes to the recordings as it comes. What has to be decoded by somebody who knows what was
// before, and what is full of pauses, comes from a jitter buffer.
void Plane::record(Slot slot, const Media& media, Instant now) {
  const bool is_plain = !has_memory(media.codec) && !media.is_noise;
  if (is_plain && !mixer_.is_tapped(slot)) return recorders_.audio(slot, media, now);
  mixer_.set_tapped(slot, recorders_.takes(slot), now);
}

void Plane::run(const SetMuted& order, Instant) {
  if (const auto slot = find(order.stream)) {
    entry(*slot).stream.set_muted(order.muted);
    mixer_.set_muted(*slot, order.muted);
  }
  done(order.token);
}

void Plane::run(const SendTones& order, Instant now) {
  const auto slot = find(order.stream);
  if (slot && entry(*slot).stream.send_keys(order, now)) return arm_frames(*slot);
  if (order.token != 0) {
    report_(StreamFailed{order.token, order.stream, "the far end cannot be sent keys now"});
  }
}

void Plane::report_keys(Slot slot) {
  const auto ended = entry(slot).stream.take_keys_ended();
  if (!ended || ended->token == 0) return;
  if (ended->all_sent) return report_(Done{ended->token});
  report_(StreamFailed{ended->token, entry(slot).id, "the far end takes no audio any more"});
}

void Plane::run(const CloseStream& order, Instant now) {
  StreamStatistics statistics;
  if (const auto slot = find(order.stream)) {
    statistics = entry(*slot).stream.statistics();
    close(*slot, now);
  }
  if (order.token != 0) report_(StreamClosed{order.token, order.stream, statistics});
}

void Plane::close(Slot slot, Instant now) {
  Entry& it = entry(slot);
  if (it.stream.has_spoken()) send_rtcp(slot, now, true);
  it.stream.drop_keys(now);
  report_keys(slot);
  mixer_.forget(slot);
  recorders_.forget(slot);
  set_peer(slot, std::nullopt);
  while (it.first_listener) set_peer(*it.first_listener, std::nullopt);
  for (TimerHandle& timer : it.timers) timers_.cancel(timer);
  network_.close(slot);
  slots_.erase(it.id);
  entries_[slot].reset();
  free_.push_back(slot);
  streams_gauge_.add(-1);
  streams_used_.add(-1);
}

template <class Recording>
RecorderSet::Cast Plane::cast_of(const Recording& order) const {
  RecorderSet::Cast cast{.left = {}, .right = find(order.right), .names = {}};
  for (const RecordedParty& it : order.conference) {
    cast.names.push_back(it.name);
    if (const auto slot = find(it.stream)) cast.left.push_back(*slot);
  }
  const auto left = order.conference.empty() ? find(order.left) : std::nullopt;
  if (left) cast.left.push_back(*left);
  return cast;
}

void Plane::run(const StartRecorder& order, Instant now) {
  RecorderSet::Cast cast = cast_of(order);
  if (cast.left.empty() || !cast.right) {
    report_(RecorderFailed{order.token, order.recorder, "one of its streams is not open"});
    return;
  }
  recorders_.start(order, std::move(cast), now);
}

void Plane::run(const MoveRecorder& order, Instant now) {
  recorders_.move(order.recorder, cast_of(order), now);
  done(order.token);
}

void Plane::run(const ControlRecorder& order, Instant now) {
  recorders_.control(order, now);
}

void Plane::receive_rtp(Slot slot, Endpoint from, std::span<const std::uint8_t> datagram,
                        Instant now) {
  if (!entries_[slot]) return;
  Entry& it = entry(slot);
  if (it.protection) {
    const auto opened = open(slot, {Channel::rtp, from, datagram}, now);
    if (!opened) return;
    from = opened->from;
    datagram = opened->packet;
    if (opened->channel == Channel::rtcp) {
      if (!it.stream.receive_rtcp(from, datagram, now)) rtcp_dropped_.add();
      return;
    }
  }
  const Received received = it.stream.receive(from, datagram, now);
  if (received.drop != Drop::none) {
    drops_[static_cast<std::size_t>(received.drop)]->add();
    return;
  }
  rtp_received_.add();
  if (it.timed_out) end_silence(slot);
  if (received.key) report_(DtmfReceived{it.id, *received.key});
  for (auto next = it.first_listener; next; next = entry(*next).next_listener) {
    pass_on(*next, received.media, now);
  }
  if (received.media.is_event) return;
  record(slot, received.media, now);
  mixer_.put(slot, received.media, now);
}

void Plane::prefetch(Slot slot, std::size_t step) const {
  if (!entries_[slot]) return;
  recorders_.prefetch(slot, step);
  if (step == 0) prefetch_bytes(entries_[slot].get(), Entry::busy_bytes);
  const auto listener = entries_[slot]->first_listener;
  if (step == 1 && listener) prefetch_bytes(entries_[*listener].get(), Entry::busy_bytes);
}

void Plane::receive_rtcp(Slot slot, Endpoint from, std::span<const std::uint8_t> datagram,
                         Instant now) {
  if (!entries_[slot]) return;
  if (entry(slot).protection) {
    const auto opened = open(slot, {Channel::rtcp, from, datagram}, now);
    if (!opened) return;
    from = opened->from;
    datagram = opened->packet;
  }
  if (!entry(slot).stream.receive_rtcp(from, datagram, now)) rtcp_dropped_.add();
}

void Plane::send_rtp(Slot slot, std::size_t bytes, Instant now) {
  if (bytes == 0) return;
  Channel channel = Channel::rtp;
  const Endpoint to = remote_of(slot, channel, now);
  if (to.port == 0) return;
  if (!seal(slot, Channel::rtp, out_, bytes)) return;
  rtp_sent_.add();
  network_.send(slot, channel, to, std::span(out_).first(bytes));
}

void Plane::send_rtcp(Slot slot, Instant now, bool leaving) {
  Channel channel = Channel::rtcp;
  const Endpoint to = remote_of(slot, channel, now);
  if (to.port == 0) return;
  auto packet = entry(slot).stream.make_rtcp(now, leaving);
  std::size_t bytes = packet.size();
  packet.resize(bytes + srtp_growth_bytes_max);
  if (!seal(slot, Channel::rtcp, packet, bytes)) return;
  network_.send(slot, channel, to, std::span(packet).first(bytes));
}

void Plane::arm(Slot slot, Work work, Instant due) {
  TimerHandle& timer = entry(slot).timers[static_cast<std::size_t>(work)];
  timers_.cancel(timer);
  timer = timers_.start(due, Timer{slot, work});
}

void Plane::arm_frames(Slot slot) {
  const auto due = entry(slot).stream.frame_due();
  if (due) {
    arm(slot, Work::frame, *due);
  } else {
    timers_.cancel(entry(slot).timers[static_cast<std::size_t>(Work::frame)]);
  }
}

// When the far end was heard of last.
Instant Plane::last_sign(Slot slot) const {
  const Entry& it = *entries_[slot];
  const Instant received = it.stream.last_received();
  const bool has_checks = it.stream.hears_checks() && it.protection;
  return has_checks ? std::max(received, it.protection->checked_at()) : received;
}

void Plane::end_silence(Slot slot) {
  entry(slot).timed_out = false;
  arm_timeout(slot);
  report_(StreamHeard{entry(slot).id});
}

void Plane::arm_timeout(Slot slot) {
  const Stream& stream = entry(slot).stream;
  const bool is_waited_for = stream.may_receive() || stream.hears_checks();
  if (is_waited_for && stream.timeout() > Duration::zero()) {
    arm(slot, Work::timeout, last_sign(slot) + stream.timeout());
  } else {
    timers_.cancel(entry(slot).timers[static_cast<std::size_t>(Work::timeout)]);
  }
}

void Plane::advance(Instant now) {
  while (const auto timer = timers_.advance(now)) fire(*timer, now);
  mixer_.advance(now);
  recorders_.advance(now);
}

void Plane::fire(const Timer& timer, Instant now) {
  switch (timer.work) {
    case Work::frame:
      return fire_frames(timer.slot, now);
    case Work::rtcp:
      send_rtcp(timer.slot, now, false);
      return arm(timer.slot, Work::rtcp, now + rtcp_interval(random_.next(), false));
    case Work::timeout:
      return fire_timeout(timer.slot, now);
    case Work::handshake:
      return tend_protection(timer.slot, now);
  }
}

void Plane::fire_frames(Slot slot, Instant now) {
  // More than one if the thread was late.
  while (const std::size_t bytes = entry(slot).stream.generate(now, out_)) {
    send_rtp(slot, bytes, now);
  }
  arm_frames(slot);
  report_keys(slot);
}

void Plane::fire_timeout(Slot slot, Instant now) {
  Entry& it = entry(slot);
  // The timer is not moved by every packet; it looks again instead.
  if (now - last_sign(slot) < it.stream.timeout()) return arm_timeout(slot);
  it.timed_out = true;
  timeouts_.add();
  report_(StreamTimedOut{it.id});
}

std::optional<Instant> Plane::next_due() const {
  std::optional<Instant> next = timers_.next_due();
  for (const auto& due : {mixer_.next_due(), recorders_.next_due()}) {
    if (due && (!next || *due < *next)) next = due;
  }
  return next;
}

void Plane::shut_down(Instant now) {
  recorders_.stop_all("shutdown", now);
  for (Slot slot = 0; slot < entries_.size(); ++slot) {
    if (entries_[slot]) close(slot, now);
  }
}

}  // namespace cord::media
