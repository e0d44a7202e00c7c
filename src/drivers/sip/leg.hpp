// One leg of the SIP driver as data: a call of the user agent and a stream of the media plane.
#pragma once

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

/// How a leg was connected before an order.
struct Connection {
  core::LegId leg{};
  core::LegId peer{};
  bool holds = false;
  std::uint64_t turn = 0;  ///< Leg::turn with the order
};

/// An order whose report waits for the media plane.
struct Operation {
  core::LegOrderFailed::Order order{};
  core::LegId customer{};  ///< none for mute and unmute
  core::LegId agent{};
  std::size_t awaited = 0;  ///< answers of the media plane still to come
  std::vector<Connection> before{};
};

struct Leg {
  core::LegId id;
  LegPhase phase = LegPhase::arriving;
  bool is_inbound = false;
  bool is_dialled = false;  ///< outbound through a trunk: no phone of an agent
  sip::CallHandle call{};   ///< none: not called yet

  // Two legs talk if each is the other's peer and neither holds. One whose peer has another peer,
  // or holds, hears music; one that holds hears nothing.
  core::LegId peer{};
  bool holds = false;
  bool rings = false;                    ///< hears the ringing tone instead of all that
  std::vector<core::LegId> wanted_by{};  ///< whose peer it is
  std::uint64_t turn = 0;                ///< changes of its peer and its hold so far

  [[nodiscard]] bool is_phone() const { return !is_inbound && !is_dialled; }

  media::StreamId stream{};
  StreamPhase stream_phase = StreamPhase::none;
  sip::LocalMedia local;
  std::optional<sip::Negotiated> media;
  sip::SrtpPolicy srtp = sip::SrtpPolicy::optional;
  std::optional<sip::SecurityTerms> protection;  ///< what the plane was told; none: nothing

  std::vector<sip::Codec> codecs;          ///< inbound: those the caller offers
  std::optional<core::Waiting> waiting;    ///< inbound: what AcceptLeg said
  OperationId bridge{};                    ///< inbound: waits for the stream
  std::optional<core::OriginateLeg> plan;  ///< outbound, until the phone is called
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
  TimerHandle timer;
};

}  // namespace cord::drivers
