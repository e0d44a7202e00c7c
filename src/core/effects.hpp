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

/// Takes an arrived call in and lets the caller wait as `waiting` says. Report: none, or
/// LegReleased.
struct AcceptLeg {
  LegId leg;
  Waiting waiting;
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

/// Ends a leg in whatever phase it is. An unknown or released one is a no-op. Report: LegReleased.
struct ReleaseLeg {
  LegId leg;
  Cause cause;
};

/// Answers the customer if that has not happened, and joins the two. Report: LegsBridged, or
/// LegOrderFailed.
struct BridgeLegs {
  LegId customer;
  LegId agent;
};

/// Leaves a phone's leg up with nobody to talk to, after its call has ended. Report: none.
struct ParkLeg {
  LegId leg;
};

/// The customer hears music and the agent nothing, and nothing of the agent. Report: LegHeld.
struct HoldLeg {
  LegId customer;
  LegId agent;
};
struct RetrieveLeg {
  LegId customer;
  LegId agent;
};  ///< Report: LegRetrieved

/// Nothing of the agent reaches the customer. Independent of hold. Report: LegMuted / LegUnmuted.
struct MuteLeg {
  LegId agent;
};
struct UnmuteLeg {
  LegId agent;
};

/// Report: RecordingStarted or RecordingFailed.
struct StartRecording {
  RecordingId recording;
  LegId customer;  ///< left channel
  LegId agent;     ///< right channel
  std::string base_name;
  std::vector<std::pair<std::string, std::string>> facts;
  std::string by;  ///< agent id
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

using Effect = std::variant<AcceptLeg, OriginateLeg, ReleaseLeg, BridgeLegs, ParkLeg, HoldLeg,
                            RetrieveLeg, MuteLeg, UnmuteLeg, StartRecording, PauseRecording,
                            ResumeRecording, StopRecording>;

}  // namespace cord::core
