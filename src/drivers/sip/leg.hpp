// One leg of the SIP driver as data: a call of the user agent and a stream of the media plane.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/timer_wheel.hpp"
#include "core/effects.hpp"
#include "core/reports.hpp"
#include "media/orders.hpp"
#include "sip/user_agent.hpp"

namespace cord::drivers {

enum class LegPhase : std::uint8_t {
  arriving,  ///< inbound, not answered
  calling,   ///< outbound, not answered
  up,
  closing,  ///< its call is over; LegReleased follows when the stream is closed
};

enum class StreamPhase : std::uint8_t { none, opening, open };

using OperationId = Id<struct OperationTag>;

/// The mix of a call, which is a new one whenever somebody joins; number 0: none.
struct ConferenceId {
  core::CallId call{};
  std::uint64_t number = 0;
  [[nodiscard]] explicit operator bool() const { return number != 0; }
  friend auto operator<=>(const ConferenceId&, const ConferenceId&) = default;
};

/// Who a leg is with. What it hears follows from that, and from nothing else:
///
/// Two legs talk if each is the other's peer and neither holds; those who are in a conference talk
/// with all who are in it and do not hold. Whose peer is with somebody else, or holds, hears music,
/// as does who is left alone in a conference; who holds hears nothing. A supervisor hears the agent
/// and all that the agent hears. The agent hears supervisors who whisper or barge, and those whom
/// the agent talks with hear those who barge.
struct Connection {
  core::LegId peer{};
  ConferenceId conference{};          ///< instead of `peer`
  std::vector<ConferenceId> seats{};  ///< that one, and those it has left for somebody else
  bool holds = false;
  core::LegId agent{};  ///< of a supervisor: whose phone it listens to
  core::MonitorMode mode = core::MonitorMode::monitor;
};

/// How a leg was connected before an order.
struct Before {
  core::LegId leg{};
  Connection with{};
  std::uint64_t turn = 0;  ///< Leg::turn with the order
};

/// An order whose report waits for the media plane.
struct Operation {
  core::LegOrderFailed::Order order{};
  core::LegId customer{};  ///< none for mute, unmute, mix, and in a conference; monitor: the agent
  core::LegId agent{};     ///< of whom the report speaks; monitor: the supervisor
  core::CallId mix{};      ///< hold and retrieve, instead of a customer
  core::MonitorMode mode{};  ///< monitor only
  std::size_t awaited = 0;   ///< answers of the media plane still to come
  std::vector<Before> before{};
};

/// Where a leg may be called.
struct Target {
  sip::Uri to;
  std::optional<sip::Flow> via{};       ///< a registered phone: the way it came
  std::vector<sip::NameAddr> routes{};  ///< its Path
  std::optional<sip::NextHop> hop{};    ///< of the leg's trunk
};

/// A browser's offer, until it is answered.
struct PendingOffer {
  core::ChannelId channel{};
  core::RequestId request{};
  sip::SessionDescription sdp{};
};

/// The browser of an agent: instead of a call of SIP's.
struct Browser {
  std::optional<PendingOffer> asked{};
  sip::LocalSession session{};
};

struct Leg {
  core::LegId id;
  LegPhase phase = LegPhase::arriving;
  bool is_inbound = false;
  bool is_dialled = false;  ///< outbound through a trunk: no phone of an agent
  sip::CallHandle call{};   ///< none: not called yet
  std::string name{};       ///< user part of who is at the other end
  std::optional<Browser> browser{};

  Connection with{};
  bool rings = false;                        ///< hears the ringing tone instead of all that
  std::vector<core::LegId> wanted_by{};      ///< whose peer it is
  std::vector<core::LegId> supervised_by{};  ///< who listens to it
  std::uint64_t turn = 0;                    ///< changes of who it is with so far

  [[nodiscard]] bool is_phone() const { return !is_inbound && !is_dialled; }

  media::StreamId stream{};
  StreamPhase stream_phase = StreamPhase::none;
  sip::LocalMedia local;
  std::optional<sip::Negotiated> media;
  sip::SrtpPolicy srtp = sip::SrtpPolicy::optional;
  std::optional<sip::SecurityTerms> protection;  ///< what the plane was told; none: nothing

  std::vector<sip::Codec> codecs;          ///< most wanted first; of those a caller offers
  bool has_coder = false;                  ///< counts for SipConfig::coded_legs_max
  std::optional<core::Waiting> waiting;    ///< inbound: what AcceptLeg said
  std::optional<std::uint16_t> program{};  ///< inbound: heard for music until it is with somebody
  OperationId bridge{};                    ///< inbound: waits for the stream
  std::optional<core::OriginateLeg> plan;  ///< outbound, until it is answered or ends
  std::optional<std::size_t> trunk;        ///< that counts the call
  std::vector<Target> targets;             ///< outbound: still to be tried, the next one last
  std::optional<sip::NextHop> hop;         ///< outbound, of the trunk: that is being tried
  bool is_on_its_way = false;              ///< LegDialed was told
  bool has_rung = false;                   ///< LegRinging was told: no other target is tried
  Instant ring_over{};                     ///< outbound
  bool is_held_by_phone = false;

  std::optional<core::Cause> ordered_cause;  ///< why we hang up
  std::string ordered_detail;
  core::Cause cause = core::Cause::failed;  ///< closing: what LegReleased will say
  std::string detail;
  std::vector<Operation> orphans;  ///< closing: orders that ended with the leg
};

/// An order to the media plane that is to be answered.
struct AwaitedReply {
  enum class Kind : std::uint8_t { open, close, operation, start_recorder, pause, resume, stop };
  Kind kind = Kind::open;
  std::uint64_t id = 0;     ///< of the leg, the operation or the recording
  std::uint32_t tries = 1;  ///< close only: it is repeated
  Duration takes{};         ///< beside the usual time of an answer
  TimerHandle timer{};
};

}  // namespace cord::drivers
