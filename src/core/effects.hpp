// Orders to the telephony driver, as values. They are carried out after the journal has the events
// that caused them. Report: the terminal answer of each.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/directory.hpp"
#include "core/ids.hpp"
#include "core/states.hpp"

namespace cord::core {

/// Takes an arrived call in and lets the caller wait as `waiting` says. One that was taken in
/// before goes on to wait. Report: none, or LegReleased.
struct AcceptLeg {
  LegId leg;
  Waiting waiting;
  std::string queue{};  ///< whose announcements it hears
};

/// Calls an agent's phone. `auto_answer` asks the phone to pick up by itself. Report: LegAnswered
/// (LegRinging may come first) or LegReleased.
struct OriginateLeg {
  LegId leg;
  std::string to;      ///< SIP URI
  std::string caller;  ///< shown on the phone
  std::string caller_name;
  bool auto_answer = false;
  Duration ring_max;  ///< then LegReleased with cause timeout
};

/// Answers the SDP offer of a browser. Without such a leg it is a new one; else the leg goes on
/// over the new way, and who is connected with it stays. Report: OfferAnswered, or OfferRefused,
/// and then all is as it was. An answered leg tells LegMediaUp when audio can pass, at first and
/// after LegMediaLost.
struct AnswerOffer {
  LegId leg;
  ChannelId channel;  ///< for the report, as the next
  RequestId request;
  std::string phone;  ///< core::Agent::phone
  std::string offer;  ///< never logged
};

/// Calls a number through a trunk. Report: LegDialed once the call is on its way, then LegAnswered
/// (LegRinging may come before it); or LegReleased at any time.
struct DialLeg {
  LegId leg;
  std::string trunk;
  std::string number;
  std::string caller;  ///< shown there
  std::string caller_name;
  Duration ring_max;  ///< then LegReleased with cause timeout
};

/// A phone that is up hears the ringing tone until it is bridged, retrieved or parked. Report:
/// none.
struct PlayRinging {
  LegId leg;
};
/// It hears again what it did before. Report: none.
struct StopRinging {
  LegId leg;
};

/// Ends a leg in whatever phase it is. An unknown or released one is a no-op. Report: LegReleased.
struct ReleaseLeg {
  LegId leg;
  Cause cause;
  std::string queue{};  ///< that it has waited in for too long: it hears its farewell before
};

/// Joins the two, answering the customer if that has not happened. `customer` may be the phone of a
/// colleague, here and below, and `agent` another customer. A phone has one of its calls at a time:
/// this, and RetrieveLeg, take it from any other one, which is held until the phone is retrieved
/// for it. Of several such orders for a phone the last one counts. Report: LegsBridged, or
/// LegOrderFailed.
struct BridgeLegs {
  LegId customer;
  LegId agent;
};

/// Joins all of them, and all that are in that mix already: each hears all the others. Takes phones
/// as BridgeLegs does. Here and below a mix is named by its call: a phone may have a place in two
/// of them, and be in one. Who holds here has no `customer` but the `mix` in HoldLeg and
/// RetrieveLeg, and neither in SendDigits: the others go on. Report: LegsMixed, or LegOrderFailed.
struct MixLegs {
  LegId leg;  ///< of whom the report speaks
  std::vector<LegId> others;
  CallId mix{};
};
/// Gives up the phone's place in a mix; one that was there hears nothing until it is retrieved for
/// its other call. No such place: a no-op. Report: none.
struct LeaveMix {
  LegId leg;
  CallId mix;
};

/// Leaves a phone's leg up with nobody to talk to, after its call has ended. Who talked to it, and
/// to a phone that was released, hears music. Report: none.
struct ParkLeg {
  LegId leg;
};

/// The customer hears music and the agent nothing, and nothing of the agent. Report: LegHeld.
struct HoldLeg {
  LegId customer;
  LegId agent;
  CallId mix{};
};
struct RetrieveLeg {
  LegId customer;
  LegId agent;
  CallId mix{};
};  ///< Report: LegRetrieved

/// Nothing of the agent reaches the customer. Independent of hold. Report: LegMuted / LegUnmuted.
struct MuteLeg {
  LegId agent;
};
struct UnmuteLeg {
  LegId agent;
};

/// The supervisor takes part in whatever the agent's phone has, from now on or in another way than
/// before, until one of the two legs is parked or released. Of several such orders for a supervisor
/// the last one counts. Report: LegMonitored, or LegOrderFailed.
struct MonitorLeg {
  LegId agent;
  LegId supervisor;
  MonitorMode mode;
};

/// Keys, as the customer's side would hear them from a telephone; the agent's phone waits so long.
/// Report: TonesSent, when the last one has been.
struct SendDigits {
  LegId customer;
  LegId agent;
  std::string digits;  ///< 0-9, A-D, * and #; a comma is a pause of 500 ms
};

/// The recording goes on with these two, in the same file. Report: none, or RecordingFailed.
struct MoveRecording {
  RecordingId recording;
  LegId customer;  ///< zero: all others of `mix`
  LegId agent;
  CallId mix{};
};

/// Report: RecordingStarted or RecordingFailed.
struct StartRecording {
  RecordingId recording;
  LegId customer;  ///< left channel; zero: all others of `mix`
  LegId agent;     ///< right channel
  std::string base_name;
  std::vector<std::pair<std::string, std::string>> facts;
  std::string by;  ///< agent id
  CallId mix{};
};
struct PauseRecording {
  RecordingId recording;
  std::string by;
};  ///< RecordingPaused or ...
struct ResumeRecording {
  RecordingId recording;
  std::string by;
};  ///< RecordingResumed or ...
struct StopRecording {
  RecordingId recording;
  std::string by;
};  ///< RecordingStopped or ...

/// The phone that has asked for a transfer hears that it is being carried out. Report: none.
struct AcceptTransfer {
  RequestId request;  ///< of LegTransferRequested
};
/// It hears what has become of it; before AcceptTransfer: why it is not carried out. An unknown
/// request is a no-op. Report: none.
struct EndTransfer {
  RequestId request;
  TransferEnd end;
};

using Effect =
    std::variant<AcceptLeg, OriginateLeg, DialLeg, PlayRinging, StopRinging, ReleaseLeg, BridgeLegs,
                 MixLegs, ParkLeg, HoldLeg, RetrieveLeg, MuteLeg, UnmuteLeg, MonitorLeg, SendDigits,
                 StartRecording, MoveRecording, PauseRecording, ResumeRecording, StopRecording,
                 LeaveMix, AcceptTransfer, EndTransfer, AnswerOffer>;

}  // namespace cord::core
