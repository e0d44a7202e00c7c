// What is done to media, and what the plane says: media/orders.hpp.
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "drivers/sip/sip_driver_impl.hpp"
#include "media/quality.hpp"

namespace cord::drivers {
namespace {

using FailedOrder = core::LegOrderFailed::Order;
using Kind = AwaitedReply::Kind;

constexpr std::uint32_t close_tries_max = 3;
constexpr const char* silent = "the media plane did not answer";

media::ControlRecorder::Action action_of(Kind kind) {
  if (kind == Kind::pause) return media::ControlRecorder::Action::pause;
  if (kind == Kind::resume) return media::ControlRecorder::Action::resume;
  return media::ControlRecorder::Action::stop;
}

/// One direction of a stream, and how it must have sounded.
struct Direction {
  media::Journey journey;
  double score = 0;
};

Direction scored(const media::Journey& journey) {
  return {journey, media::opinion_score(journey)};
}

// What we heard of the far end; none: nothing.
std::optional<Direction> heard_here(const media::StreamStatistics& it) {
  if (it.packets_received == 0) return std::nullopt;
  return scored({it.packets_received, it.packets_lost, it.jitter_us, it.round_trip_us});
}

// What the far end heard of us; none: it has not reported.
std::optional<Direction> heard_there(const media::StreamStatistics& it) {
  if (it.round_trip_us == 0) return std::nullopt;
  const std::uint64_t lost = std::min<std::uint64_t>(it.far_packets_lost, it.packets_sent);
  return scored({it.packets_sent - lost, lost, it.far_jitter_us, it.round_trip_us});
}

core::SoundPath path_of(const Direction& it) {
  return {it.journey.packets_received, it.journey.packets_lost, it.journey.jitter_us,
          static_cast<std::uint16_t>(std::lround(it.score * 100))};
}

// None: nothing came, so that there is nothing to say.
std::optional<core::LegQuality> quality_of(const std::optional<Direction>& here,
                                           const std::optional<Direction>& there) {
  if (!here) return std::nullopt;
  core::LegQuality quality{.received = path_of(*here),
                           .round_trip_us = here->journey.round_trip_us};
  if (there) quality.sent = path_of(*there);
  return quality;
}

std::string score_text(const std::optional<Direction>& it) {
  return it ? fmt::format("{:.2f}", it->score) : "unknown";
}

}  // namespace

void SipDriver::Impl::on_media(const media::Report& report, Instant now) {
  std::visit([&](const auto& it) { take(it, now); }, report);
  settle(now);
}

void SipDriver::Impl::open_stream(Leg& leg, Instant now) {
  leg.stream = {++last_stream_};
  leg.stream_phase = StreamPhase::opening;
  by_stream_[leg.stream] = leg.id;
  const AwaitedReply reply{.kind = Kind::open, .id = leg.id.value};
  if (desk_.ask(media::OpenStream{0, leg.stream}, reply, now)) return;
  leg.stream_phase = StreamPhase::none;
  hang_up(leg, core::Cause::failed, overloaded, now);
}

void SipDriver::Impl::take(const media::StreamOpened& it, Instant now) {
  const auto reply = desk_.take(it.token);
  Leg* leg = reply ? find({reply->id}) : nullptr;
  if (leg == nullptr || leg->phase == LegPhase::closing) return;
  leg->stream_phase = StreamPhase::open;
  leg->local.address = {it.local.address, it.local.port};
  leg->local.ssrc = it.ssrc;
  leg->local.cname = ids_.tag();
  give_keys(*leg);
  if (leg->is_inbound) {
    serve_caller(*leg, now);
  } else if (leg->browser) {
    answer_offer(*leg, now);
  } else {
    place_call(*leg, now);
  }
}

void SipDriver::Impl::take(const media::StreamFailed& it, Instant now) {
  const auto reply = desk_.take(it.token);
  if (reply && reply->kind == Kind::operation) return fail_operation({reply->id}, it.reason);
  Leg* leg = reply ? find({reply->id}) : nullptr;
  if (leg == nullptr || leg->phase == LegPhase::closing)
    return;  // The answer to our CloseStream is still to come.
  leg->stream_phase = StreamPhase::none;
  hang_up(*leg, core::Cause::failed, "no media: " + it.reason, now);
}

void SipDriver::Impl::close_stream(Leg& leg, std::uint32_t tries, Instant now) {
  desk_.ask_surely(media::CloseStream{0, leg.stream},
                   {.kind = Kind::close, .id = leg.id.value, .tries = tries}, now);
}

void SipDriver::Impl::take(const media::StreamClosed& it, Instant) {
  const auto reply = desk_.take(it.token);
  if (!reply) return;
  const media::StreamStatistics& heard = it.statistics;
  const std::optional<Direction> here = heard_here(heard), there = heard_there(heard);
  if (here) metrics_.count_quality(media::quality_of(here->score));
  if (there) metrics_.count_quality(media::quality_of(there->score));
  outside_.log.info("stream.closed", {{"leg", core::LegId{reply->id}},
                                      {"packets_received", heard.packets_received},
                                      {"packets_sent", heard.packets_sent},
                                      {"packets_lost", heard.packets_lost},
                                      {"jitter_us", heard.jitter_us},
                                      {"strangers_dropped", heard.strangers_dropped},
                                      {"far_packets_lost", heard.far_packets_lost},
                                      {"far_jitter_us", heard.far_jitter_us},
                                      {"round_trip_us", heard.round_trip_us},
                                      {"mos", score_text(here)},
                                      {"far_mos", score_text(there)}});
  if (Leg* leg = find({reply->id})) report_released(*leg, quality_of(here, there));
}

void SipDriver::Impl::take(const media::StreamTimedOut& it, Instant now) {
  Leg* leg = find_by_stream(it.stream);
  if (leg == nullptr || leg->phase != LegPhase::up) return;
  if (leg->browser) return browser_is_lost(*leg, "nothing comes from it");
  metrics_.legs_without_rtp.add();
  hang_up(*leg, core::Cause::failed, "no RTP from the far end", now);
}

void SipDriver::Impl::take(const media::DtmfReceived&, Instant) {}

void SipDriver::Impl::take(const media::Done& it, Instant) {
  const auto reply = desk_.take(it.token);
  if (!reply) return;
  if (reply->kind == Kind::operation) return advance_operation({reply->id});
  recorder_answered(*reply);
}

void SipDriver::Impl::expire(const AwaitedReply& reply, Instant now) {
  metrics_.media_silences.add();
  switch (reply.kind) {
    case Kind::open:
      if (Leg* leg = find({reply.id})) hang_up(*leg, core::Cause::failed, silent, now);
      return;
    case Kind::close: {
      Leg* leg = find({reply.id});
      if (leg == nullptr) return;
      if (reply.tries < close_tries_max) return close_stream(*leg, reply.tries + 1, now);
      outside_.log.error("stream.close_unanswered", {{"leg", leg->id}});
      return report_released(*leg);
    }
    case Kind::operation:
      return fail_operation({reply.id}, silent);
    default:
      report(core::RecordingFailed{{reply.id}, silent});
  }
}

// Tells the plane what was negotiated. The far end need not send while it holds us, nor before it
// has been answered.
void SipDriver::Impl::configure(Leg& leg, Instant now) {
  if (!leg.media) return;
  const sip::Negotiated& agreed = *leg.media;
  if (!protect(leg)) return hang_up(leg, core::Cause::failed, overloaded, now);
  const bool expects_rtp = leg.phase == LegPhase::up && agreed.may_send && agreed.may_receive;
  const bool expects_browser = leg.phase == LegPhase::up && leg.browser;
  const Duration patience = expects_rtp ? config_.rtp_timeout : Duration{};
  const media::ConfigureStream order{
      .token = 0,
      .stream = leg.stream,
      .remote = {agreed.remote.address, agreed.remote.port},
      .codec = static_cast<media::Codec>(agreed.codec),
      .opus_payload_type = agreed.opus_payload_type,
      .takes_g722 = agreed.has_g722,
      .dtmf_payload_type = agreed.dtmf_payload_type,
      .dtmf_clock_khz = agreed.dtmf_clock_khz,
      .passes_noise = agreed.has_noise,
      .may_send = agreed.may_send,
      .may_receive = agreed.may_receive,
      .timeout = expects_browser ? config_.browser_silence : patience,
      .hears_checks = leg.browser.has_value()};
  if (!desk_.tell(order)) hang_up(leg, core::Cause::failed, overloaded, now);
}

void SipDriver::Impl::set_source(Leg& leg, media::Source source, Instant now) {
  if (leg.stream_phase != StreamPhase::open) return;
  if (desk_.tell(media::SetSource{0, leg.stream, source, {}, {}, leg.program})) return;
  hang_up(leg, core::Cause::failed, overloaded, now);
}

OperationId SipDriver::Impl::add_operation(FailedOrder order, core::LegId customer,
                                           core::LegId agent, core::CallId mix) {
  const OperationId id{++last_operation_};
  operations_[id] = {.order = order, .customer = customer, .agent = agent, .mix = mix};
  return id;
}

template <class Order>
void SipDriver::Impl::ask_for(OperationId id, Order order, Instant now, Duration takes) {
  const auto found = operations_.find(id);
  if (found == operations_.end()) return;
  ++found->second.awaited;
  const AwaitedReply reply{.kind = Kind::operation, .id = id.value, .takes = takes};
  if (!desk_.ask(std::move(order), reply, now)) fail_operation(id, overloaded);
}
template void SipDriver::Impl::ask_for(OperationId, media::SetSource, Instant, Duration);
template void SipDriver::Impl::ask_for(OperationId, media::SendTones, Instant, Duration);

void SipDriver::Impl::mute(core::LegId leg_id, bool muted, Instant now) {
  const FailedOrder order = muted ? FailedOrder::mute : FailedOrder::unmute;
  const Leg* leg = find_up(leg_id);
  if (leg == nullptr) return fail_order(order, leg_id, "the phone is not there");
  ask_for(add_operation(order, {}, leg_id), media::SetMuted{0, leg->stream, muted}, now);
}

void SipDriver::Impl::advance_operation(OperationId id) {
  const auto found = operations_.find(id);
  if (found == operations_.end() || --found->second.awaited > 0) return;
  const Operation done = found->second;
  operations_.erase(found);
  switch (done.order) {
    case FailedOrder::bridge:
      return report(core::LegsBridged{done.customer, done.agent});
    case FailedOrder::hold:
      return report(core::LegHeld{done.agent, done.customer, done.mix});
    case FailedOrder::retrieve:
      return report(core::LegRetrieved{done.agent, done.customer, done.mix});
    case FailedOrder::mute:
      return report(core::LegMuted{done.agent});
    case FailedOrder::unmute:
      return report(core::LegUnmuted{done.agent});
    case FailedOrder::tones:
      return report(core::TonesSent{done.agent});
    case FailedOrder::mix:
      return report(core::LegsMixed{done.agent});
    case FailedOrder::monitor:
      return report(core::LegMonitored{done.agent, done.customer, done.mode});
  }
}

void SipDriver::Impl::fail_operation(OperationId id, std::string detail) {
  const auto found = operations_.find(id);
  if (found == operations_.end()) return;
  const Operation failed = found->second;
  operations_.erase(found);
  undo(failed);
  report_failed(failed, std::move(detail));
}

void SipDriver::Impl::report_failed(const Operation& operation, std::string detail) {
  fail_order(operation.order, operation.agent, std::move(detail));
}

void SipDriver::Impl::fail_order(FailedOrder order, core::LegId leg, std::string detail) {
  report(core::LegOrderFailed{leg, order, std::move(detail)});
}

void SipDriver::Impl::control_recorder(core::RecordingId recording, Kind kind,
                                       const std::string& by, Instant now) {
  const media::ControlRecorder order{0, {recording.value}, action_of(kind), by};
  const AwaitedReply reply{.kind = kind, .id = recording.value};
  if (!desk_.ask(order, reply, now)) report(core::RecordingFailed{recording, overloaded});
}

void SipDriver::Impl::recorder_answered(const AwaitedReply& reply) {
  const core::RecordingId recording{reply.id};
  if (reply.kind == Kind::pause) report(core::RecordingPaused{recording});
  if (reply.kind == Kind::resume) report(core::RecordingResumed{recording});
  if (reply.kind == Kind::stop) report(core::RecordingStopped{recording});
}

void SipDriver::Impl::take(const media::RecorderStarted& it, Instant) {
  if (desk_.take(it.token)) report(core::RecordingStarted{{it.recorder.value}, it.file});
}

void SipDriver::Impl::take(const media::RecorderFailed& it, Instant) {
  // Token 0: the disk failed under a running recording.
  if (it.token != 0 && !desk_.take(it.token)) return;
  conference_recordings_.erase({it.recorder.value});
  report(core::RecordingFailed{{it.recorder.value}, it.reason});
}

}  // namespace cord::drivers
