// Facts from a telephony driver. Every order (effects.hpp) has exactly one terminal report, named
// there; the others come on their own.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "core/ids.hpp"
#include "core/states.hpp"

namespace cord::core {

/// A new inbound call from a trunk, not answered yet; AcceptLeg or ReleaseLeg follows.
struct CallArrived {
  LegId leg;           ///< numbered by the driver
  std::string called;  ///< user part of the called URI (DNIS)
  std::string caller;  ///< user part of the caller's URI (ANI); empty if withheld
  std::string caller_name;
  std::string call_id;  ///< the platform's own id of the call (SIP Call-ID)
};

/// What DialLeg ordered is on its way. Comes before LegRinging and LegAnswered.
struct LegDialed {
  LegId leg;
  std::string call_id;  ///< the platform's own id of the call (SIP Call-ID)
};
struct LegRinging {
  LegId leg;
};
struct LegAnswered {
  LegId leg;
};

/// Terminal for the leg, whoever ended it; comes exactly once.
struct LegReleased {
  LegId leg;
  Cause cause;         ///< request, remote, busy, rejected, unreachable, timeout, failed
  std::string detail;  ///< the platform's words, e.g. "486 Busy Here"
  std::optional<LegQuality> quality{};  ///< none: nothing was heard of it
};

struct LegsBridged {
  LegId customer;
  LegId agent;
};
struct LegsMixed {
  LegId leg;  ///< of the order
};
/// Each: about the agent's leg of the order.
struct LegHeld {
  LegId leg;
  LegId customer{};  ///< of the order, as `mix`: an agent may have two calls
  CallId mix{};
};
struct LegRetrieved {
  LegId leg;
  LegId customer{};  ///< as in LegHeld
  CallId mix{};
};
struct LegMuted {
  LegId leg;
};
struct LegUnmuted {
  LegId leg;
};
/// About the supervisor's leg, and what was ordered for it.
struct LegMonitored {
  LegId leg;
  LegId agent;
  MonitorMode mode;
};
struct TonesSent {
  LegId leg;
};

/// The phone's own hold key (a re-INVITE that stops media), and its release.
struct LegHeldByPhone {
  LegId leg;
};
struct LegRetrievedByPhone {
  LegId leg;
};

/// The phone asks that its call be given away. AcceptTransfer, if it is carried out, and
/// EndTransfer follow.
struct LegTransferRequested {
  LegId leg;
  RequestId request;  ///< is_of_phone()
  std::string to;     ///< as dialled
  LegId replaced{};   ///< instead: the dialog whose other end is to have the call; zero: none
};

/// Of AnswerOffer.
struct OfferAnswered {
  LegId leg;
  ChannelId channel;
  RequestId request;
  std::string answer;  ///< SDP; never logged
};
struct OfferRefused {
  LegId leg;
  ChannelId channel;
  RequestId request;
  Cause cause;         ///< rejected (the offer is no good), busy (too many), failed
  std::string detail;  ///< for whoever sent the offer
};
/// Audio can pass between us and a browser; nothing has come from it for a while.
struct LegMediaUp {
  LegId leg;
};
struct LegMediaLost {
  LegId leg;
};

/// An order on living legs failed; they are as they were before.
struct LegOrderFailed {
  enum class Order : std::uint8_t { bridge, mix, hold, retrieve, mute, unmute, tones, monitor };
  LegId leg;  ///< the agent's, or the supervisor's
  Order order;
  std::string detail;
};

struct RecordingStarted {
  RecordingId recording;
  std::string file;
};
struct RecordingPaused {
  RecordingId recording;
};
struct RecordingResumed {
  RecordingId recording;
};
struct RecordingStopped {
  RecordingId recording;
};
/// The recording has ended by itself (disk full) or could not begin, pause or resume. Terminal.
struct RecordingFailed {
  RecordingId recording;
  std::string detail;
};

using Report =
    std::variant<CallArrived, LegDialed, LegRinging, LegAnswered, LegReleased, LegsBridged,
                 LegsMixed, LegHeld, LegRetrieved, LegMuted, LegUnmuted, LegMonitored, TonesSent,
                 LegHeldByPhone, LegRetrievedByPhone, LegOrderFailed, RecordingStarted,
                 RecordingPaused, RecordingResumed, RecordingStopped, RecordingFailed,
                 LegTransferRequested, OfferAnswered, OfferRefused, LegMediaUp, LegMediaLost>;

}  // namespace cord::core
